//! Users. One who was deleted is hidden: whoever asks here does not find them.

use keepsave_core::ids::UserId;
use keepsave_core::time::Time;

use super::{Fault, Row, Tx};
use crate::auth::scope::Role;
use crate::bind;

/// A person with an account.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub email: Option<String>,
    pub password_hash: String,
    pub role: Role,
    pub enabled: bool,
    pub ui_settings: String,
    pub last_login: Option<Time>,
    pub last_active: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The columns that [`user`] reads, for queries that join this table.
pub(super) const COLUMNS: &str = "users.id, users.username, users.email, users.password_hash, \
     users.role, users.enabled, users.ui_settings, users.last_login, users.last_active, \
     users.created_at, users.updated_at";

/// Reads [`COLUMNS`].
pub(super) fn user(row: &mut Row<'_>) -> Result<User, Fault> {
    Ok(User {
        id: row.get()?,
        username: row.get()?,
        email: row.get()?,
        password_hash: row.get()?,
        role: Role::named(&row.get::<String>()?),
        enabled: row.get()?,
        ui_settings: row.get()?,
        last_login: row.get()?,
        last_active: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

fn selected(rest: &str) -> String {
    format!("SELECT {COLUMNS} FROM users WHERE deleted_at IS NULL {rest}")
}

/// The user of that id.
pub fn by_id(tx: &Tx<'_>, id: UserId) -> Result<Option<User>, Fault> {
    tx.optional(&selected("AND id = $1"), bind![id], user)
}

/// The user of that name, whatever its case.
pub fn by_name(tx: &Tx<'_>, name: &str) -> Result<Option<User>, Fault> {
    tx.optional(
        &selected("AND username = $1"),
        bind![name.to_lowercase()],
        user,
    )
}

/// The user with that address, whatever its case.
pub fn by_email(tx: &Tx<'_>, email: &str) -> Result<Option<User>, Fault> {
    tx.optional(
        &selected("AND email = $1"),
        bind![email.to_lowercase()],
        user,
    )
}

/// Every user, oldest first.
pub fn all(tx: &Tx<'_>) -> Result<Vec<User>, Fault> {
    tx.all(&selected("ORDER BY id"), bind![], user)
}

/// Whether there is any user.
pub fn any(tx: &Tx<'_>) -> Result<bool, Fault> {
    tx.exists(&selected("LIMIT 1"), bind![])
}

/// Whether no admin would be left if this one were none.
pub fn is_last_admin(tx: &Tx<'_>, id: UserId) -> Result<bool, Fault> {
    let others = "AND role = $1 AND enabled = 1 AND id <> $2 LIMIT 1";
    Ok(!tx.exists(&selected(others), bind![Role::Admin.as_str(), id])?)
}

/// Adds a user. The caller has made sure that the name is free.
pub fn add(
    tx: &Tx<'_>,
    username: &str,
    email: Option<&str>,
    password_hash: &str,
    role: Role,
    now: Time,
) -> Result<UserId, Fault> {
    tx.one(
        "INSERT INTO users (username, email, password_hash, role, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $5) RETURNING id",
        bind![
            username.to_lowercase(),
            email.map(str::to_lowercase),
            password_hash,
            role.as_str(),
            now
        ],
        |row| row.get(),
    )
}

/// Writes back what may change of a user.
pub fn update(tx: &Tx<'_>, user: &User, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE users SET username = $1, email = $2, password_hash = $3, role = $4, enabled = $5, \
         ui_settings = $6, updated_at = $7 WHERE id = $8",
        bind![
            user.username,
            user.email,
            user.password_hash,
            user.role.as_str(),
            user.enabled,
            user.ui_settings,
            now,
            user.id
        ],
    )?;
    Ok(())
}

/// Hides a user. Their name is free again, their saves stay.
pub fn hide(tx: &Tx<'_>, id: UserId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE users SET deleted_at = $1, updated_at = $1 WHERE id = $2",
        bind![now, id],
    )?;
    Ok(())
}

/// Notes that a user signed in.
pub fn signed_in(tx: &Tx<'_>, id: UserId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE users SET last_login = $1, last_active = $1 WHERE id = $2",
        bind![now, id],
    )?;
    Ok(())
}

/// Notes that a user was here.
pub fn seen(tx: &Tx<'_>, id: UserId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE users SET last_active = $1 WHERE id = $2",
        bind![now, id],
    )?;
    Ok(())
}
