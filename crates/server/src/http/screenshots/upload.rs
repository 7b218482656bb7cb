//! `POST /api/screenshots`: a picture for a game's gallery.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::RomId;
use keepsave_core::names::{AssetKind, FileName};
use keepsave_wire::screenshots::ScreenshotSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::assets::{Named, known_game, screenshot_schema};
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::upload::{Incoming, missing};
use crate::screenshots::upload as service;

/// What a gallery takes, by its extension.
const IMAGES: [&str; 9] = [
    ".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp",
];

/// Takes a picture, in place of the one of that name in the caller's gallery of the game. What it
/// replaces is kept.
#[utoipa::path(
    post, path = "/api/screenshots", tag = "screenshots",
    params(("rom_id" = i64, Query, description = "The game")),
    request_body(content_type = "multipart/form-data", description = "`screenshotFile`"),
    responses((status = OK, body = ScreenshotSchema), (status = BAD_REQUEST),
              (status = NOT_FOUND), (status = PAYLOAD_TOO_LARGE),
              (status = INSUFFICIENT_STORAGE)),
)]
pub async fn upload(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
    incoming: Incoming,
) -> Result<Json<ScreenshotSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let mut fields = Fields::of_query(query.as_deref());
    let rom = RomId(fields.integer("rom_id"));
    let rom = fields.finish(rom)?;
    known_game(&app, rom)?;

    let [picture] = incoming
        .files(app.vault.blobs(), ["screenshotFile"])
        .await?;
    let picture = picture.ok_or_else(|| missing("screenshotFile"))?;
    let picture = Named::of(picture, AssetKind::Screenshot)?;
    if !is_image(&picture.file_name) {
        return Err(Failure::bad_request(format!(
            "Unsupported image file type. Allowed: {}",
            IMAGES.join(", ")
        )));
    }
    let picture = picture.store_picture().await?;
    let shot = service::upload(&app, caller.id(), rom, picture).await?;
    Ok(Json(screenshot_schema(shot)))
}

/// Whether a gallery takes a picture of that name.
pub fn is_image(name: &FileName) -> bool {
    let name = name.as_str().to_lowercase();
    IMAGES
        .iter()
        .any(|extension| name.len() > extension.len() && name.ends_with(extension))
}
