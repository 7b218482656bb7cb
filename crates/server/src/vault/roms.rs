//! Games: the rows, one by one. Lists of them are in [`listing`], what a scan reads and writes is
//! in [`scanning`].

pub mod files;
pub mod listing;
pub mod scanning;

use keepsave_core::ids::{PlatformId, RomId, UserId};
use keepsave_core::time::Time;

use super::rom_users::{self, RomUser};
use super::{Fault, Row, Tx};
use crate::bind;

/// A game, with what a list of games shows of its platform and of the person who asks.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the tables")]
pub struct Rom {
    pub id: RomId,
    pub platform: RomPlatform,
    pub fs_name: String,
    pub fs_path: String,
    pub size: u64,
    pub is_folder: bool,
    pub top_files: u64,
    pub name: String,
    pub sort_key: String,
    pub regions: Vec<String>,
    pub languages: Vec<String>,
    pub tags: Vec<String>,
    pub revision: String,
    pub hashes: Hashes,
    pub missing: bool,
    pub created_at: Time,
    pub updated_at: Time,
    /// Whether there is a note that the person may read.
    pub has_notes: bool,
    /// What the person noted.
    pub noted: Option<RomUser>,
}

/// A platform as its games show it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct RomPlatform {
    pub id: PlatformId,
    pub slug: String,
    pub fs_slug: String,
    pub name: String,
    pub custom_name: String,
}

/// The hashes by which catalogues know a file, in hexadecimal; empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own text")]
pub struct Hashes {
    pub crc: String,
    pub md5: String,
    pub sha1: String,
}

/// `$1` is always the person who asks.
const ROM: &str = "SELECT r.id, p.id, p.slug, p.fs_slug, p.name, p.custom_name, r.fs_name, \
     r.fs_path, r.fs_size, r.is_folder, r.top_files, r.name, r.sort_key, r.regions, r.languages, \
     r.tags, r.revision, r.crc_hash, r.md5_hash, r.sha1_hash, r.missing, r.created_at, \
     r.updated_at, EXISTS (SELECT 1 FROM notes n WHERE n.rom_id = r.id \
     AND (n.user_id = $1 OR n.is_public = 1))";

const FROM: &str = "FROM roms r JOIN platforms p ON p.id = r.platform_id \
     LEFT JOIN rom_users u ON u.rom_id = r.id AND u.user_id = $1";

fn select() -> String {
    format!("{ROM}, {} {FROM}", rom_users::COLUMNS)
}

fn rom(row: &mut Row<'_>) -> Result<Rom, Fault> {
    Ok(Rom {
        id: row.get()?,
        platform: RomPlatform {
            id: row.get()?,
            slug: row.get()?,
            fs_slug: row.get()?,
            name: row.get()?,
            custom_name: row.get()?,
        },
        fs_name: row.get()?,
        fs_path: row.get()?,
        size: row.get()?,
        is_folder: row.get()?,
        top_files: row.get()?,
        name: row.get()?,
        sort_key: row.get()?,
        regions: texts(row)?,
        languages: texts(row)?,
        tags: texts(row)?,
        revision: row.get()?,
        hashes: hashes(row)?,
        missing: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
        has_notes: row.get()?,
        noted: rom_users::joined(row)?,
    })
}

fn hashes(row: &mut Row<'_>) -> Result<Hashes, Fault> {
    Ok(Hashes {
        crc: row.get()?,
        md5: row.get()?,
        sha1: row.get()?,
    })
}

/// A column that holds a JSON list of texts.
pub(super) fn texts(row: &mut Row<'_>) -> Result<Vec<String>, Fault> {
    Ok(parse_texts(&row.get::<String>()?))
}

/// Reads a JSON list of texts that this server wrote.
pub(super) fn parse_texts(json: &str) -> Vec<String> {
    if json == "[]" {
        return Vec::new();
    }
    serde_json::from_str(json).unwrap_or_default()
}

