//! `GET /api/saves`: every save, or those of a game, a platform, a slot.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::header;
use keepsave_core::ids::{DeviceId, PlatformId, RomId, UserId};
use keepsave_wire::saves::SaveSchema;
use serde::Serializer;
use serde::ser::SerializeSeq;

use super::{named_device, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::saves::view;
use crate::vault::saves::Filter;
use crate::vault::{Fault, Tx};

/// Lists the caller's saves, oldest first, without paging: clients count on that.
///
/// With a device each save says where every device stands towards it, that device first.
#[utoipa::path(
    get, path = "/api/saves", tag = "saves",
    params(
        ("rom_id" = Option<i64>, Query, description = "Of this game; 0 is no filter"),
        ("platform_id" = Option<i64>, Query, description = "Of this platform; 0 is no filter"),
        ("device_id" = Option<String>, Query, description = "As this device sees them"),
        ("slot" = Option<String>, Query, description = "Of the slot with exactly this name"),
    ),
    responses((status = OK, body = Vec<SaveSchema>)),
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    caller.require(Scope::AssetsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let filter = Filter {
        rom: fields
            .optional_integer("rom_id")
            .filter(|id| *id != 0)
            .map(RomId),
        platform: fields
            .optional_integer("platform_id")
            .filter(|id| *id != 0)
            .map(PlatformId),
        slot: fields.optional_text("slot"),
    };
    let device_id = fields.optional_text("device_id");
    let filter = fields.finish(filter)?;
    let device = named_device(&app, &caller, device_id.as_deref(), Scope::DevicesRead)?;
    let device = device.as_ref().map(|device| &device.id);
    let body = app
        .vault
        .read(|tx| written(tx, caller.id(), &filter, device))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// Each save is let go as soon as it is written: a long list is never held.
fn written(
    tx: &Tx<'_>,
    user: UserId,
    filter: &Filter,
    device: Option<&DeviceId>,
) -> Result<Vec<u8>, Fault> {
    let failed = |error: serde_json::Error| Fault::File(error.into());
    let mut body = Vec::new();
    let mut json = serde_json::Serializer::new(&mut body);
    let mut list = json.serialize_seq(None).map_err(failed)?;
    view::each(tx, user, filter, device, |view| {
        list.serialize_element(&schema(view)).map_err(failed)
    })?;
    list.end().map_err(failed)?;
    Ok(body)
}
