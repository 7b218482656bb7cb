//! Client tokens: made, listed and taken away by their owners, handed to a client by a code.
//!
//! A token can give no more than it has: what a request may hand out is what it may do itself.

use http::StatusCode;
use keepsave_core::ids::{TokenId, UserId};
use keepsave_core::limits;
use keepsave_core::time::Time;

use super::scope::{Scope, Scopes};
use super::{Caller, secret};
use crate::app::App;
use crate::http::error::Failure;
use crate::vault::tokens::{self, ClientToken, NewToken};
use crate::vault::users::{self, User};
use crate::vault::{Fault, Tx};

/// How long a token may live, in the words of the wire, in days.
const LIFETIMES: [(&str, i64); 3] = [("30d", 30), ("90d", 90), ("1y", 365)];
const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// What tokens are made for, for those who do not choose scopes one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An app that keeps saves in step.
    Saves,
    /// Something that only looks.
    Reading,
    /// All that whoever makes it may do.
    Everything,
}

/// What an app writes that keeps saves in step, besides reading.
const SAVING: [Scope; 3] = [
    Scope::AssetsWrite,
    Scope::DevicesWrite,
    Scope::RomsUserWrite,
];

impl Purpose {
    /// Every purpose, the usual one first.
    pub const ALL: [Self; 3] = [Self::Saves, Self::Reading, Self::Everything];

    /// Its name in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Saves => "saves",
            Self::Reading => "reading",
            Self::Everything => "everything",
        }
    }

    /// The purpose of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
    }

    /// What it takes, of what someone can give.
    pub fn scopes(self, given: Scopes) -> Scopes {
        match self {
            Self::Saves => Scope::ALL
                .iter()
                .copied()
                .filter(|scope| Scopes::reading().has(*scope) || SAVING.contains(scope))
                .filter(|scope| given.has(*scope))
                .collect(),
            Self::Reading => Scopes::reading().and(given),
            Self::Everything => given,
        }
    }
}

/// A token with its secret: the only time that it is seen.
#[derive(Debug)]
pub struct Minted {
    /// The token.
    pub token: ClientToken,
    /// Its secret.
    pub secret: String,
}

/// When a token that is to live so long ends; never when nothing else is said.
pub fn ends(lifetime: Option<&str>, now: Time) -> Result<Option<Time>, Failure> {
    let Some(lifetime) = lifetime.filter(|lifetime| *lifetime != "never") else {
        return Ok(None);
    };
    match LIFETIMES.iter().find(|known| known.0 == lifetime) {
        Some((_, days)) => Ok(Some(now.plus_seconds(days * SECONDS_A_DAY))),
        None => Err(Failure::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("Invalid expires_in value: {lifetime}. Valid values: 30d, 90d, 1y, never"),
        )),
    }
}

/// The names among these that are no scope of the set, each once and by name.
pub fn beyond(names: &[String], scopes: Scopes) -> Vec<&str> {
    let mut beyond: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| !Scope::named(name).is_some_and(|scope| scopes.has(scope)))
        .collect();
    beyond.sort_unstable();
    beyond.dedup();
    beyond
}

/// Makes a token with some of the caller's scopes.
pub async fn create(
    app: &App,
    by: &Caller,
    name: String,
    scopes: &[String],
    lifetime: Option<&str>,
) -> Result<Minted, Failure> {
    by.require(Scope::MeWrite)?;
    let beyond = beyond(scopes, by.scopes);
    if !beyond.is_empty() {
        let beyond = beyond.join(", ");
        let detail = format!("Requested scopes exceed your permissions: {beyond}");
        return Err(Failure::new(StatusCode::FORBIDDEN, detail));
    }
    let (user, now) = (by.id(), app.now());
    app.vault.read(|tx| demand_room(tx, user))?;
    let secret = secret::client_token(&app.environment);
    let new = NewToken {
        user,
        device: None,
        name,
        scopes: scopes.join(" "),
        hash: secret::hash(&secret),
        expires_at: ends(lifetime, now)?,
    };
    let token = app
        .vault
        .write(move |tx| {
            demand_room(tx, user)?;
            tokens::add(tx, &new, now).map_err(Failure::from)
        })
        .await?;
    Ok(Minted { token, secret })
}

