//! Devices.

use keepsave_core::ids::{DeviceId, UserId};
use keepsave_core::time::Time;

use super::versions::Maker;
use super::{Fault, Tx};
use crate::bind;

/// The user's device of that id, as the maker of versions.
pub fn maker(tx: &Tx<'_>, user: UserId, id: &str) -> Result<Option<Maker>, Fault> {
    tx.optional(
        "SELECT id, name FROM devices WHERE id = $1 AND user_id = $2",
        bind![id, user],
        |row| {
            Ok(Maker {
                id: row.get()?,
                name: row.get()?,
            })
        },
    )
}

/// The device is alive.
pub fn seen(tx: &Tx<'_>, id: &DeviceId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE devices SET last_seen = $2 WHERE id = $1",
        bind![id, now],
    )?;
    Ok(())
}
