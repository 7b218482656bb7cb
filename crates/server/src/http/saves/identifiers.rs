//! `GET /api/saves/identifiers`: the ids of every save.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::SaveId;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::vault::saves;

/// Lists the ids of the caller's saves, oldest first.
#[utoipa::path(
    get, path = "/api/saves/identifiers", tag = "saves",
    responses((status = OK, body = Vec<i64>)),
)]
pub async fn identifiers(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<SaveId>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    Ok(Json(
        app.vault.read(|tx| saves::identifiers(tx, caller.id()))?,
    ))
}
