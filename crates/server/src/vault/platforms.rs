//! Platforms: one for each folder of the library.

use keepsave_core::ids::PlatformId;
use keepsave_core::time::Time;

use super::{Fault, Row, Tx};
use crate::bind;

/// A platform, with what its games add up to.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Platform {
    pub id: PlatformId,
    pub fs_slug: String,
    pub slug: String,
    pub name: String,
    pub custom_name: String,
    pub missing: bool,
    pub games: u64,
    pub size: u64,
    pub created_at: Time,
    pub updated_at: Time,
}

const PLATFORM: &str = "SELECT p.id, p.fs_slug, p.slug, p.name, p.custom_name, p.missing, \
     COALESCE(g.games, 0), COALESCE(g.size, 0), p.created_at, p.updated_at FROM platforms p \
     LEFT JOIN (SELECT platform_id, COUNT(*) AS games, SUM(fs_size) AS size FROM roms \
     GROUP BY platform_id) g ON g.platform_id = p.id";

fn platform(row: &mut Row<'_>) -> Result<Platform, Fault> {
    Ok(Platform {
        id: row.get()?,
        fs_slug: row.get()?,
        slug: row.get()?,
        name: row.get()?,
        custom_name: row.get()?,
        missing: row.get()?,
        games: row.get()?,
        size: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

/// Every platform by its name, or those that changed after a moment.
pub fn all(tx: &Tx<'_>, updated_after: Option<Time>) -> Result<Vec<Platform>, Fault> {
    let after = updated_after.unwrap_or(Time::from_micros(i64::MIN));
    tx.all(
        &format!("{PLATFORM} WHERE p.updated_at > $1 ORDER BY p.name, p.id"),
        bind![after],
        platform,
    )
}

/// The platform of that id.
pub fn by_id(tx: &Tx<'_>, id: PlatformId) -> Result<Option<Platform>, Fault> {
    tx.optional(&format!("{PLATFORM} WHERE p.id = $1"), bind![id], platform)
}

/// The platform with that folder, or else the first with that slug.
pub fn by_folder_or_slug(tx: &Tx<'_>, name: &str) -> Result<Option<Platform>, Fault> {
    tx.optional(
        &format!(
            "{PLATFORM} WHERE p.fs_slug = $1 OR p.slug = $1 \
             ORDER BY CASE WHEN p.fs_slug = $1 THEN 0 ELSE 1 END, p.id"
        ),
        bind![name],
        platform,
    )
}

/// What a scan knows of platforms before it looks.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Folder {
    pub id: PlatformId,
    pub fs_slug: String,
    pub name: String,
    pub missing: bool,
}

/// The folder of every platform.
pub fn folders(tx: &Tx<'_>) -> Result<Vec<Folder>, Fault> {
    tx.all(
        "SELECT id, fs_slug, name, missing FROM platforms ORDER BY id",
        bind![],
        |row| {
            Ok(Folder {
                id: row.get()?,
                fs_slug: row.get()?,
                name: row.get()?,
                missing: row.get()?,
            })
        },
    )
}

/// Adds the platform of a folder, or finds it.
pub fn ensure(tx: &Tx<'_>, fs_slug: &str, name: &str, now: Time) -> Result<PlatformId, Fault> {
    let known = tx.optional(
        "SELECT id FROM platforms WHERE fs_slug = $1",
        bind![fs_slug],
        |row| row.get(),
    )?;
    match known {
        Some(id) => Ok(id),
        None => tx.one(
            "INSERT INTO platforms (fs_slug, slug, name, created_at, updated_at) \
             VALUES ($1, $1, $2, $3, $3) RETURNING id",
            bind![fs_slug, name, now],
            |row| row.get(),
        ),
    }
}

/// Notes whether a platform's folder is gone.
pub fn set_missing(tx: &Tx<'_>, id: PlatformId, missing: bool, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE platforms SET missing = $2, updated_at = $3 WHERE id = $1 AND missing <> $2",
        bind![id, missing, now],
    )?;
    Ok(())
}

/// Notes that something about a platform's games changed.
pub fn touch(tx: &Tx<'_>, id: PlatformId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE platforms SET updated_at = $2 WHERE id = $1",
        bind![id, now],
    )?;
    Ok(())
}
