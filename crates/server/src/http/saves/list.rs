//! `GET /api/saves`: every save, or those of a game, a platform, a slot.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::header;
use keepsave_core::ids::{PlatformId, RomId};
use keepsave_wire::saves::SaveSchema;
use serde::Serializer;

use super::{named_device, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::saves::view;
use crate::vault::Fault;
use crate::vault::saves::Filter;

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
    let views = app
        .vault
        .read(|tx| view::list(tx, caller.id(), &filter, device))?;
    written(views.into_iter().map(schema))
}

/// Each save is let go as soon as it is written: a long list is never held twice.
fn written(saves: impl Iterator<Item = SaveSchema>) -> Result<Response, Failure> {
    let mut body = Vec::new();
    serde_json::Serializer::new(&mut body)
        .collect_seq(saves)
        .map_err(|error| Fault::File(error.into()))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
