//! Devices: registered by hand, found again by their fingerprint.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::accounts::allow;
use super::call::{Answered, Call, Reply};
use super::fields::{Fields, Source};
use super::release::Release;
use super::world::{Device, World, iso};

/// The fields of words, and how long they may be in RomM's database.
const TEXTS: [(&str, usize); 7] = [
    ("name", 255),
    ("platform", 50),
    ("client", 50),
    ("client_version", 50),
    ("ip_address", 45),
    ("mac_address", 17),
    ("hostname", 255),
];

const MODES: [&str; 3] = ["api", "file_transfer", "push_pull"];

/// What of a device's configuration no answer shows.
const MASKED: [&str; 2] = ["ssh_password", "ssh_key_path"];

/// No such device of that user.
pub(super) fn unknown(id: &str) -> Reply {
    Reply::detail(404, &format!("Device with ID {id} not found"))
}

/// The device as answers show it.
fn shown(release: Release, device: &Device) -> Value {
    let mut body = Map::new();
    body.insert("id".to_owned(), device.id.clone().into());
    body.insert("user_id".to_owned(), device.user_id.into());
    for (name, _) in TEXTS {
        body.insert(name.to_owned(), device.field(name));
    }
    if release >= Release::V5_1 {
        let identifier = device.client_device_identifier.clone();
        body.insert("client_device_identifier".to_owned(), identifier.into());
    }
    for name in ["sync_mode", "sync_enabled"] {
        body.insert(name.to_owned(), device.field(name));
    }
    if release >= Release::V4_9 {
        let mut config = device.field("sync_config");
        for secret in MASKED {
            if let Some(value) = config.get_mut(secret) {
                *value = "********".into();
            }
        }
        body.insert("sync_config".to_owned(), config);
    }
    for (name, at) in [
        ("last_seen", device.last_seen),
        ("created_at", device.created),
        ("updated_at", device.updated),
    ] {
        body.insert(name.to_owned(), iso(at).into());
    }
    Value::Object(body)
}

/// The fields that a body sets, by name.
fn read_fields(
    fields: &mut Fields,
    body: &Source,
    release: Release,
    whole: &Value,
) -> BTreeMap<&'static str, Value> {
    let mut set = BTreeMap::new();
    for (name, _) in TEXTS {
        if whole.get(name).is_some() {
            set.insert(name, fields.text(body, name).into());
        }
    }
    if release == Release::V4_8_1 {
        return set;
    }
    if let Some(mode) = whole.get("sync_mode") {
        if !mode.is_null() && !mode.as_str().is_some_and(|mode| MODES.contains(&mode)) {
            let expected = "'api', 'file_transfer' or 'push_pull'";
            let message = format!("Input should be {expected}");
            let location = ["body".into(), "sync_mode".into()];
            let context = json!({"expected": expected});
            fields.wrong_with("enum", &location, &message, (mode, context));
        }
        set.insert("sync_mode", mode.clone());
    }
    if let Some(config) = whole.get("sync_config") {
        set.insert("sync_config", config.clone());
    }
    set
}

/// The database takes no more of a text than its column holds.
fn fits(set: &BTreeMap<&'static str, Value>) -> Result<(), Reply> {
    let too_long = |(name, most): &(&str, usize)| {
        let text = set.get(name).and_then(Value::as_str);
        text.is_some_and(|text| text.chars().count() > *most)
    };
    if TEXTS.iter().any(too_long) {
        return Err(Reply::crashed());
    }
    Ok(())
}

pub(super) fn register(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["devices.write"])?;
    let mut fields = Fields::new();
    let body = fields.body(call)?;
    let mut set = read_fields(&mut fields, &body, world.release, &call.json()?);
    let may_exist = fields.bool(&body, "allow_existing").unwrap_or(true);
    let may_repeat = fields.bool(&body, "allow_duplicate").unwrap_or(false);
    let resets = fields.bool(&body, "reset_syncs").unwrap_or(false);
    fields.done()?;

    let known = known_device(world, caller.user_id, &set).filter(|_| !may_repeat);
    if let Some(id) = known {
        if !may_exist {
            let message = "A device with this fingerprint already exists";
            let detail = json!({"error": "device_exists", "message": message, "device_id": id});
            return Err(Reply::json(409, &json!({"detail": detail})));
        }
        if resets {
            world.syncs.retain(|row| row.device_id != id);
        }
        world.saw(caller.user_id, &id);
        let device = world.device(caller.user_id, &id).unwrap();
        return Ok(Reply::ok(&registered(device)));
    }

    fits(&set)?;
    // A null mode is one that was not chosen.
    let mode = set.remove("sync_mode").filter(|mode| !mode.is_null());
    set.insert("sync_mode", mode.unwrap_or_else(|| "api".into()));
    let at = add(world, caller.user_id, set, None);
    Ok(Reply::json(201, &registered(&world.devices[at])))
}

