//! Screenshots: a game's gallery, and the thumbnails of saves and states.

use keepsave_core::ids::ScreenshotId;
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
