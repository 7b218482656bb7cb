//! `GET /api/users/me`: who is asking.

use axum::Json;
use keepsave_wire::users::UserSchema;

use super::view;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;

/// The caller, with the device that their token or browser belongs to.
#[utoipa::path(
    get, path = "/api/users/me", tag = "users",
    responses((status = OK, body = UserSchema))
)]
pub async fn current_user(caller: Caller) -> Result<Json<UserSchema>, Failure> {
    caller.require(Scope::MeRead)?;
    Ok(Json(view::schema(caller.user, caller.device)))
}
