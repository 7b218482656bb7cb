//! `GET /api/keepsave/timelines` and a timeline's versions.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::{RomId, TimelineId};
use keepsave_wire::versions::{DevicePosition, TimelineSchema, VersionSchema};

use super::{not_done, version_schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::vault::holdings::Position;
use crate::vault::timelines::Overview;
use crate::versions::list;

/// Lists the timelines of a game, with the place of every device that ever synced them.
#[utoipa::path(
    get, path = "/api/keepsave/timelines", tag = "versions",
    params(
        ("rom_id" = i64, Query, description = "The game"),
        ("slot" = Option<String>, Query, description = "Of this slot only"),
    ),
    responses((status = OK, body = Vec<TimelineSchema>)),
)]
pub async fn timelines(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<TimelineSchema>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let (rom, slot) = (
        RomId(fields.integer("rom_id")),
        fields.optional_text("slot"),
    );
    let (rom, slot) = fields.finish((rom, slot))?;
    let found = list::timelines(&app, caller.id(), rom, slot.as_deref())?;
    Ok(Json(
        found
            .into_iter()
            .map(|(overview, devices)| schema(overview, devices))
            .collect(),
    ))
}

fn schema(overview: Overview, devices: Vec<Position>) -> TimelineSchema {
    let Overview {
        timeline,
        head,
        versions,
        updated_at,
    } = overview;
    TimelineSchema {
        id: timeline.id,
        rom_id: timeline.rom_id,
        slot: timeline.slot,
        part: timeline.part,
        head,
        versions,
        updated_at,
        devices: devices
            .into_iter()
            .map(|position| DevicePosition {
                device_id: position.device,
                device_name: position.name,
                version: position.version,
                is_untracked: position.untracked,
                waiting_content_hash: position.waiting,
                updated_at: position.updated_at,
            })
            .collect(),
    }
}

/// Lists the versions of a timeline, newest first, each with what it grew from.
#[utoipa::path(
    get, path = "/api/keepsave/timelines/{id}/versions", tag = "versions",
    params(
        ("id" = i64, Path),
        ("before" = Option<i64>, Query, description = "Only those with a lower ordinal"),
        ("limit" = Option<i64>, Query, description = "At most so many, 50 by default, up to 500"),
    ),
    responses((status = OK, body = Vec<VersionSchema>), (status = NOT_FOUND)),
)]
pub async fn versions(
    State(app): State<App>,
    caller: Caller,
    id: Id<TimelineId>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<VersionSchema>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let before = fields.optional_integer("before").unwrap_or(i64::MAX);
    let limit = fields.bounded_integer("limit", 1, 500).unwrap_or(50);
    let (before, limit) = fields.finish((before, limit))?;
    let page = list::page(&app, caller.id(), id.0, before, limit)
        .map_err(|error| not_done(error, &format!("Timeline with ID {}", id.0)))?;
    Ok(Json(page.into_iter().map(version_schema).collect()))
}
