//! Saves: the wire rows. Each shows one version at a time.

use keepsave_core::content::{BlobHash, Content};
use keepsave_core::ids::{
    DeviceId, PlatformId, RomId, SaveId, ScreenshotId, TimelineId, UserId, VersionId,
};
use keepsave_core::time::Time;

use super::sql::Value;
use super::timelines::{Timeline, content};
use super::{Fault, Row, Tx};
use crate::bind;

/// A save as it is listed.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Save {
    pub id: SaveId,
    pub user_id: UserId,
    pub rom_id: RomId,
    pub timeline_id: TimelineId,
    pub version_id: VersionId,
    pub slot: Option<String>,
    pub file_name: String,
    pub file_path: String,
    pub size: u64,
    pub content: Content,
    pub emulator: Option<String>,
    pub is_public: bool,
    pub origin_device_id: Option<DeviceId>,
    pub screenshot_id: Option<ScreenshotId>,
    pub created_at: Time,
    pub updated_at: Time,
}

const SAVE: &str = "SELECT s.id, s.user_id, s.rom_id, s.timeline_id, s.version_id, s.slot, \
     s.file_name, s.file_path, s.size, s.content_hash, s.blob, s.emulator, s.is_public, \
     s.origin_device_id, s.screenshot_id, s.created_at, s.updated_at FROM saves s";

fn save(row: &mut Row<'_>) -> Result<Save, Fault> {
    Ok(Save {
        id: row.get()?,
        user_id: row.get()?,
        rom_id: row.get()?,
        timeline_id: row.get()?,
        version_id: row.get()?,
        slot: row.get()?,
        file_name: row.get()?,
        file_path: row.get()?,
        size: row.get()?,
        content: content(row)?,
        emulator: row.get()?,
        is_public: row.get()?,
        origin_device_id: row.get()?,
        screenshot_id: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

/// The visible row of that id, whoever it belongs to.
pub fn by_id(tx: &Tx<'_>, id: SaveId) -> Result<Option<Save>, Fault> {
    tx.optional(
        &format!("{SAVE} WHERE s.id = $1 AND s.hidden IS NULL"),
        bind![id],
        save,
    )
}

/// The visible row of that id, when it belongs to the user.
pub fn of_user(tx: &Tx<'_>, user: UserId, id: SaveId) -> Result<Option<Save>, Fault> {
    Ok(by_id(tx, id)?.filter(|save| save.user_id == user))
}

/// The row of that id, hidden or not, when it belongs to the user.
pub fn of_user_even_hidden(tx: &Tx<'_>, user: UserId, id: SaveId) -> Result<Option<Save>, Fault> {
    tx.optional(
        &format!("{SAVE} WHERE s.id = $1 AND s.user_id = $2"),
        bind![id, user],
        save,
    )
}

/// Which rows to list. What is none does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of a game.
    pub rom: Option<RomId>,
    /// Of a platform's games.
    pub platform: Option<PlatformId>,
    /// Of a slot, by its exact name.
    pub slot: Option<String>,
}

/// The `WHERE` and its values for a user's visible rows, of `saves s`.
pub(super) fn narrowed(user: UserId, filter: &Filter) -> (String, Vec<Value<'_>>) {
    let mut condition = "WHERE s.user_id = $1 AND s.hidden IS NULL".to_owned();
    let mut values = vec![Value::Integer(user.0)];
    let mut narrow = |sql: &str, value| {
        values.push(value);
        condition.push_str(&sql.replace("$n", &format!("${}", values.len())));
    };
    if let Some(rom) = filter.rom {
        narrow(" AND s.rom_id = $n", Value::Integer(rom.0));
    }
    if let Some(platform) = filter.platform {
        narrow(
            " AND s.rom_id IN (SELECT id FROM roms WHERE platform_id = $n)",
            Value::Integer(platform.0),
        );
    }
    if let Some(slot) = &filter.slot {
        narrow(" AND s.slot = $n", Value::Text(slot));
    }
    (condition, values)
}

/// Visits a user's visible rows, oldest first.
pub fn each(
    tx: &Tx<'_>,
    user: UserId,
    filter: &Filter,
    mut visit: impl FnMut(Save) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let (condition, values) = narrowed(user, filter);
    let sql = format!("{SAVE} {condition} ORDER BY s.id");
    tx.each(&sql, &values, |row| visit(save(row)?))
}

/// The ids of a user's visible rows, oldest first.
pub fn identifiers(tx: &Tx<'_>, user: UserId) -> Result<Vec<SaveId>, Fault> {
    tx.all(
        "SELECT id FROM saves WHERE user_id = $1 AND hidden IS NULL ORDER BY id",
        bind![user],
        |row| row.get(),
    )
}

/// Whether a user has any visible row.
pub fn any(tx: &Tx<'_>, user: UserId) -> Result<bool, Fault> {
    tx.exists(
        "SELECT 1 FROM saves WHERE user_id = $1 AND hidden IS NULL",
        bind![user],
    )
}

/// What others made public of a game.
pub fn public_of_rom(tx: &Tx<'_>, rom: RomId, except: UserId) -> Result<Vec<Save>, Fault> {
    tx.all(
        &format!(
            "{SAVE} WHERE s.rom_id = $1 AND s.is_public = 1 AND s.hidden IS NULL \
             AND s.user_id <> $2 ORDER BY s.id"
        ),
        bind![rom, except],
        save,
    )
}

/// A row that is about to be stored.
#[derive(Clone, Debug)]
pub struct NewRow<'a> {
    /// Its name in the listing and in the asset tree.
    pub file_name: &'a str,
    /// Its folder in the asset tree.
    pub file_path: &'a str,
    /// The emulator that was named.
    pub emulator: Option<&'a str>,
    /// The device that made it.
    pub origin: Option<&'a DeviceId>,
    /// What it shows.
    pub version: VersionId,
    /// That version's content.
    pub content: Content,
    /// That version's size.
    pub size: u64,
}

/// Adds a row to a timeline.
pub fn add(
    tx: &Tx<'_>,
    timeline: &Timeline,
    new: &NewRow<'_>,
    updated_at: Time,
) -> Result<SaveId, Fault> {
    let size = i64::try_from(new.size).unwrap_or(i64::MAX);
    tx.one(
        "INSERT INTO saves (user_id, rom_id, timeline_id, version_id, slot, file_name, file_path, \
         size, content_hash, blob, emulator, origin_device_id, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) RETURNING id",
        bind![
            timeline.user_id,
            timeline.rom_id,
            timeline.id,
            new.version,
            timeline.slot,
            new.file_name,
            new.file_path,
            size,
            new.content.hash,
            new.content.blob,
            new.emulator,
            new.origin,
            updated_at,
        ],
        |row| row.get(),
    )
}

/// The row shows another version from now on.
pub fn show(
    tx: &Tx<'_>,
    save: SaveId,
    version: VersionId,
    content: &Content,
    size: u64,
    updated_at: Time,
) -> Result<(), Fault> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    tx.execute(
        "UPDATE saves SET version_id = $2, content_hash = $3, blob = $4, size = $5, \
         updated_at = $6, hidden = NULL, hidden_at = NULL WHERE id = $1",
        bind![save, version, content.hash, content.blob, size, updated_at],
    )?;
    Ok(())
}

