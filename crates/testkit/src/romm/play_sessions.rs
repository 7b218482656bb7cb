//! Play sessions: told in batches, known again by their start.

use keepsave_core::time::Time;
use serde_json::{Value, json};

use super::accounts::allow;
use super::call::{Answered, Call, Reply};
use super::fields::{Fields, Moment, Source, id};
use super::release::Release;
use super::world::{PlaySession, World, iso};

/// A play session as a client tells it.
pub(super) struct Entry {
    rom_id: Option<i64>,
    save_slot: Option<String>,
    start: Moment,
    end: Moment,
    duration_ms: i64,
}

impl Entry {
    /// Reads the list under that name; none is an empty one.
    pub fn read_all(fields: &mut Fields, body: &Source, name: &'static str) -> Vec<Self> {
        let list = body.get(name).and_then(Value::as_array);
        let mut entries = Vec::new();
        for (index, entry) in list.into_iter().flatten().enumerate() {
            let place = vec!["body".into(), name.into(), index.into()];
            entries.extend(Self::read(fields, &place, entry));
        }
        entries
    }

    fn read(fields: &mut Fields, place: &[Value], entry: &Value) -> Option<Self> {
        let source = Source::object(place.to_vec(), entry);
        let rom_id = fields.int(&source, "rom_id");
        let save_slot = fields.text(&source, "save_slot");
        let mut moment = |name| {
            fields.required(&source, name)?;
            fields.moment(&source, name)
        };
        let (start, end) = (moment("start_time"), moment("end_time"));
        fields.required(&source, "duration_ms");
        let duration_ms = fields.bounded(&source, "duration_ms", 0, i64::MAX)?;
        let cut = |moment: Moment| Moment {
            at: moment.at.whole_seconds(),
            wall: moment.wall.whole_seconds(),
            ..moment
        };
        let (start, end) = (cut(start?), cut(end?));
        // Only what is right by itself is looked at as a whole.
        if duration_ms >= 0 && end.at <= start.at {
            let message = "Value error, end_time must be after start_time";
            let context = (entry, json!({"error": {}}));
            fields.wrong_with("value_error", place, message, context);
        }
        Some(Self {
            rom_id,
            save_slot,
            start,
            end,
            duration_ms,
        })
    }
}

pub(super) fn ingest(world: &mut World, call: &Call) -> Answered {
    const MOST: usize = 100;
    let caller = allow(world, call, &["roms.user.write"])?;
    let mut fields = Fields::new();
    let body = fields.body(call)?;
    let named = fields.text(&body, "device_id");
    fields.required(&body, "sessions");
    let entries = Entry::read_all(&mut fields, &body, "sessions");
    fields.done()?;
    if entries.is_empty() {
        return Err(Reply::detail(
            400,
            "Payload must contain at least one session",
        ));
    }
    if entries.len() > MOST {
        let detail = format!("Batch size exceeds maximum of {MOST}");
        return Err(Reply::detail(400, &detail));
    }
    let bound = caller.device_id.filter(|_| world.release >= Release::V5_1);
    let added = add(world, caller.user_id, named.or(bound), None, &entries)?;
    Ok(Reply::json(201, &added))
}

