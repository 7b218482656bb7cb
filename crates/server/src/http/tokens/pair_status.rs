//! `GET /api/client-tokens/pair/{code}/status`: whether a code still waits.

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::auth::client_tokens;
use crate::http::error::Failure;
use crate::http::path::Text;

/// Whether a code has not been exchanged yet and has not run out. Whoever shows it asks.
#[utoipa::path(
    get, path = "/api/client-tokens/pair/{code}/status", tag = "client-tokens",
    params(("code" = String, Path, description = "However it was typed")),
    responses(
        (status = OK, description = "Null: it waits"),
        (status = NOT_FOUND, description = "`Not Found`"),
    )
)]
pub async fn pair_status(State(app): State<App>, Text(code): Text) -> Result<Json<()>, Failure> {
    if client_tokens::is_pairing(&app, &code)? {
        Ok(Json(()))
    } else {
        Err(Failure::not_found("Not Found"))
    }
}
