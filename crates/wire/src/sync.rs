//! Device sync: negotiate, sessions, complete.

use keepsave_core::content::ContentHash;
use keepsave_core::ids::{DeviceId, RomId, SaveId, SessionId, UserId};
use keepsave_core::negotiate::Action;
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

use crate::play_sessions::{PlaySessionEntry, PlaySessionIngestResponse};

/// A device shows which saves it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SyncNegotiatePayload {
    /// Without it, the device that the client's token is bound to.
    pub device_id: Option<String>,
    pub saves: Vec<ClientSaveState>,
}

/// One save as a device has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct ClientSaveState {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub rom_id: RomId,
    pub file_name: String,
    pub slot: Option<String>,
    pub emulator: Option<String>,
    /// The content's hash as RomM computes it. Any other text is content that no one knows.
    pub content_hash: Option<String>,
    /// What the device's clock said. Nothing is decided by it.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
    pub file_size_bytes: i64,
}

/// One line of the plan. Every key is always there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SyncOperation {
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub action: Action,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub rom_id: RomId,
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub save_id: Option<SaveId>,
    pub file_name: String,
    pub slot: Option<String>,
    pub emulator: Option<String>,
    /// Why, in one sentence.
    pub reason: String,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub server_updated_at: Option<Time>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub server_content_hash: Option<ContentHash>,
}

/// The plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SyncNegotiateResponse {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub session_id: SessionId,
    pub operations: Vec<SyncOperation>,
    pub total_upload: usize,
    pub total_download: usize,
    pub total_conflict: usize,
    pub total_no_op: usize,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "RomM's words")]
pub enum SessionStatus {
    Pending,
    InProgress,
    Completed,
    Failed,
    Cancelled,
}

impl SessionStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::InProgress,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The status of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether it still goes on.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }
}

/// A sync session, from negotiate to complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SyncSessionSchema {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: SessionId,
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub device_id: DeviceId,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub user_id: UserId,
    pub status: SessionStatus,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub initiated_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub completed_at: Option<Time>,
    pub operations_planned: i64,
    pub operations_completed: i64,
    pub operations_failed: i64,
    pub error_message: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
}

/// A device is done with a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
#[serde(default)]
pub struct SyncCompletePayload {
    pub operations_completed: i64,
    pub operations_failed: i64,
    /// When games were played on the device since the last sync.
    pub play_sessions: Option<Vec<PlaySessionEntry>>,
}

/// The session as it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SyncCompleteResponse {
    pub session: SyncSessionSchema,
    /// What became of the play sessions; null when there were none.
    pub play_session_ingest: Option<PlaySessionIngestResponse>,
}
