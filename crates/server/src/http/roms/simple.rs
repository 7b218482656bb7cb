//! `GET /api/roms/{id}/simple`: one game as it stands in a list, with its files.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::RomId;
use keepsave_wire::roms::SimpleRomSchema;

use super::not_found;
use super::schema::simple_rom;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::library::browse;

/// One game, without what people have made of it.
#[utoipa::path(
    get, path = "/api/roms/{id}/simple", tag = "roms",
    params(("id" = i64, Path)),
    responses((status = OK, body = SimpleRomSchema), (status = NOT_FOUND)),
)]
pub async fn simple(
    State(app): State<App>,
    caller: Caller,
    id: Id<RomId>,
) -> Result<Json<SimpleRomSchema>, Failure> {
    caller.require(Scope::RomsRead)?;
    let game = browse::one(&app, id.0, caller.id())?.ok_or_else(|| not_found(id.0))?;
    Ok(Json(simple_rom(game, app.now())))
}
