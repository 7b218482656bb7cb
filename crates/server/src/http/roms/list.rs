//! `GET /api/roms`: games, page by page.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_wire::roms::{RomFilters, RomPage};

use super::schema::{filters, simple_rom};
use super::wanted::wanted;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::library::browse;

/// Lists games. A filter that only metadata providers could fill fits no game.
#[utoipa::path(
    get, path = "/api/roms", tag = "roms",
    params(
        ("limit" = Option<i64>, Query, description = "1 to 10,000; 50 when not given"),
        ("offset" = Option<i64>, Query),
        ("search_term" = Option<String>, Query, description = "All words of one of the terms, which `|` divides; or a hash"),
        ("platform_ids" = Option<Vec<i64>>, Query),
        ("collection_id" = Option<i64>, Query),
        ("virtual_collection_id" = Option<String>, Query),
        ("smart_collection_id" = Option<i64>, Query),
        ("missing" = Option<bool>, Query, description = "Its file is gone"),
        ("last_played" = Option<bool>, Query, description = "Played by the caller"),
        ("has_saves" = Option<bool>, Query, description = "With saves that the caller can see"),
        ("has_states" = Option<bool>, Query, description = "With states that the caller can see"),
        ("regions" = Option<Vec<String>>, Query),
        ("languages" = Option<Vec<String>>, Query),
        ("tags" = Option<Vec<String>>, Query),
        ("statuses" = Option<Vec<String>>, Query),
        ("order_by" = Option<String>, Query),
        ("order_dir" = Option<String>, Query, description = "`asc` or `desc`"),
        ("updated_after" = Option<String>, Query, description = "A moment in ISO 8601"),
        ("with_char_index" = Option<bool>, Query),
        ("with_filter_values" = Option<bool>, Query),
        ("with_rom_id_index" = Option<bool>, Query),
        ("with_total" = Option<bool>, Query),
        ("with_files" = Option<bool>, Query),
    ),
    responses((status = OK, body = RomPage)),
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<RomPage>, Failure> {
    caller.require(Scope::RomsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let wanted = wanted(&mut fields, caller.id());
    let wanted = fields.finish(wanted)?;
    let page = browse::list(&app, &wanted)?;
    let now = app.now();
    Ok(Json(RomPage {
        items: page
            .games
            .into_iter()
            .map(|game| simple_rom(game, now))
            .collect(),
        total: page.total,
        limit: wanted.limit.unsigned_abs(),
        offset: wanted.offset.unsigned_abs(),
        char_index: char_index(page.index.letters, wanted.order.descending),
        rom_id_index: page.index.ids,
        filter_values: page.values.map_or_else(RomFilters::default, filters),
    }))
}

/// How many games come before each letter.
fn char_index(letters: BTreeMap<String, u64>, descending: bool) -> BTreeMap<String, u64> {
    let mut before = 0;
    let mut begin = |(letter, count): (String, u64)| {
        let at = before;
        before += count;
        (letter, at)
    };
    if descending {
        letters.into_iter().rev().map(&mut begin).collect()
    } else {
        letters.into_iter().map(&mut begin).collect()
    }
}
