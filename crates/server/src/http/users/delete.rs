//! `DELETE /api/users/{id}`: a user leaves, their saves stay in the store.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::UserId;

use crate::app::App;
use crate::auth::{Caller, accounts};
use crate::http::error::Failure;
use crate::http::path::Id;

/// Deletes a user. Their tokens and sessions end; what they saved is hidden, not destroyed.
#[utoipa::path(
    delete, path = "/api/users/{id}", tag = "users", params(("id" = i64, Path)),
    responses(
        (status = OK, description = "Null"),
        (status = BAD_REQUEST, description = "Oneself, or the last admin"),
        (status = NOT_FOUND, description = "`User not found`"),
    )
)]
pub async fn delete_user(
    State(app): State<App>,
    caller: Caller,
    id: Id<UserId>,
) -> Result<Json<()>, Failure> {
    accounts::delete(&app, &caller, id.0).await?;
    Ok(Json(()))
}
