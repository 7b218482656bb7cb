//! `POST /api/keepsave/library/scan`: looks at the library now.

use axum::Json;
use axum::extract::State;
use keepsave_wire::library::ScanReport;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::library;

/// Compares the library with what is known of it, and says what has changed.
///
/// The bytes of new games are read afterwards: `unhashed` says how many are left.
#[utoipa::path(
    post, path = "/api/keepsave/library/scan", tag = "library",
    responses((status = OK, body = ScanReport), (status = FORBIDDEN)),
)]
pub async fn scan(State(app): State<App>, caller: Caller) -> Result<Json<ScanReport>, Failure> {
    caller.require(Scope::TasksRun)?;
    Ok(Json(library::scan_now(&app).await?))
}
