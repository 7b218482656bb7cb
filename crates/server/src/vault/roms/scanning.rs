//! What a scan of the library reads and writes. Which game is which is decided elsewhere.

use keepsave_core::ids::{PlatformId, RomFileId, RomId};
use keepsave_core::time::Time;

use super::Hashes;
use super::files::{self, RomFile};
use crate::bind;
use crate::vault::{Fault, Row, Tx};

/// What two files or folders have in common when they are the same game: a hash of the bytes that
/// make it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity(pub [u8; 32]);

/// A game as the scan before left it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the tables")]
#[expect(clippy::struct_excessive_bools, reason = "the columns of the tables")]
pub struct KnownGame {
    pub id: RomId,
    pub platform_id: PlatformId,
    /// The platform's folder.
    pub platform: String,
    pub fs_name: String,
    pub fs_path: String,
    pub is_folder: bool,
    pub name: String,
    pub named: bool,
    pub hashed: bool,
    pub identity: Option<Identity>,
    pub identity_size: u64,
    pub registered: bool,
    pub listed: bool,
    pub missing: bool,
    pub files: Vec<RomFile>,
}

const KNOWN: &str = "SELECT r.id, r.platform_id, p.fs_slug, r.fs_name, r.fs_path, r.is_folder, \
     r.name, r.named, r.hashed, r.identity, r.identity_size, r.registered, r.listed, r.missing \
     FROM roms r JOIN platforms p ON p.id = r.platform_id";

/// Every game with its files, oldest first.
pub fn known_games(tx: &Tx<'_>) -> Result<Vec<KnownGame>, Fault> {
    let mut games = tx.all(&format!("{KNOWN} ORDER BY r.id"), bind![], without_files)?;
    let mut files = files::all(tx)?.into_iter().peekable();
    for game in &mut games {
        while let Some(file) = files.next_if(|file| file.rom_id == game.id) {
            game.files.push(file);
        }
    }
    Ok(games)
}

/// One game with its files.
pub fn known_game(tx: &Tx<'_>, id: RomId) -> Result<Option<KnownGame>, Fault> {
    let game = tx.optional(
        &format!("{KNOWN} WHERE r.id = $1"),
        bind![id],
        without_files,
    )?;
    game.map(|mut game| {
        game.files = files::of_rom(tx, id)?;
        Ok(game)
    })
    .transpose()
}

fn without_files(row: &mut Row<'_>) -> Result<KnownGame, Fault> {
    Ok(KnownGame {
        id: row.get()?,
        platform_id: row.get()?,
        platform: row.get()?,
        fs_name: row.get()?,
        fs_path: row.get()?,
        is_folder: row.get()?,
        name: row.get()?,
        named: row.get()?,
        hashed: row.get()?,
        identity: row.get::<Option<[u8; 32]>>()?.map(Identity),
        identity_size: row.get()?,
        registered: row.get()?,
        listed: row.get()?,
        missing: row.get()?,
        files: Vec::new(),
    })
}

/// Everything about a game that follows from its file or folder, and from its name.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct GameRow {
    pub platform_id: PlatformId,
    pub fs_name: String,
    pub fs_path: String,
    pub size: u64,
    pub is_folder: bool,
    pub top_files: u64,
    pub name: String,
    /// A person chose it.
    pub named: bool,
    pub sort_key: String,
    pub search_text: String,
    /// JSON lists.
    pub regions: String,
    pub languages: String,
    pub tags: String,
    pub revision: String,
}

/// Adds a game that was never seen before.
pub fn add(tx: &Tx<'_>, game: &GameRow, now: Time) -> Result<RomId, Fault> {
    tx.one(
        "INSERT INTO roms (platform_id, fs_name, fs_path, fs_size, is_folder, top_files, name, \
         named, sort_key, search_text, regions, languages, tags, revision, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15) \
         RETURNING id",
        bind![
            game.platform_id,
            game.fs_name,
            game.fs_path,
            signed(game.size),
            game.is_folder,
            signed(game.top_files),
            game.name,
            game.named,
            game.sort_key,
            game.search_text,
            game.regions,
            game.languages,
            game.tags,
            game.revision,
            now
        ],
        |row| row.get(),
    )
}

