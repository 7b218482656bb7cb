//! `GET /api/users/identifiers`: everyone's id.

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::vault::users;

/// The id of every user.
#[utoipa::path(
    get, path = "/api/users/identifiers", tag = "users",
    responses((status = OK, body = Vec<i64>))
)]
pub async fn user_identifiers(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<i64>>, Failure> {
    caller.require(Scope::UsersRead)?;
    let all = app.vault.read(users::all)?;
    Ok(Json(all.into_iter().map(|user| user.id.0).collect()))
}
