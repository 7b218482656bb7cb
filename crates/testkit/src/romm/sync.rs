//! Negotiation, which compares clocks row by row, and the sessions it opens.

use keepsave_core::time::Time;
use serde_json::{Value, json};

use super::accounts::allow;
use super::call::{Answered, Call, Reply};
use super::devices;
use super::fields::{Fields, Source, id};
use super::play_sessions::{self, Entry};
use super::release::Release;
use super::world::{Asset, Session, World, iso, iso_or_null};

/// What a client says it has.
struct Shown {
    rom_id: i64,
    file_name: String,
    slot: Option<String>,
    emulator: Option<String>,
    hash: Option<String>,
    updated: Time,
}

fn read_shown(fields: &mut Fields, body: &Source) -> Vec<Shown> {
    let list = fields.required(body, "saves").and_then(Value::as_array);
    let mut shown = Vec::new();
    for (index, entry) in list.into_iter().flatten().enumerate() {
        let place = vec!["body".into(), "saves".into(), index.into()];
        let entry = Source::object(place, entry);
        let rom_id = fields.required_int(&entry, "rom_id");
        let file_name = fields.required_text(&entry, "file_name");
        let moment = fields
            .required(&entry, "updated_at")
            .is_some()
            .then(|| fields.moment(&entry, "updated_at"))
            .flatten();
        fields.required_int(&entry, "file_size_bytes");
        shown.push(Shown {
            rom_id,
            file_name,
            slot: fields.text(&entry, "slot"),
            emulator: fields.text(&entry, "emulator"),
            hash: fields.text(&entry, "content_hash"),
            updated: moment.map_or(Time::EPOCH, |moment| moment.at),
        });
    }
    shown
}

pub(super) fn negotiate(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.read", "devices.read"])?;
    let mut fields = Fields::new();
    let body = fields.body(call)?;
    if world.release < Release::V5_1 {
        fields.required(&body, "device_id");
    }
    let named = fields.text(&body, "device_id");
    let shown = read_shown(&mut fields, &body);
    fields.done()?;
    let Some(device_id) = named.filter(|id| !id.is_empty()).or(caller.device_id) else {
        let detail = "device_id is required (either in the request payload or implicit via a \
                      device-bound client token)";
        return Err(Reply::detail(400, detail));
    };
    match world.device(caller.user_id, &device_id) {
        None => return Err(devices::unknown(&device_id)),
        Some(device) if !device.is_enabled() => {
            return Err(Reply::detail(400, "Sync is disabled for this device"));
        }
        Some(_) => {}
    }
    cancel_sessions(world, &device_id);

    let heads = heads(world, caller.user_id);
    let mut operations = Vec::new();
    let mut matched = Vec::new();
    for entry in &shown {
        let of = |head: &&Asset| head.rom_id == entry.rom_id && head.slot == entry.slot;
        let head = heads.iter().find(|head| of(head));
        matched.extend(head.map(|head| head.id));
        operations.push(match head {
            Some(head) => pair(world, &device_id, entry, head),
            None => json!({
                "action": "upload", "rom_id": entry.rom_id, "save_id": null,
                "file_name": entry.file_name, "slot": entry.slot, "emulator": entry.emulator,
                "reason": "Save exists on client but not on server",
                "server_updated_at": null, "server_content_hash": null,
            }),
        });
    }
    let rest = heads.iter().filter(|head| !matched.contains(&head.id));
    operations.extend(rest.filter_map(|head| not_shown(world, &device_id, head)));

    let count = |action: &str| {
        operations
            .iter()
            .filter(|op| op["action"] == action)
            .count()
    };
    let totals = ["upload", "download", "conflict", "no_op"].map(count);
    let planned = totals[0] + totals[1] + totals[2];
    let session = add_session(world, caller.user_id, &device_id, "IN_PROGRESS", planned);
    world.saw(caller.user_id, &device_id);
    Ok(Reply::ok(&json!({
        "session_id": session.id,
        "operations": operations,
        "total_upload": totals[0],
        "total_download": totals[1],
        "total_conflict": totals[2],
        "total_no_op": totals[3],
    })))
}

