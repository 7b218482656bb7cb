//! `/api/keepsave/deleted`: what is not listed any more and can be brought back.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::{RomId, SaveId};
use keepsave_wire::saves::SaveSchema;
use keepsave_wire::versions::HiddenSave;

use super::not_done;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::http::saves::schema;
use crate::versions::{list, undelete as service};

/// Lists the saves that a person deleted or a client's autocleanup hid, the last one first.
#[utoipa::path(
    get, path = "/api/keepsave/deleted", tag = "versions",
    params(("rom_id" = Option<i64>, Query, description = "Of this game only")),
    responses((status = OK, body = Vec<HiddenSave>)),
)]
pub async fn deleted(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<HiddenSave>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let rom = fields.optional_integer("rom_id").map(RomId);
    let rom = fields.finish(rom)?;
    let rows = list::hidden(&app, caller.id(), rom)?;
    let hidden = rows.into_iter().map(|row| HiddenSave {
        id: row.save.id,
        rom_id: row.save.rom_id,
        slot: row.save.slot,
        file_name: row.save.file_name,
        size_bytes: row.save.size,
        why: row.why,
        hidden_at: row.at,
    });
    Ok(Json(hidden.collect()))
}

/// Brings a save back, in its place in history: it is current again when nothing newer came since.
#[utoipa::path(
    post, path = "/api/keepsave/saves/{id}/undelete", tag = "versions",
    params(("id" = i64, Path)),
    responses((status = OK, body = SaveSchema), (status = NOT_FOUND), (status = GONE)),
)]
pub async fn undelete(
    State(app): State<App>,
    caller: Caller,
    id: Id<SaveId>,
) -> Result<Json<SaveSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let view = service::undelete(&app, caller.id(), id.0)
        .await
        .map_err(|error| not_done(error, &format!("Save with ID {}", id.0)))?;
    Ok(Json(schema(view)))
}
