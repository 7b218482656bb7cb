//! The table of screenshots: games' galleries, and the pictures that came with saves and states.

use std::collections::HashMap;

use keepsave_core::content::BlobHash;
use keepsave_core::ids::{RomId, SaveId, ScreenshotId, StateId, UserId};
use keepsave_core::time::Time;

use super::blobs::Stored;
use super::saves::{Filter, narrowed};
use super::{Fault, Row, Tx, earlier};
use crate::bind;

/// A screenshot.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Screenshot {
    pub id: ScreenshotId,
    pub user_id: UserId,
    pub rom_id: RomId,
    pub file_name: String,
    pub file_path: String,
    pub size: u64,
    pub blob: BlobHash,
    pub is_gallery: bool,
    pub is_public: bool,
    pub hidden_at: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
}

pub(super) const COLUMNS: &str = "c.id, c.user_id, c.rom_id, c.file_name, c.file_path, c.size, \
     c.blob, c.is_gallery, c.is_public, c.hidden_at, c.created_at, c.updated_at";

fn screenshot(row: &mut Row<'_>) -> Result<Screenshot, Fault> {
    let id = row.get()?;
    of_columns(id, row)
}

/// Reads [`COLUMNS`] of an outer join: none when nothing was joined.
pub(super) fn joined(row: &mut Row<'_>) -> Result<Option<Screenshot>, Fault> {
    match row.get()? {
        Some(id) => of_columns(id, row).map(Some),
        None => Ok(None),
    }
}