/// Whether there is a game of that id.
pub fn exists(tx: &Tx<'_>, id: RomId) -> Result<bool, Fault> {
    tx.exists("SELECT 1 FROM roms WHERE id = $1", bind![id])
}

/// How many games there are.
pub fn count(tx: &Tx<'_>) -> Result<u64, Fault> {
    tx.one("SELECT COUNT(*) FROM roms", bind![], |row| row.get())
}

/// The game of that id, as a person sees it.
pub fn by_id(tx: &Tx<'_>, id: RomId, user: UserId) -> Result<Option<Rom>, Fault> {
    tx.optional(
        &format!("{} WHERE r.id = $2", select()),
        bind![user, id],
        rom,
    )
}

/// The folder and the slug of a game's platform: where its saves stand in the asset tree.
pub fn platform_of(tx: &Tx<'_>, id: RomId) -> Result<Option<RomPlatform>, Fault> {
    tx.optional(
        "SELECT p.id, p.slug, p.fs_slug, p.name, p.custom_name FROM roms r \
         JOIN platforms p ON p.id = r.platform_id WHERE r.id = $1",
        bind![id],
        |row| {
            Ok(RomPlatform {
                id: row.get()?,
                slug: row.get()?,
                fs_slug: row.get()?,
                name: row.get()?,
                custom_name: row.get()?,
            })
        },
    )
}

/// The first game that has one of these hashes, or a file with one.
pub fn by_hash(tx: &Tx<'_>, wanted: &Hashes) -> Result<Option<RomId>, Fault> {
    // An empty hash is none; it must not match the games that are not hashed yet.
    let some = |hash: &str| (!hash.is_empty()).then(|| hash.to_owned());
    let (crc, md5, sha1) = (some(&wanted.crc), some(&wanted.md5), some(&wanted.sha1));
    tx.optional(
        "SELECT id FROM (SELECT id FROM roms WHERE crc_hash = $1 \
         UNION SELECT id FROM roms WHERE md5_hash = $2 \
         UNION SELECT id FROM roms WHERE sha1_hash = $3 \
         UNION SELECT rom_id FROM rom_files WHERE crc_hash = $1 \
         UNION SELECT rom_id FROM rom_files WHERE md5_hash = $2 \
         UNION SELECT rom_id FROM rom_files WHERE sha1_hash = $3) AS found ORDER BY id",
        bind![crc, md5, sha1],
        |row| row.get(),
    )
}

/// Gives a game the name that a person chose.
pub fn rename(
    tx: &Tx<'_>,
    id: RomId,
    name: &str,
    sort_key: &str,
    search_text: &str,
    now: Time,
) -> Result<(), Fault> {
    tx.execute(
        "UPDATE roms SET name = $2, named = 1, sort_key = $3, search_text = $4, updated_at = $5 \
         WHERE id = $1",
        bind![id, name, sort_key, search_text, now],
    )?;
    Ok(())
}

/// What the whole server holds.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is its own count")]
pub struct Stats {
    pub platforms: u64,
    pub games: u64,
    pub saves: u64,
    pub states: u64,
    pub screenshots: u64,
    /// Of the library's files, in bytes.
    pub size: u64,
}

/// Counts what the server holds and shows.
pub fn stats(tx: &Tx<'_>) -> Result<Stats, Fault> {
    tx.one(
        "SELECT (SELECT COUNT(DISTINCT platform_id) FROM roms), (SELECT COUNT(*) FROM roms), \
         (SELECT COUNT(*) FROM saves WHERE hidden IS NULL), \
         (SELECT COUNT(*) FROM states WHERE hidden_at IS NULL), \
         (SELECT COUNT(*) FROM screenshots WHERE hidden_at IS NULL), \
         (SELECT COALESCE(SUM(size), 0) FROM rom_files)",
        bind![],
        |row| {
            Ok(Stats {
                platforms: row.get()?,
                games: row.get()?,
                saves: row.get()?,
                states: row.get()?,
                screenshots: row.get()?,
                size: row.get()?,
            })
        },
    )
}
