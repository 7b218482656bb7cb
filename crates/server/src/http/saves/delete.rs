//! `POST /api/saves/delete`: several saves at once, all or none.

use crate::http::body::Body;
use axum::Json;
use axum::extract::State;
use keepsave_core::ids::SaveId;

use super::not_found;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::saves::delete::{self as service, NotDeleted};

/// Takes saves out of every listing. Nothing is destroyed: each can be brought back.
#[utoipa::path(
    post, path = "/api/saves/delete", tag = "saves",
    request_body(content_type = "application/json", description = "`{\"saves\": [1, 2]}`"),
    responses((status = OK, body = Vec<i64>, description = "The ids"), (status = NOT_FOUND)),
)]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body,
) -> Result<Json<Vec<SaveId>>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let mut fields = Fields::of_parameters(&body)?;
    let ids = fields
        .required_integers("saves")
        .into_iter()
        .map(SaveId)
        .collect();
    let ids: Vec<SaveId> = fields.finish(ids)?;
    if ids.is_empty() {
        return Err(Failure::bad_request("No saves were provided"));
    }
    match service::delete(&app, caller.id(), ids.clone()).await {
        Ok(()) => Ok(Json(ids)),
        Err(NotDeleted::Unknown(id)) => Err(not_found(id)),
        Err(NotDeleted::Fault(fault)) => Err(fault.into()),
    }
}
