//! `GET /api/states/{id}`: one state.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::StateId;
use keepsave_wire::states::StateSchema;

use super::{not_found, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::vault::states;

/// Shows one of the caller's states. Another person's is not found, public or not.
#[utoipa::path(
    get, path = "/api/states/{id}", tag = "states",
    params(("id" = i64, Path)),
    responses((status = OK, body = StateSchema), (status = NOT_FOUND)),
)]
pub async fn get(
    State(app): State<App>,
    caller: Caller,
    id: Id<StateId>,
) -> Result<Json<StateSchema>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let found = app
        .vault
        .read(|tx| states::of_user(tx, caller.id(), id.0))?;
    found
        .map(|state| Json(schema(state)))
        .ok_or_else(|| not_found(id.0))
}