fn registered(device: &Device) -> Value {
    json!({
        "device_id": device.id,
        "name": device.field("name"),
        "created_at": iso(device.created),
    })
}

/// The user's device with the same network card, or the same host and platform.
fn known_device(
    world: &World,
    user_id: i64,
    set: &BTreeMap<&'static str, Value>,
) -> Option<String> {
    let text = |name: &str| {
        set.get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    // As the database's collation compares.
    let same = |device: &Device, name: &str| {
        let (field, wanted) = (device.field(name), text(name).unwrap_or_default());
        field
            .as_str()
            .is_some_and(|field| field.eq_ignore_ascii_case(wanted))
    };
    let own = || {
        world
            .devices
            .iter()
            .filter(|device| device.user_id == user_id)
    };
    let by_mac = text("mac_address").and_then(|_| own().find(|device| same(device, "mac_address")));
    let by_host = || {
        text("hostname")?;
        text("platform")?;
        own().find(|device| same(device, "hostname") && same(device, "platform"))
    };
    by_mac.or_else(by_host).map(|device| device.id.clone())
}

/// Makes a device and says where it stands in the list.
pub(super) fn add(
    world: &mut World,
    user_id: i64,
    mut fields: BTreeMap<&'static str, Value>,
    identifier: Option<String>,
) -> usize {
    fields.insert("sync_enabled", true.into());
    fields.entry("sync_mode").or_insert_with(|| "api".into());
    let now = world.stamp();
    world.devices.push(Device {
        id: world.environment.uuid(),
        user_id,
        fields,
        client_device_identifier: identifier,
        last_seen: now,
        created: now,
        updated: now,
    });
    world.devices.len() - 1
}

pub(super) fn list(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["devices.read"])?;
    let own = world
        .devices
        .iter()
        .filter(|device| device.user_id == caller.user_id);
    Ok(Reply::ok(
        &own.map(|device| shown(world.release, device)).collect(),
    ))
}

pub(super) fn get(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["devices.read"])?;
    let (release, id) = (world.release, call.param("id"));
    let device = world
        .device(caller.user_id, id)
        .ok_or_else(|| unknown(id))?;
    Ok(Reply::ok(&shown(release, device)))
}

pub(super) fn update(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["devices.write"])?;
    let mut fields = Fields::new();
    let body = fields.body(call)?;
    let whole = call.json()?;
    let mut set = read_fields(&mut fields, &body, world.release, &whole);
    if whole.get("sync_enabled").is_some() {
        set.insert("sync_enabled", fields.bool(&body, "sync_enabled").into());
    }
    fields.done()?;
    let (release, now, id) = (world.release, world.stamp(), call.param("id"));
    let device = world
        .device(caller.user_id, id)
        .ok_or_else(|| unknown(id))?;
    let null = |name| set.get(name).is_some_and(Value::is_null);
    if null("sync_enabled") || null("sync_mode") {
        return Err(Reply::crashed());
    }
    fits(&set)?;
    if !set.is_empty() {
        device.fields.extend(set);
        device.updated = now;
    }
    Ok(Reply::ok(&shown(release, device)))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["devices.write"])?;
    let id = call.param("id");
    world
        .device(caller.user_id, id)
        .ok_or_else(|| unknown(id))?;
    world.devices.retain(|device| device.id != id);
    world.syncs.retain(|row| row.device_id != id);
    let own: Vec<i64> = world
        .sessions
        .iter()
        .filter(|s| s.device_id == id)
        .map(|s| s.id)
        .collect();
    world.sessions.retain(|session| session.device_id != id);
    for token in &mut world.tokens {
        token.device_id.take_if(|device| device == id);
    }
    for save in &mut world.saves {
        save.origin_device_id.take_if(|device| device == id);
    }
    for played in &mut world.play_sessions {
        played.device_id.take_if(|device| device == id);
        played
            .sync_session_id
            .take_if(|session| own.contains(session));
    }
    Ok(Reply::empty(204))
}
