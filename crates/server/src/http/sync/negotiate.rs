//! `POST /api/sync/negotiate`: what a device is to do with each of its saves.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::{DeviceId, RomId};
use keepsave_core::limits;
use keepsave_wire::sync::{ClientSaveState, SyncNegotiatePayload, SyncNegotiateResponse};

use super::not_synced;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::body::Body;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::sync::negotiate;

/// A device shows its saves and is told what to do with each, and what else there is to fetch.
///
/// It is decided by what grew from what, and by what the device has held: no clock is compared.
/// This opens a sync session and cancels one that the device had open.
#[utoipa::path(
    post,
    path = "/api/sync/negotiate",
    tag = "sync",
    request_body = SyncNegotiatePayload,
    responses((status = OK, body = SyncNegotiateResponse))
)]
pub async fn negotiate(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body,
) -> Result<Json<SyncNegotiateResponse>, Failure> {
    caller.require(Scope::AssetsRead)?;
    caller.require(Scope::DevicesRead)?;
    let asked = read(&body)?;
    let bound = caller.device.as_ref().map(|device| device.0.clone());
    let named = asked.device_id.filter(|id| !id.is_empty());
    let device = named.or(bound).ok_or_else(|| {
        Failure::bad_request(
            "device_id is required (either in the request payload or implicit via a device-bound \
             client token)",
        )
    })?;
    negotiate::negotiate(&app, caller.id(), DeviceId(device.clone()), asked.saves)
        .await
        .map(Json)
        .map_err(|why| not_synced(&device, why))
}

/// What is right is read in one go; only what is not is read field by field, to say why.
pub(crate) fn read(body: &[u8]) -> Result<SyncNegotiatePayload, Failure> {
    let payload = match serde_json::from_slice(body) {
        Ok(payload) => payload,
        Err(_) => read_fields(body)?,
    };
    if payload.saves.len() > limits::INVENTORY_SAVES {
        let most = limits::INVENTORY_SAVES;
        return Err(Failure::bad_request(format!(
            "An inventory cannot have more than {most} saves"
        )));
    }
    Ok(payload)
}

fn read_fields(body: &[u8]) -> Result<SyncNegotiatePayload, Failure> {
    let mut fields = Fields::of_body(body)?;
    let payload = SyncNegotiatePayload {
        device_id: fields.optional_text("device_id"),
        saves: fields.objects("saves", |save| ClientSaveState {
            rom_id: RomId(save.integer("rom_id")),
            file_name: save.text("file_name"),
            slot: save.optional_text("slot"),
            emulator: save.optional_text("emulator"),
            content_hash: save.optional_text("content_hash"),
            updated_at: save.moment("updated_at"),
            file_size_bytes: save.integer("file_size_bytes"),
        }),
    };
    fields.finish(payload)
}
