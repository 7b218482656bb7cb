//! What clients sign in with.

use keepsave_core::ids::{DeviceId, TokenId, UserId};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

/// A client token without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct ClientTokenSchema {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<String>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Time>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub last_used_at: Option<Time>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub user_id: UserId,
    /// The device that it belongs to.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub device_id: Option<DeviceId>,
}

/// A client token with its secret, which is shown only this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct ClientTokenCreateSchema {
    #[serde(flatten)]
    pub token: ClientTokenSchema,
    pub raw_token: String,
}

/// A client token as an admin sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct ClientTokenAdminSchema {
    #[serde(flatten)]
    pub token: ClientTokenSchema,
    pub username: String,
    pub user_avatar_path: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub user_updated_at: Time,
}

/// A client token to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct ClientTokenCreatePayload {
    pub name: String,
    /// At least one.
    pub scopes: Vec<String>,
    /// `30d`, `90d`, `1y` or `never`.
    pub expires_in: Option<String>,
}

/// A code that can be exchanged for a token, for a short while and once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct ClientTokenPairSchema {
    pub code: String,
    /// In seconds.
    pub expires_in: i64,
}

/// A code to exchange, however it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct ClientTokenExchangePayload {
    pub code: String,
}

/// The form of `POST /api/token`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct TokenForm {
    /// `password` (when left out) or `refresh_token`.
    pub grant_type: Option<String>,
    /// Separated by spaces. Without any the token may do nothing.
    pub scope: Option<String>,
    pub username: Option<String>,
    pub password: Option<String>,
    pub refresh_token: Option<String>,
}

/// What `POST /api/token` gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct TokenResponse {
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: String,
    /// In seconds.
    pub expires: i64,
    pub refresh_token: String,
    /// In seconds.
    pub refresh_expires: i64,
}