/// Puts a game where it was found.
pub fn place(tx: &Tx<'_>, id: RomId, game: &GameRow, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE roms SET platform_id = $2, fs_name = $3, fs_path = $4, fs_size = $5, \
         is_folder = $6, top_files = $7, name = $8, sort_key = $9, search_text = $10, \
         regions = $11, languages = $12, tags = $13, revision = $14, missing = 0, \
         updated_at = $15 WHERE id = $1",
        bind![
            id,
            game.platform_id,
            game.fs_name,
            game.fs_path,
            signed(game.size),
            game.is_folder,
            signed(game.top_files),
            game.name,
            game.sort_key,
            game.search_text,
            game.regions,
            game.languages,
            game.tags,
            game.revision,
            now
        ],
    )?;
    Ok(())
}

/// Notes that a game's files are gone. One that needs none only forgets them. True when it was not
/// known yet.
pub fn lose(tx: &Tx<'_>, id: RomId, now: Time) -> Result<bool, Fault> {
    let lost = tx.execute(
        "UPDATE roms SET missing = 1, updated_at = $2 \
         WHERE id = $1 AND missing = 0 AND registered = 0 AND listed = 0",
        bind![id, now],
    )?;
    let kept = tx.execute(
        "UPDATE roms SET fs_size = 0, top_files = 0, hashed = 1, updated_at = $2 \
         WHERE id = $1 AND top_files > 0 AND (registered = 1 OR listed = 1)",
        bind![id, now],
    )?;
    if kept > 0 {
        tx.execute("DELETE FROM rom_files WHERE rom_id = $1", bind![id])?;
    }
    Ok(lost > 0)
}

/// Notes that a person registered a game: it needs no file, and is not missing without one.
pub fn register(tx: &Tx<'_>, id: RomId, now: Time) -> Result<(), Fault> {
    let was_missing = tx.exists(
        "SELECT 1 FROM roms WHERE id = $1 AND missing = 1",
        bind![id],
    )?;
    tx.execute(
        "UPDATE roms SET registered = 1, missing = 0, updated_at = $2 \
         WHERE id = $1 AND (registered = 0 OR missing = 1)",
        bind![id, now],
    )?;
    if was_missing {
        lose(tx, id, now)?;
    }
    Ok(())
}

/// Notes whether a game stands in a text catalogue: then it needs no file.
pub fn set_listed(tx: &Tx<'_>, id: RomId, listed: bool, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE roms SET listed = $2, missing = CASE WHEN $2 = 1 THEN 0 ELSE missing END, \
         updated_at = $3 WHERE id = $1",
        bind![id, listed, now],
    )?;
    Ok(())
}

/// Notes that a game's files are still to be read, and that nothing more is known of their bytes.
pub fn set_unhashed(tx: &Tx<'_>, id: RomId) -> Result<(), Fault> {
    tx.execute(
        "UPDATE roms SET hashed = 0, identity = NULL WHERE id = $1",
        bind![id],
    )?;
    Ok(())
}

/// Whether a platform has games that need no file.
pub fn any_without_file(tx: &Tx<'_>, platform: PlatformId) -> Result<bool, Fault> {
    tx.exists(
        "SELECT 1 FROM roms WHERE platform_id = $1 AND (registered = 1 OR listed = 1)",
        bind![platform],
    )
}

/// What a scan sees of a file.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct FileRow<'a> {
    pub file_name: &'a str,
    pub file_path: &'a str,
    pub size: u64,
    pub modified_at: Time,
    pub inode: i64,
}

/// Adds a file to a game.
pub fn add_file(
    tx: &Tx<'_>,
    rom: RomId,
    file: &FileRow<'_>,
    now: Time,
) -> Result<RomFileId, Fault> {
    tx.one(
        "INSERT INTO rom_files (rom_id, file_name, file_path, size, modified_at, inode, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id",
        bind![
            rom,
            file.file_name,
            file.file_path,
            signed(file.size),
            file.modified_at,
            file.inode,
            now
        ],
        |row| row.get(),
    )
}

