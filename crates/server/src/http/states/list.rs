//! `GET /api/states`: every state, or those of a game or a platform.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::{PlatformId, RomId};
use keepsave_wire::states::StateSchema;

use super::schema;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::vault::states;

/// Lists the caller's states, oldest first.
#[utoipa::path(
    get, path = "/api/states", tag = "states",
    params(
        ("rom_id" = Option<i64>, Query, description = "Of this game; 0 is no filter"),
        ("platform_id" = Option<i64>, Query, description = "Of this platform; 0 is no filter"),
    ),
    responses((status = OK, body = Vec<StateSchema>)),
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<StateSchema>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let mut id = |name| fields.optional_integer(name).filter(|id| *id != 0);
    let filter = (id("rom_id").map(RomId), id("platform_id").map(PlatformId));
    let (rom, platform) = fields.finish(filter)?;
    let found = app
        .vault
        .read(|tx| states::list(tx, caller.id(), rom, platform))?;
    Ok(Json(found.into_iter().map(schema).collect()))
}