/// The newest row of each slot, of the same moment the first made. Rows without a slot are no part
/// of it.
fn heads(world: &World, user_id: i64) -> Vec<Asset> {
    let mut heads: Vec<Asset> = Vec::new();
    let own = world
        .saves
        .iter()
        .filter(|save| save.user_id == user_id && save.slot.is_some());
    for save in own {
        let same = |head: &&mut Asset| head.rom_id == save.rom_id && head.slot == save.slot;
        match heads.iter_mut().find(same) {
            Some(head) if save.updated > head.updated => *head = save.clone(),
            Some(_) => {}
            None => heads.push(save.clone()),
        }
    }
    heads
}

fn operation(action: &str, head: &Asset, reason: &str, with_server: bool) -> Value {
    json!({
        "action": action,
        "rom_id": head.rom_id,
        "save_id": head.id,
        "file_name": head.file_name,
        "slot": head.slot,
        "emulator": head.emulator,
        "reason": reason,
        "server_updated_at": with_server.then(|| iso(head.updated)),
        "server_content_hash": head.content_hash.as_ref().filter(|_| with_server),
    })
}

/// What to do about what a client showed and the head of its slot.
fn pair(world: &World, device_id: &str, entry: &Shown, head: &Asset) -> Value {
    let row = world.sync_row(device_id, head.id);
    if row.is_some_and(|row| row.is_untracked) {
        return operation("no_op", head, "Save is untracked on this device", false);
    }
    let (action, reason) = compare(entry, head, row.map(|row| row.last_synced));
    operation(action, head, reason, true)
}

fn compare(entry: &Shown, head: &Asset, last_synced: Option<Time>) -> (&'static str, &'static str) {
    if entry.hash.is_some() && entry.hash == head.content_hash {
        return ("no_op", "Content is identical");
    }
    if let Some(last) = last_synced {
        return match (entry.updated > last, head.updated > last) {
            (true, true) => ("conflict", "Both sides changed since last sync"),
            (true, false) => ("upload", "Client save is newer than last sync"),
            (false, true) => ("download", "Server save is newer than last sync"),
            (false, false) => ("no_op", "No changes since last sync"),
        };
    }
    match entry.updated.cmp(&head.updated) {
        std::cmp::Ordering::Greater => ("upload", "Client save is newer (no sync history)"),
        std::cmp::Ordering::Less => ("download", "Server save is newer (no sync history)"),
        std::cmp::Ordering::Equal if entry.hash != head.content_hash => {
            ("conflict", "Same timestamp but different content")
        }
        std::cmp::Ordering::Equal => ("no_op", "Saves appear identical"),
    }
}

/// What to do about the head of a slot that the client did not show.
fn not_shown(world: &World, device_id: &str, head: &Asset) -> Option<Value> {
    let reason = match world.sync_row(device_id, head.id) {
        Some(row) if row.is_untracked => return None,
        // It had this, so it must have deleted it.
        Some(row) if head.updated <= row.last_synced => return None,
        Some(_) => "Server save updated since last sync, not present on client",
        None => "Save exists on server but not on client",
    };
    Some(operation("download", head, reason, true))
}

fn cancel_sessions(world: &mut World, device_id: &str) {
    let now = world.stamp();
    for session in &mut world.sessions {
        let is_open = matches!(session.status, "PENDING" | "IN_PROGRESS");
        if session.device_id == device_id && is_open {
            session.status = "CANCELLED";
            session.completed = Some(now);
            session.updated = now;
        }
    }
}

fn add_session(
    world: &mut World,
    user_id: i64,
    device_id: &str,
    status: &'static str,
    planned: usize,
) -> Session {
    let now = world.stamp();
    let session = Session {
        id: world.next_id("sync session"),
        device_id: device_id.to_owned(),
        user_id,
        status,
        initiated: now,
        completed: None,
        planned: i64::try_from(planned).unwrap_or(i64::MAX),
        done: 0,
        failed: 0,
        error: None,
        updated: now,
    };
    world.sessions.push(session.clone());
    session
}