/// The row stands in another folder: another emulator was named for it.
pub fn relocate(
    tx: &Tx<'_>,
    save: SaveId,
    file_path: &str,
    emulator: Option<&str>,
) -> Result<(), Fault> {
    tx.execute(
        "UPDATE saves SET file_path = $2, emulator = $3 WHERE id = $1",
        bind![save, file_path, emulator],
    )?;
    Ok(())
}

/// The row changed now without showing anything else.
pub fn touch(tx: &Tx<'_>, save: SaveId, updated_at: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE saves SET updated_at = $2 WHERE id = $1",
        bind![save, updated_at],
    )?;
    Ok(())
}

/// Who may see the row besides its owner.
pub fn set_public(tx: &Tx<'_>, save: SaveId, is_public: bool) -> Result<(), Fault> {
    tx.execute(
        "UPDATE saves SET is_public = $2 WHERE id = $1",
        bind![save, is_public],
    )?;
    Ok(())
}

/// The picture that belongs to the row.
pub fn set_screenshot(tx: &Tx<'_>, save: SaveId, shot: ScreenshotId) -> Result<(), Fault> {
    tx.execute(
        "UPDATE saves SET screenshot_id = $2 WHERE id = $1",
        bind![save, shot],
    )?;
    Ok(())
}

/// Why a row is not visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// A person deleted it.
    Deleted,
    /// A client's autocleanup no longer lists it.
    Cleaned,
}

impl Hidden {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Cleaned => "cleaned",
        }
    }
}

/// Takes the row out of every listing. What it showed stays.
pub fn hide(tx: &Tx<'_>, save: SaveId, why: Hidden, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE saves SET hidden = $2, hidden_at = $3 WHERE id = $1",
        bind![save, why.as_str(), now],
    )?;
    Ok(())
}

