//! `PUT /api/screenshots/{id}`: who may see a picture besides its owner.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::ScreenshotId;
use keepsave_wire::assets::Visibility;
use keepsave_wire::screenshots::ScreenshotSchema;

use super::not_found;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::assets::screenshot_schema;
use crate::http::body::Body;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::screenshots::visibility as service;

/// Makes one of the caller's pictures public or private. That is no change of the picture.
#[utoipa::path(
    put, path = "/api/screenshots/{id}", tag = "screenshots",
    params(("id" = i64, Path)),
    request_body = Visibility,
    responses((status = OK, body = ScreenshotSchema), (status = NOT_FOUND)),
)]
pub async fn visibility(
    State(app): State<App>,
    caller: Caller,
    id: Id<ScreenshotId>,
    Body(body): Body,
) -> Result<Json<ScreenshotSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let mut fields = Fields::of_parameters(&body)?;
    let is_public = fields.flag("is_public");
    let is_public = fields.finish(is_public)?;
    let shot = service::set_public(&app, caller.id(), id.0, is_public).await?;
    shot.map(|shot| Json(screenshot_schema(shot)))
        .ok_or_else(not_found)
}
