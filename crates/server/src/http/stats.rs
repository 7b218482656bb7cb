//! `GET /api/stats`: how much the server holds.

use axum::Json;
use axum::extract::State;
use keepsave_wire::library::StatsSchema;

use crate::app::App;
use crate::http::error::Failure;
use crate::vault::roms;

/// Counts what the server holds. RomM shows it to people who are not signed in, too.
#[utoipa::path(
    get, path = "/api/stats", tag = "system",
    responses((status = OK, body = StatsSchema)),
)]
pub async fn stats(State(app): State<App>) -> Result<Json<StatsSchema>, Failure> {
    let stats = app.vault.read(roms::stats)?;
    Ok(Json(StatsSchema {
        platforms: stats.platforms,
        roms: stats.games,
        saves: stats.saves,
        states: stats.states,
        screenshots: stats.screenshots,
        total_filesize_bytes: stats.size,
    }))
}
