//! `GET /api/client-tokens`: one's own tokens.

use axum::Json;
use axum::extract::State;
use keepsave_wire::tokens::ClientTokenSchema;

use super::view;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::vault::tokens;

/// The caller's tokens, newest first.
#[utoipa::path(
    get, path = "/api/client-tokens", tag = "client-tokens",
    responses((status = OK, body = Vec<ClientTokenSchema>))
)]
pub async fn list_tokens(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<ClientTokenSchema>>, Failure> {
    caller.require(Scope::MeRead)?;
    let own = app.vault.read(|tx| tokens::of_user(tx, caller.id()))?;
    Ok(Json(own.into_iter().map(view::schema).collect()))
}
