//! `PUT /api/states/{id}/visibility`: who may read a state besides its owner.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::StateId;
use keepsave_wire::assets::Visibility;
use keepsave_wire::states::StateSchema;

use super::{not_found, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::body::Body;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::states::visibility as service;

/// Makes one of the caller's states public or private, and its picture with it. That is no change
/// of the state.
#[utoipa::path(
    put, path = "/api/states/{id}/visibility", tag = "states",
    params(("id" = i64, Path)),
    request_body = Visibility,
    responses((status = OK, body = StateSchema), (status = NOT_FOUND)),
)]
pub async fn visibility(
    State(app): State<App>,
    caller: Caller,
    id: Id<StateId>,
    Body(body): Body,
) -> Result<Json<StateSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let mut fields = Fields::of_parameters(&body)?;
    let is_public = fields.flag("is_public");
    let is_public = fields.finish(is_public)?;
    let state = service::set_public(&app, caller.id(), id.0, is_public).await?;
    state
        .map(|state| Json(schema(state)))
        .ok_or_else(|| not_found(id.0))
}
