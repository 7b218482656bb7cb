//! How a device is let in: it asks and shows a code, a person approves the code elsewhere, the
//! device polls and fetches its token once.
//!
//! The token is made when it is fetched, so that no secret is ever stored.

use http::StatusCode;
use keepsave_core::ids::DeviceId;
use keepsave_core::limits;
use keepsave_core::time::Time;
use keepsave_wire::device_auth::DeviceAuthInitPayload;

use super::address::Origin;
use super::client_tokens::{Minted, beyond, ends};
use super::limiter::Attempt;
use super::scope::{Scope, Scopes};
use super::{Caller, secret};
use crate::app::App;
use crate::http::error::Failure;
use crate::vault::device_requests::{self, Approval, DeviceRequest, Standing};
use crate::vault::devices::{self, Device};
use crate::vault::tokens::{self, NewToken};
use crate::vault::users::{self, User};
use crate::vault::{Fault, Tx};

/// How long a device that was refused can still learn it.
const SECONDS_TO_LEARN_OF_A_REFUSAL: i64 = 60;

/// The codes of a device that asks.
#[derive(Debug)]
pub struct Codes {
    /// What it polls with: a secret.
    pub device: String,
    /// What it shows to people.
    pub user: String,
}

/// A device asks to be let in.
pub async fn begin(
    app: &App,
    asked: DeviceAuthInitPayload,
    origin: &Origin,
) -> Result<Codes, Fault> {
    let codes = Codes {
        device: secret::random(&app.environment),
        user: secret::code(&app.environment),
    };
    let now = app.now();
    let request = DeviceRequest {
        device_code_hash: secret::hash(&codes.device),
        user_code: Some(codes.user.clone()),
        client_device_identifier: asked.client_device_identifier,
        name: asked.name,
        client: asked.client,
        platform: asked.platform,
        client_version: asked.client_version,
        requested_scopes: asked.requested_scopes.join(" "),
        ip_address: origin.address.to_string(),
        standing: Standing::Pending,
        created_at: now,
        expires_at: now.plus_seconds(limits::DEVICE_REQUEST_SECONDS),
    };
    app.vault
        .write(move |tx| device_requests::add(tx, &request))
        .await?;
    Ok(codes)
}

/// A device that waits for a person's decision, as that person sees it.
#[derive(Debug)]
pub struct Waiting {
    /// What it asks for.
    pub request: DeviceRequest,
    /// Those of the scopes it asks for that the person can give.
    pub allowed: Scopes,
}

/// The device that shows this code.
pub fn waiting(app: &App, by: &Caller, code: &str) -> Result<Waiting, Failure> {
    by.require(Scope::MeRead)?;
    let now = app.now();
    app.vault.read(|tx| find(tx, by.scopes, code, now))
}

fn find(tx: &Tx<'_>, scopes: Scopes, code: &str, now: Time) -> Result<Waiting, Failure> {
    let request = device_requests::by_user_code(tx, &secret::typed(code), now)?;
    let request = request.ok_or_else(|| Failure::not_found("Unknown or expired code"))?;
    Ok(Waiting {
        allowed: scopes.and(Scopes::parse(&request.requested_scopes)),
        request,
    })
}

/// What a person decided about a device that they let in.
#[derive(Clone, Debug)]
pub struct Welcome {
    /// The code that it shows.
    pub code: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// What to call it, if not what it calls itself.
    pub name: Option<String>,
    /// How long its token lives.
    pub lifetime: Option<String>,
}

