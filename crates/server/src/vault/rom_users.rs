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

/// A play session of the game ended then. Only the newest one says anything of what the person is
/// playing: one that a device reports late does not.
pub fn played_until(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    end: Time,
    now: Time,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO rom_users (user_id, rom_id, last_played, now_playing, status, created_at, \
         updated_at) VALUES ($1, $2, $3, 1, 'incomplete', $4, $4) \
         ON CONFLICT (user_id, rom_id) DO UPDATE SET last_played = $3, now_playing = 1, \
         status = CASE WHEN rom_users.status IS NULL OR rom_users.status = 'finished' \
         THEN 'incomplete' ELSE rom_users.status END, updated_at = $4 \
         WHERE rom_users.last_played IS NULL OR rom_users.last_played < $3",
        bind![user, rom, end, now],
    )?;
    Ok(())
}
