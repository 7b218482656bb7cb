//! What saves, states and screenshots have in common on the wire, and who shares one.
//!
//! A row keeps few facts of a file; RomM sends many. What follows from others is worked out once,
//! in [`Asset::of`]. Every field is always there and none gets a second name: clients demand the
//! first and break on the second.

use keepsave_core::ids::{EarlierContentId, RomId, UserId};
use keepsave_core::names::{AssetKind, NameParts};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

/// What a row says of a file.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the row")]
pub struct AssetRow {
    pub rom_id: RomId,
    pub user_id: UserId,
    pub file_name: String,
    /// The folder, relative to the asset tree.
    pub file_path: String,
    pub size: u64,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The fields that every asset has behind its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct Asset {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub rom_id: RomId,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub user_id: UserId,
    pub file_name: String,
    pub file_name_no_tags: String,
    pub file_name_no_ext: String,
    pub file_extension: String,
    pub file_path: String,
    pub file_size_bytes: u64,
    pub full_path: String,
    /// Where the content is. It has spaces that a client must encode.
    pub download_path: String,
    pub missing_from_fs: bool,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
}

impl Asset {
    /// The fields that follow from a row.
    pub fn of(kind: AssetKind, id: i64, row: AssetRow) -> Self {
        let route = match kind {
            AssetKind::Save => "saves",
            AssetKind::State => "states",
            AssetKind::Screenshot => "screenshots",
        };
        let parts = NameParts::of(&row.file_name);
        Self {
            rom_id: row.rom_id,
            user_id: row.user_id,
            file_name_no_tags: parts.no_tags,
            file_name_no_ext: parts.no_ext,
            file_extension: parts.extension,
            file_size_bytes: row.size,
            full_path: format!("{}/{}", row.file_path, row.file_name),
            download_path: format!(
                "/api/{route}/{id}/content?timestamp={}",
                row.updated_at.with_space()
            ),
            missing_from_fs: false,
            created_at: row.created_at,
            updated_at: row.updated_at,
            file_name: row.file_name,
            file_path: row.file_path,
        }
    }
}

/// An asset beside the person it belongs to: in lists that show what others made public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct Shared<T> {
    #[serde(flatten)]
    pub asset: T,
    pub username: String,
    pub user_avatar_path: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub user_updated_at: Time,
}

/// A body that makes an asset public, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct Visibility {
    pub is_public: bool,
}

/// A content that a state or a screenshot had before. Keepsave's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EarlierContent {
    /// Its id, for fetching it.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: EarlierContentId,
    /// The file's name then.
    pub file_name: String,
    /// The emulator that the state was for.
    pub emulator: Option<String>,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// When another content took its place.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub replaced_at: Time,
}
