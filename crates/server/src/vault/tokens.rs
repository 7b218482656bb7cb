//! What clients sign in with: client tokens, their pairing codes, and the grants of
//! `POST /api/token`. Only hashes of secrets are kept.

use std::sync::LazyLock;

use keepsave_core::ids::{DeviceId, TokenId, UserId};
use keepsave_core::time::Time;

use super::users::{self, User};
use super::{Fault, Row, Tx};
use crate::bind;

/// The hash of a secret.
pub type Hash = [u8; 32];

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

const TOKEN: &str = "client_tokens.id, client_tokens.user_id, client_tokens.device_id, \
     client_tokens.name, client_tokens.scopes, client_tokens.expires_at, \
     client_tokens.last_used_at, client_tokens.created_at";

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

/// Who comes with a token, in one look.
#[derive(Debug)]
pub struct Bearer {
    /// The token.
    pub token: ClientToken,
    /// Whose it is.
    pub user: User,
    /// When its device was seen last.
    pub device_seen_at: Option<Time>,
}

/// Who comes with the token of that hash. Asked for every request of a client, so its text is made
/// once.
pub fn bearer(tx: &Tx<'_>, hash: &Hash) -> Result<Option<Bearer>, Fault> {
    static QUERY: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {TOKEN}, {}, devices.last_seen FROM client_tokens \
             JOIN users ON users.id = client_tokens.user_id AND users.deleted_at IS NULL \
             LEFT JOIN devices ON devices.id = client_tokens.device_id \
             WHERE client_tokens.hash = $1",
            users::COLUMNS
        )
    });
    tx.optional(&QUERY, bind![hash], |row| {
        Ok(Bearer {
            token: token(row)?,
            user: users::user(row)?,
            device_seen_at: row.get()?,
        })
    })
}

/// A user's tokens, newest first.
pub fn of_user(tx: &Tx<'_>, user: UserId) -> Result<Vec<ClientToken>, Fault> {
    tx.all(
        &format!(
            "SELECT {TOKEN} FROM client_tokens WHERE user_id = $1 ORDER BY created_at DESC, id DESC"
        ),
        bind![user],
        token,
    )
}

/// Everyone's tokens with their owners, newest first.
pub fn of_everyone(tx: &Tx<'_>) -> Result<Vec<(ClientToken, User)>, Fault> {
    tx.all(
        &format!(
            "SELECT {TOKEN}, {} FROM client_tokens \
             JOIN users ON users.id = client_tokens.user_id AND users.deleted_at IS NULL \
             ORDER BY client_tokens.created_at DESC, client_tokens.id DESC",
            users::COLUMNS
        ),
        bind![],
        |row| Ok((token(row)?, users::user(row)?)),
    )
}

/// A user's token.
pub fn by_id(tx: &Tx<'_>, user: UserId, id: TokenId) -> Result<Option<ClientToken>, Fault> {
    tx.optional(
        &format!("SELECT {TOKEN} FROM client_tokens WHERE id = $1 AND user_id = $2"),
        bind![id, user],
        token,
    )
}

/// How many tokens a user has.
pub fn count(tx: &Tx<'_>, user: UserId) -> Result<i64, Fault> {
    tx.one(
        "SELECT COUNT(*) FROM client_tokens WHERE user_id = $1",
        bind![user],
        |row| row.get(),
    )
}

/// A token about to be made.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct NewToken {
    pub user: UserId,
    pub device: Option<DeviceId>,
    pub name: String,
    /// Separated by spaces.
    pub scopes: String,
    pub hash: Hash,
    pub expires_at: Option<Time>,
}

/// Adds a token.
pub fn add(tx: &Tx<'_>, new: &NewToken, now: Time) -> Result<ClientToken, Fault> {
    tx.one(
        &format!(
            "INSERT INTO client_tokens (user_id, device_id, name, scopes, hash, expires_at, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {}",
            unqualified(TOKEN)
        ),
        bind![
            new.user,
            new.device,
            new.name,
            new.scopes,
            new.hash,
            new.expires_at,
            now
        ],
        token,
    )
}

/// Gives a user's token another secret, which was never used: the old one is dead at once.
pub fn replace_secret(
    tx: &Tx<'_>,
    user: UserId,
    id: TokenId,
    hash: &Hash,
) -> Result<Option<ClientToken>, Fault> {
    tx.optional(
        &format!(
            "UPDATE client_tokens SET hash = $1, last_used_at = NULL \
             WHERE id = $2 AND user_id = $3 RETURNING {}",
            unqualified(TOKEN)
        ),
        bind![hash, id, user],
        token,
    )
}

/// `RETURNING` takes no table's name before its columns.
fn unqualified(columns: &str) -> String {
    columns.replace("client_tokens.", "")
}

