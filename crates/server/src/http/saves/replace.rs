//! `PUT /api/saves/{id}`: a save is rewritten in place.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::SaveId;
use keepsave_wire::saves::SaveSchema;

use super::{named_device, not_found, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::assets::Named;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::http::upload::Incoming;
use crate::saves::replace::{self as service, Replacement};
use crate::vault::saves;

/// Rewrites one of the caller's saves, whoever wrote it last: it becomes the newest version. What
/// it replaces stays a version.
#[utoipa::path(
    put, path = "/api/saves/{id}", tag = "saves",
    params(
        ("id" = i64, Path),
        ("device_id" = Option<String>, Query, description = "The device that sends it"),
    ),
    request_body(content_type = "multipart/form-data",
                 description = "`saveFile` or `screenshotFile` or both"),
    responses((status = OK, body = SaveSchema), (status = NOT_FOUND),
              (status = PAYLOAD_TOO_LARGE), (status = INSUFFICIENT_STORAGE)),
)]
pub async fn replace(
    State(app): State<App>,
    caller: Caller,
    id: Id<SaveId>,
    RawQuery(query): RawQuery,
    incoming: Incoming,
) -> Result<Json<SaveSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let device_id = Fields::of_query(query.as_deref()).optional_text("device_id");
    let maker = named_device(&app, &caller, device_id.as_deref(), Scope::DevicesWrite)?;
    if app
        .vault
        .read(|tx| saves::of_user(tx, caller.id(), id.0))?
        .is_none()
    {
        return Err(not_found(id.0));
    }
    let [save, picture] = incoming
        .files(app.vault.blobs(), ["saveFile", "screenshotFile"])
        .await?;
    let picture = Named::picture(picture)?;
    let replacement = Replacement {
        user: caller.id(),
        save: id.0,
        maker,
        stored: match save {
            Some(save) => Some(save.store().await?),
            None => None,
        },
        picture: match picture {
            Some(picture) => Some(picture.store_picture().await?),
            None => None,
        },
    };
    let view = service::replace(&app, replacement).await?;
    view.map(|view| Json(schema(view)))
        .ok_or_else(|| not_found(id.0))
}
