//! `DELETE /api/screenshots/{id}`: a picture is deleted.

use axum::extract::State;
use http::StatusCode;
use keepsave_core::ids::ScreenshotId;

use super::not_found;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::screenshots::delete as service;

/// Takes one of the caller's pictures out of sight. Nothing is destroyed.
#[utoipa::path(
    delete, path = "/api/screenshots/{id}", tag = "screenshots",
    params(("id" = i64, Path)),
    responses((status = OK, description = "An empty body"), (status = NOT_FOUND)),
)]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    id: Id<ScreenshotId>,
) -> Result<StatusCode, Failure> {
    caller.require(Scope::AssetsWrite)?;
    if service::delete(&app, caller.id(), id.0).await? {
        Ok(StatusCode::OK)
    } else {
        Err(not_found())
    }
}
