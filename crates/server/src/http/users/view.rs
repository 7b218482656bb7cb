//! A user as the wire shows them.

use keepsave_core::ids::DeviceId;
use keepsave_wire::users::UserSchema;
use serde_json::Map;

use crate::vault::users::User;

/// The user; with the device that asks where they ask about themselves.
pub fn schema(user: User, device: Option<DeviceId>) -> UserSchema {
    UserSchema {
        id: user.id,
        username: user.username,
        email: user.email,
        enabled: user.enabled,
        role: user.role.as_str().to_owned(),
        permission_group_id: None,
        oauth_scopes: user.role.scopes().iter().map(|it| it.to_string()).collect(),
        avatar_path: String::new(),
        last_login: user.last_login,
        last_active: user.last_active,
        ra_username: Some(String::new()),
        ra_progression: Some(Map::new()),
        ui_settings: Some(serde_json::from_str(&user.ui_settings).unwrap_or_default()),
        current_device_id: device,
        created_at: user.created_at,
        updated_at: user.updated_at,
    }
}
