//! Gives a game the name that a person chose.

use keepsave_core::ids::RomId;
use keepsave_core::limits;
use keepsave_core::names::sort_key;

use super::naming::search_text;
use crate::app::App;
use crate::vault::Fault;
use crate::vault::roms::{self, scanning};

/// Why a game has its old name.
#[derive(Debug)]
pub enum NotRenamed {
    /// There is no such game.
    Unknown,
    /// The name is empty or too long.
    NoName,
    /// The file has another name, and is not renamed.
    OtherFile,
    /// The store failed.
    Fault(Fault),
}

impl From<Fault> for NotRenamed {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Gives a game another name, if one is given. `fs_name` is the name that the caller takes for
/// that of its file.
pub async fn rename(
    app: &App,
    id: RomId,
    name: Option<String>,
    fs_name: Option<String>,
) -> Result<(), NotRenamed> {
    let is_name = |name: &String| (1..=limits::GAME_NAME_CHARS).contains(&name.chars().count());
    if !name.as_ref().is_none_or(is_name) {
        return Err(NotRenamed::NoName);
    }
    let now = app.now();
    app.vault
        .write(move |tx| {
            let game = scanning::known_game(tx, id)?.ok_or(NotRenamed::Unknown)?;
            if fs_name.is_some_and(|fs_name| fs_name != game.fs_name) {
                return Err(NotRenamed::OtherFile);
            }
            if let Some(name) = name {
                let (key, text) = (sort_key(&name), search_text(&name, &game.fs_name));
                roms::rename(tx, id, &name, &key, &text, now)?;
            }
            Ok(())
        })
        .await
}
