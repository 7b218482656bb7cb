//! `GET /api/users`: everyone.

use axum::Json;
use axum::extract::State;
use keepsave_wire::users::UserSchema;

use super::view;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::vault::users;

/// Every user, oldest first.
#[utoipa::path(
    get, path = "/api/users", tag = "users",
    responses((status = OK, body = Vec<UserSchema>))
)]
pub async fn list_users(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<UserSchema>>, Failure> {
    caller.require(Scope::UsersRead)?;
    let all = app.vault.read(users::all)?;
    let shown = all.into_iter().map(|user| view::schema(user, None));
    Ok(Json(shown.collect()))
}
