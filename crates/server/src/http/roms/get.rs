//! `GET /api/roms/{id}`: one game with all that people have made of it.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::RomId;
use keepsave_wire::roms::DetailedRomSchema;

use super::detail::detail;
use super::not_found;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;

/// One game, with the saves, states, screenshots and notes that the caller may see.
#[utoipa::path(
    get, path = "/api/roms/{id}", tag = "roms",
    params(("id" = i64, Path)),
    responses((status = OK, body = DetailedRomSchema), (status = NOT_FOUND)),
)]
pub async fn get(
    State(app): State<App>,
    caller: Caller,
    id: Id<RomId>,
) -> Result<Json<DetailedRomSchema>, Failure> {
    caller.require(Scope::RomsRead)?;
    detail(&app, id.0, caller.id())?
        .map(Json)
        .ok_or_else(|| not_found(id.0))
}
