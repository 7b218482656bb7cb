//! Notes on games. Their list is broken as RomM's is: it fails as soon as there is one.

use serde_json::{Value, json};

use super::accounts::allow;
use super::call::{Answered, Call, Reply};
use super::fields::id;
use super::library::unknown_rom;
use super::world::{Note, World, iso};

/// What of a note a client may say.
const SAID: [&str; 4] = ["title", "content", "is_public", "tags"];

pub(super) fn create(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["roms.user.write"])?;
    let rom_id = id(call, 1)?;
    let body = object(call)?;
    world.rom(rom_id).ok_or_else(|| unknown_rom(rom_id))?;
    let Some(title) = body["title"].as_str() else {
        return Err(Reply::crashed());
    };
    let same = |note: &Note| {
        (note.user_id, note.rom_id) == (caller.user_id, rom_id) && note.said["title"] == title
    };
    // The database gives the id away before it refuses.
    let id = world.next_id("note");
    if world.notes.iter().any(same) {
        return Err(Reply::crashed());
    }
    let mut said = json!({"title": title, "content": "", "is_public": false, "tags": []});
    say(&mut said, &body);
    let now = world.stamp();
    let note = Note {
        id,
        user_id: caller.user_id,
        rom_id,
        said,
        created: now,
        updated: now,
    };
    let answer = shown(world, &note);
    world.notes.push(note);
    Ok(Reply::ok(&answer))
}

pub(super) fn update(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["roms.user.write"])?;
    let body = object(call)?;
    let at = own(world, call, caller.user_id)?;
    let now = world.stamp();
    say(&mut world.notes[at].said, &body);
    world.notes[at].updated = now;
    Ok(Reply::ok(&shown(world, &world.notes[at])))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["roms.user.write"])?;
    let at = own(world, call, caller.user_id)?;
    world.notes.remove(at);
    Ok(Reply::ok(&json!({"message": "Note deleted successfully"})))
}

pub(super) fn list(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["roms.user.read"])?;
    if seen_by(world, call, caller.user_id)?.is_empty() {
        Ok(Reply::ok(&json!([])))
    } else {
        Err(Reply::crashed())
    }
}

pub(super) fn identifiers(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["roms.user.read"])?;
    let mut notes = seen_by(world, call, caller.user_id)?;
    notes.sort_by_key(|note| std::cmp::Reverse(note.updated));
    Ok(Reply::ok(&notes.iter().map(|note| note.id).collect()))
}

/// The notes on a game that a user sees.
pub(super) fn shown_to(world: &World, rom_id: i64, user_id: i64) -> Value {
    let seen = world
        .notes
        .iter()
        .filter(|note| note.rom_id == rom_id && is_seen(note, user_id));
    seen.map(|note| shown(world, note)).collect()
}

fn seen_by<'w>(world: &'w World, call: &Call, user_id: i64) -> Result<Vec<&'w Note>, Reply> {
    let rom_id = id(call, 1)?;
    world.rom(rom_id).ok_or_else(|| unknown_rom(rom_id))?;
    let notes = world.notes.iter();
    Ok(notes
        .filter(|note| note.rom_id == rom_id && is_seen(note, user_id))
        .collect())
}

fn is_seen(note: &Note, user_id: i64) -> bool {
    note.user_id == user_id || note.said["is_public"] == true
}

fn own(world: &World, call: &Call, user_id: i64) -> Result<usize, Reply> {
    let note = call.param("note").parse().unwrap_or(0);
    let mut notes = world.notes.iter();
    let own = notes.position(|row| (row.id, row.user_id) == (note, user_id));
    own.ok_or_else(|| Reply::detail(404, "Note not found or not owned by user"))
}

fn object(call: &Call) -> Result<Value, Reply> {
    let body = call.json()?;
    if body.is_object() {
        return Ok(body);
    }
    Err(Reply::unprocessable(&[json!({
        "type": "dict_type",
        "loc": ["body"],
        "msg": "Input should be a valid dictionary",
        "input": body,
    })]))
}

fn say(said: &mut Value, body: &Value) {
    for name in SAID {
        if let Some(value) = body.get(name) {
            said[name] = value.clone();
        }
    }
}

fn shown(world: &World, note: &Note) -> Value {
    let user = world.user(note.user_id);
    json!({
        "id": note.id,
        "title": note.said["title"],
        "content": note.said["content"],
        "is_public": note.said["is_public"],
        "tags": note.said["tags"],
        "created_at": iso(note.created),
        "updated_at": iso(note.updated),
        "user_id": user.id,
        "username": user.name,
        "user_avatar_path": "",
        "user_updated_at": iso(user.updated),
    })
}
