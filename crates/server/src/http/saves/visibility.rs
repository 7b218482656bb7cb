//! `PUT /api/saves/{id}/visibility`: who may read a save besides its owner.

use crate::http::body::Body;
use axum::Json;
use axum::extract::State;
use keepsave_core::ids::SaveId;
use keepsave_wire::saves::SaveSchema;

use super::{not_found, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::saves::visibility as service;

/// Makes one of the caller's saves public or private, and its picture with it. That is no change of the save: no device
/// has to fetch it again.
#[utoipa::path(
    put, path = "/api/saves/{id}/visibility", tag = "saves",
    params(("id" = i64, Path)),
    request_body(content_type = "application/json", description = "`{\"is_public\": true}`"),
    responses((status = OK, body = SaveSchema), (status = NOT_FOUND)),
)]
pub async fn visibility(
    State(app): State<App>,
    caller: Caller,
    id: Id<SaveId>,
    Body(body): Body,
) -> Result<Json<SaveSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let mut fields = Fields::of_parameters(&body)?;
    let is_public = fields.flag("is_public");
    let is_public = fields.finish(is_public)?;
    let view = service::set_public(&app, caller.id(), id.0, is_public).await?;
    view.map(|view| Json(schema(view)))
        .ok_or_else(|| not_found(id.0))
}
