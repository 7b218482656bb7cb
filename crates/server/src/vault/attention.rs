//! What waits for a person: slots with a branch that no one has settled, or a device that showed
//! content which the server does not have.

use std::collections::HashSet;

use keepsave_core::ids::{RomId, UserId};

use super::{Fault, Tx};
use crate::bind;

/// A slot that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Waiting {
    /// The row of `slots`.
    pub slot_id: i64,
    /// The game.
    pub rom: RomId,
}

/// Every slot of a person's that waits for them.
pub fn of_user(tx: &Tx<'_>, user: UserId) -> Result<HashSet<Waiting>, Fault> {
    let mut waiting = HashSet::new();
    tx.each(
        "SELECT s.id, s.rom_id FROM slots s JOIN timelines t ON t.slot_id = s.id \
         JOIN versions v ON v.timeline_id = t.id AND v.is_leaf = 1 \
         LEFT JOIN saves h ON h.id = t.head_save_id \
         WHERE s.user_id = $1 AND v.deleted_at IS NULL AND v.settled_at IS NULL \
         AND v.id <> COALESCE(h.version_id, 0) \
         UNION SELECT s.id, s.rom_id FROM holdings k JOIN timelines t ON t.id = k.timeline_id \
         JOIN slots s ON s.id = t.slot_id WHERE k.reported_hash IS NOT NULL AND k.untracked = 0 \
         AND s.user_id = $1",
        bind![user],
        |row| {
            waiting.insert(Waiting {
                slot_id: row.get()?,
                rom: row.get()?,
            });
            Ok(())
        },
    )?;
    Ok(waiting)
}
