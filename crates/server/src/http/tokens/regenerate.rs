//! `PUT /api/client-tokens/{token_id}/regenerate`: another secret for a token.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::TokenId;
use keepsave_wire::tokens::ClientTokenCreateSchema;

use super::view;
use crate::app::App;
use crate::auth::{Caller, client_tokens};
use crate::http::error::Failure;
use crate::http::path::Id;

/// Gives a token of the caller another secret. The one before is dead at once.
#[utoipa::path(
    put, path = "/api/client-tokens/{token_id}/regenerate", tag = "client-tokens",
    params(("token_id" = i64, Path)),
    responses(
        (status = OK, body = ClientTokenCreateSchema),
        (status = NOT_FOUND, description = "`Token not found`"),
    )
)]
pub async fn regenerate_token(
    State(app): State<App>,
    caller: Caller,
    id: Id<TokenId>,
) -> Result<Json<ClientTokenCreateSchema>, Failure> {
    let minted = client_tokens::regenerate(&app, &caller, id.0).await?;
    Ok(Json(view::minted(minted)))
}
