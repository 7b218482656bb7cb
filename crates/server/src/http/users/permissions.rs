//! `GET /api/permissions/me`: what the caller may do, in the words of RomM's pages.

use axum::Json;
use keepsave_wire::users::{
    GrantSchema, HiddenEntitiesSchema, PermissionScopeSchema, PermissionsResponse,
};

use crate::auth::Caller;
use crate::auth::scope::{Role, Scope};
use crate::http::error::Failure;

/// Each action, in RomM's order, and the scope that allows it.
const ACTIONS: [(&str, Scope); 23] = [
    ("rom.view", Scope::RomsRead),
    ("rom.play", Scope::RomsRead),
    ("rom.download", Scope::RomsRead),
    ("rom.upload", Scope::RomsWrite),
    ("rom.edit", Scope::RomsWrite),
    ("rom.delete", Scope::RomsWrite),
    ("rom.match", Scope::RomsWrite),
    ("rom.refresh", Scope::RomsWrite),
    ("rom.favorite", Scope::RomsRead),
    ("platform.view", Scope::PlatformsRead),
    ("platform.create", Scope::PlatformsWrite),
    ("platform.edit", Scope::PlatformsWrite),
    ("platform.delete", Scope::PlatformsWrite),
    ("collection.view", Scope::CollectionsRead),
    ("collection.create", Scope::CollectionsWrite),
    ("collection.edit", Scope::CollectionsWrite),
    ("collection.delete", Scope::CollectionsWrite),
    ("library.scan", Scope::PlatformsWrite),
    ("user.view", Scope::UsersRead),
    ("user.create", Scope::UsersWrite),
    ("user.edit", Scope::UsersWrite),
    ("user.delete", Scope::UsersWrite),
    ("app.admin", Scope::UsersWrite),
];

/// What the caller's account may do, everywhere; nothing is hidden from anyone.
#[utoipa::path(
    get, path = "/api/permissions/me", tag = "users",
    responses((status = OK, body = PermissionsResponse))
)]
pub async fn own_permissions(caller: Caller) -> Result<Json<PermissionsResponse>, Failure> {
    caller.require(Scope::MeRead)?;
    let role = caller.user.role;
    let allowed = ACTIONS
        .iter()
        .filter(|(_, scope)| role.scopes().has(*scope));
    let grants = allowed.map(|(action, _)| GrantSchema {
        action: (*action).to_owned(),
        scope: PermissionScopeSchema {
            kind: "global".to_owned(),
            id: None,
        },
    });
    Ok(Json(PermissionsResponse {
        is_admin: role == Role::Admin,
        grants: grants.collect(),
        hidden: HiddenEntitiesSchema::default(),
    }))
}
