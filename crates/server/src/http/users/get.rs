//! `GET /api/users/{id}`: one user.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::UserId;
use keepsave_wire::users::UserSchema;

use super::view;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::vault::users;

/// A user.
#[utoipa::path(
    get, path = "/api/users/{id}", tag = "users", params(("id" = i64, Path)),
    responses(
        (status = OK, body = UserSchema),
        (status = NOT_FOUND, description = "`User not found`"),
    )
)]
pub async fn get_user(
    State(app): State<App>,
    caller: Caller,
    id: Id<UserId>,
) -> Result<Json<UserSchema>, Failure> {
    caller.require(Scope::UsersRead)?;
    let user = app.vault.read(|tx| users::by_id(tx, id.0))?;
    let user = user.ok_or_else(|| Failure::not_found("User not found"))?;
    Ok(Json(view::schema(user, None)))
}
