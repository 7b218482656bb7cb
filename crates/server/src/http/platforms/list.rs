//! `GET /api/platforms`: every platform, by name.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_wire::platforms::PlatformSchema;

use super::schema;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::vault::platforms;

/// Every platform, or those that changed after a moment.
#[utoipa::path(
    get, path = "/api/platforms", tag = "platforms",
    params(("updated_after" = Option<String>, Query, description = "A moment in ISO 8601")),
    responses((status = OK, body = Vec<PlatformSchema>)),
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<PlatformSchema>>, Failure> {
    caller.require(Scope::PlatformsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let after = fields.optional_moment("updated_after");
    let after = fields.finish(after)?;
    let rows = app.vault.read(|tx| platforms::all(tx, after))?;
    Ok(Json(rows.into_iter().map(schema).collect()))
}
