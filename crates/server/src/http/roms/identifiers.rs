//! `GET /api/roms/identifiers`: the ids of every game.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::RomId;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::library::browse;

/// The ids of every game that the caller has not hidden, by name. Clients forget what is not among
/// them, so the list is never cut.
#[utoipa::path(
    get, path = "/api/roms/identifiers", tag = "roms",
    responses((status = OK, body = Vec<i64>)),
)]
pub async fn identifiers(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<RomId>>, Failure> {
    caller.require(Scope::RomsRead)?;
    Ok(Json(browse::identifiers(&app, caller.id())?))
}
