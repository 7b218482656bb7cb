//! The table of devices: who owns which machine or app, and how it syncs.

use keepsave_core::ids::{DeviceId, UserId};
use keepsave_core::time::Time;
use keepsave_wire::devices::SyncMode;

use super::sql::{FromColumn, ToValue, Value};
use super::versions::Maker;
use super::{Fault, Row, Tx};
use crate::bind;

/// A machine or an app that syncs saves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Device {
    pub id: DeviceId,
    pub user_id: UserId,
    pub name: Option<String>,
    pub platform: Option<String>,
    pub client: Option<String>,
    pub client_version: Option<String>,
    pub ip_address: Option<String>,
    pub mac_address: Option<String>,
    pub hostname: Option<String>,
    pub client_device_identifier: Option<String>,
    pub sync_mode: SyncMode,
    pub sync_enabled: bool,
    /// JSON, with its secrets.
    pub sync_config: Option<String>,
    pub last_seen: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Device {
    /// A device that signs in and syncs through the API, of which nothing more is known.
    pub fn signed_in(id: DeviceId, user_id: UserId, name: &str, now: Time) -> Self {
        Self {
            id,
            user_id,
            name: Some(name.to_owned()),
            platform: None,
            client: None,
            client_version: None,
            ip_address: None,
            mac_address: None,
            hostname: None,
            client_device_identifier: None,
            sync_mode: SyncMode::Api,
            sync_enabled: true,
            sync_config: None,
            last_seen: Some(now),
            created_at: now,
            updated_at: now,
        }
    }
}

impl ToValue for SyncMode {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl FromColumn for SyncMode {
    fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
        Self::named(&String::from_column(value)?).ok_or("a sync mode")
    }
}

const COLUMNS: &str = "id, user_id, name, platform, client, client_version, ip_address, \
     mac_address, hostname, client_device_identifier, sync_mode, sync_enabled, sync_config, \
     last_seen, created_at, updated_at";

fn device(row: &mut Row<'_>) -> Result<Device, Fault> {
    Ok(Device {
        id: row.get()?,
        user_id: row.get()?,
        name: row.get()?,
        platform: row.get()?,
        client: row.get()?,
        client_version: row.get()?,
        ip_address: row.get()?,
        mac_address: row.get()?,
        hostname: row.get()?,
        client_device_identifier: row.get()?,
        sync_mode: row.get()?,
        sync_enabled: row.get()?,
        sync_config: row.get()?,
        last_seen: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

/// The device of that id, when it belongs to the user.
pub fn of_user(tx: &Tx<'_>, user: UserId, id: &DeviceId) -> Result<Option<Device>, Fault> {
    tx.optional(
        &format!("SELECT {COLUMNS} FROM devices WHERE id = $1 AND user_id = $2"),
        bind![id, user],
        device,
    )
}

/// A user's devices, oldest first.
pub fn list(tx: &Tx<'_>, user: UserId) -> Result<Vec<Device>, Fault> {
    tx.all(
        &format!("SELECT {COLUMNS} FROM devices WHERE user_id = $1 ORDER BY created_at, id"),
        bind![user],
        device,
    )
}

/// The user's oldest device with that MAC address, whatever its case.
pub fn by_mac_address(tx: &Tx<'_>, user: UserId, address: &str) -> Result<Option<Device>, Fault> {
    tx.optional(
        &format!(
            "SELECT {COLUMNS} FROM devices WHERE user_id = $1 AND LOWER(mac_address) = LOWER($2) \
             ORDER BY created_at, id LIMIT 1"
        ),
        bind![user, address],
        device,
    )
}

/// The user's oldest device of that host name and platform, except for those that have a MAC
/// address when one is given.
pub fn by_hostname(
    tx: &Tx<'_>,
    user: UserId,
    hostname: &str,
    platform: &str,
    mac_address: Option<&str>,
) -> Result<Option<Device>, Fault> {
    tx.optional(
        &format!(
            "SELECT {COLUMNS} FROM devices WHERE user_id = $1 AND hostname = $2 AND platform = $3 \
             AND (mac_address IS NULL OR CAST($4 AS TEXT) IS NULL) \
             ORDER BY created_at, id LIMIT 1"
        ),
        bind![user, hostname, platform, mac_address],
        device,
    )
}

/// Adds a device.
pub fn add(tx: &Tx<'_>, new: &Device) -> Result<(), Fault> {
    tx.execute(
        &format!(
            "INSERT INTO devices ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
             $11, $12, $13, $14, $15, $16)"
        ),
        bind![
            new.id,
            new.user_id,
            new.name,
            new.platform,
            new.client,
            new.client_version,
            new.ip_address,
            new.mac_address,
            new.hostname,
            new.client_device_identifier,
            new.sync_mode,
            new.sync_enabled,
            new.sync_config,
            new.last_seen,
            new.created_at,
            new.updated_at,
        ],
    )?;
    Ok(())
}

/// Stores all that can change of a device, and when it did.
pub fn update(tx: &Tx<'_>, device: &Device) -> Result<(), Fault> {
    tx.execute(
        "UPDATE devices SET name = $2, platform = $3, client = $4, client_version = $5, \
         ip_address = $6, mac_address = $7, hostname = $8, sync_mode = $9, sync_enabled = $10, \
         sync_config = $11, updated_at = $12 WHERE id = $1",
        bind![
            device.id,
            device.name,
            device.platform,
            device.client,
            device.client_version,
            device.ip_address,
            device.mac_address,
            device.hostname,
            device.sync_mode,
            device.sync_enabled,
            device.sync_config,
            device.updated_at,
        ],
    )?;
    Ok(())
}

/// Removes a user's device with all that is known of its syncs. What it made stays, and keeps its
/// name. Whether there was one.
pub fn remove(tx: &Tx<'_>, user: UserId, id: &DeviceId) -> Result<bool, Fault> {
    let removed = tx.execute(
        "DELETE FROM devices WHERE id = $1 AND user_id = $2",
        bind![id, user],
    )?;
    Ok(removed > 0)
}

/// The user's device of that id, as the maker of versions.
pub fn maker(tx: &Tx<'_>, user: UserId, id: &str) -> Result<Option<Maker>, Fault> {
    tx.optional(
        "SELECT id, name FROM devices WHERE id = $1 AND user_id = $2",
        bind![id, user],
        |row| {
            Ok(Maker {
                id: row.get()?,
                name: row.get()?,
            })
        },
    )
}

/// The device is alive.
pub fn seen(tx: &Tx<'_>, id: &DeviceId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE devices SET last_seen = $2 WHERE id = $1",
        bind![id, now],
    )?;
    Ok(())
}

/// The user's browser at that address.
pub fn browser_at(tx: &Tx<'_>, user: UserId, address: &str) -> Result<Option<Device>, Fault> {
    tx.optional(
        &format!(
            "SELECT {COLUMNS} FROM devices \
             WHERE user_id = $1 AND platform = 'Web' AND ip_address = $2"
        ),
        bind![user, address],
        device,
    )
}

/// The user's device that calls itself so.
pub fn by_own_identifier(
    tx: &Tx<'_>,
    user: UserId,
    identifier: &str,
) -> Result<Option<Device>, Fault> {
    tx.optional(
        &format!(
            "SELECT {COLUMNS} FROM devices WHERE user_id = $1 AND client_device_identifier = $2"
        ),
        bind![user, identifier],
        device,
    )
}
