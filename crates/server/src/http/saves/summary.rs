//! `GET /api/saves/summary`: the slots of one game.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::RomId;
use keepsave_wire::saves::{SaveSummary, SlotSummary};

use super::schema;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::saves::view::{self, SaveView};
use crate::vault::saves::Filter;

/// Says how many saves each slot of a game has, and its newest; the slot that changed last first.
#[utoipa::path(
    get, path = "/api/saves/summary", tag = "saves",
    params(("rom_id" = i64, Query, description = "The game")),
    responses((status = OK, body = SaveSummary)),
)]
pub async fn summary(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<SaveSummary>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let rom = RomId(fields.integer("rom_id"));
    let filter = fields.finish(Filter {
        rom: Some(rom),
        ..Filter::default()
    })?;
    let views = app
        .vault
        .read(|tx| view::list(tx, caller.id(), &filter, None))?;
    Ok(Json(SaveSummary {
        total_count: views.len() as u64,
        slots: by_slot(views),
    }))
}

fn by_slot(mut views: Vec<SaveView>) -> Vec<SlotSummary> {
    views.sort_by_key(|view| std::cmp::Reverse((view.save.updated_at, view.save.id)));
    let mut slots: Vec<SlotSummary> = Vec::new();
    for view in views {
        match slots.iter_mut().find(|slot| slot.slot == view.save.slot) {
            Some(slot) => slot.count += 1,
            None => slots.push(SlotSummary {
                slot: view.save.slot.clone(),
                count: 1,
                latest: schema(view),
            }),
        }
    }
    slots
}
