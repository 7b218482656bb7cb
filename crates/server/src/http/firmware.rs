//! `/api/firmware`: none. Keepsave keeps no firmware, and clients that ask for it go on.

use axum::Json;
use keepsave_wire::firmware::FirmwareSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Failure;
use super::path::Text;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;

/// The routes of this area.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(identifiers))
        .routes(routes!(one))
        .routes(routes!(content))
}

/// Firmware files: none.
#[utoipa::path(
    get, path = "/api/firmware", tag = "firmware",
    params(("platform_id" = Option<i64>, Query)),
    responses((status = OK, body = Vec<FirmwareSchema>, description = "Always empty")),
)]
pub async fn list(caller: Caller) -> Result<Json<[FirmwareSchema; 0]>, Failure> {
    caller.require(Scope::FirmwareRead)?;
    Ok(Json([]))
}

/// Their ids: none.
#[utoipa::path(
    get, path = "/api/firmware/identifiers", tag = "firmware",
    responses((status = OK, body = Vec<i64>, description = "Always empty")),
)]
pub async fn identifiers(caller: Caller) -> Result<Json<[i64; 0]>, Failure> {
    caller.require(Scope::FirmwareRead)?;
    Ok(Json([]))
}

/// One firmware file: there is none.
#[utoipa::path(
    get, path = "/api/firmware/{id}", tag = "firmware",
    params(("id" = i64, Path)),
    responses((status = NOT_FOUND)),
)]
pub async fn one(caller: Caller, Text(id): Text) -> Result<(), Failure> {
    caller.require(Scope::FirmwareRead)?;
    Err(not_found(&id))
}

/// Its bytes: there are none.
#[utoipa::path(
    get, path = "/api/firmware/{id}/content/{file_name}", tag = "firmware",
    params(("id" = i64, Path), ("file_name" = String, Path)),
    responses((status = NOT_FOUND)),
)]
pub async fn content(caller: Caller, Text(id): Text) -> Result<(), Failure> {
    caller.require(Scope::FirmwareRead)?;
    Err(not_found(&id))
}

fn not_found(id: &str) -> Failure {
    Failure::not_found(format!("Firmware with ID {id} not found"))
}
