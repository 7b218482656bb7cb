//! `GET /api/devices`: the devices of the person who asks, oldest first.

use axum::Json;
use axum::extract::State;
use keepsave_wire::devices::DeviceSchema;

use super::schema;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::devices;
use crate::http::error::Failure;

/// The devices of the person who asks, oldest first.
#[utoipa::path(
    get,
    path = "/api/devices",
    tag = "devices",
    responses((status = OK, body = [DeviceSchema]))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<DeviceSchema>>, Failure> {
    caller.require(Scope::DevicesRead)?;
    let devices = devices::list(&app, caller.id())?;
    Ok(Json(devices.into_iter().map(schema).collect()))
}
