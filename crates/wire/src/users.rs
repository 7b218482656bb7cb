//! Users, and what they may do.

use keepsave_core::ids::{DeviceId, UserId};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A user as every route sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct UserSchema {
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub id: UserId,
    pub username: String,
    pub email: Option<String>,
    pub enabled: bool,
    /// `admin` or `user`.
    pub role: String,
    /// Always null: there are no groups here.
    pub permission_group_id: Option<i64>,
    /// What the user may do.
    pub oauth_scopes: Vec<String>,
    pub avatar_path: String,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub last_login: Option<Time>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub last_active: Option<Time>,
    pub ra_username: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub ra_progression: Option<Map<String, Value>>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub ui_settings: Option<Map<String, Value>>,
    /// The device of the token or the browser that asks, where it asks about itself.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub current_device_id: Option<DeviceId>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: Time,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: Time,
}

/// A user to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct NewUser {
    pub username: String,
    /// May be empty.
    pub email: String,
    pub password: String,
    /// `admin` or `user`.
    pub role: String,
    /// Ours: the code that the server printed, for the first user.
    pub setup_code: Option<String>,
}

/// What may be changed about a user, as a form; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct UserForm {
    pub username: Option<String>,
    pub password: Option<String>,
    pub email: Option<String>,
    pub role: Option<String>,
    pub enabled: Option<bool>,
    /// A JSON object.
    pub ui_settings: Option<String>,
}

/// What the caller may do, in the words of RomM's pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct PermissionsResponse {
    pub is_admin: bool,
    pub grants: Vec<GrantSchema>,
    pub hidden: HiddenEntitiesSchema,
}

/// One thing that the caller may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct GrantSchema {
    pub action: String,
    pub scope: PermissionScopeSchema,
}

/// Where they may do it: everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct PermissionScopeSchema {
    pub kind: String,
    pub id: Option<i64>,
}

/// What is hidden from the caller: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct HiddenEntitiesSchema {
    pub platforms: Vec<i64>,
    pub roms: Vec<i64>,
}
