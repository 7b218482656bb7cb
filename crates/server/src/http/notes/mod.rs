//! `/api/roms/{id}/notes`: what people write about a game.

mod change;
mod identifiers;
mod list;
mod remove;
mod write;

use keepsave_core::ids::RomId;
use keepsave_core::limits;
use keepsave_wire::notes::NoteSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Failure;
use super::fields::Fields;
use crate::app::App;
use crate::library::notes::NotDone;
use crate::vault::notes::Note;

/// The routes of this area.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, write::write))
        .routes(routes!(identifiers::identifiers))
        .routes(routes!(change::change, remove::remove))
}

fn failure(rom: RomId, not_done: NotDone) -> Failure {
    match not_done {
        NotDone::UnknownGame => Failure::not_found(format!("Rom with id '{rom}' not found")),
        NotDone::UnknownNote => Failure::not_found("Note not found or not owned by user"),
        NotDone::TitleTaken => Failure::conflict(
            "You have a note with this title about the game already. Nothing was changed; choose \
             another title or change that note.",
        ),
        NotDone::Fault(fault) => fault.into(),
    }
}

/// A title that is short enough to be one.
fn check_title(fields: &mut Fields, title: &str) {
    fields.check_length("title", title, limits::NOTE_TITLE_CHARS);
}

/// The tags of a note, which are a list of texts.
fn tags(fields: &mut Fields) -> Vec<String> {
    let is_list = |tags: serde_json::Value| tags.is_array() || tags.is_null();
    if !fields.json("tags").is_none_or(is_list) {
        fields.refuse_field("tags", "tags are a list of texts");
    }
    fields.texts("tags")
}

/// A note as the wire spells it.
pub fn schema(note: Note) -> NoteSchema {
    NoteSchema {
        id: note.id,
        title: note.title,
        content: note.content,
        is_public: note.is_public,
        tags: note.tags,
        created_at: note.created_at,
        updated_at: note.updated_at,
        user_id: note.user_id,
        username: note.username,
        user_avatar_path: String::new(),
        user_updated_at: note.user_updated_at,
    }
}
