//! `DELETE /api/roms/{id}/notes/{note_id}`: removes one of the caller's notes.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::{NoteId, RomId};
use serde_json::{Value, json};

use super::failure;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::library::notes;

/// Removes one of the caller's notes.
#[utoipa::path(
    delete, path = "/api/roms/{id}/notes/{note_id}", tag = "notes",
    params(("id" = i64, Path), ("note_id" = i64, Path)),
    responses((status = OK), (status = NOT_FOUND)),
)]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    id: Id<RomId>,
    note: Id<NoteId, 1>,
) -> Result<Json<Value>, Failure> {
    caller.require(Scope::RomsUserWrite)?;
    notes::remove(&app, id.0, note.0, caller.id())
        .await
        .map_err(|not_done| failure(id.0, not_done))?;
    Ok(Json(json!({ "message": "Note deleted successfully" })))
}
