//! Screenshots: a game's gallery, and the thumbnails of saves and states.

use keepsave_core::ids::{RomId, ScreenshotId};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

use crate::assets::Asset;

/// A screenshot as every route sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct ScreenshotSchema {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: ScreenshotId,
    #[serde(flatten)]
    pub asset: Asset,
    /// Whether it stands in the game's gallery, rather than beside a save or a state.
    pub is_gallery: bool,
    pub is_public: bool,
}

/// A screenshot that is out of sight, by itself or with what it came with, and can be brought back.
/// Keepsave's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DeletedScreenshot {
    /// Its id.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: ScreenshotId,
    /// The game.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub rom_id: RomId,
    /// Its name.
    pub file_name: String,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// When it was deleted.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub deleted_at: Time,
}