/// Lets a device in: as a device of the caller, known again by what it calls itself.
pub async fn approve(
    app: &App,
    by: &Caller,
    welcome: Welcome,
) -> Result<(DeviceId, String), Failure> {
    by.require(Scope::MeWrite)?;
    let (user, scopes, now) = (by.id(), by.scopes, app.now());
    let new_device = DeviceId(app.environment.uuid());
    app.vault
        .write(move |tx| {
            let waiting = find(tx, scopes, &welcome.code, now)?;
            if welcome.scopes.is_empty() || !beyond(&welcome.scopes, waiting.allowed).is_empty() {
                let detail = "Approved scopes exceed what's allowed for this user";
                return Err(Failure::new(StatusCode::FORBIDDEN, detail));
            }
            let token_expires_at = ends(welcome.lifetime.as_deref(), now)?;
            let request = waiting.request;
            let chosen = welcome.name.filter(|name| !name.is_empty());
            let device = Device {
                platform: request.platform,
                client: Some(request.client),
                client_version: request.client_version,
                client_device_identifier: Some(request.client_device_identifier),
                ..Device::signed_in(new_device, user, &chosen.unwrap_or(request.name), now)
            };
            let (device, name) = known_again(tx, device)?;
            let approval = Approval {
                by: user,
                scopes: sorted(welcome.scopes).join(" "),
                device: device.clone(),
                token_name: name.clone(),
                token_expires_at,
            };
            device_requests::approve(tx, &request.device_code_hash, &approval)?;
            Ok((device, name))
        })
        .await
}

/// Stores a device that was let in, over what was known of it.
fn known_again(tx: &Tx<'_>, new: Device) -> Result<(DeviceId, String), Fault> {
    let name = new.name.clone().unwrap_or_default();
    let own = new.client_device_identifier.as_deref().unwrap_or_default();
    let Some(known) = devices::by_own_identifier(tx, new.user_id, own)? else {
        devices::add(tx, &new)?;
        return Ok((new.id, name));
    };
    let updated = Device {
        name: new.name,
        client_version: new.client_version.or(known.client_version),
        updated_at: new.updated_at,
        ..known
    };
    devices::update(tx, &updated)?;
    devices::seen(tx, &updated.id, new.updated_at)?;
    Ok((updated.id, name))
}

/// Refuses a device.
pub async fn deny(app: &App, by: &Caller, code: String) -> Result<(), Failure> {
    by.require(Scope::MeWrite)?;
    let (scopes, now) = (by.scopes, app.now());
    app.vault
        .write(move |tx| {
            let request = find(tx, scopes, &code, now)?.request;
            let ends = now.plus_seconds(SECONDS_TO_LEARN_OF_A_REFUSAL);
            device_requests::deny(tx, &request.device_code_hash, ends)?;
            Ok(())
        })
        .await
}

/// What a device that polls is told.
#[derive(Debug)]
pub enum Polled {
    /// No one has decided yet.
    Pending,
    /// It polls faster than it was told to.
    TooFast,
    /// It was refused.
    Denied,
    /// Its code is not known, or not any more.
    Expired,
    /// Its token, this once.
    Token(Minted),
}

/// A device asks whether it was let in.
pub async fn poll(app: &App, device_code: &str) -> Result<Polled, Fault> {
    let (hash, now) = (secret::hash(device_code), app.now());
    let request = app
        .vault
        .read(|tx| device_requests::by_device_code(tx, &hash, now))?;
    match request.map(|request| request.standing) {
        None => Ok(Polled::Expired),
        Some(Standing::Denied) => Ok(Polled::Denied),
        Some(Standing::Pending) => {
            let paced = app
                .limiter
                .count(Attempt::DevicePollOfOne, device_code, now);
            Ok(paced.map_or(Polled::TooFast, |_| Polled::Pending))
        }
        Some(Standing::Approved(_)) => fetch(app, device_code).await,
    }
}

/// Makes the token of a device that was let in.
async fn fetch(app: &App, device_code: &str) -> Result<Polled, Fault> {
    let (hash, now) = (secret::hash(device_code), app.now());
    let secret = secret::client_token(&app.environment);
    app.vault
        .write(move |tx| {
            // Asked again: another poll may have been faster.
            let request = device_requests::by_device_code(tx, &hash, now)?;
            let Some(Standing::Approved(approval)) = request.map(|request| request.standing) else {
                return Ok(Polled::Expired);
            };
            device_requests::remove(tx, &hash)?;
            let Some(User { enabled: true, .. }) = users::by_id(tx, approval.by)? else {
                return Ok(Polled::Denied);
            };
            let new = NewToken {
                user: approval.by,
                device: Some(approval.device),
                name: approval.token_name,
                scopes: approval.scopes,
                hash: secret::hash(&secret),
                expires_at: approval.token_expires_at,
            };
            let token = tokens::add(tx, &new, now)?;
            Ok(Polled::Token(Minted { token, secret }))
        })
        .await
}

/// Each once, by name.
pub fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    names
}
