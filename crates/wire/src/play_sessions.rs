//! Play sessions: when somebody played which game on which device.

use keepsave_core::ids::{DeviceId, PlaySessionId, RomId, SessionId, UserId};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

/// One play session as a device reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct PlaySessionEntry {
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub rom_id: Option<RomId>,
    pub save_slot: Option<String>,
    /// Fractions of a second do not count. Without a zone, UTC is meant.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub start_time: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub end_time: Time,
    /// How long the game was really played within it.
    pub duration_ms: i64,
}

/// Some play sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct PlaySessionIngestPayload {
    /// Without it, the device that the client's token is bound to.
    pub device_id: Option<String>,
    pub sessions: Vec<PlaySessionEntry>,
}

/// What became of one play session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "RomM's words")]
pub enum IngestStatus {
    Created,
    Duplicate,
    Error,
}

/// What became of the play session at that position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct PlaySessionIngestResult {
    pub index: usize,
    pub status: IngestStatus,
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub id: Option<PlaySessionId>,
    /// What is wrong with it.
    pub detail: Option<String>,
}

/// What became of the play sessions: errors first, then duplicates, then what was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct PlaySessionIngestResponse {
    pub results: Vec<PlaySessionIngestResult>,
    pub created_count: usize,
    pub skipped_count: usize,
}

/// A play session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct PlaySessionSchema {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: PlaySessionId,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub user_id: UserId,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub device_id: Option<DeviceId>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub rom_id: Option<RomId>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub sync_session_id: Option<SessionId>,
    pub save_slot: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub start_time: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub end_time: Time,
    pub duration_ms: i64,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
}
