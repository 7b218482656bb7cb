//! Keepsave's own: timelines and their versions, branches and sets.

use keepsave_core::content::ContentHash;
use keepsave_core::ids::{DeviceId, RomId, SaveId, TimelineId, VersionId};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

/// Where versions grow from one another: a slot of a game, or a companion file of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TimelineSchema {
    /// Its id.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: TimelineId,
    /// The game.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub rom_id: RomId,
    /// The slot; null is the archive of slotless uploads.
    pub slot: Option<String>,
    /// Empty for the save itself, else the companion's extension; in the archive the file name.
    pub part: String,
    /// The version that every device should have; null when every row is deleted.
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub head: Option<VersionId>,
    /// How many versions there are.
    pub versions: i64,
    /// When the head came.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub updated_at: Option<Time>,
    /// Where each device is that ever synced it.
    pub devices: Vec<DevicePosition>,
}

/// Where a device is on a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DevicePosition {
    /// The device.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub device_id: DeviceId,
    /// Its name.
    pub device_name: Option<String>,
    /// The version that it last held.
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub version: Option<VersionId>,
    /// Whether it opted out.
    pub is_untracked: bool,
    /// A content that it showed last and that is not here: a conflict that waits for the device.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub waiting_content_hash: Option<ContentHash>,
    /// When it last synced this timeline.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
}

/// One immutable version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says one thing of its own"
)]
pub struct VersionSchema {
    /// Its id.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: VersionId,
    /// Its timeline.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub timeline_id: TimelineId,
    /// Its number, for people: "version 14".
    pub ordinal: i64,
    /// The versions that it grew from.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<i64>))]
    pub parents: Vec<VersionId>,
    /// The row that shows it or once did; null for a refused upload.
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub save_id: Option<SaveId>,
    /// The file's name.
    pub file_name: String,
    /// How many bytes.
    pub size_bytes: u64,
    /// The MD5 that clients compare.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub content_hash: Option<ContentHash>,
    /// The emulator that was named.
    pub emulator: Option<String>,
    /// The device that made it.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub device_id: Option<DeviceId>,
    /// Its name then.
    pub device_name: Option<String>,
    /// `upload`, `replace`, `restore` or `copy`.
    pub made_by: String,
    /// Versions with one set id form one save.
    pub set_id: Option<String>,
    /// A person's name for it.
    pub name: Option<String>,
    /// Whether retention must leave it alone.
    pub is_pinned: bool,
    /// Whether the upload was refused, and a person has not settled that yet.
    pub is_refused: bool,
    /// Whether a person deleted it.
    pub is_deleted: bool,
    /// Whether retention removed the bytes; the lineage stays.
    pub is_purged: bool,
    /// When it came.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
}

/// A version that nothing grew from and that is not the head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BranchSchema {
    /// The game.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub rom_id: RomId,
    /// The slot.
    pub slot: Option<String>,
    /// What to call it: the device that made it.
    pub name: String,
    /// The version.
    pub version: VersionSchema,
    /// What it stands beside.
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub head: Option<VersionId>,
}

/// A row that is not listed any more and can be brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HiddenSave {
    /// The row.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: SaveId,
    /// The game.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub rom_id: RomId,
    /// The slot.
    pub slot: Option<String>,
    /// Its name.
    pub file_name: String,
    /// How many bytes.
    pub size_bytes: u64,
    /// `deleted` by a person, or `cleaned` by a client's autocleanup.
    pub why: String,
    /// Since when.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub hidden_at: Time,
}
