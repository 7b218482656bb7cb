//! How a device is let in: it shows a code, a person approves it elsewhere, it fetches its token.

use keepsave_core::ids::DeviceId;
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

/// A device asks to be let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceAuthInitPayload {
    /// What the device calls itself: the same each time.
    pub client_device_identifier: String,
    pub name: String,
    pub client: String,
    pub platform: Option<String>,
    pub client_version: Option<String>,
    pub requested_scopes: Vec<String>,
}

/// What it shows to a person, and what it polls with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceAuthInitResponse {
    pub device_code: String,
    pub user_code: String,
    /// Below the address that the device knows the server by.
    pub verification_path: String,
    pub verification_path_complete: String,
    /// In seconds.
    pub expires_in: i64,
    /// How many seconds to wait between two polls.
    pub interval: i64,
}

/// Who asks to be let in, as the person who decides sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceAuthPendingSchema {
    pub client_device_identifier: String,
    pub name: String,
    pub client: String,
    pub platform: Option<String>,
    pub client_version: Option<String>,
    /// By name.
    pub requested_scopes: Vec<String>,
    /// Those of them that the person can give.
    pub allowed_scopes: Vec<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub expires_at: Time,
}

/// A person lets a device in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceAuthApprovePayload {
    pub user_code: String,
    pub approved_scopes: Vec<String>,
    /// Instead of the name that the device gave itself.
    pub device_name: Option<String>,
    /// `30d`, `90d`, `1y` or `never`.
    pub expires_in: Option<String>,
}

/// The device that was let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceAuthApproveResponse {
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub device_id: DeviceId,
    pub device_name: Option<String>,
}

/// A person refuses a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceAuthDenyPayload {
    pub user_code: String,
}

/// A device polls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceAuthTokenPayload {
    pub device_code: String,
}

/// The token of a device that was let in; it is given once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct DeviceAuthTokenResponse {
    pub access_token: String,
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub device_id: DeviceId,
    pub scopes: Vec<String>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Time>,
}
