//! `/api/play-sessions`: when a game was played, on which device and for how long.

mod delete;
mod ingest;
mod list;

use keepsave_core::ids::RomId;
use keepsave_core::limits;
use keepsave_wire::play_sessions::PlaySessionEntry;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::fields::Fields;
use crate::app::App;

/// The routes of this area.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, ingest::ingest))
        .routes(routes!(delete::delete))
}

/// Play sessions as a device reports them. Fractions of a second are cut off, as RomM does.
pub fn entries(fields: &mut Fields, name: &str) -> Vec<PlaySessionEntry> {
    fields.objects(name, |entry| {
        let session = PlaySessionEntry {
            rom_id: entry.optional_integer("rom_id").map(RomId),
            save_slot: entry.short_text("save_slot", limits::SLOT_CHARS),
            start_time: entry.moment("start_time").whole_seconds(),
            end_time: entry.moment("end_time").whole_seconds(),
            duration_ms: entry.natural("duration_ms"),
        };
        if entry.is_well() && session.end_time <= session.start_time {
            entry.refuse("end_time must be after start_time");
        }
        session
    })
}
