//! Notes on games, and what a server notes of when they were played: `/api/roms/{id}`.

use keepsave_core::ids::{NoteId, RomId, UserId};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::ask::{Call, path};
use super::seen::lenient;
use super::{Server, ServerError};

/// A note, as far as the device needs it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenNote {
    #[serde(deserialize_with = "lenient::number")]
    pub id: NoteId,
    #[serde(default, deserialize_with = "lenient::any")]
    pub title: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub content: String,
    #[serde(default, deserialize_with = "lenient::perhaps_number")]
    pub user_id: Option<UserId>,
}

#[derive(Deserialize)]
struct SeenNotes {
    #[serde(default, deserialize_with = "lenient::each")]
    all_user_notes: Vec<SeenNote>,
}

impl Server {
    /// The notes on a game that we may see. They are asked for with the game: a RomM has no list
    /// of them that works.
    pub async fn notes(&self, rom: RomId) -> Result<Vec<SeenNote>, ServerError> {
        let call = Call::get(path(&["api", "roms", &rom.to_string()]));
        let seen: SeenNotes = self.ask(call).await?.read()?.seen;
        Ok(seen.all_user_notes)
    }

    /// Writes a note that only we see. Tags are not sent: an older RomM cannot list a note
    /// that has any.
    pub async fn write_note(
        &self,
        rom: RomId,
        title: &str,
        content: &str,
    ) -> Result<SeenNote, ServerError> {
        let route = path(&["api", "roms", &rom.to_string(), "notes"]);
        let note = json!({ "title": title, "content": content, "is_public": false });
        let call = Call::once(Method::POST, route).json(&note);
        Ok(self.ask(call).await?.read()?.seen)
    }

    /// Writes other content into a note of ours.
    pub async fn change_note(
        &self,
        rom: RomId,
        note: NoteId,
        content: &str,
    ) -> Result<(), ServerError> {
        let route = path(&["api", "roms", &rom.to_string(), "notes", &note.to_string()]);
        let call = Call::safe(Method::PUT, route).json(&json!({ "content": content }));
        self.ask(call).await.map(drop)
    }

    /// Says that a game was played just now.
    pub async fn played_now(&self, rom: RomId) -> Result<(), ServerError> {
        let route = path(&["api", "roms", &rom.to_string(), "props"]);
        let call = Call::safe(Method::PUT, route).query("update_last_played", Some(true));
        self.ask(call.json(&json!({}))).await.map(drop)
    }
}
