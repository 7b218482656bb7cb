//! What a person keeps about a game.

use keepsave_core::ids::{RomId, UserId};
use keepsave_core::time::Time;

use super::{Fault, Tx};
use crate::bind;

/// The game was played just now.
pub fn played(tx: &Tx<'_>, user: UserId, rom: RomId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO rom_users (user_id, rom_id, last_played, created_at, updated_at) \
         VALUES ($1, $2, $3, $3, $3) \
         ON CONFLICT (user_id, rom_id) DO UPDATE SET last_played = $3, updated_at = $3",
        bind![user, rom, now],
    )?;
    Ok(())
}
