//! `/api/devices`: the machines and apps that sync saves.

mod delete;
mod get;
mod list;
mod register;
mod update;

use keepsave_core::limits;
use keepsave_wire::devices::DeviceSchema;
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Failure;
use super::fields::{Change, Fields};
use crate::app::App;
use crate::devices::secrets;
use crate::vault::devices::Device;

/// The routes of this area.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, register::register))
        .routes(routes!(get::get, update::update, delete::delete))
}

/// The user has no device of that id. Clients know the first words and register anew.
pub fn unknown(id: &str) -> Failure {
    Failure::not_found(format!("Device with ID {id} not found"))
}

/// The longest text that each field of a device may have, in characters.
const TEXTS: [(&str, usize); 7] = [
    ("name", limits::DEVICE_NAME_CHARS),
    ("platform", limits::DEVICE_WORD_CHARS),
    ("client", limits::DEVICE_WORD_CHARS),
    ("client_version", limits::DEVICE_WORD_CHARS),
    ("ip_address", limits::IP_ADDRESS_CHARS),
    ("mac_address", limits::MAC_ADDRESS_CHARS),
    ("hostname", limits::DEVICE_NAME_CHARS),
];

/// The texts of a device, in the order of [`TEXTS`].
fn texts(fields: &mut Fields) -> [Change<Option<String>>; TEXTS.len()] {
    TEXTS.map(|(name, most_chars)| {
        let text = fields.changed_text(name);
        if let Change::Set(Some(text)) = &text {
            fields.check_length(name, text, most_chars);
        }
        text
    })
}

/// How the device is synced, in no more than a reasonable size.
fn sync_config(fields: &mut Fields) -> Change<Option<Map<String, Value>>> {
    const NAME: &str = "sync_config";
    let config = fields.changed_object(NAME);
    let size = fields.json(NAME).map_or(0, |json| json.to_string().len());
    if size > limits::SYNC_CONFIG_BYTES {
        let most = limits::SYNC_CONFIG_BYTES;
        fields.refuse_field(NAME, &format!("{NAME} cannot be larger than {most} bytes"));
    }
    config
}

fn schema(device: Device) -> DeviceSchema {
    DeviceSchema {
        id: device.id,
        user_id: device.user_id,
        name: device.name,
        platform: device.platform,
        client: device.client,
        client_version: device.client_version,
        ip_address: device.ip_address,
        mac_address: device.mac_address,
        hostname: device.hostname,
        client_device_identifier: device.client_device_identifier,
        sync_mode: device.sync_mode,
        sync_enabled: device.sync_enabled,
        sync_config: device.sync_config.as_deref().map(secrets::masked),
        last_seen: device.last_seen,
        created_at: device.created_at,
        updated_at: device.updated_at,
    }
}