/// The rows that show a version and are listed.
pub fn showing(tx: &Tx<'_>, version: VersionId) -> Result<Vec<Save>, Fault> {
    tx.all(
        &format!("{SAVE} WHERE s.version_id = $1 AND s.hidden IS NULL"),
        bind![version],
        save,
    )
}

/// Brings a hidden row back, under a name that is free.
pub fn unhide(tx: &Tx<'_>, save: SaveId, name: &str) -> Result<(), Fault> {
    tx.execute(
        "UPDATE saves SET hidden = NULL, hidden_at = NULL, file_name = $2 WHERE id = $1",
        bind![save, name],
    )?;
    Ok(())
}

/// Copies a row into another timeline, where it shows the copy of what it showed. Without its
/// picture: each row has its own.
pub fn copy(
    tx: &Tx<'_>,
    save: SaveId,
    to: &Timeline,
    shown: VersionId,
    name: &str,
) -> Result<SaveId, Fault> {
    tx.one(
        "INSERT INTO saves (user_id, rom_id, timeline_id, version_id, slot, file_name, file_path, \
         size, content_hash, blob, emulator, origin_device_id, hidden, hidden_at, \
         created_at, updated_at) SELECT user_id, rom_id, $2, $3, $4, $5, file_path, size, \
         content_hash, blob, emulator, origin_device_id, hidden, hidden_at, \
         created_at, updated_at FROM saves WHERE id = $1 RETURNING id",
        bind![save, to.id, shown, to.slot, name],
        |row| row.get(),
    )
}

/// Every row of a timeline, hidden ones too, oldest first.
pub fn of_timeline_even_hidden(tx: &Tx<'_>, timeline: TimelineId) -> Result<Vec<Save>, Fault> {
    tx.all(
        &format!("{SAVE} WHERE s.timeline_id = $1 ORDER BY s.id"),
        bind![timeline],
        save,
    )
}

/// The visible rows of a timeline, oldest first.
pub fn listed_of_timeline(tx: &Tx<'_>, timeline: TimelineId) -> Result<Vec<Save>, Fault> {
    tx.all(
        &format!("{SAVE} WHERE s.timeline_id = $1 AND s.hidden IS NULL ORDER BY s.id"),
        bind![timeline],
        save,
    )
}

/// A row that is not listed.
#[derive(Clone, Debug)]
pub struct HiddenRow {
    /// The row.
    pub save: Save,
    /// `deleted` or `cleaned`.
    pub why: String,
    /// Since when.
    pub at: Time,
}

/// A person's hidden rows, those hidden last first; of one game, or of all.
pub fn hidden(tx: &Tx<'_>, user: UserId, rom: Option<RomId>) -> Result<Vec<HiddenRow>, Fault> {
    tx.all(
        &format!(
            "{}, s.hidden, s.hidden_at FROM saves s WHERE s.user_id = $1 \
             AND s.hidden IS NOT NULL AND ($2 IS NULL OR s.rom_id = $2) \
             ORDER BY s.hidden_at DESC, s.id DESC",
            SAVE.trim_end_matches(" FROM saves s")
        ),
        bind![user, rom],
        |row| {
            Ok(HiddenRow {
                save: save(row)?,
                why: row.get()?,
                at: row.get()?,
            })
        },
    )
}

/// The visible rows of a timeline beyond the newest `keep`.
pub fn beyond(tx: &Tx<'_>, timeline: TimelineId, keep: i64) -> Result<Vec<Save>, Fault> {
    tx.all(
        &format!(
            "{SAVE} WHERE s.timeline_id = $1 AND s.hidden IS NULL \
             ORDER BY s.updated_at DESC, s.id DESC LIMIT 9223372036854775807 OFFSET $2"
        ),
        bind![timeline, keep],
        save,
    )
}

/// Whether a visible row of the folder has that name already.
pub fn name_is_taken(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    file_path: &str,
    name: &str,
) -> Result<bool, Fault> {
    tx.exists(
        "SELECT 1 FROM saves WHERE user_id = $1 AND rom_id = $2 AND file_name = $3 \
         AND file_path = $4 AND hidden IS NULL",
        bind![user, rom, name, file_path],
    )
}

/// The blob that a row shows.
pub fn blob(tx: &Tx<'_>, save: SaveId) -> Result<Option<BlobHash>, Fault> {
    tx.optional("SELECT blob FROM saves WHERE id = $1", bind![save], |row| {
        row.get()
    })
}