/// Puts a file where it was found. One with other bytes is to be read again.
pub fn place_file(
    tx: &Tx<'_>,
    id: RomFileId,
    file: &FileRow<'_>,
    same_bytes: bool,
    now: Time,
) -> Result<(), Fault> {
    tx.execute(
        "UPDATE rom_files SET file_name = $2, file_path = $3, size = $4, modified_at = $5, \
         inode = $6, hashed = CASE WHEN $7 = 1 THEN hashed ELSE 0 END, updated_at = $8 \
         WHERE id = $1",
        bind![
            id,
            file.file_name,
            file.file_path,
            signed(file.size),
            file.modified_at,
            file.inode,
            same_bytes,
            now
        ],
    )?;
    Ok(())
}

/// Forgets a file that its game has no more.
pub fn remove_file(tx: &Tx<'_>, id: RomFileId) -> Result<(), Fault> {
    tx.execute("DELETE FROM rom_files WHERE id = $1", bind![id])?;
    Ok(())
}

/// What reading a file showed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct FileHashes {
    pub hashes: Hashes,
    pub uniform: bool,
    /// JSON.
    pub archive_members: Option<String>,
}

/// Stores what reading a file showed, unless the file has changed meanwhile. True when stored.
pub fn set_file_hashes(
    tx: &Tx<'_>,
    id: RomFileId,
    size: u64,
    modified_at: Time,
    read: &FileHashes,
) -> Result<bool, Fault> {
    let stored = tx.execute(
        "UPDATE rom_files SET crc_hash = $4, md5_hash = $5, sha1_hash = $6, uniform = $7, \
         archive_members = $8, hashed = 1 WHERE id = $1 AND size = $2 AND modified_at = $3",
        bind![
            id,
            signed(size),
            modified_at,
            read.hashes.crc,
            read.hashes.md5,
            read.hashes.sha1,
            read.uniform,
            read.archive_members
        ],
    )?;
    Ok(stored == 1)
}

/// Stores what reading all files of a game showed.
pub fn set_hashes(
    tx: &Tx<'_>,
    id: RomId,
    hashes: &Hashes,
    identity: Option<Identity>,
    identity_size: u64,
    now: Time,
) -> Result<(), Fault> {
    tx.execute(
        "UPDATE roms SET crc_hash = $2, md5_hash = $3, sha1_hash = $4, identity = $5, \
         identity_size = $6, hashed = 1, updated_at = $7 WHERE id = $1",
        bind![
            id,
            hashes.crc,
            hashes.md5,
            hashes.sha1,
            identity.map(|identity| identity.0),
            signed(identity_size),
            now
        ],
    )?;
    Ok(())
}

/// The games whose files are still to be read, the small ones first.
pub fn unhashed(tx: &Tx<'_>) -> Result<Vec<RomId>, Fault> {
    tx.all(
        "SELECT id FROM roms WHERE hashed = 0 AND missing = 0 ORDER BY fs_size, id",
        bind![],
        |row| row.get(),
    )
}

/// A game by the name of its file, when it is there or needs none.
pub fn present_by_name(
    tx: &Tx<'_>,
    platform: PlatformId,
    fs_name: &str,
) -> Result<Option<RomId>, Fault> {
    tx.optional(
        "SELECT id FROM roms WHERE platform_id = $1 AND fs_name = $2 AND missing = 0 ORDER BY id",
        bind![platform, fs_name],
        |row| row.get(),
    )
}

/// A game of a platform by its name.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Named {
    pub id: RomId,
    pub fs_name: String,
    pub listed: bool,
    pub missing: bool,
}

/// Every game of a platform: those that are there before those that are not.
pub fn on_platform(tx: &Tx<'_>, platform: PlatformId) -> Result<Vec<Named>, Fault> {
    tx.all(
        "SELECT id, fs_name, listed, missing FROM roms WHERE platform_id = $1 \
         ORDER BY missing, id",
        bind![platform],
        |row| {
            Ok(Named {
                id: row.get()?,
                fs_name: row.get()?,
                listed: row.get()?,
                missing: row.get()?,
            })
        },
    )
}

/// How many files a game has.
pub fn file_count(tx: &Tx<'_>, id: RomId) -> Result<u64, Fault> {
    tx.one(
        "SELECT COUNT(*) FROM rom_files WHERE rom_id = $1",
        bind![id],
        |row| row.get(),
    )
}

/// No file is larger than the largest signed integer.
fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
