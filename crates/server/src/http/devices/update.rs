//! `PUT /api/devices/{device_id}`: some fields of a device change.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::DeviceId;
use keepsave_wire::devices::{DeviceSchema, DeviceUpdatePayload, SyncMode};

use super::{schema, sync_config, texts, unknown};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::devices::change::{self, Changes};
use crate::http::body::Body;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Text;

/// Some fields of a device change. What is left out stays as it is.
#[utoipa::path(
    put,
    path = "/api/devices/{device_id}",
    tag = "devices",
    params(("device_id" = String, Path)),
    request_body = DeviceUpdatePayload,
    responses((status = OK, body = DeviceSchema))
)]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Text(id): Text,
    Body(body): Body,
) -> Result<Json<DeviceSchema>, Failure> {
    caller.require(Scope::DevicesWrite)?;
    let changes = read(&body)?;
    let device = change::change(&app, caller.id(), DeviceId(id.clone()), changes).await?;
    Ok(Json(schema(device.ok_or_else(|| unknown(&id))?)))
}

fn read(body: &[u8]) -> Result<Changes, Failure> {
    let mut fields = Fields::of_body(body)?;
    for name in ["sync_mode", "sync_enabled"] {
        if fields.json(name).is_some_and(|value| value.is_null()) {
            fields.refuse_field(name, &format!("{name} cannot be null"));
        }
    }
    let [
        name,
        platform,
        client,
        client_version,
        ip_address,
        mac_address,
        hostname,
    ] = texts(&mut fields);
    let changes = Changes {
        name,
        platform,
        client,
        client_version,
        ip_address,
        mac_address,
        hostname,
        sync_mode: fields.optional_word("sync_mode", &SyncMode::WORDS),
        sync_enabled: fields.optional_flag("sync_enabled"),
        sync_config: sync_config(&mut fields),
    };
    fields.finish(changes)
}