fn demand_room(tx: &Tx<'_>, user: UserId) -> Result<(), Failure> {
    if tokens::count(tx, user)? < limits::CLIENT_TOKENS {
        return Ok(());
    }
    Err(Failure::bad_request(format!(
        "Maximum of {} tokens per user reached",
        limits::CLIENT_TOKENS
    )))
}

/// Gives one's own token another secret; the one before is dead at once.
pub async fn regenerate(app: &App, by: &Caller, id: TokenId) -> Result<Minted, Failure> {
    by.require(Scope::MeWrite)?;
    let secret = secret::client_token(&app.environment);
    let (user, hash) = (by.id(), secret::hash(&secret));
    let replaced = app
        .vault
        .write(move |tx| tokens::replace_secret(tx, user, id, &hash))
        .await?;
    let token = replaced.ok_or_else(not_found)?;
    Ok(Minted { token, secret })
}

/// Deletes one's own token.
pub async fn delete(app: &App, by: &Caller, id: TokenId) -> Result<(), Failure> {
    by.require(Scope::MeWrite)?;
    let user = by.id();
    let deleted = app.vault.write(move |tx| tokens::remove(tx, user, id));
    deleted.await?.then_some(()).ok_or_else(not_found)
}

/// Deletes anyone's token.
pub async fn delete_anyones(app: &App, by: &Caller, id: TokenId) -> Result<(), Failure> {
    by.require(Scope::UsersWrite)?;
    let deleted = app.vault.write(move |tx| tokens::remove_anyones(tx, id));
    deleted.await?.then_some(()).ok_or_else(not_found)
}

/// A code for one's own token, which a client can type for a short while.
pub async fn pair(app: &App, by: &Caller, id: TokenId) -> Result<String, Failure> {
    by.require(Scope::MeWrite)?;
    let code = secret::code(&app.environment);
    let (user, hash, now) = (by.id(), secret::hash(&code), app.now());
    let ends = now.plus_seconds(limits::PAIRING_CODE_SECONDS);
    app.vault
        .write(move |tx| {
            tokens::by_id(tx, user, id)?.ok_or_else(not_found)?;
            tokens::add_pairing_code(tx, &hash, user, id, ends, now).map_err(Failure::from)
        })
        .await?;
    Ok(code)
}

/// Whether a code can still be exchanged.
pub fn is_pairing(app: &App, code: &str) -> Result<bool, Fault> {
    let (hash, now) = (secret::hash(&secret::typed(code)), app.now());
    app.vault
        .read(|tx| tokens::has_pairing_code(tx, &hash, now))
}

/// What came of an exchange.
#[derive(Debug)]
pub enum Exchanged {
    /// The token with another secret: the one before is dead.
    Minted(Minted),
    /// There is no such code, or not any more.
    Unknown,
    /// The token's owner may not sign in.
    OwnerDisabled,
    /// The token was deleted since.
    TokenGone,
}

/// Exchanges a code for its token. Whatever comes of it, the code is used up.
pub async fn exchange(app: &App, code: &str) -> Result<Exchanged, Fault> {
    let secret = secret::client_token(&app.environment);
    let (code, now) = (secret::hash(&secret::typed(code)), app.now());
    app.vault
        .write(move |tx| {
            let Some((user, id)) = tokens::take_pairing_code(tx, &code, now)? else {
                return Ok(Exchanged::Unknown);
            };
            let Some(User { enabled: true, .. }) = users::by_id(tx, user)? else {
                return Ok(Exchanged::OwnerDisabled);
            };
            let replaced = tokens::replace_secret(tx, user, id, &secret::hash(&secret))?;
            Ok(replaced.map_or(Exchanged::TokenGone, |token| {
                Exchanged::Minted(Minted { token, secret })
            }))
        })
        .await
}

fn not_found() -> Failure {
    Failure::not_found("Token not found")
}
