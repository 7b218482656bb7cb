//! Who is asking, and what they may do.
//!
//! The order is RomM's: a browser's session cookie, then the `Authorization` header, then kiosk
//! mode, then nobody. Secrets are stored as hashes only.

pub mod password;
pub mod scope;

use axum::extract::FromRequestParts;
use base64::Engine;
use http::HeaderMap;
use http::request::Parts;
use keepsave_core::ids::{DeviceId, UserId};

use crate::app::App;
use crate::http::error::Failure;
use crate::vault::Fault;
use crate::vault::users::{self, User};
use scope::{Scope, Scopes};

/// Someone who is signed in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person.
    pub user: User,
    /// What this request may do: the person's scopes, cut down to the token's.
    pub scopes: Scopes,
    /// The device that the token or the browser's session belongs to.
    pub device: Option<DeviceId>,
}

impl Caller {
    /// The person's id.
    pub fn id(&self) -> UserId {
        self.user.id
    }

    /// Refuses the request when it lacks the scope.
    pub fn require(&self, scope: Scope) -> Result<(), Failure> {
        if self.scopes.has(scope) {
            Ok(())
        } else {
            Err(Failure::forbidden())
        }
    }
}

/// A handler that takes a `Caller` is for people who are signed in: others get 401.
impl FromRequestParts<App> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        authenticate(app, &parts.headers)
            .await?
            .ok_or_else(Failure::unauthenticated)
    }
}

async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, Fault> {
    let Some(header) = headers.get(http::header::AUTHORIZATION) else {
        return Ok(None);
    };
    let Some((scheme, secret)) = header.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return Ok(None);
    };
    if scheme.eq_ignore_ascii_case("bearer") {
        by_token(app, secret)
    } else if scheme.eq_ignore_ascii_case("basic") {
        by_password(app, secret).await
    } else {
        Ok(None)
    }
}

fn by_token(app: &App, secret: &str) -> Result<Option<Caller>, Fault> {
    let hash = *blake3::hash(secret.as_bytes()).as_bytes();
    let now = app.now();
    app.vault.read(|tx| {
        let Some(token) = users::client_token_by_hash(tx, &hash)? else {
            return Ok(None);
        };
        let user = users::by_id(tx, token.user_id)?;
        Ok(user
            .filter(|user| user.enabled && token.is_valid(now))
            .map(|user| Caller {
                scopes: user.role.scopes().and(Scopes::parse(&token.scopes)),
                device: token.device_id,
                user,
            }))
    })
}

async fn by_password(app: &App, encoded: &str) -> Result<Option<Caller>, Fault> {
    let Some((name, password)) = base64::engine::general_purpose::STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| {
            text.split_once(':')
                .map(|(n, p)| (n.to_owned(), p.to_owned()))
        })
    else {
        return Ok(None);
    };
    let Some(user) = app
        .vault
        .read(|tx| users::by_name(tx, &name))?
        .filter(|user| user.enabled)
    else {
        return Ok(None);
    };
    let matches = app.passwords.check(&password, &user.password_hash).await?;
    Ok(matches.then(|| Caller {
        scopes: user.role.scopes(),
        device: None,
        user,
    }))
}
