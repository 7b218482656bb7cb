//! `POST /api/client-tokens/exchange`: a code becomes a token.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use keepsave_wire::tokens::{ClientTokenCreateSchema, ClientTokenExchangePayload};

use super::view;
use crate::app::App;
use crate::auth::address::Origin;
use crate::auth::client_tokens::{self, Exchanged};
use crate::auth::limiter::Attempt;
use crate::auth::too_many;
use crate::http::body::SmallBody;
use crate::http::error::Failure;
use crate::http::fields::Fields;

/// Exchanges a code, however it was typed, for its token. The token gets another secret: the one
/// that was shown before is dead.
#[utoipa::path(
    post, path = "/api/client-tokens/exchange", tag = "client-tokens",
    request_body = ClientTokenExchangePayload,
    responses(
        (status = OK, body = ClientTokenCreateSchema),
        (status = FORBIDDEN, description = "`Token owner is disabled`"),
        (
            status = NOT_FOUND,
            description = "`Invalid or expired pairing code`, `Token no longer exists`"
        ),
        (status = TOO_MANY_REQUESTS, description = "More than 5 a minute from one address"),
    )
)]
pub async fn exchange_code(
    State(app): State<App>,
    origin: Origin,
    SmallBody(body): SmallBody,
) -> Result<Json<ClientTokenCreateSchema>, Failure> {
    let mut fields = Fields::of_body(&body)?;
    let code = fields.text("code");
    let code = fields.finish(code)?;
    app.limiter
        .count(Attempt::Exchange, &origin.who(), app.now())
        .map_err(|wait| too_many("Too many exchange attempts. Try again later.", wait))?;
    match client_tokens::exchange(&app, &code).await? {
        Exchanged::Minted(minted) => Ok(Json(view::minted(minted))),
        Exchanged::Unknown => Err(Failure::not_found("Invalid or expired pairing code")),
        Exchanged::OwnerDisabled => Err(Failure::new(
            StatusCode::FORBIDDEN,
            "Token owner is disabled",
        )),
        Exchanged::TokenGone => Err(Failure::not_found("Token no longer exists")),
    }
}
