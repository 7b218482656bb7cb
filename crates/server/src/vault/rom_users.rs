//! What a person notes about a game: played when, rated how, hidden or not.

use keepsave_core::ids::{RomId, UserId};
use keepsave_core::time::Time;

use super::{Fault, Row, Tx};
use crate::bind;

/// One person's view of one game.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
#[expect(clippy::struct_excessive_bools, reason = "the columns of the table")]
pub struct RomUser {
    pub id: i64,
    pub user_id: UserId,
    pub rom_id: RomId,
    pub last_played: Option<Time>,
    pub is_main_sibling: bool,
    pub backlogged: bool,
    pub now_playing: bool,
    pub hidden: bool,
    pub rating: i64,
    pub difficulty: i64,
    pub completion: i64,
    pub status: Option<String>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The columns, for statements that join the table as `u`.
pub(super) const COLUMNS: &str = "u.id, u.user_id, u.rom_id, u.last_played, u.is_main_sibling, \
     u.backlogged, u.now_playing, u.hidden, u.rating, u.difficulty, u.completion, u.status, \
     u.created_at, u.updated_at";

fn rom_user(row: &mut Row<'_>) -> Result<RomUser, Fault> {
    let id = row.get()?;
    after_id(row, id)
}

/// Reads the columns where the row may have been joined to nothing.
pub(super) fn joined(row: &mut Row<'_>) -> Result<Option<RomUser>, Fault> {
    row.get::<Option<i64>>()?
        .map(|id| after_id(row, id))
        .transpose()
}

fn after_id(row: &mut Row<'_>, id: i64) -> Result<RomUser, Fault> {
    Ok(RomUser {
        id,
        user_id: row.get()?,
        rom_id: row.get()?,
        last_played: row.get()?,
        is_main_sibling: row.get()?,
        backlogged: row.get()?,
        now_playing: row.get()?,
        hidden: row.get()?,
        rating: row.get()?,
        difficulty: row.get()?,
        completion: row.get()?,
        status: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

/// What the person noted about the game.
pub fn get(tx: &Tx<'_>, user: UserId, rom: RomId) -> Result<Option<RomUser>, Fault> {
    tx.optional(
        &format!("SELECT {COLUMNS} FROM rom_users u WHERE u.user_id = $1 AND u.rom_id = $2"),
        bind![user, rom],
        rom_user,
    )
}

/// The same, made now when nothing was noted yet.
pub fn ensure(tx: &Tx<'_>, user: UserId, rom: RomId, now: Time) -> Result<RomUser, Fault> {
    tx.execute(
        "INSERT INTO rom_users (user_id, rom_id, created_at, updated_at) \
         VALUES ($1, $2, $3, $3) ON CONFLICT (user_id, rom_id) DO NOTHING",
        bind![user, rom, now],
    )?;
    tx.one(
        &format!("SELECT {COLUMNS} FROM rom_users u WHERE u.user_id = $1 AND u.rom_id = $2"),
        bind![user, rom],
        rom_user,
    )
}

/// Writes everything a person can change.
pub fn update(tx: &Tx<'_>, changed: &RomUser, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE rom_users SET last_played = $2, is_main_sibling = $3, backlogged = $4, \
         now_playing = $5, hidden = $6, rating = $7, difficulty = $8, completion = $9, \
         status = $10, updated_at = $11 WHERE id = $1",
        bind![
            changed.id,
            changed.last_played,
            changed.is_main_sibling,
            changed.backlogged,
            changed.now_playing,
            changed.hidden,
            changed.rating,
            changed.difficulty,
            changed.completion,
            changed.status,
            now
        ],
    )?;
    Ok(())
}

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
