//! `GET /api/play-sessions`: when games were played, the last begun first.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::{DeviceId, RomId};
use keepsave_core::limits;
use keepsave_wire::play_sessions::PlaySessionSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::play;
use crate::vault::play_sessions::{Filter, PlaySession};

/// How many are listed unless the client says so.
const LISTED: i64 = 50;

/// When games were played, the last begun first. A range of time is listed as a whole, whatever
/// the limit.
#[utoipa::path(
    get,
    path = "/api/play-sessions",
    tag = "play sessions",
    params(
        ("rom_id" = Option<i64>, Query, description = "Of this game"),
        (
            "device_id" = Option<String>, Query,
            description = "On this device; without it, on the one that the token is bound to"
        ),
        ("start_after" = Option<String>, Query, description = "Begun no earlier than this"),
        ("end_before" = Option<String>, Query, description = "Begun no later than this"),
        ("limit" = Option<i64>, Query, minimum = 0, maximum = 10_000),
        ("offset" = Option<i64>, Query, minimum = 0)
    ),
    responses((status = OK, body = [PlaySessionSchema]))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<PlaySessionSchema>>, Failure> {
    caller.require(Scope::RomsUserRead)?;
    let mut filter = read(query.as_deref())?;
    filter.device = filter.device.or_else(|| caller.device.clone());
    let sessions = play::list(&app, caller.id(), &filter)?;
    Ok(Json(sessions.into_iter().map(schema).collect()))
}

fn read(query: Option<&str>) -> Result<Filter, Failure> {
    let mut fields = Fields::of_query(query);
    let device = fields.optional_text("device_id");
    let mut filter = Filter {
        rom: fields.optional_integer("rom_id").map(RomId),
        device: device.filter(|id| !id.is_empty()).map(DeviceId),
        from: fields.optional_moment("start_after"),
        to: fields.optional_moment("end_before"),
        limit: fields.bounded_integer("limit", 0, limits::PAGE_ROWS),
        offset: fields
            .bounded_integer("offset", 0, i64::MAX)
            .unwrap_or_default(),
    };
    filter.limit = match (filter.from, filter.to) {
        (None, None) => filter.limit.or(Some(LISTED)),
        _ => None,
    };
    fields.finish(filter)
}

fn schema(session: PlaySession) -> PlaySessionSchema {
    PlaySessionSchema {
        id: session.id,
        user_id: session.user_id,
        device_id: session.device_id,
        rom_id: session.rom_id,
        sync_session_id: session.sync_session_id,
        save_slot: session.save_slot,
        start_time: session.start_time,
        end_time: session.end_time,
        duration_ms: session.duration_ms,
        created_at: session.created_at,
        updated_at: session.updated_at,
    }
}
