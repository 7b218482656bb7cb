//! `POST /api/keepsave/versions/{id}/restore`: a version becomes the current save everywhere.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::VersionId;
use keepsave_wire::saves::SaveSchema;

use super::not_done;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::http::saves::schema;
use crate::versions::restore as service;

/// Makes a version the head again, and with it every file of its set. What was the head stays a
/// version: restoring that is the undo. Devices receive it at their next sync.
#[utoipa::path(
    post, path = "/api/keepsave/versions/{id}/restore", tag = "versions",
    params(("id" = i64, Path)),
    responses((status = OK, body = Vec<SaveSchema>), (status = NOT_FOUND), (status = GONE)),
)]
pub async fn restore(
    State(app): State<App>,
    caller: Caller,
    id: Id<VersionId>,
) -> Result<Json<Vec<SaveSchema>>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let views = service::restore(&app, caller.id(), id.0)
        .await
        .map_err(|error| not_done(error, &format!("Version with ID {}", id.0)))?;
    Ok(Json(views.into_iter().map(schema).collect()))
}
