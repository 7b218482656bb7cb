//! `GET /api/auth/device/pending/{user_code}`: who shows this code.

use axum::Json;
use axum::extract::State;
use keepsave_wire::device_auth::DeviceAuthPendingSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::device_flow::{self, sorted};
use crate::http::error::Failure;
use crate::http::path::Text;

/// The device that shows the code, for the person who decides.
#[utoipa::path(
    get, path = "/api/auth/device/pending/{user_code}", tag = "device-auth",
    params(("user_code" = String, Path, description = "However it was typed")),
    responses(
        (status = OK, body = DeviceAuthPendingSchema),
        (status = NOT_FOUND, description = "`Unknown or expired code`"),
    )
)]
pub async fn pending(
    State(app): State<App>,
    caller: Caller,
    Text(code): Text,
) -> Result<Json<DeviceAuthPendingSchema>, Failure> {
    let waiting = device_flow::waiting(&app, &caller, &code)?;
    let names = |scopes: &str| scopes.split_whitespace().map(str::to_owned).collect();
    let request = waiting.request;
    Ok(Json(DeviceAuthPendingSchema {
        client_device_identifier: request.client_device_identifier,
        name: request.name,
        client: request.client,
        platform: request.platform,
        client_version: request.client_version,
        requested_scopes: sorted(names(&request.requested_scopes)),
        allowed_scopes: sorted(names(&waiting.allowed.to_string())),
        expires_at: request.expires_at,
    }))
}
