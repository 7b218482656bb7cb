//! `POST /api/auth/device/token`: a device polls for its token.

use axum::Json;
use axum::extract::State;
use keepsave_wire::device_auth::{DeviceAuthTokenPayload, DeviceAuthTokenResponse};

use super::DEVICE_CODE_CHARS;
use crate::app::App;
use crate::auth::address::Origin;
use crate::auth::device_flow::{self, Polled};
use crate::auth::limiter::Attempt;
use crate::auth::too_many;
use crate::http::body::SmallBody;
use crate::http::error::Failure;
use crate::http::fields::Fields;

/// Gives the device its token once a person has let it in; until then, says how it stands.
#[utoipa::path(
    post, path = "/api/auth/device/token", tag = "device-auth",
    request_body = DeviceAuthTokenPayload,
    responses(
        (status = OK, body = DeviceAuthTokenResponse),
        (
            status = BAD_REQUEST,
            description = "`authorization_pending`, `slow_down`, `access_denied` or `expired_token`"
        ),
        (status = TOO_MANY_REQUESTS, description = "More than 60 a minute from one address"),
    )
)]
pub async fn token(
    State(app): State<App>,
    origin: Origin,
    SmallBody(body): SmallBody,
) -> Result<Json<DeviceAuthTokenResponse>, Failure> {
    let mut fields = Fields::of_body(&body)?;
    let code = fields.filled_text("device_code", DEVICE_CODE_CHARS);
    let code = fields.finish(code)?;
    app.limiter
        .count(Attempt::DevicePoll, &origin.who(), app.now())
        .map_err(|wait| too_many("Too many polling attempts. Try again later.", wait))?;
    let minted = match device_flow::poll(&app, &code).await? {
        Polled::Token(minted) => minted,
        Polled::Pending => return Err(Failure::bad_request("authorization_pending")),
        Polled::TooFast => return Err(Failure::bad_request("slow_down")),
        Polled::Denied => return Err(Failure::bad_request("access_denied")),
        Polled::Expired => return Err(Failure::bad_request("expired_token")),
    };
    let token = minted.token;
    // A token of this flow is of a device; deleted since, it is expired.
    let device_id = token
        .device_id
        .ok_or_else(|| Failure::bad_request("expired_token"))?;
    Ok(Json(DeviceAuthTokenResponse {
        access_token: minted.secret,
        device_id,
        scopes: token.scopes.split_whitespace().map(str::to_owned).collect(),
        expires_at: token.expires_at,
    }))
}
