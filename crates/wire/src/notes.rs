//! Notes that people write about a game.

use keepsave_core::ids::{NoteId, UserId};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

/// A note beside the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct NoteSchema {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: NoteId,
    pub title: String,
    pub content: String,
    pub is_public: bool,
    pub tags: Vec<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub user_id: UserId,
    pub username: String,
    pub user_avatar_path: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub user_updated_at: Time,
}
