//! A device registers: `POST /api/devices`. One that was here before is known by its fingerprint.

use keepsave_core::ids::{DeviceId, UserId};
use keepsave_core::time::Time;
use keepsave_wire::devices::DeviceCreatePayload;

use super::secrets;
use crate::app::App;
use crate::vault::devices::{self, Device};
use crate::vault::{Fault, Tx, holdings};

/// What became of a registration.
#[derive(Debug)]
pub enum Registered {
    /// The device is new.
    New(Device),
    /// It was here before and keeps its id; nothing of what is known of it changed.
    Known(Device),
    /// It was here before, which the request does not allow.
    Refused(DeviceId),
}

/// Finds the device by its fingerprint, or makes a new one.
pub async fn register(
    app: &App,
    user: UserId,
    asked: DeviceCreatePayload,
) -> Result<Registered, Fault> {
    let (id, now) = (DeviceId(app.environment.uuid()), app.now());
    app.vault
        .write(move |tx| {
            let known = if asked.allow_duplicate {
                None
            } else {
                by_fingerprint(tx, user, &asked)?
            };
            match known {
                Some(known) if !asked.allow_existing => Ok(Registered::Refused(known.id)),
                Some(known) => {
                    if asked.reset_syncs {
                        holdings::forget(tx, &known.id)?;
                    }
                    devices::seen(tx, &known.id, now)?;
                    Ok(Registered::Known(known))
                }
                None => {
                    let new = new_device(id, user, asked, now);
                    devices::add(tx, &new)?;
                    Ok(Registered::New(new))
                }
            }
        })
        .await
}

/// The device with that MAC address, else with that host name and platform. Handhelds of one model
/// share both of these, so a device with another MAC address is another device.
fn by_fingerprint(
    tx: &Tx<'_>,
    user: UserId,
    asked: &DeviceCreatePayload,
) -> Result<Option<Device>, Fault> {
    let mac_address = given(asked.mac_address.as_deref());
    if let Some(address) = mac_address
        && let Some(known) = devices::by_mac_address(tx, user, address)?
    {
        return Ok(Some(known));
    }
    let hostname = given(asked.hostname.as_deref());
    let platform = given(asked.platform.as_deref());
    match (hostname, platform) {
        (Some(hostname), Some(platform)) => {
            devices::by_hostname(tx, user, hostname, platform, mac_address)
        }
        _ => Ok(None),
    }
}

/// An empty text tells nothing.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn new_device(id: DeviceId, user: UserId, asked: DeviceCreatePayload, now: Time) -> Device {
    Device {
        id,
        user_id: user,
        name: asked.name,
        platform: asked.platform,
        client: asked.client,
        client_version: asked.client_version,
        ip_address: asked.ip_address,
        mac_address: asked.mac_address,
        hostname: asked.hostname,
        client_device_identifier: None,
        sync_mode: asked.sync_mode.unwrap_or_default(),
        sync_enabled: true,
        sync_config: asked
            .sync_config
            .map(|config| secrets::stored(config, None)),
        last_seen: Some(now),
        created_at: now,
        updated_at: now,
    }
}
