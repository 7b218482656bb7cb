//! Notes about games: read, written, changed, removed.

use keepsave_core::ids::{NoteId, RomId, UserId};

use super::naming::fold;
use crate::app::App;
use crate::vault::notes::{self, Note, Text};
use crate::vault::{Fault, Tx, roms};

/// Which notes.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only what is public.
    pub public_only: bool,
    /// With this in title or text.
    pub search: Option<String>,
    /// With all of these tags.
    pub tags: Vec<String>,
}

/// Why a note was not written, changed or removed.
#[derive(Debug)]
pub enum NotDone {
    /// There is no such game.
    UnknownGame,
    /// The person has no such note.
    UnknownNote,
    /// The person has a note with that title already.
    TitleTaken,
    /// The store failed.
    Fault(Fault),
}

impl From<Fault> for NotDone {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The notes about a game that a person may read, the newest first.
pub fn list(app: &App, rom: RomId, user: UserId, filter: &Filter) -> Result<Vec<Note>, NotDone> {
    let mut notes = app.vault.read(|tx| {
        known_game(tx, rom)?;
        Ok::<_, NotDone>(notes::readable(tx, rom, user)?)
    })?;
    let search = filter.search.as_deref().map(fold);
    notes.retain(|note| {
        (note.is_public || !filter.public_only)
            && search.as_ref().is_none_or(|search| {
                fold(&note.title).contains(search) || fold(&note.content).contains(search)
            })
            && filter.tags.iter().all(|tag| note.tags.contains(tag))
    });
    Ok(notes)
}

/// Writes a note.
pub async fn write(app: &App, rom: RomId, user: UserId, text: Text) -> Result<Note, NotDone> {
    let now = app.now();
    app.vault
        .write(move |tx| {
            known_game(tx, rom)?;
            if notes::title_is_taken(tx, rom, user, &text.title, None)? {
                return Err(NotDone::TitleTaken);
            }
            let id = notes::add(tx, rom, user, &text, now)?;
            own(tx, id, rom, user)
        })
        .await
}

/// What to change of a note; none stays as it is.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct Change {
    pub title: Option<String>,
    pub content: Option<String>,
    pub is_public: Option<bool>,
    pub tags: Option<Vec<String>>,
}

/// Changes a person's own note.
pub async fn change(
    app: &App,
    rom: RomId,
    id: NoteId,
    user: UserId,
    change: Change,
) -> Result<Note, NotDone> {
    let now = app.now();
    app.vault
        .write(move |tx| {
            known_game(tx, rom)?;
            let before = own(tx, id, rom, user)?;
            let text = Text {
                title: change.title.unwrap_or(before.title),
                content: change.content.unwrap_or(before.content),
                is_public: change.is_public.unwrap_or(before.is_public),
                tags: change.tags.unwrap_or(before.tags),
            };
            if notes::title_is_taken(tx, rom, user, &text.title, Some(id))? {
                return Err(NotDone::TitleTaken);
            }
            notes::update(tx, id, &text, now)?;
            own(tx, id, rom, user)
        })
        .await
}

/// Removes a person's own note.
pub async fn remove(app: &App, rom: RomId, id: NoteId, user: UserId) -> Result<(), NotDone> {
    app.vault
        .write(move |tx| {
            known_game(tx, rom)?;
            own(tx, id, rom, user)?;
            Ok(notes::remove(tx, id)?)
        })
        .await
}

fn known_game(tx: &Tx<'_>, rom: RomId) -> Result<(), NotDone> {
    if roms::exists(tx, rom)? {
        Ok(())
    } else {
        Err(NotDone::UnknownGame)
    }
}

fn own(tx: &Tx<'_>, id: NoteId, rom: RomId, user: UserId) -> Result<Note, NotDone> {
    notes::own(tx, id, rom, user)?.ok_or(NotDone::UnknownNote)
}
