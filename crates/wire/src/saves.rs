//! Saves as RomM shows them: rows, summaries and identifiers.

use keepsave_core::content::ContentHash;
use keepsave_core::ids::{DeviceId, SaveId};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

use crate::assets::Asset;
use crate::screenshots::ScreenshotSchema;

/// A save as every route sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SaveSchema {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: SaveId,
    #[serde(flatten)]
    pub asset: Asset,
    pub emulator: Option<String>,
    pub slot: Option<String>,
    /// The MD5 that clients compare; null for a zip that cannot be read.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub content_hash: Option<ContentHash>,
    pub is_public: bool,
    pub screenshot: Option<ScreenshotSchema>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub origin_device_id: Option<DeviceId>,
    /// The caller's device first. Empty when the request names none.
    pub device_syncs: Vec<DeviceSync>,
}

/// What is known of one device and one save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceSync {
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub device_id: DeviceId,
    pub device_name: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub last_synced_at: Time,
    pub is_untracked: bool,
    /// Whether the device holds what the save shows.
    pub is_current: bool,
}

/// The slots of one game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SaveSummary {
    pub total_count: u64,
    /// The one with the newest save first.
    pub slots: Vec<SlotSummary>,
}

/// One slot of a game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SlotSummary {
    pub slot: Option<String>,
    pub count: u64,
    pub latest: SaveSchema,
}
