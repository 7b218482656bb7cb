//! Sync sessions, from negotiate to complete.

use keepsave_core::ids::{SessionId, UserId};
use keepsave_core::time::Time;

use super::{Fault, Tx};
use crate::bind;

/// One more operation of an open session is done. A finished session counts no more, and another
/// user's never.
pub fn count_done(tx: &Tx<'_>, user: UserId, session: SessionId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE sync_sessions SET operations_completed = operations_completed + 1, \
         updated_at = $3 WHERE id = $1 AND user_id = $2 \
         AND status IN ('PENDING', 'IN_PROGRESS')",
        bind![session, user, now],
    )?;
    Ok(())
}
