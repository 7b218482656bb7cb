//! `POST /api/auth/device/approve`: a person lets a device in.

use axum::Json;
use axum::extract::State;
use keepsave_core::limits;
use keepsave_wire::device_auth::{DeviceAuthApprovePayload, DeviceAuthApproveResponse};

use super::CODE_CHARS;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::device_flow::{self, Welcome};
use crate::http::body::SmallBody;
use crate::http::error::Failure;
use crate::http::fields::Fields;

/// Lets the device that shows the code in, as a device of the caller.
#[utoipa::path(
    post, path = "/api/auth/device/approve", tag = "device-auth",
    request_body = DeviceAuthApprovePayload,
    responses(
        (status = OK, body = DeviceAuthApproveResponse),
        (status = FORBIDDEN, description = "A scope that was not asked for or is not the caller's"),
        (status = NOT_FOUND, description = "`Unknown or expired code`"),
    )
)]
pub async fn approve(
    State(app): State<App>,
    caller: Caller,
    SmallBody(body): SmallBody,
) -> Result<Json<DeviceAuthApproveResponse>, Failure> {
    let mut fields = Fields::of_body(&body)?;
    let welcome = Welcome {
        code: fields.filled_text("user_code", CODE_CHARS),
        scopes: fields.some_texts("approved_scopes"),
        name: fields.short_text("device_name", limits::CREDENTIAL_CHARS),
        lifetime: fields.optional_text("expires_in"),
    };
    let welcome = fields.finish(welcome)?;
    let (device_id, name) = device_flow::approve(&app, &caller, welcome).await?;
    Ok(Json(DeviceAuthApproveResponse {
        device_id,
        device_name: Some(name),
    }))
}
