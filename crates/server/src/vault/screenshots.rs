//! The table of screenshots, among them the pictures that came with a save.

use std::collections::HashMap;

use keepsave_core::content::BlobHash;
use keepsave_core::ids::{RomId, SaveId, ScreenshotId, UserId};
use keepsave_core::names::FileName;
use keepsave_core::time::Time;

use super::blobs::Stored;
use super::saves::{Filter, narrowed};
use super::{Fault, Row, Tx};
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
    pub created_at: Time,
    pub updated_at: Time,
}

const COLUMNS: &str = "c.id, c.user_id, c.rom_id, c.file_name, c.file_path, c.size, c.blob, \
     c.is_gallery, c.is_public, c.created_at, c.updated_at";

fn screenshot(row: &mut Row<'_>) -> Result<Screenshot, Fault> {
    Ok(Screenshot {
        id: row.get()?,
        user_id: row.get()?,
        rom_id: row.get()?,
        file_name: row.get()?,
        file_path: row.get()?,
        size: row.get()?,
        blob: row.get()?,
        is_gallery: row.get()?,
        is_public: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

/// The screenshot of that id.
pub fn by_id(tx: &Tx<'_>, id: ScreenshotId) -> Result<Option<Screenshot>, Fault> {
    tx.optional(
        &format!("SELECT {COLUMNS} FROM screenshots c WHERE c.id = $1 AND c.hidden_at IS NULL"),
        bind![id],
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

/// Keeps the picture that came with a save.
pub fn store_for(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    name: &FileName,
    stored: &Stored,
    now: Time,
) -> Result<ScreenshotId, Fault> {
    let platform: String = tx.one(
        "SELECT p.fs_slug FROM roms r JOIN platforms p ON p.id = r.platform_id WHERE r.id = $1",
        bind![rom],
        |row| row.get(),
    )?;
    let owner = hex::encode(format!("User:{user}"));
    let folder = format!("users/{owner}/screenshots/{platform}/{rom}");
    let size = i64::try_from(stored.size).unwrap_or(i64::MAX);
    tx.one(
        "INSERT INTO screenshots (user_id, rom_id, file_name, file_path, size, blob, created_at, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id",
        bind![
            user,
            rom,
            name.as_str(),
            folder,
            size,
            stored.content.blob,
            now
        ],
        |row| row.get(),
    )
}
