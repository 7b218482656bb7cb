//! Browsers' sessions: how they begin and end, and the cookie that carries them.
//!
//! Every sign-in begins a new session and ends the one before, so no one can prepare a session and
//! wait for someone to sign in to it.

use http::HeaderValue;
use http::header::USER_AGENT;
use http::request::Parts;
use keepsave_core::ids::{DeviceId, UserId};
use keepsave_core::limits;
use keepsave_core::time::Time;

use super::address::Origin;
use super::scope::Scope;
use super::{Caller, secret};
use crate::app::App;
use crate::http::error::Failure;
use crate::vault::devices::{self, Device};
use crate::vault::sessions::{self, NewSession, OpenSession};
use crate::vault::tokens::Hash;
use crate::vault::users::{self, User};
use crate::vault::{Fault, Tx};

/// The cookie's name.
pub const COOKIE: &str = "romm_session";

/// The session that a request came with. `gate` puts it there.
#[derive(Clone, Copy, Debug)]
pub struct Current(pub Hash);

/// From where, and with what, someone signs in.
#[derive(Clone, Debug)]
pub struct Browser {
    origin: Origin,
    user_agent: Option<String>,
    before: Option<Hash>,
}

impl Browser {
    /// The browser that sent a request.
    pub fn of(parts: &Parts, app: &App) -> Self {
        let user_agent = parts.headers.get(USER_AGENT);
        Self {
            origin: Origin::of(parts, &app.settings),
            user_agent: user_agent
                .and_then(|text| text.to_str().ok())
                .map(|text| text.chars().take(limits::CREDENTIAL_CHARS).collect()),
            before: parts.extensions.get::<Current>().map(|current| current.0),
        }
    }

    /// Where it is.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// Signs a person in, in this browser: the cookie for it. The browser becomes a device of theirs.
pub async fn begin(app: &App, user: &User, browser: Browser) -> Result<HeaderValue, Fault> {
    let id = secret::random(&app.environment);
    let cookie = cookie(app, &id, browser.origin.secure);
    let (now, user, address) = (app.now(), user.id, browser.origin.address.to_string());
    let new_device = DeviceId(app.environment.uuid());
    let (hash, user_agent, before) = (secret::hash(&id), browser.user_agent, browser.before);
    let expires_at = now.plus_seconds(app.settings.session_max_age_seconds);
    app.vault
        .write(move |tx| {
            let device = device_of(tx, new_device, user, &address, now)?;
            if let Some(before) = before {
                sessions::remove(tx, &before)?;
            }
            let session = NewSession {
                hash,
                user,
                device,
                ip_address: address,
                user_agent,
                expires_at,
            };
            sessions::add(tx, &session, now)?;
            users::signed_in(tx, user, now)
        })
        .await?;
    Ok(cookie)
}

/// The device that a browser is: one for each address, as RomM has it.
fn device_of(
    tx: &Tx<'_>,
    new: DeviceId,
    user: UserId,
    address: &str,
    now: Time,
) -> Result<DeviceId, Fault> {
    if let Some(known) = devices::browser_at(tx, user, address)? {
        devices::seen(tx, &known.id, now)?;
        return Ok(known.id);
    }
    let browser = Device {
        platform: Some("Web".to_owned()),
        client: Some("web".to_owned()),
        ip_address: Some(address.to_owned()),
        ..Device::signed_in(new, user, "Web Browser", now)
    };
    devices::add(tx, &browser)?;
    Ok(browser.id)
}

/// Ends a session.
pub async fn end(app: &App, session: Current) -> Result<(), Fault> {
    app.vault
        .write(move |tx| sessions::remove(tx, &session.0))
        .await
}

/// Where one is signed in, the browser that was used last first.
pub fn own(app: &App, by: &Caller) -> Result<Vec<OpenSession>, Failure> {
    by.require(Scope::MeRead)?;
    let (user, now) = (by.id(), app.now());
    Ok(app.vault.read(|tx| sessions::of_user(tx, user, now))?)
}

/// Ends one of one's own sessions, wherever it is.
pub async fn end_own(app: &App, by: &Caller, session: Hash) -> Result<(), Failure> {
    by.require(Scope::MeWrite)?;
    let user = by.id();
    let ended = app
        .vault
        .write(move |tx| sessions::remove_of(tx, user, &session));
    let ended: Result<bool, Fault> = ended.await;
    ended?
        .then_some(())
        .ok_or_else(|| Failure::not_found("Session not found"))
}

/// Ends all of one's own sessions but the one that asks. How many those were.
pub async fn end_others(app: &App, by: &Caller, current: Current) -> Result<u64, Failure> {
    by.require(Scope::MeWrite)?;
    let user = by.id();
    let ended = app
        .vault
        .write(move |tx| sessions::remove_others(tx, user, &current.0));
    let ended: Result<u64, Fault> = ended.await;
    Ok(ended?)
}

/// The cookie of a session. What is in it is hexadecimal or was read from such a cookie.
pub(super) fn cookie(app: &App, id: &str, secure: bool) -> HeaderValue {
    let age = app.settings.session_max_age_seconds;
    value(format!("{COOKIE}={id}; path=/; Max-Age={age}"), secure)
}

/// The cookie that takes it away.
pub fn no_cookie(secure: bool) -> HeaderValue {
    let gone = format!("{COOKIE}=null; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT");
    value(gone, secure)
}

fn value(mut cookie: String, secure: bool) -> HeaderValue {
    cookie.push_str("; httponly; samesite=strict");
    if secure {
        cookie.push_str("; secure");
    }
    HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static("romm_session=null; path=/"))
}
