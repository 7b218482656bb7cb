//! `GET /api/sync/sessions`: the newest sync sessions.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::DeviceId;
use keepsave_core::limits;
use keepsave_wire::sync::SyncSessionSchema;

use super::schema;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::sync;

/// How many are listed unless the client says so.
const LISTED: i64 = 50;

/// The newest sync sessions of the person who asks, or of one of their devices.
#[utoipa::path(
    get,
    path = "/api/sync/sessions",
    tag = "sync",
    params(
        ("device_id" = Option<String>, Query, description = "Of this device"),
        ("limit" = Option<i64>, Query, minimum = 0, maximum = 10_000)
    ),
    responses((status = OK, body = [SyncSessionSchema]))
)]
pub async fn sessions(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<SyncSessionSchema>>, Failure> {
    caller.require(Scope::DevicesRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let device = fields.optional_text("device_id").map(DeviceId);
    let limit = fields.bounded_integer("limit", 0, limits::PAGE_ROWS);
    let (device, limit) = fields.finish((device, limit.unwrap_or(LISTED)))?;
    let sessions = sync::sessions(&app, caller.id(), device.as_ref(), limit)?;
    Ok(Json(sessions.into_iter().map(schema).collect()))
}
