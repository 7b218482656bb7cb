//! `GET /api/sync/sessions/{session_id}`: one sync session.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::SessionId;
use keepsave_wire::sync::SyncSessionSchema;

use super::{schema, unknown};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::sync;

/// One sync session.
#[utoipa::path(
    get,
    path = "/api/sync/sessions/{session_id}",
    tag = "sync",
    params(("session_id" = i64, Path)),
    responses((status = OK, body = SyncSessionSchema))
)]
pub async fn session(
    State(app): State<App>,
    caller: Caller,
    id: Id<SessionId>,
) -> Result<Json<SyncSessionSchema>, Failure> {
    caller.require(Scope::DevicesRead)?;
    let session = sync::session(&app, caller.id(), id.0)?;
    Ok(Json(schema(session.ok_or_else(|| unknown(id.0))?)))
}