/// Adds what is not known yet, and says of each what became of it: first the wrong ones, then the
/// known ones, then the new ones.
pub(super) fn add(
    world: &mut World,
    user_id: i64,
    device: Option<String>,
    sync_session_id: Option<i64>,
    entries: &[Entry],
) -> Result<Value, Reply> {
    const FUTURE_SECONDS: i64 = 300;
    if entries.iter().any(|entry| !entry.end.zoned) {
        // Python does not compare moments with and without a zone.
        return Err(Reply::crashed());
    }
    let latest = world.now().plus_seconds(FUTURE_SECONDS);
    let device = device.filter(|id| world.device(user_id, id).is_some());
    let (mut wrong, mut known, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for (index, entry) in entries.iter().enumerate() {
        if entry.end.at > latest {
            wrong.push(result(
                index,
                "error",
                None,
                Some("end_time is too far in the future"),
            ));
            continue;
        }
        let session = PlaySession {
            id: 0,
            user_id,
            device_id: device.clone(),
            rom_id: entry.rom_id.filter(|id| world.rom(*id).is_some()),
            sync_session_id,
            save_slot: entry.save_slot.clone(),
            // The database drops the zone.
            start: entry.start.wall,
            end: entry.end.wall,
            duration_ms: entry.duration_ms,
            created: world.stamp(),
        };
        let same = |other: &PlaySession| {
            (other.user_id, &other.device_id, other.rom_id, other.start)
                == (user_id, &session.device_id, session.rom_id, session.start)
        };
        if world.play_sessions.iter().any(same) {
            known.push(result(index, "duplicate", None, None));
            continue;
        }
        let id = world.next_id("play session");
        new.push(result(index, "created", Some(id), None));
        advance(world, &session);
        world.play_sessions.push(PlaySession { id, ..session });
    }
    if let Some(device) = device {
        world.saw(user_id, &device);
    }
    let (created, skipped) = (new.len(), wrong.len() + known.len());
    let results: Vec<Value> = wrong.into_iter().chain(known).chain(new).collect();
    Ok(json!({"results": results, "created_count": created, "skipped_count": skipped}))
}

/// The newest play is what the user last did with the game.
fn advance(world: &mut World, session: &PlaySession) {
    let Some(rom_id) = session.rom_id else {
        return;
    };
    let played = world.played(session.user_id, rom_id);
    if played.last_played.is_none_or(|last| last < session.end) {
        played.last_played = Some(session.end);
        played.now_playing = true;
        played.status = Some("incomplete");
    }
}

fn result(index: usize, status: &str, id: Option<i64>, detail: Option<&str>) -> Value {
    json!({"index": index, "status": status, "id": id, "detail": detail})
}

/// This one list has moments without a zone.
fn naive(at: Time) -> String {
    iso(at).replace("+00:00", "")
}

fn shown(session: &PlaySession) -> Value {
    json!({
        "id": session.id,
        "user_id": session.user_id,
        "device_id": session.device_id,
        "rom_id": session.rom_id,
        "sync_session_id": session.sync_session_id,
        "save_slot": session.save_slot,
        "start_time": naive(session.start),
        "end_time": naive(session.end),
        "duration_ms": session.duration_ms,
        "created_at": naive(session.created),
        "updated_at": naive(session.created),
    })
}

pub(super) fn list(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["roms.user.read"])?;
    let (mut fields, query) = (Fields::new(), Source::query(call));
    let rom_id = fields.int(&query, "rom_id");
    let after = fields.moment(&query, "start_after").map(|moment| moment.at);
    let before = fields.moment(&query, "end_before").map(|moment| moment.at);
    let limit = fields.int(&query, "limit").unwrap_or(50);
    let offset = fields.int(&query, "offset").unwrap_or(0);
    fields.done()?;
    let bound = caller.device_id.filter(|_| world.release >= Release::V5_1);
    let device = call.query("device_id").map(str::to_owned).or(bound);
    let mut own: Vec<&PlaySession> = world.play_sessions.iter().collect();
    own.retain(|session| {
        session.user_id == caller.user_id
            && rom_id.is_none_or(|id| Some(id) == session.rom_id)
            && (device.is_none() || device == session.device_id)
            && after.is_none_or(|after| session.start >= after)
            && before.is_none_or(|before| session.start <= before)
    });
    own.sort_by_key(|session| std::cmp::Reverse(session.start));
    let is_range = after.is_some() || before.is_some();
    let limit = usize::try_from(limit).ok().filter(|_| !is_range);
    let skipped = usize::try_from(offset).unwrap_or_default();
    let page = own
        .into_iter()
        .skip(skipped)
        .take(limit.unwrap_or(usize::MAX));
    Ok(Reply::ok(&page.map(shown).collect()))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["roms.user.write"])?;
    let id = id(call, i64::MIN)?;
    let mut sessions = world.play_sessions.iter();
    let own = sessions.position(|row| row.id == id && row.user_id == caller.user_id);
    match own {
        Some(at) => {
            world.play_sessions.remove(at);
            Ok(Reply::empty(204))
        }
        None => Err(Reply::detail(404, &format!("Play session {id} not found"))),
    }
}
