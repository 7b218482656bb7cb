//! A device is changed: `PUT /api/devices/{device_id}`.

use keepsave_core::ids::{DeviceId, UserId};
use keepsave_wire::devices::SyncMode;
use serde_json::{Map, Value};

use super::secrets;
use crate::app::App;
use crate::http::fields::Change;
use crate::vault::Fault;
use crate::vault::devices::{self, Device};

/// What is to change.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of a device")]
pub struct Changes {
    pub name: Change<Option<String>>,
    pub platform: Change<Option<String>>,
    pub client: Change<Option<String>>,
    pub client_version: Change<Option<String>>,
    pub ip_address: Change<Option<String>>,
    pub mac_address: Change<Option<String>>,
    pub hostname: Change<Option<String>>,
    pub sync_mode: Option<SyncMode>,
    pub sync_enabled: Option<bool>,
    pub sync_config: Change<Option<Map<String, Value>>>,
}

impl Changes {
    /// Everything stays as it is.
    pub fn none() -> Self {
        Self {
            name: Change::Keep,
            platform: Change::Keep,
            client: Change::Keep,
            client_version: Change::Keep,
            ip_address: Change::Keep,
            mac_address: Change::Keep,
            hostname: Change::Keep,
            sync_mode: None,
            sync_enabled: None,
            sync_config: Change::Keep,
        }
    }
}

/// Changes the device; none when the user has no such device.
pub async fn change(
    app: &App,
    user: UserId,
    id: DeviceId,
    changes: Changes,
) -> Result<Option<Device>, Fault> {
    let now = app.now();
    app.vault
        .write(move |tx| {
            let Some(before) = devices::of_user(tx, user, &id)? else {
                return Ok(None);
            };
            let mut device = applied(before.clone(), changes);
            if device != before {
                device.updated_at = now;
                devices::update(tx, &device)?;
            }
            Ok(Some(device))
        })
        .await
}

fn applied(mut device: Device, changes: Changes) -> Device {
    let texts = [
        (&mut device.name, changes.name),
        (&mut device.platform, changes.platform),
        (&mut device.client, changes.client),
        (&mut device.client_version, changes.client_version),
        (&mut device.ip_address, changes.ip_address),
        (&mut device.mac_address, changes.mac_address),
        (&mut device.hostname, changes.hostname),
    ];
    for (field, change) in texts {
        if let Change::Set(text) = change {
            *field = text;
        }
    }
    if let Some(mode) = changes.sync_mode {
        device.sync_mode = mode;
    }
    if let Some(enabled) = changes.sync_enabled {
        device.sync_enabled = enabled;
    }
    if let Change::Set(config) = changes.sync_config {
        device.sync_config =
            config.map(|config| secrets::stored(config, device.sync_config.as_deref()));
    }
    device
}
