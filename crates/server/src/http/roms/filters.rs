//! `GET /api/roms/filters`: what games can be filtered by.

use axum::Json;
use axum::extract::State;
use keepsave_wire::roms::RomFilters;

use super::schema;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::library::browse;

/// The values that any game of the library has.
#[utoipa::path(
    get, path = "/api/roms/filters", tag = "roms",
    responses((status = OK, body = RomFilters)),
)]
pub async fn filters(State(app): State<App>, caller: Caller) -> Result<Json<RomFilters>, Failure> {
    caller.require(Scope::RomsRead)?;
    let values = browse::values(&app, caller.id())?;
    Ok(Json(schema::filters(values)))
}
