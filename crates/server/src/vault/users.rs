//! Users and their client tokens.

use keepsave_core::ids::{DeviceId, TokenId, UserId};
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

const USER: &str = "SELECT id, username, email, password_hash, role, enabled, ui_settings, \
     last_login, last_active, created_at, updated_at FROM users";

fn user(row: &mut Row<'_>) -> Result<User, Fault> {
    Ok(User {
        id: row.get()?,
        username: row.get()?,
        email: row.get()?,
        password_hash: row.get()?,
        role: Role::named(&row.get::<String>()?).unwrap_or(Role::User),
        enabled: row.get()?,
        ui_settings: row.get()?,
        last_login: row.get()?,
        last_active: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

/// The user of that id.
pub fn by_id(tx: &Tx<'_>, id: UserId) -> Result<Option<User>, Fault> {
    tx.optional(&format!("{USER} WHERE id = $1"), bind![id], user)
}

/// The user of that name, whatever its case.
pub fn by_name(tx: &Tx<'_>, name: &str) -> Result<Option<User>, Fault> {
    tx.optional(
        &format!("{USER} WHERE username = $1"),
        bind![name.to_lowercase()],
        user,
    )
}

/// Every user, oldest first.
pub fn all(tx: &Tx<'_>) -> Result<Vec<User>, Fault> {
    tx.all(&format!("{USER} ORDER BY id"), bind![], user)
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
            email,
            password_hash,
            role.as_str(),
            now
        ],
        |row| row.get(),
    )
}

/// A token that a client signs in with.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct ClientToken {
    pub id: TokenId,
    pub user_id: UserId,
    pub device_id: Option<DeviceId>,
    pub name: String,
    pub scopes: String,
    pub expires_at: Option<Time>,
    pub last_used_at: Option<Time>,
    pub created_at: Time,
}

impl ClientToken {
    /// Whether it has not expired.
    pub fn is_valid(&self, now: Time) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

const TOKEN: &str = "SELECT id, user_id, device_id, name, scopes, expires_at, last_used_at, \
     created_at FROM client_tokens";

fn token(row: &mut Row<'_>) -> Result<ClientToken, Fault> {
    Ok(ClientToken {
        id: row.get()?,
        user_id: row.get()?,
        device_id: row.get()?,
        name: row.get()?,
        scopes: row.get()?,
        expires_at: row.get()?,
        last_used_at: row.get()?,
        created_at: row.get()?,
    })
}

/// The token whose secret has that hash.
pub fn client_token_by_hash(tx: &Tx<'_>, hash: &[u8; 32]) -> Result<Option<ClientToken>, Fault> {
    tx.optional(&format!("{TOKEN} WHERE hash = $1"), bind![hash], token)
}

/// Adds a token for a user.
pub fn add_client_token(
    tx: &Tx<'_>,
    user: UserId,
    name: &str,
    scopes: &str,
    hash: &[u8; 32],
    expires_at: Option<Time>,
    now: Time,
) -> Result<TokenId, Fault> {
    tx.one(
        "INSERT INTO client_tokens (user_id, name, scopes, hash, expires_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        bind![user, name, scopes, hash, expires_at, now],
        |row| row.get(),
    )
}
