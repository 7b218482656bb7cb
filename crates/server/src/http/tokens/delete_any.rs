//! `DELETE /api/client-tokens/{token_id}/admin`: anyone's token goes.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::TokenId;

use crate::app::App;
use crate::auth::{Caller, client_tokens};
use crate::http::error::Failure;
use crate::http::path::Id;

/// Deletes a token, whosever it is.
#[utoipa::path(
    delete, path = "/api/client-tokens/{token_id}/admin", tag = "client-tokens",
    params(("token_id" = i64, Path)),
    responses(
        (status = OK, description = "Null"),
        (status = NOT_FOUND, description = "`Token not found`"),
    )
)]
pub async fn delete_any_token(
    State(app): State<App>,
    caller: Caller,
    id: Id<TokenId>,
) -> Result<Json<()>, Failure> {
    client_tokens::delete_anyones(&app, &caller, id.0).await?;
    Ok(Json(()))
}
