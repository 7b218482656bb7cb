//! Saves: what is told of them, and what changes a row that is there. Uploads have a file of their
//! own.

use serde_json::{Value, json};

use super::accounts::{Caller, allow};
use super::assets::{self, Kind, own, shown};
use super::call::{Answered, Call, Reply};
use super::devices;
use super::fields::{Fields, Source, id};
use super::world::{Asset, SyncRow, World, content_hash, iso};

/// The device that a request names, when it may.
pub(super) fn device(
    world: &mut World,
    call: &Call,
    caller: &Caller,
    scope: &str,
) -> Result<Option<String>, Reply> {
    let Some(id) = call.query("device_id").filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    caller.must(scope)?;
    match world.device(caller.user_id, id) {
        Some(device) => Ok(Some(device.id.clone())),
        None => Err(devices::unknown(id)),
    }
}

/// The save as a device sees it.
pub(super) fn shown_for(world: &World, save: &Asset, device: Option<&str>) -> Value {
    let mut body = shown(world, Kind::Save, save);
    let Some(device) = device else {
        return body;
    };
    let mut rows: Vec<&SyncRow> = world.syncs.iter().collect();
    rows.retain(|row| row.save_id == save.id);
    if world.quirks.current_is_later_than_the_update {
        rows.retain(|row| row.device_id == device);
    }
    rows.sort_by_key(|row| {
        (
            row.device_id != device,
            std::cmp::Reverse(row.last_synced),
            &row.device_id,
        )
    });
    let mut entries: Vec<Value> = rows.iter().map(|row| entry(world, save, row)).collect();
    if !rows.iter().any(|row| row.device_id == device) {
        // Made up, and kept nowhere.
        let made_up = SyncRow {
            device_id: device.to_owned(),
            save_id: save.id,
            last_synced: save.updated,
            is_untracked: false,
        };
        let mut entry = entry(world, save, &made_up);
        entry["is_current"] = false.into();
        entries.insert(0, entry);
    }
    body["device_syncs"] = entries.into();
    body
}

fn entry(world: &World, save: &Asset, row: &SyncRow) -> Value {
    let mut devices = world.devices.iter();
    let device = devices.find(|device| device.id == row.device_id);
    let is_current = if world.quirks.current_is_later_than_the_update {
        row.last_synced > save.updated
    } else {
        row.last_synced >= save.updated
    };
    json!({
        "device_id": row.device_id,
        "device_name": device.map_or(Value::Null, |device| device.field("name")),
        "last_synced_at": iso(row.last_synced),
        "is_untracked": row.is_untracked,
        "is_current": is_current,
    })
}

/// A device has the save's content as it is now.
pub(super) fn fetched(world: &mut World, user_id: i64, device: &str, at: usize) {
    let (save_id, updated) = (world.saves[at].id, world.saves[at].updated);
    let synced = if world.quirks.current_is_later_than_the_update {
        // Current is only who synced later than the update.
        world.now().max(updated.plus_seconds(1))
    } else {
        updated
    };
    world.synced(device, save_id, synced);
    world.saw(user_id, device);
}

pub(super) fn list(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.read"])?;
    let (mut fields, query) = (Fields::new(), Source::query(call));
    let rom_id = fields.int(&query, "rom_id").filter(|id| *id != 0);
    let platform_id = fields.int(&query, "platform_id").filter(|id| *id != 0);
    fields.done()?;
    let device = device(world, call, &caller, "devices.read")?;
    let wanted = |save: &&Asset| {
        let platform = world.rom(save.rom_id).map(|rom| rom.platform_id);
        save.user_id == caller.user_id
            && rom_id.is_none_or(|id| id == save.rom_id)
            && platform_id.is_none_or(|id| Some(id) == platform)
            && call
                .query("slot")
                .is_none_or(|slot| save.slot.as_deref() == Some(slot))
    };
    let found: Vec<Asset> = world.saves.iter().filter(wanted).cloned().collect();
    if let Some(device) = device
        .as_deref()
        .filter(|_| world.quirks.listing_writes_device_rows)
    {
        for save in &found {
            if world.sync_row(device, save.id).is_none() {
                world.synced(device, save.id, save.updated);
            }
        }
    }
    let shown = found
        .iter()
        .map(|save| shown_for(world, save, device.as_deref()));
    Ok(Reply::ok(&shown.collect()))
}

pub(super) fn identifiers(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.read"])?;
    let own = world
        .saves
        .iter()
        .filter(|save| save.user_id == caller.user_id);
    Ok(Reply::ok(&own.map(|save| save.id).collect()))
}

pub(super) fn summary(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.read"])?;
    let mut fields = Fields::new();
    let rom_id = fields.required_int(&Source::query(call), "rom_id");
    fields.done()?;
    let mut own: Vec<&Asset> = world.saves.iter().collect();
    own.retain(|save| save.user_id == caller.user_id && save.rom_id == rom_id);
    own.sort_by_key(|save| std::cmp::Reverse(save.updated));
    let mut slots: Vec<(&Asset, usize)> = Vec::new();
    for save in &own {
        match slots
            .iter_mut()
            .find(|(latest, _)| latest.slot == save.slot)
        {
            Some((_, count)) => *count += 1,
            None => slots.push((save, 1)),
        }
    }
    let slots = slots.iter().map(|(latest, count)| {
        let shown = shown(world, Kind::Save, latest);
        json!({"slot": latest.slot, "count": count, "latest": shown})
    });
    let slots: Vec<Value> = slots.collect();
    Ok(Reply::ok(
        &json!({"total_count": own.len(), "slots": slots}),
    ))
}