fn of_columns(id: ScreenshotId, row: &mut Row<'_>) -> Result<Screenshot, Fault> {
    Ok(Screenshot {
        id,
        user_id: row.get()?,
        rom_id: row.get()?,
        file_name: row.get()?,
        file_path: row.get()?,
        size: row.get()?,
        blob: row.get()?,
        is_gallery: row.get()?,
        is_public: row.get()?,
        hidden_at: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

impl Screenshot {
    /// Where its file is below the asset directory.
    pub fn tree_path(&self) -> String {
        format!("{}/{}", self.file_path, self.file_name)
    }
}

/// The visible screenshots that a condition on `screenshots c` finds.
fn select(condition: &str) -> String {
    select_any(&format!("c.hidden_at IS NULL AND {condition}"))
}

/// The screenshots that a condition finds, hidden ones too.
fn select_any(condition: &str) -> String {
    format!("SELECT {COLUMNS} FROM screenshots c WHERE {condition}")
}

/// The visible screenshot of that id, whoever it belongs to.
pub fn by_id(tx: &Tx<'_>, id: ScreenshotId) -> Result<Option<Screenshot>, Fault> {
    tx.optional(&select("c.id = $1"), bind![id], screenshot)
}

/// The visible screenshot of that id, which is known to be there.
pub fn one(tx: &Tx<'_>, id: ScreenshotId) -> Result<Screenshot, Fault> {
    tx.one(&select("c.id = $1"), bind![id], screenshot)
}

/// The visible screenshot of that id, when it belongs to the user.
pub fn of_user(tx: &Tx<'_>, user: UserId, id: ScreenshotId) -> Result<Option<Screenshot>, Fault> {
    Ok(by_id(tx, id)?.filter(|shot| shot.user_id == user))
}

/// The screenshot of that id, hidden or not, which is known to be there.
pub fn even_hidden(tx: &Tx<'_>, id: ScreenshotId) -> Result<Screenshot, Fault> {
    tx.one(&select_any("c.id = $1"), bind![id], screenshot)
}

/// The screenshot of that id, hidden or not, when it belongs to the user.
pub fn of_user_even_hidden(
    tx: &Tx<'_>,
    user: UserId,
    id: ScreenshotId,
) -> Result<Option<Screenshot>, Fault> {
    let sql = select_any("c.id = $1 AND c.user_id = $2");
    tx.optional(&sql, bind![id, user], screenshot)
}

/// A user's hidden screenshots, the last first.
pub fn hidden(tx: &Tx<'_>, user: UserId) -> Result<Vec<Screenshot>, Fault> {
    let condition = "c.user_id = $1 AND c.hidden_at IS NOT NULL";
    let sql = select_any(&format!("{condition} ORDER BY c.hidden_at DESC, c.id DESC"));
    tx.all(&sql, bind![user], screenshot)
}

/// The picture of that name in a game's gallery.
pub fn in_gallery(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    name: &str,
) -> Result<Option<Screenshot>, Fault> {
    tx.optional(
        &select("c.user_id = $1 AND c.rom_id = $2 AND c.file_name = $3 AND c.is_gallery = 1"),
        bind![user, rom, name],
        screenshot,
    )
}

/// A person's pictures of a game, those of saves and states among them, newest first.
pub fn of_rom(tx: &Tx<'_>, user: UserId, rom: RomId) -> Result<Vec<Screenshot>, Fault> {
    tx.all(
        &select("c.user_id = $1 AND c.rom_id = $2 ORDER BY c.created_at DESC, c.id DESC"),
        bind![user, rom],
        screenshot,
    )
}

/// A game's gallery as a person sees it: their own pictures and what others made public, newest
/// first.
pub fn gallery(tx: &Tx<'_>, viewer: UserId, rom: RomId) -> Result<Vec<Screenshot>, Fault> {
    tx.all(
        &select(
            "c.rom_id = $1 AND c.is_gallery = 1 AND (c.user_id = $2 OR c.is_public = 1) \
             ORDER BY c.updated_at DESC, c.id DESC",
        ),
        bind![rom, viewer],
        screenshot,
    )
}

/// The pictures of a user's saves.
pub fn of_saves(
    tx: &Tx<'_>,
    user: UserId,
    filter: &Filter,
) -> Result<HashMap<SaveId, Screenshot>, Fault> {
    let (condition, values) = narrowed(user, filter);
    let found = tx.all(
        &format!(
            "SELECT s.id, {COLUMNS} FROM saves s JOIN screenshots c ON c.id = s.screenshot_id \
             {condition} AND c.hidden_at IS NULL"
        ),
        &values,
        |row| Ok((row.get()?, screenshot(row)?)),
    )?;
    Ok(found.into_iter().collect())
}

/// Whether one of a game's pictures has that name already.
pub fn name_is_taken(tx: &Tx<'_>, user: UserId, rom: RomId, name: &str) -> Result<bool, Fault> {
    tx.exists(
        "SELECT 1 FROM screenshots WHERE user_id = $1 AND rom_id = $2 AND file_name = $3 \
         AND hidden_at IS NULL",
        bind![user, rom, name],
    )
}

/// A screenshot that is about to be added.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct NewScreenshot<'a> {
    pub user_id: UserId,
    pub rom_id: RomId,
    pub file_name: &'a str,
    pub file_path: &'a str,
    pub stored: &'a Stored,
    pub is_gallery: bool,
}

/// Adds a screenshot.
pub fn add(tx: &Tx<'_>, new: &NewScreenshot<'_>, now: Time) -> Result<ScreenshotId, Fault> {
    tx.one(
        "INSERT INTO screenshots (user_id, rom_id, file_name, file_path, size, blob, is_gallery, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id",
        bind![
            new.user_id,
            new.rom_id,
            new.file_name,
            new.file_path,
            new.stored.size,
            new.stored.content.blob,
            new.is_gallery,
            now
        ],
        |row| row.get(),
    )
}

/// Gives a screenshot another content. What it had is kept.
pub fn replace(
    tx: &Tx<'_>,
    before: &Screenshot,
    file_name: &str,
    stored: &Stored,
    now: Time,
) -> Result<(), Fault> {
    if before.blob != stored.content.blob {
        earlier::keep_of_screenshot(tx, before, now)?;
    }
    tx.execute(
        "UPDATE screenshots SET file_name = $2, size = $3, blob = $4, updated_at = $5 \
         WHERE id = $1",
        bind![
            before.id,
            file_name,
            stored.size,
            stored.content.blob,
            now.max(before.updated_at.plus_millis(1))
        ],
    )?;
    Ok(())
}

/// Lets everyone see it, or its owner only.
pub fn set_public(tx: &Tx<'_>, id: ScreenshotId, is_public: bool) -> Result<(), Fault> {
    tx.execute(
        "UPDATE screenshots SET is_public = $2 WHERE id = $1",
        bind![id, is_public],
    )?;
    Ok(())
}

/// The picture that went out of sight with its state.
pub fn hidden_with_state(tx: &Tx<'_>, state: StateId) -> Result<Option<Screenshot>, Fault> {
    hidden_with(tx, "states", state.0)
}

/// The picture that went out of sight with its save.
pub fn hidden_with_save(tx: &Tx<'_>, save: SaveId) -> Result<Option<Screenshot>, Fault> {
    hidden_with(tx, "saves", save.0)
}

fn hidden_with(tx: &Tx<'_>, table: &str, id: i64) -> Result<Option<Screenshot>, Fault> {
    tx.optional(
        &format!(
            "SELECT {COLUMNS} FROM {table} s JOIN screenshots c ON c.id = s.screenshot_id \
             AND c.hidden_at = s.hidden_at WHERE s.id = $1"
        ),
        bind![id],
        screenshot,
    )
}

/// Copies a picture for a copy of its save. Seen by whoever sees the original, or by no one.
pub fn copy(tx: &Tx<'_>, id: ScreenshotId, file_name: &str) -> Result<ScreenshotId, Fault> {
    tx.one(
        "INSERT INTO screenshots (user_id, rom_id, file_name, file_path, size, blob, is_gallery, \
         is_public, hidden_at, created_at, updated_at) SELECT user_id, rom_id, $2, file_path, \
         size, blob, is_gallery, is_public, hidden_at, created_at, updated_at FROM screenshots \
         WHERE id = $1 RETURNING id",
        bind![id, file_name],
        |row| row.get(),
    )
}

/// Brings it back into sight under a name.
pub fn unhide(tx: &Tx<'_>, id: ScreenshotId, file_name: &str) -> Result<(), Fault> {
    tx.execute(
        "UPDATE screenshots SET hidden_at = NULL, file_name = $2 WHERE id = $1",
        bind![id, file_name],
    )?;
    Ok(())
}

/// Takes it out of sight.
pub fn hide(tx: &Tx<'_>, id: ScreenshotId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE screenshots SET hidden_at = $2 WHERE id = $1",
        bind![id, now],
    )?;
    Ok(())
}
