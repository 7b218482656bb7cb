//! Who is asking, and what they may do.
//!
//! The order is RomM's: a browser's session cookie, then the `Authorization` header, then kiosk
//! mode, then nobody. Secrets are stored as hashes only. `gate` and `csrf` surround every route; the
//! other modules are the use cases of signing in, of tokens, and of accounts, and know no route.

pub mod accounts;
pub mod activity;
pub mod address;
pub mod client_tokens;
pub mod csrf;
pub mod device_flow;
pub mod gate;
pub mod grants;
pub mod limiter;
pub mod password;
pub mod scope;
pub mod secret;
pub mod session;
pub mod setup;
pub mod sign_in;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use keepsave_core::ids::{DeviceId, UserId};

use crate::app::App;
use crate::http::error::Failure;
use crate::vault::users::User;
use crate::vault::{Fault, tokens};
use activity::Seen;
use address::Origin;
use scope::{Role, Scope, Scopes};
use sign_in::SignIn;

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

    /// A person, with all that their role may do.
    pub fn in_person(user: User) -> Self {
        Self {
            scopes: user.role.scopes(),
            device: None,
            user,
        }
    }

    /// Whoever runs commands on this machine, where the store lies open to them anyway.
    pub fn operator(app: &App) -> Self {
        let user = without_account(UserId(-2), "operator", app);
        Self {
            scopes: Role::Admin.scopes(),
            device: None,
            user,
        }
    }

    fn of_kiosk(app: &App) -> Self {
        Self {
            user: without_account(UserId(-1), "kiosk", app),
            scopes: Scopes::reading(),
            device: None,
        }
    }
}

/// Someone who has no account: no row will ever be theirs.
fn without_account(id: UserId, name: &str, app: &App) -> User {
    let now = app.now();
    User {
        id,
        username: name.to_owned(),
        email: None,
        password_hash: String::new(),
        role: Role::User,
        enabled: true,
        ui_settings: "{}".to_owned(),
        last_login: Some(now),
        last_active: Some(now),
        created_at: now,
        updated_at: now,
    }
}

/// A handler that takes a `Caller` is for people who are signed in: others get 401.
impl FromRequestParts<App> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        authenticate(parts, app)
            .await?
            .ok_or_else(Failure::unauthenticated)
    }
}

/// A handler that takes an `Option<Caller>` is for everyone.
impl OptionalFromRequestParts<App> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Failure> {
        authenticate(parts, app).await
    }
}

async fn authenticate(parts: &Parts, app: &App) -> Result<Option<Caller>, Failure> {
    if let Some(caller) = parts.extensions.get::<Caller>() {
        return Ok(Some(caller.clone()));
    }
    let caller = match credentials(&parts.headers) {
        Some(Credentials::Bearer(secret)) => by_token(app, secret)?,
        Some(Credentials::Basic(encoded)) => {
            let origin = Origin::of(parts, &app.settings);
            by_password(app, encoded, &origin).await?
        }
        None => None,
    };
    Ok(caller.or_else(|| app.settings.kiosk_mode.then(|| Caller::of_kiosk(app))))
}

/// What an `Authorization` header holds.
#[derive(Clone, Copy, Debug)]
enum Credentials<'a> {
    Bearer(&'a str),
    Basic(&'a str),
}

/// The header's credentials: exactly two words, the first of them a scheme that is known.
fn credentials(headers: &HeaderMap) -> Option<Credentials<'_>> {
    let mut words = headers
        .get(AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_ascii_whitespace();
    let (scheme, secret) = (words.next()?, words.next()?);
    if words.next().is_some() {
        None
    } else if scheme.eq_ignore_ascii_case("bearer") {
        Some(Credentials::Bearer(secret))
    } else if scheme.eq_ignore_ascii_case("basic") {
        Some(Credentials::Basic(secret))
    } else {
        None
    }
}

/// The name and the password of a request that signs in with them.
pub fn name_and_password(headers: &HeaderMap) -> Option<(String, String)> {
    match credentials(headers)? {
        Credentials::Basic(encoded) => decoded(encoded),
        Credentials::Bearer(_) => None,
    }
}

fn decoded(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

fn by_token(app: &App, secret: &str) -> Result<Option<Caller>, Fault> {
    let (hash, now) = (secret::hash(secret), app.now());
    if !secret.starts_with(secret::CLIENT_TOKEN) {
        let granted = app
            .vault
            .read(|tx| tokens::access_grant(tx, &hash, now))?
            .filter(|(user, _)| user.enabled);
        return Ok(granted.map(|(user, scopes)| {
            Seen::user(&user, now).note(app);
            Caller {
                scopes: user.role.scopes().and(Scopes::parse(&scopes)),
                device: None,
                user,
            }
        }));
    }
    let bearer = app
        .vault
        .read(|tx| tokens::bearer(tx, &hash))?
        .filter(|bearer| bearer.user.enabled)
        .filter(|bearer| bearer.token.expires_at.is_none_or(|end| now < end));
    Ok(bearer.map(|bearer| {
        Seen::bearer(&bearer, now).note(app);
        Caller {
            scopes: bearer
                .user
                .role
                .scopes()
                .and(Scopes::parse(&bearer.token.scopes)),
            device: bearer.token.device_id,
            user: bearer.user,
        }
    }))
}

async fn by_password(app: &App, encoded: &str, origin: &Origin) -> Result<Option<Caller>, Failure> {
    let Some((name, password)) = decoded(encoded) else {
        return Ok(None);
    };
    match sign_in::with_password(app, &name, &password, origin).await? {
        SignIn::Welcome(user) => {
            Seen::user(&user, app.now()).note(app);
            Ok(Some(Caller {
                scopes: user.role.scopes(),
                device: None,
                user,
            }))
        }
        SignIn::Wrong { .. } | SignIn::Disabled => Ok(None),
        SignIn::Paused(wait) => Err(too_many(sign_in::TOO_MANY, wait)),
    }
}

/// 429 with the sentence, and when to come back.
pub(crate) fn too_many(detail: &str, wait: limiter::Wait) -> Failure {
    Failure::new(StatusCode::TOO_MANY_REQUESTS, detail)
        .with_header(header::RETRY_AFTER, wait.seconds.into())
}
