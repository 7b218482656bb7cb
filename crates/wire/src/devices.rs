//! Devices as RomM shows them.

use keepsave_core::ids::{DeviceId, UserId};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a device's saves travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SyncMode {
    /// An app on the device asks the server.
    #[default]
    Api,
    /// The device puts files into a folder that the server watches.
    FileTransfer,
    /// The server visits the device.
    PushPull,
}

impl SyncMode {
    /// Every mode with its word on the wire.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("api", Self::Api),
        ("file_transfer", Self::FileTransfer),
        ("push_pull", Self::PushPull),
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::FileTransfer => "file_transfer",
            Self::PushPull => "push_pull",
        }
    }

    /// The mode of that word.
    pub fn named(word: &str) -> Option<Self> {
        let known = Self::WORDS.iter().find(|known| known.0 == word)?;
        Some(known.1)
    }
}

/// What stands for a secret of a `sync_config`. Sent back, it leaves the secret as it is.
pub const MASK: &str = "********";

/// The keys of a `sync_config` whose values are secrets.
pub const SECRETS: [&str; 2] = ["ssh_password", "ssh_key_path"];

/// A device as every route sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceSchema {
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub id: DeviceId,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub user_id: UserId,
    pub name: Option<String>,
    pub platform: Option<String>,
    pub client: Option<String>,
    pub client_version: Option<String>,
    pub ip_address: Option<String>,
    pub mac_address: Option<String>,
    pub hostname: Option<String>,
    pub client_device_identifier: Option<String>,
    pub sync_mode: SyncMode,
    pub sync_enabled: bool,
    /// Its secrets are masked.
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub sync_config: Option<Map<String, Value>>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub last_seen: Option<Time>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
}

/// A device that registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
#[serde(default)]
pub struct DeviceCreatePayload {
    pub name: Option<String>,
    pub platform: Option<String>,
    pub client: Option<String>,
    pub client_version: Option<String>,
    pub ip_address: Option<String>,
    /// Two devices with different ones are never taken for each other.
    pub mac_address: Option<String>,
    /// Together with the platform it tells a device without a known `mac_address`.
    pub hostname: Option<String>,
    pub sync_mode: Option<SyncMode>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub sync_config: Option<Map<String, Value>>,
    /// Whether a device that is known already is answered with its id; else with 409.
    pub allow_existing: bool,
    /// Whether a new device is made even when one with this fingerprint is known.
    pub allow_duplicate: bool,
    /// Whether everything that is known of a known device's syncs is forgotten.
    pub reset_syncs: bool,
}

impl Default for DeviceCreatePayload {
    fn default() -> Self {
        Self {
            name: None,
            platform: None,
            client: None,
            client_version: None,
            ip_address: None,
            mac_address: None,
            hostname: None,
            sync_mode: None,
            sync_config: None,
            allow_existing: true,
            allow_duplicate: false,
            reset_syncs: false,
        }
    }
}

/// What a device that registered is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceCreateResponse {
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub device_id: DeviceId,
    pub name: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
}

/// The 409 for a device that is known already and did not allow that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceExists {
    pub detail: DeviceExistsDetail,
}

/// Which device it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceExistsDetail {
    pub error: String,
    pub message: String,
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub device_id: DeviceId,
}

/// What changes of a device. What is left out stays; null empties it, except for `sync_mode` and
/// `sync_enabled`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
#[serde(default)]
pub struct DeviceUpdatePayload {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_mode: Option<SyncMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub sync_config: Option<Map<String, Value>>,
}
