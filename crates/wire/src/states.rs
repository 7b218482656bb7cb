//! Save states as RomM shows them.

use keepsave_core::ids::StateId;
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
