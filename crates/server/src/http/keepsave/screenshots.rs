//! `/api/keepsave/screenshots`: what pictures had before, and pictures that were deleted.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use keepsave_core::ids::{EarlierContentId, ScreenshotId};
use keepsave_wire::assets::EarlierContent;
use keepsave_wire::screenshots::{DeletedScreenshot, ScreenshotSchema};

use super::{earlier_schema, no_earlier};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::assets::screenshot_schema;
use crate::http::content::{Conditions, Content};
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::http::screenshots::not_found;
use crate::screenshots::undelete as service;
use crate::vault::{Fault, earlier, screenshots};

/// Lists the contents that a picture had before, the last first. A deleted one's, too.
#[utoipa::path(
    get, path = "/api/keepsave/screenshots/{id}/earlier", tag = "screenshots",
    params(("id" = i64, Path)),
    responses((status = OK, body = Vec<EarlierContent>), (status = NOT_FOUND)),
)]
pub async fn earlier_contents(
    State(app): State<App>,
    caller: Caller,
    id: Id<ScreenshotId>,
) -> Result<Json<Vec<EarlierContent>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let found = app.vault.read(|tx| {
        let Some(shot) = screenshots::of_user_even_hidden(tx, caller.id(), id.0)? else {
            return Ok::<_, Fault>(None);
        };
        earlier::of_screenshot(tx, shot.id).map(Some)
    })?;
    let found = found.ok_or_else(not_found)?;
    Ok(Json(found.into_iter().map(earlier_schema).collect()))
}

/// Sends a content that a picture had before.
#[utoipa::path(
    get, path = "/api/keepsave/screenshots/earlier/{id}/content", tag = "screenshots",
    params(("id" = i64, Path)),
    responses((status = OK, content_type = "image/png"), (status = PARTIAL_CONTENT),
              (status = NOT_MODIFIED), (status = NOT_FOUND)),
)]
pub async fn earlier_content(
    State(app): State<App>,
    caller: Caller,
    id: Id<EarlierContentId>,
    conditions: Conditions,
) -> Result<Response, Failure> {
    caller.require(Scope::AssetsRead)?;
    let earlier = app
        .vault
        .read(|tx| earlier::of_users_screenshot(tx, caller.id(), id.0))?
        .ok_or_else(|| no_earlier(id.0))?;
    let (blobs, name) = (app.vault.blobs(), &earlier.file_name);
    let content = Content::picture(blobs, &earlier.blob, name, earlier.replaced_at)?;
    Ok(content.answer(&conditions).await)
}

/// Lists the pictures that were deleted, by themselves or with what they came with, the last first.
#[utoipa::path(
    get, path = "/api/keepsave/screenshots/deleted", tag = "screenshots",
    responses((status = OK, body = Vec<DeletedScreenshot>)),
)]
pub async fn deleted(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<DeletedScreenshot>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let hidden = app.vault.read(|tx| screenshots::hidden(tx, caller.id()))?;
    let deleted = hidden.into_iter().filter_map(|shot| {
        Some(DeletedScreenshot {
            id: shot.id,
            rom_id: shot.rom_id,
            file_name: shot.file_name,
            size_bytes: shot.size,
            deleted_at: shot.hidden_at?,
        })
    });
    Ok(Json(deleted.collect()))
}

/// Brings a deleted picture back. When another took its name meanwhile it gets a tag.
#[utoipa::path(
    post, path = "/api/keepsave/screenshots/{id}/undelete", tag = "screenshots",
    params(("id" = i64, Path)),
    responses((status = OK, body = ScreenshotSchema), (status = NOT_FOUND)),
)]
pub async fn undelete(
    State(app): State<App>,
    caller: Caller,
    id: Id<ScreenshotId>,
) -> Result<Json<ScreenshotSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let shot = service::undelete(&app, caller.id(), id.0).await?;
    shot.map(|shot| Json(screenshot_schema(shot)))
        .ok_or_else(not_found)
}
