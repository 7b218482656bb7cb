//! Notes that people write about games.

use keepsave_core::ids::{NoteId, RomId, UserId};
use keepsave_core::time::Time;

use super::roms::texts;
use super::{Fault, Row, Tx};
use crate::bind;

/// A note, and who wrote it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the tables")]
pub struct Note {
    pub id: NoteId,
    pub rom_id: RomId,
    pub title: String,
    pub content: String,
    pub is_public: bool,
    pub tags: Vec<String>,
    pub created_at: Time,
    pub updated_at: Time,
    pub user_id: UserId,
    pub username: String,
    pub user_updated_at: Time,
}

const NOTE: &str = "SELECT n.id, n.rom_id, n.title, n.content, n.is_public, n.tags, \
     n.created_at, n.updated_at, n.user_id, u.username, u.updated_at FROM notes n \
     JOIN users u ON u.id = n.user_id";

fn note(row: &mut Row<'_>) -> Result<Note, Fault> {
    Ok(Note {
        id: row.get()?,
        rom_id: row.get()?,
        title: row.get()?,
        content: row.get()?,
        is_public: row.get()?,
        tags: texts(row)?,
        created_at: row.get()?,
        updated_at: row.get()?,
        user_id: row.get()?,
        username: row.get()?,
        user_updated_at: row.get()?,
    })
}

/// The notes about a game that a person may read: their own, and what others made public. The
/// newest first.
pub fn readable(tx: &Tx<'_>, rom: RomId, user: UserId) -> Result<Vec<Note>, Fault> {
    tx.all(
        &format!(
            "{NOTE} WHERE n.rom_id = $1 AND (n.user_id = $2 OR n.is_public = 1) \
             ORDER BY n.updated_at DESC, n.id DESC"
        ),
        bind![rom, user],
        note,
    )
}

/// A person's own note about a game.
pub fn own(tx: &Tx<'_>, id: NoteId, rom: RomId, user: UserId) -> Result<Option<Note>, Fault> {
    tx.optional(
        &format!("{NOTE} WHERE n.id = $1 AND n.rom_id = $2 AND n.user_id = $3"),
        bind![id, rom, user],
        note,
    )
}

/// Whether a person has another note about the game with that title.
pub fn title_is_taken(
    tx: &Tx<'_>,
    rom: RomId,
    user: UserId,
    title: &str,
    except: Option<NoteId>,
) -> Result<bool, Fault> {
    tx.exists(
        "SELECT 1 FROM notes WHERE rom_id = $1 AND user_id = $2 AND title = $3 AND id <> $4",
        bind![rom, user, title, except.unwrap_or(NoteId(0))],
    )
}

/// What a person writes.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Text {
    pub title: String,
    pub content: String,
    pub is_public: bool,
    pub tags: Vec<String>,
}

/// Adds a note. The caller has made sure that the title is free.
pub fn add(tx: &Tx<'_>, rom: RomId, user: UserId, text: &Text, now: Time) -> Result<NoteId, Fault> {
    tx.one(
        "INSERT INTO notes (rom_id, user_id, title, content, is_public, tags, created_at, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id",
        bind![
            rom,
            user,
            text.title,
            text.content,
            text.is_public,
            json(&text.tags),
            now
        ],
        |row| row.get(),
    )
}

/// Replaces what a note says.
pub fn update(tx: &Tx<'_>, id: NoteId, text: &Text, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE notes SET title = $2, content = $3, is_public = $4, tags = $5, updated_at = $6 \
         WHERE id = $1",
        bind![
            id,
            text.title,
            text.content,
            text.is_public,
            json(&text.tags),
            now
        ],
    )?;
    Ok(())
}

/// Removes a note.
pub fn remove(tx: &Tx<'_>, id: NoteId) -> Result<(), Fault> {
    tx.execute("DELETE FROM notes WHERE id = $1", bind![id])?;
    Ok(())
}

fn json(texts: &[String]) -> String {
    serde_json::Value::from(texts).to_string()
}
