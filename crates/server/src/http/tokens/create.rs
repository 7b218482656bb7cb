//! `POST /api/client-tokens`: a token for a client.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use keepsave_core::limits;
use keepsave_wire::tokens::{ClientTokenCreatePayload, ClientTokenCreateSchema};

use super::view;
use crate::app::App;
use crate::auth::{Caller, client_tokens};
use crate::http::body::SmallBody;
use crate::http::error::Failure;
use crate::http::fields::Fields;

/// Makes a token with some of the caller's scopes. Its secret is shown only now.
#[utoipa::path(
    post, path = "/api/client-tokens", tag = "client-tokens",
    request_body = ClientTokenCreatePayload,
    responses(
        (status = CREATED, body = ClientTokenCreateSchema),
        (status = BAD_REQUEST, description = "`Maximum of 25 tokens per user reached`"),
        (status = FORBIDDEN, description = "`Requested scopes exceed your permissions: …`"),
        (status = UNPROCESSABLE_ENTITY, description = "Among others, `Invalid expires_in value: …`"),
    )
)]
pub async fn create_token(
    State(app): State<App>,
    caller: Caller,
    SmallBody(body): SmallBody,
) -> Result<(StatusCode, Json<ClientTokenCreateSchema>), Failure> {
    let mut fields = Fields::of_body(&body)?;
    let asked = ClientTokenCreatePayload {
        name: fields.text("name"),
        scopes: fields.some_texts("scopes"),
        expires_in: fields.optional_text("expires_in"),
    };
    fields.check_length("name", &asked.name, limits::TOKEN_NAME_CHARS);
    let asked = fields.finish(asked)?;
    let lifetime = asked.expires_in.as_deref();
    let minted = client_tokens::create(&app, &caller, asked.name, &asked.scopes, lifetime).await?;
    Ok((StatusCode::CREATED, Json(view::minted(minted))))
}
