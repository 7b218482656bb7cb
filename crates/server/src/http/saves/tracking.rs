//! `POST /api/saves/{id}/track` and `/untrack`: a device opts in or out of a save's timeline.

use crate::http::body::Body;
use axum::Json;
use axum::extract::State;
use keepsave_core::ids::SaveId;
use keepsave_wire::saves::SaveSchema;

use super::downloaded::device_in_body;
use super::{not_found, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::saves::track::set_untracked;

/// Lets a device sync this save again.
#[utoipa::path(
    post, path = "/api/saves/{id}/track", tag = "saves",
    params(("id" = i64, Path)),
    request_body(content_type = "application/json", description = "`{\"device_id\": \"…\"}`"),
    responses((status = OK, body = SaveSchema), (status = NOT_FOUND)),
)]
pub async fn track(
    State(app): State<App>,
    caller: Caller,
    id: Id<SaveId>,
    Body(body): Body,
) -> Result<Json<SaveSchema>, Failure> {
    set(&app, &caller, id.0, &body, false).await
}

/// Keeps a device from syncing this save, now and in its later versions, without deleting it.
#[utoipa::path(
    post, path = "/api/saves/{id}/untrack", tag = "saves",
    params(("id" = i64, Path)),
    request_body(content_type = "application/json", description = "`{\"device_id\": \"…\"}`"),
    responses((status = OK, body = SaveSchema), (status = NOT_FOUND)),
)]
pub async fn untrack(
    State(app): State<App>,
    caller: Caller,
    id: Id<SaveId>,
    Body(body): Body,
) -> Result<Json<SaveSchema>, Failure> {
    set(&app, &caller, id.0, &body, true).await
}

async fn set(
    app: &App,
    caller: &Caller,
    id: SaveId,
    body: &[u8],
    untracked: bool,
) -> Result<Json<SaveSchema>, Failure> {
    caller.require(Scope::DevicesWrite)?;
    let device = device_in_body(app, caller, body)?;
    let view = set_untracked(app, caller.id(), id, device, untracked).await?;
    view.map(|view| Json(schema(view)))
        .ok_or_else(|| not_found(id))
}
