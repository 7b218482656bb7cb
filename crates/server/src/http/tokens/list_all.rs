//! `GET /api/client-tokens/all`: everyone's tokens.

use axum::Json;
use axum::extract::State;
use keepsave_wire::tokens::ClientTokenAdminSchema;

use super::view;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::vault::tokens;

/// Everyone's tokens with their owners, newest first.
#[utoipa::path(
    get, path = "/api/client-tokens/all", tag = "client-tokens",
    responses((status = OK, body = Vec<ClientTokenAdminSchema>))
)]
pub async fn list_all_tokens(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<ClientTokenAdminSchema>>, Failure> {
    caller.require(Scope::UsersRead)?;
    let all = app.vault.read(tokens::of_everyone)?;
    let shown = all.into_iter().map(|(token, user)| ClientTokenAdminSchema {
        token: view::schema(token),
        username: user.username,
        user_avatar_path: String::new(),
        user_updated_at: user.updated_at,
    });
    Ok(Json(shown.collect()))
}
