//! `GET /api/devices/{device_id}`: one device.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::DeviceId;
use keepsave_wire::devices::DeviceSchema;

use super::{schema, unknown};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::devices;
use crate::http::error::Failure;
use crate::http::path::Text;

/// One device.
#[utoipa::path(
    get,
    path = "/api/devices/{device_id}",
    tag = "devices",
    params(("device_id" = String, Path)),
    responses((status = OK, body = DeviceSchema))
)]
pub async fn get(
    State(app): State<App>,
    caller: Caller,
    Text(id): Text,
) -> Result<Json<DeviceSchema>, Failure> {
    caller.require(Scope::DevicesRead)?;
    let id = DeviceId(id);
    let device = devices::one(&app, caller.id(), &id)?;
    Ok(Json(schema(device.ok_or_else(|| unknown(&id.0))?)))
}
