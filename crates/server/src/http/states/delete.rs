//! `POST /api/states/delete`: several states at once, all or none.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::StateId;

use super::not_found;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::body::Body;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::states::delete::{self as service, NotDeleted};

/// Takes states out of every listing. Nothing is destroyed.
#[utoipa::path(
    post, path = "/api/states/delete", tag = "states",
    request_body(content_type = "application/json", description = "`{\"states\": [1, 2]}`"),
    responses((status = OK, body = Vec<i64>, description = "The ids"),
              (status = BAD_REQUEST), (status = NOT_FOUND)),
)]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body,
) -> Result<Json<Vec<StateId>>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let mut fields = Fields::of_parameters(&body)?;
    let ids = fields.required_integers("states");
    let ids: Vec<_> = fields.finish(ids)?.into_iter().map(StateId).collect();
    if ids.is_empty() {
        return Err(Failure::bad_request("No states were provided"));
    }
    match service::delete(&app, caller.id(), ids.clone()).await {
        Ok(()) => Ok(Json(ids)),
        Err(NotDeleted::Unknown(id)) => Err(not_found(id)),
        Err(NotDeleted::Fault(fault)) => Err(fault.into()),
    }
}
