//! `GET /api/screenshots/{id}/content`: a picture.

use axum::extract::State;
use axum::response::Response;
use keepsave_core::ids::ScreenshotId;

use super::not_found;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::content::{Conditions, Content};
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::vault::screenshots;

/// Sends one of the caller's pictures, or one that someone made public.
#[utoipa::path(
    get, path = "/api/screenshots/{id}/content", tag = "screenshots",
    params(("id" = i64, Path)),
    responses((status = OK, content_type = "image/png"), (status = PARTIAL_CONTENT),
              (status = NOT_MODIFIED), (status = NOT_FOUND), (status = RANGE_NOT_SATISFIABLE)),
)]
pub async fn content(
    State(app): State<App>,
    caller: Caller,
    id: Id<ScreenshotId>,
    conditions: Conditions,
) -> Result<Response, Failure> {
    caller.require(Scope::AssetsRead)?;
    let shot = app
        .vault
        .read(|tx| screenshots::by_id(tx, id.0))?
        .filter(|shot| shot.user_id == caller.id() || shot.is_public)
        .ok_or_else(not_found)?;
    let blobs = app.vault.blobs();
    let content = Content::picture(blobs, &shot.blob, &shot.file_name, shot.updated_at)?;
    Ok(content.answer(&conditions).await)
}
