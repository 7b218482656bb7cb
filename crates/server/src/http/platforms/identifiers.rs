//! `GET /api/platforms/identifiers`: the ids of every platform.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::PlatformId;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::vault::platforms;

/// The ids of every platform, by name. Clients forget what is not among them.
#[utoipa::path(
    get, path = "/api/platforms/identifiers", tag = "platforms",
    responses((status = OK, body = Vec<i64>)),
)]
pub async fn identifiers(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<PlatformId>>, Failure> {
    caller.require(Scope::PlatformsRead)?;
    let rows = app.vault.read(|tx| platforms::all(tx, None))?;
    Ok(Json(rows.into_iter().map(|row| row.id).collect()))
}
