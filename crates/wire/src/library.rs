//! Answers about the library as a whole: what a scan found, how much there is.

use keepsave_core::ids::RomId;
use serde::{Deserialize, Serialize};

/// What a scan of the library found. Counts are of games.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ScanReport {
    /// Never seen before.
    pub added: u64,
    /// Known, now under another name or in another place.
    pub moved: u64,
    /// Where they were, with other files or bytes in them.
    pub changed: u64,
    /// Their files were gone and are back.
    pub returned: u64,
    /// Their files are gone. They keep their ids and all that belongs to them.
    pub missing: u64,
    /// As they were.
    pub unchanged: u64,
    /// Their bytes are still to be read for hashes.
    pub unhashed: u64,
    /// What could not be read, and was left as it was known.
    pub problems: Vec<ScanProblem>,
}

/// Something in the library that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ScanProblem {
    /// Where, relative to the library.
    pub path: String,
    /// What, and what became of it.
    pub what: String,
}

/// What a game is known by to a device that has it, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields of a game")]
pub struct KnownGame {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: RomId,
    pub fs_name: String,
    pub platform_slug: String,
    pub platform_fs_slug: String,
    pub md5_hash: String,
    pub missing_from_fs: bool,
}

/// How much the server holds: RomM's own answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct StatsSchema {
    pub platforms: u64,
    pub roms: u64,
    pub saves: u64,
    pub states: u64,
    pub screenshots: u64,
    /// Of the library's files.
    pub total_filesize_bytes: u64,
}
