//! `/api/keepsave/sets/{set_id}`: files that form one save together.

use axum::Json;
use axum::extract::{Path, State};
use keepsave_wire::saves::SaveSchema;
use keepsave_wire::versions::VersionSchema;

use super::{not_done, version_schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::saves::schema;
use crate::versions::{list, restore as service};

/// Lists the versions of a set, one for each of its files.
#[utoipa::path(
    get, path = "/api/keepsave/sets/{set_id}", tag = "versions",
    params(("set_id" = String, Path, description = "The `set_id` of the uploads")),
    responses((status = OK, body = Vec<VersionSchema>), (status = NOT_FOUND)),
)]
pub async fn set(
    State(app): State<App>,
    caller: Caller,
    Path(set_id): Path<String>,
) -> Result<Json<Vec<VersionSchema>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let versions = list::set(&app, caller.id(), &set_id)?;
    if versions.is_empty() {
        return Err(Failure::not_found(format!("Set {set_id} not found")));
    }
    Ok(Json(versions.into_iter().map(version_schema).collect()))
}

/// Makes every file of a set current again, all or none.
#[utoipa::path(
    post, path = "/api/keepsave/sets/{set_id}/restore", tag = "versions",
    params(("set_id" = String, Path, description = "The `set_id` of the uploads")),
    responses((status = OK, body = Vec<SaveSchema>), (status = NOT_FOUND), (status = GONE)),
)]
pub async fn restore(
    State(app): State<App>,
    caller: Caller,
    Path(set_id): Path<String>,
) -> Result<Json<Vec<SaveSchema>>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let what = format!("Set {set_id}");
    let views = service::restore_set(&app, caller.id(), set_id)
        .await
        .map_err(|error| not_done(error, &what))?;
    Ok(Json(views.into_iter().map(schema).collect()))
}
