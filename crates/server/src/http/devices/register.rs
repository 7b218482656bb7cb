//! `POST /api/devices`: a device registers.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use keepsave_wire::devices::{
    DeviceCreatePayload, DeviceCreateResponse, DeviceExists, DeviceExistsDetail, SyncMode,
};
use serde_json::json;

use super::{sync_config, texts};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::devices::register::{self, Registered};
use crate::http::body::Body;
use crate::http::error::Failure;
use crate::http::fields::{Change, Fields};
use crate::vault::devices::Device;

/// A device registers. One that was here before is known by its MAC address, else by its host name
/// and platform, and keeps its id.
#[utoipa::path(
    post,
    path = "/api/devices",
    tag = "devices",
    request_body = DeviceCreatePayload,
    responses(
        (status = CREATED, body = DeviceCreateResponse, description = "A new device"),
        (status = OK, body = DeviceCreateResponse, description = "A device that is known"),
        (status = CONFLICT, body = DeviceExists, description = "Known, and not allowed to be")
    )
)]
pub async fn register(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body,
) -> Result<Response, Failure> {
    caller.require(Scope::DevicesWrite)?;
    let asked = read(&body)?;
    let (status, device) = match register::register(&app, caller.id(), asked).await? {
        Registered::New(device) => (StatusCode::CREATED, device),
        Registered::Known(device) => (StatusCode::OK, device),
        Registered::Refused(device_id) => {
            let detail = DeviceExistsDetail {
                error: "device_exists".to_owned(),
                message: "A device with this fingerprint already exists".to_owned(),
                device_id,
            };
            return Err(Failure::with_detail(StatusCode::CONFLICT, json!(detail)));
        }
    };
    Ok((status, Json(registered(device))).into_response())
}

fn read(body: &[u8]) -> Result<DeviceCreatePayload, Failure> {
    let mut fields = Fields::of_body(body)?;
    let [
        name,
        platform,
        client,
        client_version,
        ip_address,
        mac_address,
        hostname,
    ] = texts(&mut fields).map(given);
    let request = DeviceCreatePayload {
        name,
        platform,
        client,
        client_version,
        ip_address,
        mac_address,
        hostname,
        sync_mode: fields.optional_word("sync_mode", &SyncMode::WORDS),
        sync_config: given(sync_config(&mut fields)),
        allow_existing: fields.optional_flag("allow_existing").unwrap_or(true),
        allow_duplicate: fields.optional_flag("allow_duplicate").unwrap_or(false),
        reset_syncs: fields.optional_flag("reset_syncs").unwrap_or(false),
    };
    fields.finish(request)
}

/// Of a new device, what is not there is as empty as null.
fn given<T>(change: Change<Option<T>>) -> Option<T> {
    match change {
        Change::Keep => None,
        Change::Set(value) => value,
    }
}

fn registered(device: Device) -> DeviceCreateResponse {
    DeviceCreateResponse {
        device_id: device.id,
        name: device.name,
        created_at: device.created_at,
    }
}
