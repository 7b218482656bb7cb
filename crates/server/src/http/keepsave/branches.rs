//! `/api/keepsave/branches`: what a person may want to settle.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::{RomId, VersionId};
use keepsave_wire::saves::SaveSchema;
use keepsave_wire::versions::BranchSchema;

use super::{not_done, version_schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::http::saves::schema;
use crate::versions::list::{self, Branch};
use crate::versions::settle;

/// Lists the versions that nothing grew from and that are not current: refused uploads, and what
/// a device that was behind replaced. To make one current, restore it.
#[utoipa::path(
    get, path = "/api/keepsave/branches", tag = "versions",
    params(("rom_id" = Option<i64>, Query, description = "Of this game only")),
    responses((status = OK, body = Vec<BranchSchema>)),
)]
pub async fn branches(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<BranchSchema>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let rom = fields.optional_integer("rom_id").map(RomId);
    let rom = fields.finish(rom)?;
    let branches = list::branches(&app, caller.id(), rom)?;
    Ok(Json(branches.into_iter().map(branch_schema).collect()))
}

fn branch_schema(branch: Branch) -> BranchSchema {
    let Branch {
        grown,
        timeline,
        head,
    } = branch;
    let device = grown.record.device_name.clone();
    BranchSchema {
        rom_id: timeline.rom_id,
        slot: timeline.slot,
        name: device.unwrap_or_else(|| "another device".to_owned()),
        version: version_schema(grown),
        head,
    }
}

/// Gives a branch a slot of its own, `<slot> (<device>)`, beside the current save.
#[utoipa::path(
    post, path = "/api/keepsave/branches/{id}/keep-both", tag = "versions",
    params(("id" = i64, Path, description = "The branch's version")),
    responses((status = OK, body = SaveSchema), (status = NOT_FOUND), (status = GONE)),
)]
pub async fn keep_both(
    State(app): State<App>,
    caller: Caller,
    id: Id<VersionId>,
) -> Result<Json<SaveSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let view = settle::keep_both(&app, caller.id(), id.0)
        .await
        .map_err(|error| not_done(error, &format!("Version with ID {}", id.0)))?;
    Ok(Json(schema(view)))
}

/// Lets a branch rest: it is no longer listed here, and stays a version that can be restored.
#[utoipa::path(
    post, path = "/api/keepsave/branches/{id}/dismiss", tag = "versions",
    params(("id" = i64, Path, description = "The branch's version")),
    responses((status = OK), (status = NOT_FOUND)),
)]
pub async fn dismiss(
    State(app): State<App>,
    caller: Caller,
    id: Id<VersionId>,
) -> Result<Json<()>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    settle::dismiss(&app, caller.id(), id.0)
        .await
        .map_err(|error| not_done(error, &format!("Version with ID {}", id.0)))?;
    Ok(Json(()))
}
