//! `POST /api/client-tokens/{token_id}/pair`: a code that hands a token to a client.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::TokenId;
use keepsave_core::limits;
use keepsave_wire::tokens::ClientTokenPairSchema;

use crate::app::App;
use crate::auth::{Caller, client_tokens};
use crate::http::error::Failure;
use crate::http::path::Id;

/// Makes a code that a client can exchange for the token, once and within a minute.
#[utoipa::path(
    post, path = "/api/client-tokens/{token_id}/pair", tag = "client-tokens",
    params(("token_id" = i64, Path)),
    responses(
        (status = OK, body = ClientTokenPairSchema),
        (status = NOT_FOUND, description = "`Token not found`"),
    )
)]
pub async fn pair_token(
    State(app): State<App>,
    caller: Caller,
    id: Id<TokenId>,
) -> Result<Json<ClientTokenPairSchema>, Failure> {
    Ok(Json(ClientTokenPairSchema {
        code: client_tokens::pair(&app, &caller, id.0).await?,
        expires_in: limits::PAIRING_CODE_SECONDS,
    }))
}
