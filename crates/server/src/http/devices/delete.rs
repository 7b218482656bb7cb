//! `DELETE /api/devices/{device_id}`: a device goes; what it made stays.

use axum::extract::State;
use http::StatusCode;
use keepsave_core::ids::DeviceId;

use super::unknown;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::devices;
use crate::http::error::Failure;
use crate::http::path::Text;

/// A device goes, with all that is known of its syncs. The versions that it made stay, and its
/// tokens are bound to no device any more.
#[utoipa::path(
    delete,
    path = "/api/devices/{device_id}",
    tag = "devices",
    params(("device_id" = String, Path)),
    responses((status = NO_CONTENT))
)]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Text(id): Text,
) -> Result<StatusCode, Failure> {
    caller.require(Scope::DevicesWrite)?;
    if devices::remove(&app, caller.id(), DeviceId(id.clone())).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown(&id))
    }
}
