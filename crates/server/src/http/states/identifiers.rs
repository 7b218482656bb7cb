//! `GET /api/states/identifiers`: the ids of every state.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::StateId;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::vault::states;

/// Lists the ids of the caller's states, oldest first.
#[utoipa::path(
    get, path = "/api/states/identifiers", tag = "states",
    responses((status = OK, body = Vec<i64>)),
)]
pub async fn identifiers(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<StateId>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let ids = app.vault.read(|tx| states::identifiers(tx, caller.id()))?;
    Ok(Json(ids))
}
