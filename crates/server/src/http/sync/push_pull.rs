//! `POST /api/sync/devices/{device_id}/push-pull`: the server is asked to visit a device.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::DeviceId;
use keepsave_wire::sync::SyncSessionSchema;

use super::{not_synced, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Text;
use crate::sync::push_pull;

/// The server is asked to visit a device. It cannot yet: the session ends as failed, and says so.
#[utoipa::path(
    post,
    path = "/api/sync/devices/{device_id}/push-pull",
    tag = "sync",
    params(("device_id" = String, Path)),
    responses((status = OK, body = SyncSessionSchema))
)]
pub async fn push_pull(
    State(app): State<App>,
    caller: Caller,
    Text(id): Text,
) -> Result<Json<SyncSessionSchema>, Failure> {
    caller.require(Scope::DevicesWrite)?;
    push_pull::visit(&app, caller.id(), DeviceId(id.clone()))
        .await
        .map(|session| Json(schema(session)))
        .map_err(|why| not_synced(&id, why))
}
