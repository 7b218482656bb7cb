//! `PUT /api/roms/{id}/notes/{note_id}`: changes one of the caller's notes.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::{NoteId, RomId};
use keepsave_wire::notes::NoteSchema;

use super::{check_title, failure, schema, tags};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::body::SmallBody;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::library::notes::{self, Change};

/// Changes one of the caller's notes. What the body does not name stays.
#[utoipa::path(
    put, path = "/api/roms/{id}/notes/{note_id}", tag = "notes",
    params(("id" = i64, Path), ("note_id" = i64, Path)),
    request_body(
        content_type = "application/json",
        description = "Some of `title`, `content`, `is_public`, `tags`"
    ),
    responses((status = OK, body = NoteSchema), (status = NOT_FOUND), (status = CONFLICT)),
)]
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    id: Id<RomId>,
    note: Id<NoteId, 1>,
    SmallBody(body): SmallBody,
) -> Result<Json<NoteSchema>, Failure> {
    caller.require(Scope::RomsUserWrite)?;
    let mut fields = Fields::of_body(&body)?;
    let change = Change {
        title: fields.has("title").then(|| fields.text("title")),
        content: fields.has("content").then(|| fields.text("content")),
        is_public: fields.has("is_public").then(|| fields.flag("is_public")),
        tags: fields.has("tags").then(|| tags(&mut fields)),
    };
    if let Some(title) = &change.title {
        check_title(&mut fields, title);
    }
    let change = fields.finish(change)?;
    notes::change(&app, id.0, note.0, caller.id(), change)
        .await
        .map(|note| Json(schema(note)))
        .map_err(|not_done| failure(id.0, not_done))
}
