//! What has run out and is forgotten.

use keepsave_core::time::Time;

use super::{Fault, Tx};
use crate::bind;

/// A device that asked to be let in is told for so long that its time is over.
const TOLD_SECONDS: i64 = 24 * 60 * 60;

/// Forgets sessions, grants, codes and requests that have run out. Client tokens stay: their owners
/// see in the list that they have.
pub fn forget(tx: &Tx<'_>, now: Time) -> Result<(), Fault> {
    for sql in [
        "DELETE FROM web_sessions WHERE expires_at <= $1",
        "DELETE FROM grants WHERE expires_at <= $1",
        "DELETE FROM pairing_codes WHERE expires_at <= $1",
    ] {
        tx.execute(sql, bind![now])?;
    }
    tx.execute(
        "DELETE FROM device_requests WHERE expires_at <= $1",
        bind![now.plus_seconds(-TOLD_SECONDS)],
    )?;
    Ok(())
}
