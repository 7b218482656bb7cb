//! `POST /api/auth/device/init`: a device asks to be let in.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use keepsave_core::limits;
use keepsave_wire::device_auth::{DeviceAuthInitPayload, DeviceAuthInitResponse};

use crate::app::App;
use crate::auth::address::Origin;
use crate::auth::client_tokens::beyond;
use crate::auth::limiter::Attempt;
use crate::auth::scope::{Role, Scope};
use crate::auth::{device_flow, too_many};
use crate::http::body::SmallBody;
use crate::http::error::Failure;
use crate::http::fields::Fields;

/// Where a person decides.
const PAGE: &str = "/pair/device";
/// The longest names of an app, its version and a platform, in characters.
const SHORT_CHARS: usize = 50;

/// Gives a device a code to show to a person and a secret to poll with.
#[utoipa::path(
    post, path = "/api/auth/device/init", tag = "device-auth",
    request_body = DeviceAuthInitPayload,
    responses(
        (status = CREATED, body = DeviceAuthInitResponse),
        (status = TOO_MANY_REQUESTS, description = "More than 10 a minute from one address"),
    )
)]
pub async fn init(
    State(app): State<App>,
    origin: Origin,
    SmallBody(body): SmallBody,
) -> Result<(StatusCode, Json<DeviceAuthInitResponse>), Failure> {
    let asked = read(&body)?;
    app.limiter
        .count(Attempt::DeviceInit, &origin.who(), app.now())
        .map_err(|wait| too_many("Too many authorize attempts. Try again later.", wait))?;
    let codes = device_flow::begin(&app, asked, &origin).await?;
    let response = DeviceAuthInitResponse {
        device_code: codes.device,
        verification_path: PAGE.to_owned(),
        verification_path_complete: format!("{PAGE}?user_code={}", codes.user),
        user_code: codes.user,
        expires_in: limits::DEVICE_REQUEST_SECONDS,
        interval: limits::DEVICE_POLL_SECONDS,
    };
    Ok((StatusCode::CREATED, Json(response)))
}

fn read(body: &[u8]) -> Result<DeviceAuthInitPayload, Failure> {
    let mut fields = Fields::of_body(body)?;
    let asked = DeviceAuthInitPayload {
        client_device_identifier: fields
            .filled_text("client_device_identifier", limits::CREDENTIAL_CHARS),
        name: fields.filled_text("name", limits::CREDENTIAL_CHARS),
        client: fields.filled_text("client", SHORT_CHARS),
        platform: fields.short_text("platform", SHORT_CHARS),
        client_version: fields.short_text("client_version", SHORT_CHARS),
        requested_scopes: fields.some_texts("requested_scopes"),
    };
    let scopes = &asked.requested_scopes;
    let unknown = beyond(scopes, Role::Admin.scopes()).join(", ");
    if scopes.len() > Scope::ALL.len() {
        fields.check_count("requested_scopes", scopes.len(), Scope::ALL.len());
    } else if !unknown.is_empty() {
        fields.refuse_field("requested_scopes", &format!("Unknown scopes: {unknown}"));
    }
    fields.finish(asked)
}
