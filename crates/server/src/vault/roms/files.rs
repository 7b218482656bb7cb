//! The files of games.

use keepsave_core::ids::{RomFileId, RomId};
use keepsave_core::time::Time;

use super::{Hashes, hashes};
use crate::bind;
use crate::vault::{Fault, Row, Tx};

/// One file.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct RomFile {
    pub id: RomFileId,
    pub rom_id: RomId,
    pub file_name: String,
    pub file_path: String,
    pub size: u64,
    pub modified_at: Time,
    /// Its number in the file system, when it was last placed or read.
    pub inode: i64,
    pub hashes: Hashes,
    /// Whether the hashes are those of the bytes with this size and time.
    pub hashed: bool,
    /// Whether all its bytes are one.
    pub uniform: bool,
    pub archive_members: Option<String>,
    pub created_at: Time,
    pub updated_at: Time,
}

impl RomFile {
    /// Where it is, relative to the library.
    pub fn full_path(&self) -> String {
        format!("{}/{}", self.file_path, self.file_name)
    }
}

const FILE: &str = "SELECT f.id, f.rom_id, f.file_name, f.file_path, f.size, f.modified_at, \
     f.inode, f.crc_hash, f.md5_hash, f.sha1_hash, f.hashed, f.uniform, f.archive_members, f.created_at, \
     f.updated_at FROM rom_files f";

fn file(row: &mut Row<'_>) -> Result<RomFile, Fault> {
    Ok(RomFile {
        id: row.get()?,
        rom_id: row.get()?,
        file_name: row.get()?,
        file_path: row.get()?,
        size: row.get()?,
        modified_at: row.get()?,
        inode: row.get()?,
        hashes: hashes(row)?,
        hashed: row.get()?,
        uniform: row.get()?,
        archive_members: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

/// The file of that id.
pub fn by_id(tx: &Tx<'_>, id: RomFileId) -> Result<Option<RomFile>, Fault> {
    tx.optional(&format!("{FILE} WHERE f.id = $1"), bind![id], file)
}

/// The files of a game, by name.
pub fn of_rom(tx: &Tx<'_>, rom: RomId) -> Result<Vec<RomFile>, Fault> {
    tx.all(
        &format!("{FILE} WHERE f.rom_id = $1 ORDER BY f.file_name, f.file_path"),
        bind![rom],
        file,
    )
}

/// Every file of every game, game by game.
pub fn all(tx: &Tx<'_>) -> Result<Vec<RomFile>, Fault> {
    tx.all(
        &format!("{FILE} ORDER BY f.rom_id, f.file_name, f.file_path"),
        bind![],
        file,
    )
}

/// The files of all games that `games` selects, game by game and then by name. `games` is a
/// subquery of ids; its own values are bound.
pub(super) fn of_roms(
    tx: &Tx<'_>,
    games: &str,
    values: &[crate::vault::sql::Value<'_>],
) -> Result<Vec<RomFile>, Fault> {
    tx.all(
        &format!("{FILE} WHERE f.rom_id IN ({games}) ORDER BY f.rom_id, f.file_name, f.file_path"),
        values,
        file,
    )
}
