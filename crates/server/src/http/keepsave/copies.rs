//! Versions and slots are copied, slots are moved.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::{RomId, VersionId};
use keepsave_core::slots::Slot;
use keepsave_wire::saves::SaveSchema;

use super::not_done;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::body::Body;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::http::saves::schema;
use crate::versions::{copy, slots};

/// Puts the content of a version into a slot, as its newest.
#[utoipa::path(
    post, path = "/api/keepsave/versions/{id}/copy", tag = "versions",
    params(("id" = i64, Path)),
    request_body(content_type = "application/json", description = "`{\"slot\": \"second run\"}`"),
    responses((status = OK, body = SaveSchema), (status = NOT_FOUND), (status = GONE)),
)]
pub async fn copy_version(
    State(app): State<App>,
    caller: Caller,
    id: Id<VersionId>,
    Body(body): Body,
) -> Result<Json<SaveSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let mut fields = Fields::of_body(&body)?;
    let slot = slot_name(&mut fields, "slot");
    let slot = fields.finish(slot)?;
    let view = copy::copy(&app, caller.id(), id.0, slot)
        .await
        .map_err(|error| not_done(error, &format!("Version with ID {}", id.0)))?;
    Ok(Json(schema(view)))
}

/// Copies a slot with its history to a slot that has none.
#[utoipa::path(
    post, path = "/api/keepsave/slots/copy", tag = "versions",
    request_body(content_type = "application/json",
                 description = "`{\"rom_id\": 1, \"from\": \"autosave\", \"to\": \"spare\"}`"),
    responses((status = OK), (status = NOT_FOUND), (status = CONFLICT)),
)]
pub async fn copy_slot(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body,
) -> Result<Json<()>, Failure> {
    let Move { rom, from, to } = Move::read(&caller, &body)?;
    let what = format!("Slot '{from}'");
    slots::copy(&app, caller.id(), rom, from, to)
        .await
        .map_err(|error| not_done(error, &what))?;
    Ok(Json(()))
}

/// Gives a slot another name: its saves, its history and every device's place in it stay.
#[utoipa::path(
    post, path = "/api/keepsave/slots/move", tag = "versions",
    request_body(content_type = "application/json",
                 description = "`{\"rom_id\": 1, \"from\": \"autosave\", \"to\": \"first run\"}`"),
    responses((status = OK), (status = NOT_FOUND), (status = CONFLICT)),
)]
pub async fn move_slot(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body,
) -> Result<Json<()>, Failure> {
    let Move { rom, from, to } = Move::read(&caller, &body)?;
    let what = format!("Slot '{from}'");
    slots::rename(&app, caller.id(), rom, from, to)
        .await
        .map_err(|error| not_done(error, &what))?;
    Ok(Json(()))
}

struct Move {
    rom: RomId,
    from: String,
    to: String,
}

impl Move {
    fn read(caller: &Caller, body: &[u8]) -> Result<Self, Failure> {
        caller.require(Scope::AssetsWrite)?;
        let mut fields = Fields::of_body(body)?;
        let read = Self {
            rom: RomId(fields.integer("rom_id")),
            from: fields.text("from"),
            to: slot_name(&mut fields, "to"),
        };
        fields.finish(read)
    }
}

/// A name that a slot can have.
fn slot_name(fields: &mut Fields, name: &str) -> String {
    let slot = fields.text(name);
    if let Err(error) = Slot::new(&slot) {
        fields.refuse_field(name, &error.to_string());
    }
    slot
}
