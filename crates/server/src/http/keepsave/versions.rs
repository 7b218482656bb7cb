//! `GET /api/keepsave/versions/{id}` and its content.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use keepsave_core::ids::VersionId;
use keepsave_wire::versions::VersionSchema;

use super::{not_done, version_schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::content::{Conditions, Content};
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::versions::{list, restore};

/// Shows one version with what it grew from.
#[utoipa::path(
    get, path = "/api/keepsave/versions/{id}", tag = "versions",
    params(("id" = i64, Path)),
    responses((status = OK, body = VersionSchema), (status = NOT_FOUND)),
)]
pub async fn version(
    State(app): State<App>,
    caller: Caller,
    id: Id<VersionId>,
) -> Result<Json<VersionSchema>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let grown = list::one(&app, caller.id(), id.0)
        .map_err(|error| not_done(error, &format!("Version with ID {}", id.0)))?;
    Ok(Json(version_schema(grown)))
}

/// Sends the content of a version, current or not. No device counts as having it.
#[utoipa::path(
    get, path = "/api/keepsave/versions/{id}/content", tag = "versions",
    params(("id" = i64, Path)),
    responses((status = OK, content_type = "application/octet-stream"), (status = PARTIAL_CONTENT),
              (status = NOT_MODIFIED), (status = NOT_FOUND), (status = GONE)),
)]
pub async fn content(
    State(app): State<App>,
    caller: Caller,
    id: Id<VersionId>,
    conditions: Conditions,
) -> Result<Response, Failure> {
    caller.require(Scope::AssetsRead)?;
    let version = restore::content(&app, caller.id(), id.0)
        .map_err(|error| not_done(error, &format!("Version with ID {}", id.0)))?;
    let blob = &version.content.blob;
    let content = Content::attachment(
        app.vault.blobs(),
        blob,
        &version.file_name,
        version.created_at,
    )?;
    Ok(content.answer(&conditions).await)
}