/// Removes a user's token. Whether there was one.
pub fn remove(tx: &Tx<'_>, user: UserId, id: TokenId) -> Result<bool, Fault> {
    let removed = tx.execute(
        "DELETE FROM client_tokens WHERE id = $1 AND user_id = $2",
        bind![id, user],
    )?;
    Ok(removed > 0)
}

/// Removes a token, whosever it is. Whether there was one.
pub fn remove_anyones(tx: &Tx<'_>, id: TokenId) -> Result<bool, Fault> {
    let removed = tx.execute("DELETE FROM client_tokens WHERE id = $1", bind![id])?;
    Ok(removed > 0)
}

/// Removes all of a user's tokens and grants.
pub fn remove_all(tx: &Tx<'_>, user: UserId) -> Result<(), Fault> {
    tx.execute("DELETE FROM client_tokens WHERE user_id = $1", bind![user])?;
    remove_grants(tx, user)
}

/// Notes that a token was used.
pub fn used(tx: &Tx<'_>, id: TokenId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE client_tokens SET last_used_at = $1 WHERE id = $2",
        bind![now, id],
    )?;
    Ok(())
}

/// Adds a pairing code and forgets those that have run out.
pub fn add_pairing_code(
    tx: &Tx<'_>,
    hash: &Hash,
    user: UserId,
    id: TokenId,
    expires_at: Time,
    now: Time,
) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM pairing_codes WHERE expires_at <= $1",
        bind![now],
    )?;
    tx.execute(
        "INSERT INTO pairing_codes (code_hash, token_id, user_id, expires_at) \
         VALUES ($1, $2, $3, $4)",
        bind![hash, id, user, expires_at],
    )?;
    Ok(())
}

/// Whether a pairing code can still be used.
pub fn has_pairing_code(tx: &Tx<'_>, hash: &Hash, now: Time) -> Result<bool, Fault> {
    tx.exists(
        "SELECT 1 FROM pairing_codes WHERE code_hash = $1 AND expires_at > $2",
        bind![hash, now],
    )
}

/// Uses a pairing code up: whose token it is for.
pub fn take_pairing_code(
    tx: &Tx<'_>,
    hash: &Hash,
    now: Time,
) -> Result<Option<(UserId, TokenId)>, Fault> {
    tx.optional(
        "DELETE FROM pairing_codes WHERE code_hash = $1 AND expires_at > $2 \
         RETURNING user_id, token_id",
        bind![hash, now],
        |row| Ok((row.get()?, row.get()?)),
    )
}

/// Which of a pair of grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantKind {
    /// Signs requests in.
    Access,
    /// Gets the next pair.
    Refresh,
}

impl GrantKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

/// Adds a grant.
pub fn add_grant(
    tx: &Tx<'_>,
    kind: GrantKind,
    hash: &Hash,
    user: UserId,
    scopes: &str,
    expires_at: Time,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO grants (hash, user_id, kind, scopes, expires_at) VALUES ($1, $2, $3, $4, $5)",
        bind![hash, user, kind.as_str(), scopes, expires_at],
    )?;
    Ok(())
}

/// The user and the scopes of an access grant that has not run out.
pub fn access_grant(tx: &Tx<'_>, hash: &Hash, now: Time) -> Result<Option<(User, String)>, Fault> {
    tx.optional(
        &format!(
            "SELECT {}, grants.scopes FROM grants \
             JOIN users ON users.id = grants.user_id AND users.deleted_at IS NULL \
             WHERE grants.hash = $1 AND grants.kind = $2 AND grants.expires_at > $3",
            users::COLUMNS
        ),
        bind![hash, GrantKind::Access.as_str(), now],
        |row| Ok((users::user(row)?, row.get()?)),
    )
}

/// Uses a refresh grant up: whose it was, and its scopes.
pub fn take_refresh_grant(
    tx: &Tx<'_>,
    hash: &Hash,
    now: Time,
) -> Result<Option<(UserId, String)>, Fault> {
    tx.optional(
        "DELETE FROM grants WHERE hash = $1 AND kind = $2 AND expires_at > $3 \
         RETURNING user_id, scopes",
        bind![hash, GrantKind::Refresh.as_str(), now],
        |row| Ok((row.get()?, row.get()?)),
    )
}

/// Removes all of a user's grants.
pub fn remove_grants(tx: &Tx<'_>, user: UserId) -> Result<(), Fault> {
    tx.execute("DELETE FROM grants WHERE user_id = $1", bind![user])?;
    Ok(())
}

/// Forgets the grants that have run out.
pub fn remove_expired_grants(tx: &Tx<'_>, now: Time) -> Result<(), Fault> {
    tx.execute("DELETE FROM grants WHERE expires_at <= $1", bind![now])?;
    Ok(())
}
