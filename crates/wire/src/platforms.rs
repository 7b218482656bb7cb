//! Platforms, and what other catalogues call them.

use keepsave_core::ids::PlatformId;
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

use crate::firmware::FirmwareSchema;

/// A platform as every route sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct PlatformSchema {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: PlatformId,
    pub slug: String,
    /// The name of its folder in the library.
    pub fs_slug: String,
    pub rom_count: u64,
    pub name: String,
    pub igdb_slug: Option<String>,
    pub moby_slug: Option<String>,
    pub hltb_slug: Option<String>,
    pub libretro_slug: Option<String>,
    pub custom_name: Option<String>,
    pub description: Option<String>,
    pub igdb_id: Option<i64>,
    pub sgdb_id: Option<i64>,
    pub moby_id: Option<i64>,
    pub launchbox_id: Option<i64>,
    pub ss_id: Option<i64>,
    pub ra_id: Option<i64>,
    pub hasheous_id: Option<i64>,
    pub tgdb_id: Option<i64>,
    pub flashpoint_id: Option<i64>,
    pub category: Option<String>,
    pub generation: Option<i64>,
    pub family_name: Option<String>,
    pub family_slug: Option<String>,
    pub url: Option<String>,
    pub url_logo: Option<String>,
    pub firmware: Vec<FirmwareSchema>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
    pub fs_size_bytes: u64,
    pub is_unidentified: bool,
    pub is_identified: bool,
    pub missing_from_fs: bool,
    pub display_name: String,
    pub firmware_count: u64,
}
