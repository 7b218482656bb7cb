//! Browsers' sessions. Only the hash of a session's id is kept.

use keepsave_core::ids::{DeviceId, UserId};
use keepsave_core::time::Time;

use super::tokens::Hash;
use super::users::{self, User};
use super::{Fault, Tx};
use crate::bind;

/// A browser that is signed in.
#[derive(Clone, Debug)]
pub struct WebSession {
    /// The person.
    pub user: User,
    /// The browser, as a device.
    pub device: Option<DeviceId>,
    /// When it was used last, to a few minutes.
    pub last_used_at: Time,
}

/// The session of that hash, unless it has run out.
pub fn by_hash(tx: &Tx<'_>, hash: &Hash, now: Time) -> Result<Option<WebSession>, Fault> {
    tx.optional(
        &format!(
            "SELECT {}, web_sessions.device_id, web_sessions.last_used_at FROM web_sessions \
             JOIN users ON users.id = web_sessions.user_id AND users.deleted_at IS NULL \
             WHERE web_sessions.hash = $1 AND web_sessions.expires_at > $2",
            users::COLUMNS
        ),
        bind![hash, now],
        |row| {
            Ok(WebSession {
                user: users::user(row)?,
                device: row.get()?,
                last_used_at: row.get()?,
            })
        },
    )
}

/// A session about to begin.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct NewSession {
    pub hash: Hash,
    pub user: UserId,
    pub device: DeviceId,
    pub ip_address: String,
    pub user_agent: Option<String>,
    pub expires_at: Time,
}

/// Adds a session and forgets those that have run out.
pub fn add(tx: &Tx<'_>, new: &NewSession, now: Time) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM web_sessions WHERE expires_at <= $1",
        bind![now],
    )?;
    tx.execute(
        "INSERT INTO web_sessions (hash, user_id, device_id, ip_address, user_agent, created_at, \
         last_used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        bind![
            new.hash,
            new.user,
            new.device,
            new.ip_address,
            new.user_agent,
            now,
            new.expires_at
        ],
    )?;
    Ok(())
}

/// Lets a session that was just used live on.
pub fn extend(tx: &Tx<'_>, hash: &Hash, expires_at: Time, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE web_sessions SET last_used_at = $1, expires_at = $2 WHERE hash = $3",
        bind![now, expires_at, hash],
    )?;
    Ok(())
}

/// Ends a session.
pub fn remove(tx: &Tx<'_>, hash: &Hash) -> Result<(), Fault> {
    tx.execute("DELETE FROM web_sessions WHERE hash = $1", bind![hash])?;
    Ok(())
}

/// A session as its owner sees it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct OpenSession {
    pub hash: Hash,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: Time,
    pub last_used_at: Time,
}

/// A user's sessions that have not run out, the one that was used last first.
pub fn of_user(tx: &Tx<'_>, user: UserId, now: Time) -> Result<Vec<OpenSession>, Fault> {
    tx.all(
        "SELECT hash, ip_address, user_agent, created_at, last_used_at FROM web_sessions \
         WHERE user_id = $1 AND expires_at > $2 ORDER BY last_used_at DESC, created_at DESC",
        bind![user, now],
        |row| {
            Ok(OpenSession {
                hash: row.get()?,
                ip_address: row.get()?,
                user_agent: row.get()?,
                created_at: row.get()?,
                last_used_at: row.get()?,
            })
        },
    )
}

/// Ends a user's session. Whether there was one.
pub fn remove_of(tx: &Tx<'_>, user: UserId, hash: &Hash) -> Result<bool, Fault> {
    let removed = tx.execute(
        "DELETE FROM web_sessions WHERE hash = $1 AND user_id = $2",
        bind![hash, user],
    )?;
    Ok(removed > 0)
}

/// Ends all of a user's sessions but one.
pub fn remove_others(tx: &Tx<'_>, user: UserId, kept: &Hash) -> Result<u64, Fault> {
    let removed = tx.execute(
        "DELETE FROM web_sessions WHERE user_id = $1 AND hash <> $2",
        bind![user, kept],
    )?;
    Ok(removed as u64)
}

/// Ends all of a user's sessions.
pub fn remove_all(tx: &Tx<'_>, user: UserId) -> Result<(), Fault> {
    tx.execute("DELETE FROM web_sessions WHERE user_id = $1", bind![user])?;
    Ok(())
}
