//! `POST /api/roms/{id}/notes`: a new note about a game.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::RomId;
use keepsave_wire::notes::NoteSchema;

use super::{check_title, failure, schema, tags};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::body::SmallBody;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::library::notes;
use crate::vault::notes::Text;

/// Writes a note. Its title is the only one of the caller's with that text about the game.
#[utoipa::path(
    post, path = "/api/roms/{id}/notes", tag = "notes",
    params(("id" = i64, Path)),
    request_body(
        content_type = "application/json",
        description = "`title`; and, if wanted, `content`, `is_public`, `tags`"
    ),
    responses((status = OK, body = NoteSchema), (status = NOT_FOUND), (status = CONFLICT)),
)]
pub async fn write(
    State(app): State<App>,
    caller: Caller,
    id: Id<RomId>,
    SmallBody(body): SmallBody,
) -> Result<Json<NoteSchema>, Failure> {
    caller.require(Scope::RomsUserWrite)?;
    let mut fields = Fields::of_body(&body)?;
    let title = fields.text("title");
    check_title(&mut fields, &title);
    let text = Text {
        title,
        content: fields.optional_text("content").unwrap_or_default(),
        is_public: fields.optional_flag("is_public").unwrap_or(false),
        tags: tags(&mut fields),
    };
    let text = fields.finish(text)?;
    notes::write(&app, id.0, caller.id(), text)
        .await
        .map(|note| Json(schema(note)))
        .map_err(|not_done| failure(id.0, not_done))
}
