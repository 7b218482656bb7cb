//! `GET /api/roms/{id}/notes`: the notes about a game that the caller may read.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::RomId;
use keepsave_wire::notes::NoteSchema;

use super::{failure, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::library::notes::{self, Filter};

/// The caller's own notes and what others made public, the newest first.
#[utoipa::path(
    get, path = "/api/roms/{id}/notes", tag = "notes",
    params(
        ("id" = i64, Path),
        ("public_only" = Option<bool>, Query),
        ("search" = Option<String>, Query, description = "In title or text"),
        ("tags" = Option<Vec<String>>, Query, description = "With all of these"),
    ),
    responses((status = OK, body = Vec<NoteSchema>), (status = NOT_FOUND)),
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    id: Id<RomId>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<NoteSchema>>, Failure> {
    caller.require(Scope::RomsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let filter = Filter {
        public_only: fields.optional_flag("public_only").unwrap_or(false),
        search: fields.optional_text("search"),
        tags: fields.texts("tags"),
    };
    let filter = fields.finish(filter)?;
    let notes = notes::list(&app, id.0, caller.id(), &filter)
        .map_err(|not_done| failure(id.0, not_done))?;
    Ok(Json(notes.into_iter().map(schema).collect()))
}
