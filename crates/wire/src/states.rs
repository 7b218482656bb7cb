//! Save states as RomM shows them.

use keepsave_core::ids::{RomId, StateId};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

use crate::assets::Asset;
use crate::screenshots::ScreenshotSchema;

/// A state as every route sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct StateSchema {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: StateId,
    #[serde(flatten)]
    pub asset: Asset,
    pub emulator: Option<String>,
    pub is_public: bool,
    pub screenshot: Option<ScreenshotSchema>,
}

/// A state that was deleted and can be brought back. Keepsave's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DeletedState {
    /// Its id.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: StateId,
    /// The game.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub rom_id: RomId,
    /// Its name.
    pub file_name: String,
    /// The emulator it is for.
    pub emulator: Option<String>,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// When it was deleted.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub deleted_at: Time,
}
