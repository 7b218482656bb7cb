//! Sync sessions, from negotiate to complete.

use keepsave_core::ids::{DeviceId, SessionId, UserId};
use keepsave_core::time::Time;
use keepsave_wire::sync::SessionStatus;

use super::sql::{FromColumn, ToValue, Value};
use super::{Fault, Row, Tx};
use crate::bind;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Session {
    pub id: SessionId,
    pub device_id: DeviceId,
    pub user_id: UserId,
    pub status: SessionStatus,
    pub initiated_at: Time,
    pub completed_at: Option<Time>,
    pub operations_planned: i64,
    pub operations_completed: i64,
    pub operations_failed: i64,
    pub error_message: Option<String>,
    pub created_at: Time,
    pub updated_at: Time,
}

impl ToValue for SessionStatus {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl FromColumn for SessionStatus {
    fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
        Self::named(&String::from_column(value)?).ok_or("a session's status")
    }
}

const COLUMNS: &str = "id, device_id, user_id, status, initiated_at, completed_at, \
     operations_planned, operations_completed, operations_failed, error_message, created_at, \
     updated_at";

fn session(row: &mut Row<'_>) -> Result<Session, Fault> {
    Ok(Session {
        id: row.get()?,
        device_id: row.get()?,
        user_id: row.get()?,
        status: row.get()?,
        initiated_at: row.get()?,
        completed_at: row.get()?,
        operations_planned: row.get()?,
        operations_completed: row.get()?,
        operations_failed: row.get()?,
        error_message: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

/// The session of that id, when it belongs to the user.
pub fn of_user(tx: &Tx<'_>, user: UserId, id: SessionId) -> Result<Option<Session>, Fault> {
    tx.optional(
        &format!("SELECT {COLUMNS} FROM sync_sessions WHERE id = $1 AND user_id = $2"),
        bind![id, user],
        session,
    )
}

/// A user's newest sessions, or those of one of the user's devices.
pub fn newest(
    tx: &Tx<'_>,
    user: UserId,
    device: Option<&DeviceId>,
    limit: i64,
) -> Result<Vec<Session>, Fault> {
    const ORDER: &str = "ORDER BY initiated_at DESC, id DESC LIMIT $2";
    match device {
        None => tx.all(
            &format!("SELECT {COLUMNS} FROM sync_sessions WHERE user_id = $1 {ORDER}"),
            bind![user, limit],
            session,
        ),
        Some(device) => tx.all(
            &format!(
                "SELECT {COLUMNS} FROM sync_sessions WHERE user_id = $1 AND device_id = $3 {ORDER}"
            ),
            bind![user, limit, device],
            session,
        ),
    }
}

/// A user's sessions with what was planned, as JSON; the newest first.
pub fn page(
    tx: &Tx<'_>,
    user: UserId,
    limit: i64,
    offset: i64,
) -> Result<Vec<(Session, String)>, Fault> {
    tx.all(
        &format!(
            "SELECT {COLUMNS}, plan FROM sync_sessions WHERE user_id = $1 \
             ORDER BY initiated_at DESC, id DESC LIMIT $2 OFFSET $3"
        ),
        bind![user, limit, offset],
        |row| Ok((session(row)?, row.get()?)),
    )
}

/// The newest sessions of one of a user's devices, with what was planned.
pub fn of_device(
    tx: &Tx<'_>,
    user: UserId,
    device: &DeviceId,
    limit: i64,
) -> Result<Vec<(Session, String)>, Fault> {
    tx.all(
        &format!(
            "SELECT {COLUMNS}, plan FROM sync_sessions WHERE device_id = $2 AND user_id = $1 \
             ORDER BY id DESC LIMIT $3"
        ),
        bind![user, device, limit],
        |row| Ok((session(row)?, row.get()?)),
    )
}

/// How many sessions a user has.
pub fn count(tx: &Tx<'_>, user: UserId) -> Result<u64, Fault> {
    tx.one(
        "SELECT COUNT(*) FROM sync_sessions WHERE user_id = $1",
        bind![user],
        |row| row.get(),
    )
}

/// The newest session of each of a user's devices.
pub fn last_of_each(tx: &Tx<'_>, user: UserId) -> Result<Vec<Session>, Fault> {
    tx.all(
        &format!(
            "SELECT {COLUMNS} FROM sync_sessions WHERE id IN (SELECT (SELECT MAX(s.id) \
             FROM sync_sessions s WHERE s.device_id = d.id) FROM devices d WHERE d.user_id = $1)"
        ),
        bind![user],
        session,
    )
}

/// What was planned for a user's session, as JSON.
pub fn plan(tx: &Tx<'_>, user: UserId, id: SessionId) -> Result<Option<String>, Fault> {
    tx.optional(
        "SELECT plan FROM sync_sessions WHERE id = $1 AND user_id = $2",
        bind![id, user],
        |row| row.get(),
    )
}

/// A device that begins anew has given up what it had begun.
pub fn cancel_open(tx: &Tx<'_>, device: &DeviceId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE sync_sessions SET status = 'CANCELLED', completed_at = $2, updated_at = $2 \
         WHERE device_id = $1 AND status IN ('PENDING', 'IN_PROGRESS')",
        bind![device, now],
    )?;
    Ok(())
}

/// Starts a session of a plan, in JSON, with that many operations.
pub fn start(
    tx: &Tx<'_>,
    user: UserId,
    device: &DeviceId,
    planned: i64,
    plan: &str,
    now: Time,
) -> Result<SessionId, Fault> {
    tx.one(
        "INSERT INTO sync_sessions (device_id, user_id, status, initiated_at, \
         operations_planned, plan, created_at, updated_at) \
         VALUES ($1, $2, 'IN_PROGRESS', $3, $4, $5, $3, $3) RETURNING id",
        bind![device, user, now, planned, plan],
        |row| row.get(),
    )
}

/// How a session ended.
#[derive(Clone, Debug)]
pub struct End<'a> {
    /// The last status.
    pub status: SessionStatus,
    /// How many operations the device says it did.
    pub completed: i64,
    /// How many it says went wrong.
    pub failed: i64,
    /// Why it failed as a whole.
    pub error: Option<&'a str>,
}

/// Ends a session: the numbers replace those counted so far.
pub fn end(tx: &Tx<'_>, id: SessionId, end: &End<'_>, now: Time) -> Result<Session, Fault> {
    tx.one(
        &format!(
            "UPDATE sync_sessions SET status = $2, operations_completed = $3, \
             operations_failed = $4, error_message = $5, completed_at = $6, updated_at = $6 \
             WHERE id = $1 RETURNING {COLUMNS}"
        ),
        bind![id, end.status, end.completed, end.failed, end.error, now],
        session,
    )
}

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