pub(super) fn get(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.read"])?;
    let id = id(call, i64::MIN)?;
    let device = device(world, call, &caller, "devices.read")?;
    let at = own(world, Kind::Save, id, caller.user_id)?;
    Ok(Reply::ok(&shown_for(
        world,
        &world.saves[at],
        device.as_deref(),
    )))
}

/// Who asks, where their save stands, and which of their devices the body names.
fn with_device(world: &mut World, call: &Call) -> Result<(Caller, usize, String), Reply> {
    let caller = allow(world, call, &["devices.write"])?;
    let save_id = id(call, i64::MIN)?;
    let mut fields = Fields::new();
    let device = fields.required_text(&Source::embedded(&call.json()?), "device_id");
    fields.done()?;
    let at = own(world, Kind::Save, save_id, caller.user_id)?;
    if world.device(caller.user_id, &device).is_none() {
        return Err(devices::unknown(&device));
    }
    Ok((caller, at, device))
}

pub(super) fn downloaded(world: &mut World, call: &Call) -> Answered {
    let (caller, at, device) = with_device(world, call)?;
    fetched(world, caller.user_id, &device, at);
    Ok(Reply::ok(&shown_for(
        world,
        &world.saves[at],
        Some(&device),
    )))
}

pub(super) fn track(world: &mut World, call: &Call) -> Answered {
    set_untracked(world, call, false)
}

pub(super) fn untrack(world: &mut World, call: &Call) -> Answered {
    set_untracked(world, call, true)
}

fn set_untracked(world: &mut World, call: &Call, is_untracked: bool) -> Answered {
    let (_, at, device) = with_device(world, call)?;
    let save_id = world.saves[at].id;
    // Nothing is made only to be tracked.
    if is_untracked && world.sync_row(&device, save_id).is_none() {
        world.synced(&device, save_id, world.now());
    }
    let mut rows = world.syncs.iter_mut();
    if let Some(row) = rows.find(|row| row.device_id == device && row.save_id == save_id) {
        row.is_untracked = is_untracked;
    }
    Ok(Reply::ok(&shown_for(
        world,
        &world.saves[at],
        Some(&device),
    )))
}

pub(super) fn update(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.write"])?;
    let id = id(call, i64::MIN)?;
    let mut fields = Fields::new();
    let file = assets::file(&mut fields, call, "saveFile", false);
    let picture = assets::file(&mut fields, call, "screenshotFile", false);
    fields.done()?;
    let device = if world.quirks.put_ignores_the_device {
        None
    } else {
        device(world, call, &caller, "devices.write")?
    };
    let at = own(world, Kind::Save, id, caller.user_id)?;
    if let Some(file) = file {
        let (path, now) = (world.saves[at].full_path(), world.stamp());
        let keeps_hash = world.quirks.put_leaves_the_hash;
        let save = &mut world.saves[at];
        save.file_size_bytes = file.content.len() as u64;
        save.updated = now;
        if !keeps_hash {
            save.content_hash = content_hash(&file.content);
        }
        world.write_file(path, file.content);
    }
    let rom_id = world.saves[at].rom_id;
    assets::store_picture(world, caller.user_id, rom_id, picture)?;
    assets::play(world, caller.user_id, rom_id);
    if let Some(device) = &device {
        let (save_id, updated) = (world.saves[at].id, world.saves[at].updated);
        world.synced(device, save_id, updated);
        world.saw(caller.user_id, device);
    }
    Ok(Reply::ok(&shown_for(
        world,
        &world.saves[at],
        device.as_deref(),
    )))
}

pub(super) fn visibility(world: &mut World, call: &Call) -> Answered {
    set_visibility(world, call, Kind::Save)
}

/// Shows a row to others, or not. It counts as a change of the row.
pub(super) fn set_visibility(world: &mut World, call: &Call, kind: Kind) -> Answered {
    let caller = allow(world, call, &["assets.write"])?;
    let id = id(call, i64::MIN)?;
    let mut fields = Fields::new();
    let body = Source::embedded(&call.json()?);
    let found = fields.required(&body, "is_public").is_some();
    let is_public = found.then(|| fields.bool(&body, "is_public")).flatten();
    fields.done()?;
    let at = own(world, kind, id, caller.user_id)?;
    let now = world.stamp();
    let row = &mut kind.rows_mut(world)[at];
    row.is_public = is_public.unwrap_or_default();
    row.updated = now;
    let row = row.clone();
    if kind != Kind::Screenshot {
        assets::show_picture_of(world, &row);
    }
    Ok(Reply::ok(&shown(world, kind, &row)))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answered {
    delete_many(world, call, Kind::Save)
}

/// Deletes rows one by one: what stands before one that is unknown is gone.
pub(super) fn delete_many(world: &mut World, call: &Call, kind: Kind) -> Answered {
    let caller = allow(world, call, &["assets.write"])?;
    let mut fields = Fields::new();
    let body = Source::embedded(&call.json()?);
    let ids = fields.required(&body, kind.plural()).cloned();
    fields.done()?;
    let ids: Vec<i64> = serde_json::from_value(ids.unwrap_or_default()).unwrap_or_default();
    if ids.is_empty() {
        return Err(Reply::detail(
            400,
            &format!("No {} were provided", kind.plural()),
        ));
    }
    for id in &ids {
        let at = own(world, kind, *id, caller.user_id)?;
        remove(world, kind, at);
    }
    Ok(Reply::ok(&json!(ids)))
}

/// Removes a row, its file, and what is known of devices.
pub(super) fn remove(world: &mut World, kind: Kind, at: usize) {
    let row = kind.rows_mut(world).remove(at);
    world.files.remove(&row.full_path());
    if kind == Kind::Save {
        world.syncs.retain(|sync| sync.save_id != row.id);
    }
}
