//! Games: `rom` on the wire.
//!
//! RomM sends what it fetched from metadata providers with every game. Keepsave asks none, so
//! those fields are empty in what it sends; they are here because clients demand every key.

use std::collections::BTreeMap;

use keepsave_core::ids::{PlatformId, RomFileId, RomId, UserId};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::assets::Shared;
use crate::notes::NoteSchema;
use crate::saves::SaveSchema;
use crate::screenshots::ScreenshotSchema;
use crate::states::StateSchema;

/// What a metadata provider said of a game.
pub type Metadata = Map<String, Value>;

/// What lists and details have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
#[expect(clippy::struct_excessive_bools, reason = "RomM's fields")]
pub struct RomSchema {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: RomId,
    pub igdb_id: Option<i64>,
    pub sgdb_id: Option<i64>,
    pub moby_id: Option<i64>,
    pub ss_id: Option<i64>,
    pub ra_id: Option<i64>,
    pub launchbox_id: Option<i64>,
    pub hasheous_id: Option<i64>,
    pub tgdb_id: Option<i64>,
    pub flashpoint_id: Option<String>,
    pub hltb_id: Option<i64>,
    pub gamelist_id: Option<String>,
    pub libretro_id: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub platform_id: PlatformId,
    pub platform_slug: String,
    pub platform_fs_slug: String,
    pub platform_custom_name: Option<String>,
    pub platform_display_name: String,
    /// The name of its file or folder.
    pub fs_name: String,
    pub fs_name_no_tags: String,
    pub fs_name_no_ext: String,
    pub fs_extension: String,
    pub fs_path: String,
    pub fs_size_bytes: u64,
    /// RomM may send null; Keepsave never does.
    pub name: Option<String>,
    pub name_sort_key: Option<String>,
    pub slug: Option<String>,
    pub summary: Option<String>,
    pub alternative_names: Vec<String>,
    pub youtube_video_id: Option<String>,
    pub metadatum: RomMetadata,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub igdb_metadata: Option<Metadata>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub moby_metadata: Option<Metadata>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub ss_metadata: Option<Metadata>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub launchbox_metadata: Option<Metadata>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub hasheous_metadata: Option<Metadata>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub flashpoint_metadata: Option<Metadata>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub hltb_metadata: Option<Metadata>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub gamelist_metadata: Option<Metadata>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub manual_metadata: Option<Metadata>,
    pub path_cover_small: Option<String>,
    pub path_cover_large: Option<String>,
    pub url_cover: Option<String>,
    pub has_manual: bool,
    pub has_soundtrack: bool,
    pub path_manual: Option<String>,
    pub url_manual: Option<String>,
    pub path_video: Option<String>,
    pub is_identifying: bool,
    pub is_unidentified: bool,
    pub is_identified: bool,
    pub revision: Option<String>,
    pub regions: Vec<String>,
    pub languages: Vec<String>,
    pub tags: Vec<String>,
    pub crc_hash: Option<String>,
    pub md5_hash: Option<String>,
    pub sha1_hash: Option<String>,
    pub ra_hash: Option<String>,
    pub has_simple_single_file: bool,
    pub has_nested_single_file: bool,
    pub has_multiple_files: bool,
    pub full_path: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
    pub missing_from_fs: bool,
    pub has_notes: bool,
    pub rom_user: RomUserSchema,
    pub merged_screenshots: Vec<String>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub merged_ra_metadata: Option<Metadata>,
    pub files: Vec<RomFileSchema>,
    #[cfg_attr(feature = "schema", schema(value_type = Vec<Object>))]
    pub sibling_roms: Vec<Value>,
}

/// A game in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SimpleRomSchema {
    #[serde(flatten)]
    pub rom: RomSchema,
    pub screenshot_path: Option<String>,
}

/// A game with all that people have made of it, as far as the caller may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DetailedRomSchema {
    #[serde(flatten)]
    pub rom: RomSchema,
    pub user_saves: Vec<SaveSchema>,
    pub user_states: Vec<StateSchema>,
    pub all_user_saves: Vec<Shared<SaveSchema>>,
    pub all_user_states: Vec<Shared<StateSchema>>,
    pub user_screenshots: Vec<ScreenshotSchema>,
    pub all_user_screenshots: Vec<Shared<ScreenshotSchema>>,
    #[cfg_attr(feature = "schema", schema(value_type = Vec<Object>))]
    pub user_collections: Vec<Value>,
    pub all_user_notes: Vec<NoteSchema>,
}

/// What providers agree on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct RomMetadata {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub rom_id: RomId,
    pub genres: Vec<String>,
    pub franchises: Vec<String>,
    pub collections: Vec<String>,
    pub companies: Vec<String>,
    pub game_modes: Vec<String>,
    pub age_ratings: Vec<String>,
    pub player_count: String,
    pub first_release_date: Option<i64>,
    pub average_rating: Option<f64>,
}

/// One file of a game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct RomFileSchema {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: RomFileId,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub rom_id: RomId,
    pub file_name: String,
    pub file_path: String,
    pub file_size_bytes: u64,
    pub full_path: String,
    /// Whether it is the game's file, or stands in the game's folder itself.
    pub is_top_level: bool,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub last_modified: Time,
    pub crc_hash: Option<String>,
    pub md5_hash: Option<String>,
    pub sha1_hash: Option<String>,
    pub ra_hash: Option<String>,
    pub chd_sha1_hash: Option<String>,
    pub archive_members: Option<Vec<ArchiveMember>>,
    pub category: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub track_meta: Option<Value>,
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct ArchiveMember {
    pub name: String,
    pub size: u64,
    pub crc_hash: String,
    /// Empty from Keepsave, which does not unpack archives.
    pub md5_hash: String,
    /// Empty from Keepsave, which does not unpack archives.
    pub sha1_hash: String,
}

/// What one person notes about a game. Its ids are -1 as long as nothing was noted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
#[expect(clippy::struct_excessive_bools, reason = "RomM's fields")]
pub struct RomUserSchema {
    pub id: i64,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub user_id: UserId,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub rom_id: RomId,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub last_played: Option<Time>,
    pub is_main_sibling: bool,
    pub backlogged: bool,
    pub now_playing: bool,
    pub hidden: bool,
    pub rating: i64,
    pub difficulty: i64,
    pub completion: i64,
    pub status: Option<String>,
}

/// A page of games.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct RomPage {
    pub items: Vec<SimpleRomSchema>,
    /// Null when the caller did not want it counted.
    pub total: Option<u64>,
    pub limit: u64,
    pub offset: u64,
    /// At which offset each first letter begins.
    pub char_index: BTreeMap<String, u64>,
    /// Every game of the result, whatever the page.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<i64>))]
    pub rom_id_index: Vec<RomId>,
    pub filter_values: RomFilters,
}

/// The values that games can be filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct RomFilters {
    pub genres: Vec<String>,
    pub franchises: Vec<String>,
    pub collections: Vec<String>,
    pub companies: Vec<String>,
    pub game_modes: Vec<String>,
    pub age_ratings: Vec<String>,
    pub player_counts: Vec<String>,
    pub regions: Vec<String>,
    pub languages: Vec<String>,
    pub tags: Vec<String>,
    #[cfg_attr(feature = "schema", schema(value_type = Vec<i64>))]
    pub platforms: Vec<PlatformId>,
}
