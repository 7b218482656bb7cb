//! `DELETE /api/client-tokens/{token_id}`: one's own token goes.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::TokenId;

use crate::app::App;
use crate::auth::{Caller, client_tokens};
use crate::http::error::Failure;
use crate::http::path::Id;

/// Deletes a token of the caller. Whoever uses it is signed out at once.
#[utoipa::path(
    delete, path = "/api/client-tokens/{token_id}", tag = "client-tokens",
    params(("token_id" = i64, Path)),
    responses(
        (status = OK, description = "Null"),
        (status = NOT_FOUND, description = "`Token not found`"),
    )
)]
pub async fn delete_token(
    State(app): State<App>,
    caller: Caller,
    id: Id<TokenId>,
) -> Result<Json<()>, Failure> {
    client_tokens::delete(&app, &caller, id.0).await?;
    Ok(Json(()))
}
