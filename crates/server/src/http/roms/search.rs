//! `GET /api/search/roms`: what metadata providers call a game. There are none.

use axum::Json;
use axum::extract::RawQuery;
use serde_json::Value;

use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;

/// What metadata providers find for a game: always nothing, because none is asked.
#[utoipa::path(
    get, path = "/api/search/roms", tag = "roms",
    params(
        ("rom_id" = i64, Query),
        ("search_term" = Option<String>, Query),
        ("search_by" = Option<String>, Query),
    ),
    responses((status = OK, body = Vec<Object>, description = "Always empty")),
)]
pub async fn search(
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<[Value; 0]>, Failure> {
    caller.require(Scope::RomsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    fields.integer("rom_id");
    fields.finish(Json([]))
}
