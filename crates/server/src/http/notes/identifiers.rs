//! `GET /api/roms/{id}/notes/identifiers`: the ids of the notes that the caller may read.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::{NoteId, RomId};

use super::failure;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::library::notes::{self, Filter};

/// The ids of the notes about a game that the caller may read, the newest first.
#[utoipa::path(
    get, path = "/api/roms/{id}/notes/identifiers", tag = "notes",
    params(("id" = i64, Path)),
    responses((status = OK, body = Vec<i64>), (status = NOT_FOUND)),
)]
pub async fn identifiers(
    State(app): State<App>,
    caller: Caller,
    id: Id<RomId>,
) -> Result<Json<Vec<NoteId>>, Failure> {
    caller.require(Scope::RomsRead)?;
    let notes = notes::list(&app, id.0, caller.id(), &Filter::default())
        .map_err(|not_done| failure(id.0, not_done))?;
    Ok(Json(notes.into_iter().map(|note| note.id).collect()))
}
