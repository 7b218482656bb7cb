//! `GET /api/platforms/{id}`: one platform.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::PlatformId;
use keepsave_wire::platforms::PlatformSchema;

use super::{not_found, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::vault::platforms;

/// One platform.
#[utoipa::path(
    get, path = "/api/platforms/{id}", tag = "platforms",
    params(("id" = i64, Path)),
    responses((status = OK, body = PlatformSchema), (status = NOT_FOUND)),
)]
pub async fn get(
    State(app): State<App>,
    caller: Caller,
    id: Id<PlatformId>,
) -> Result<Json<PlatformSchema>, Failure> {
    caller.require(Scope::PlatformsRead)?;
    let row = app.vault.read(|tx| platforms::by_id(tx, id.0))?;
    row.map(|row| Json(schema(row)))
        .ok_or_else(|| not_found(id.0))
}