fn shown(session: &Session) -> Value {
    json!({
        "id": session.id,
        "device_id": session.device_id,
        "user_id": session.user_id,
        "status": session.status,
        "initiated_at": iso(session.initiated),
        "completed_at": iso_or_null(session.completed),
        "operations_planned": session.planned,
        "operations_completed": session.done,
        "operations_failed": session.failed,
        "error_message": session.error,
        "created_at": iso(session.initiated),
        "updated_at": iso(session.updated),
    })
}

/// Where the caller's session with that id stands in the list.
fn own(world: &World, id: i64, user_id: i64) -> Result<usize, Reply> {
    let mut sessions = world.sessions.iter();
    let own = sessions.position(|session| session.id == id && session.user_id == user_id);
    own.ok_or_else(|| Reply::detail(404, &format!("Sync session with ID {id} not found")))
}

pub(super) fn complete(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["devices.write"])?;
    let id = id(call, i64::MIN)?;
    let mut fields = Fields::new();
    let body = fields.body(call)?;
    let done = fields.int(&body, "operations_completed").unwrap_or(0);
    let failed = fields.int(&body, "operations_failed").unwrap_or(0);
    let entries = Entry::read_all(&mut fields, &body, "play_sessions");
    fields.done()?;
    let at = own(world, id, caller.user_id)?;
    let now = world.stamp();
    let session = &mut world.sessions[at];
    if !matches!(session.status, "PENDING" | "IN_PROGRESS") {
        let detail = format!("Session is already {}", session.status);
        return Err(Reply::detail(400, &detail));
    }
    session.status = "COMPLETED";
    session.completed = Some(now);
    session.updated = now;
    session.done = done;
    session.failed = failed;
    let (device_id, told) = (session.device_id.clone(), shown(session));
    let ingested = if entries.is_empty() {
        Value::Null
    } else {
        play_sessions::add(world, caller.user_id, Some(device_id), Some(id), &entries)?
    };
    Ok(Reply::ok(
        &json!({"session": told, "play_session_ingest": ingested}),
    ))
}

pub(super) fn sessions(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["devices.read"])?;
    let (mut fields, query) = (Fields::new(), Source::query(call));
    let limit = fields.int(&query, "limit").unwrap_or(50);
    fields.done()?;
    let Ok(limit) = usize::try_from(limit) else {
        // What the database says of it reaches the client.
        let error = format!(
            "(mariadb.ProgrammingError) You have an error in your SQL syntax near '{limit}'"
        );
        return Err(Reply::detail(500, &error));
    };
    let device = call.query("device_id").filter(|id| !id.is_empty());
    let mut own: Vec<&Session> = world.sessions.iter().collect();
    own.retain(|session| {
        session.user_id == caller.user_id && device.is_none_or(|id| id == session.device_id)
    });
    own.sort_by_key(|session| std::cmp::Reverse(session.initiated));
    let shown = own.into_iter().take(limit).map(shown);
    Ok(Reply::ok(&shown.collect()))
}

pub(super) fn session(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["devices.read"])?;
    let at = own(world, id(call, i64::MIN)?, caller.user_id)?;
    Ok(Reply::ok(&shown(&world.sessions[at])))
}

pub(super) fn push_pull(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["devices.write"])?;
    let id = call.param("id").to_owned();
    let device = world
        .device(caller.user_id, &id)
        .ok_or_else(|| devices::unknown(&id))?;
    if device.field("sync_mode") != "push_pull" {
        return Err(Reply::detail(400, "Device is not in push_pull sync mode"));
    }
    if !device.is_enabled() {
        return Err(Reply::detail(400, "Sync is disabled for this device"));
    }
    let config = device.field("sync_config");
    let session = add_session(world, caller.user_id, &id, "PENDING", 0);
    let told = shown(&session);
    // There is no device to reach, so the job that begins now fails at once; one that was never
    // told where the device is leaves its session as it is.
    if let Some(host) = config["ssh_host"].as_str() {
        let port = config["ssh_port"].as_i64().unwrap_or(22);
        let now = world.stamp();
        let at = own(world, session.id, caller.user_id)?;
        let session = &mut world.sessions[at];
        session.status = "FAILED";
        session.completed = Some(now);
        session.updated = now;
        session.error = Some(format!(
            "[Errno 111] Connect call failed ('{host}', {port})"
        ));
    }
    Ok(Reply::ok(&told))
}
