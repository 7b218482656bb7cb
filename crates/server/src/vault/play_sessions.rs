//! Play sessions: when somebody played which game on which device.

use keepsave_core::ids::{DeviceId, PlaySessionId, RomId, SessionId, UserId};
use keepsave_core::time::Time;

use super::{Fault, Row, Tx};
use crate::bind;

/// A play session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct PlaySession {
    pub id: PlaySessionId,
    pub user_id: UserId,
    /// None when the device is gone, too.
    pub device_id: Option<DeviceId>,
    pub rom_id: Option<RomId>,
    pub sync_session_id: Option<SessionId>,
    pub save_slot: Option<String>,
    pub start_time: Time,
    pub end_time: Time,
    pub duration_ms: i64,
    pub created_at: Time,
    pub updated_at: Time,
}

fn play_session(row: &mut Row<'_>) -> Result<PlaySession, Fault> {
    Ok(PlaySession {
        id: row.get()?,
        user_id: row.get()?,
        device_id: row.get()?,
        rom_id: row.get()?,
        sync_session_id: row.get()?,
        save_slot: row.get()?,
        start_time: row.get()?,
        end_time: row.get()?,
        duration_ms: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

/// A play session that is about to be stored.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct NewPlaySession<'a> {
    pub user_id: UserId,
    pub device_id: Option<&'a DeviceId>,
    pub rom_id: Option<RomId>,
    pub sync_session_id: Option<SessionId>,
    pub save_slot: Option<&'a str>,
    pub start_time: Time,
    pub end_time: Time,
    pub duration_ms: i64,
}

/// Adds a play session; none when it is known: of the same game on the same device, begun at the
/// same moment.
pub fn add(
    tx: &Tx<'_>,
    new: &NewPlaySession<'_>,
    now: Time,
) -> Result<Option<PlaySessionId>, Fault> {
    tx.optional(
        "INSERT INTO play_sessions (user_id, device_id, rom_id, sync_session_id, save_slot, \
         start_time, end_time, duration_ms, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) ON CONFLICT DO NOTHING RETURNING id",
        bind![
            new.user_id,
            new.device_id,
            new.rom_id,
            new.sync_session_id,
            new.save_slot,
            new.start_time,
            new.end_time,
            new.duration_ms,
            now,
        ],
        |row| row.get(),
    )
}

/// Which play sessions to list. What is none does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of a game.
    pub rom: Option<RomId>,
    /// On a device.
    pub device: Option<DeviceId>,
    /// Begun no earlier than this.
    pub from: Option<Time>,
    /// Begun no later than this.
    pub to: Option<Time>,
    /// How many at most.
    pub limit: Option<i64>,
    /// How many of the newest to leave out.
    pub offset: i64,
}

/// A user's play sessions, the last begun first.
pub fn list(tx: &Tx<'_>, user: UserId, filter: &Filter) -> Result<Vec<PlaySession>, Fault> {
    tx.all(
        "SELECT p.id, p.user_id, d.id, p.rom_id, p.sync_session_id, p.save_slot, p.start_time, \
         p.end_time, p.duration_ms, p.created_at, p.updated_at FROM play_sessions p \
         LEFT JOIN devices d ON d.id = p.device_id \
         WHERE p.user_id = $1 AND p.start_time BETWEEN $2 AND $3 \
         AND (CAST($4 AS INTEGER) IS NULL OR p.rom_id = $4) \
         AND (CAST($5 AS TEXT) IS NULL OR d.id = $5) \
         ORDER BY p.start_time DESC, p.id DESC LIMIT $6 OFFSET $7",
        bind![
            user,
            filter.from.map_or(i64::MIN, Time::micros),
            filter.to.map_or(i64::MAX, Time::micros),
            filter.rom,
            filter.device,
            filter.limit.unwrap_or(i64::MAX),
            filter.offset,
        ],
        play_session,
    )
}

/// Removes a user's play session. Whether there was one.
pub fn remove(tx: &Tx<'_>, user: UserId, id: PlaySessionId) -> Result<bool, Fault> {
    let removed = tx.execute(
        "DELETE FROM play_sessions WHERE id = $1 AND user_id = $2",
        bind![id, user],
    )?;
    Ok(removed > 0)
}
