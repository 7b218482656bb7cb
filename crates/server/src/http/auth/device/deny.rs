//! `POST /api/auth/device/deny`: a person refuses a device.

use axum::Json;
use axum::extract::State;
use keepsave_wire::device_auth::DeviceAuthDenyPayload;

use super::CODE_CHARS;
use crate::app::App;
use crate::auth::{Caller, device_flow};
use crate::http::body::SmallBody;
use crate::http::error::Failure;
use crate::http::fields::Fields;

/// Refuses the device that shows the code.
#[utoipa::path(
    post, path = "/api/auth/device/deny", tag = "device-auth",
    request_body = DeviceAuthDenyPayload,
    responses(
        (status = OK, description = "Null"),
        (status = NOT_FOUND, description = "`Unknown or expired code`"),
    )
)]
pub async fn deny(
    State(app): State<App>,
    caller: Caller,
    SmallBody(body): SmallBody,
) -> Result<Json<()>, Failure> {
    let mut fields = Fields::of_body(&body)?;
    let code = fields.filled_text("user_code", CODE_CHARS);
    let code = fields.finish(code)?;
    device_flow::deny(&app, &caller, code).await?;
    Ok(Json(()))
}
