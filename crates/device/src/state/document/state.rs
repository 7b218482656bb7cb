//! What `save_sync_state.json` says, in the form of today and in those before.
//!
//! Older forms had `active_core` for the core of the last sync, choices and the device's name, a
//! queue, conflicts and what was dismissed. What has a place elsewhere is read; the rest is not.

use keepsave_core::ids::{DeviceId, NoteId, RomId, SaveId};
use keepsave_core::playtime::{Moment, Running};
use keepsave_core::time::Time;
use serde_json::{Map, Value as Json, json};

use super::reading::{Cursor, Wrong, seconds_of};
use super::{GameDocument, StateDocument, moment, settings};
use crate::state::{Baseline, Game, Machine, Playtime, SlotEntry, SlotSource};

pub(super) const VERSION: i64 = 1;

pub(super) fn read(root: &Cursor<'_>) -> Result<StateDocument, Wrong> {
    let mut document = StateDocument {
        machine: Machine {
            device_id: root.read("device_id", Cursor::text)?,
            server_device_id: root
                .read("server_device_id", Cursor::text_or_number)?
                .map(DeviceId),
        },
        chosen: settings::legacy(root)?,
        ..StateDocument::default()
    };
    for (id, game) in root.entries("saves")? {
        document.games.insert(rom(id, &game)?, read_game(game)?);
    }
    for (id, playtime) in root.entries("playtime")? {
        let rom = rom(id, &playtime)?;
        document.playtime.insert(rom, read_playtime(playtime)?);
    }
    Ok(document)
}

fn rom(id: &str, at: &Cursor<'_>) -> Result<RomId, Wrong> {
    let id = id.parse().map(RomId);
    id.map_err(|_no_number| at.wrong("under the number of a game"))
}

fn read_game(at: Cursor<'_>) -> Result<GameDocument, Wrong> {
    let at = at.object()?;
    let core = at.read("last_synced_core", Cursor::text)?;
    let core = core.map_or_else(
        || at.read("active_core", Cursor::text),
        |core| Ok(Some(core)),
    )?;
    let own_uploads = at.read("own_upload_ids", Cursor::integers)?;
    let mut document = GameDocument {
        game: Game {
            system: at.read("system", Cursor::text)?,
            emulator: at.read("emulator", Cursor::text)?,
            active_slot: at.read("active_slot", Cursor::text)?,
            slot_confirmed: at.read("slot_confirmed", Cursor::boolean)?.unwrap_or(false),
            last_synced_core: core,
            last_sync_check_at: at.read("last_sync_check_at", Cursor::moment)?.flatten(),
        },
        own_uploads: own_uploads.map(|ids| ids.into_iter().map(SaveId).collect()),
        ..GameDocument::default()
    };
    for (name, slot) in at.entries("slots")? {
        document.slots.push(read_slot(name, slot)?);
    }
    for (name, file) in at.entries("files")? {
        document.files.insert(name.to_owned(), read_file(file)?);
    }
    Ok(document)
}

/// The null slot is the one without a name.
fn read_slot(name: &str, at: Cursor<'_>) -> Result<SlotEntry, Wrong> {
    let at = at.object()?;
    let source = at.read("source", |source| {
        let named = SlotSource::named(&source.text()?);
        named.ok_or_else(|| source.wrong("`server` or `local`"))
    })?;
    Ok(SlotEntry {
        name: (!name.is_empty()).then(|| name.to_owned()),
        source: source.unwrap_or(SlotSource::Local),
        saves: at.read("count", Cursor::count)?,
        latest_updated_at: at.read("latest_updated_at", Cursor::moment)?.flatten(),
    })
}

fn read_file(at: Cursor<'_>) -> Result<Baseline, Wrong> {
    let at = at.object()?;
    let size = |name| {
        at.read(name, Cursor::count)
            .map(|size| size.map(i64::cast_unsigned))
    };
    let save = |name| at.read(name, Cursor::integer).map(|id| id.map(SaveId));
    let moment = |name| at.read(name, Cursor::moment).map(Option::flatten);
    Ok(Baseline {
        hash: at.read("last_sync_hash", Cursor::hash)?.flatten(),
        size: size("last_sync_local_size")?,
        mtime_ns: at.read("last_sync_local_mtime", Cursor::nanoseconds)?,
        save: save("last_sync_server_save_id")?,
        tracked: save("tracked_save_id")?,
        server_size: size("last_sync_server_size")?,
        server_updated_at: moment("last_sync_server_updated_at")?,
        at: moment("last_sync_at")?,
        ..Baseline::default()
    })
}

fn read_playtime(at: Cursor<'_>) -> Result<Playtime, Wrong> {
    let at = at.object()?;
    let start = at.read("last_session_start", Cursor::moment)?.flatten();
    Ok(Playtime {
        total_seconds: at.read("total_seconds", Cursor::count)?.unwrap_or(0),
        session_count: at.read("session_count", Cursor::count)?.unwrap_or(0),
        last_session_duration_sec: at.read("last_session_duration_sec", Cursor::count)?,
        running: start.map(|wall| Running::begin(Moment { wall, awake: None })),
        note: at.read("note_id", Cursor::integer)?.map(NoteId),
        server_seconds: None,
    })
}

pub(super) fn json(document: &StateDocument) -> Json {
    let games = document.games.iter();
    let games: Map<_, _> = games
        .map(|(rom, game)| (rom.to_string(), game_json(game)))
        .collect();
    let playtime = document.playtime.iter();
    let playtime: Map<_, _> = playtime
        .map(|(rom, playtime)| (rom.to_string(), playtime_json(playtime)))
        .collect();
    json!({
        "version": VERSION,
        "device_id": document.machine.device_id,
        "server_device_id": document.machine.server_device_id,
        "saves": games,
        "playtime": playtime,
    })
}

fn game_json(document: &GameDocument) -> Json {
    let game = &document.game;
    let mut json = json!({
        "active_slot": game.active_slot,
        "slot_confirmed": game.slot_confirmed,
        "system": game.system.clone().unwrap_or_default(),
        "last_synced_core": game.last_synced_core,
        "slots": document.slots.iter().map(slot_json).collect::<Map<_, _>>(),
        "files": document.files.iter().map(file_json).collect::<Map<_, _>>(),
        "last_sync_check_at": game.last_sync_check_at.map(moment),
    });
    // Without these the plugin knows that it does not know them.
    if let Some(emulator) = &game.emulator {
        json["emulator"] = emulator.as_str().into();
    }
    if let Some(uploads) = &document.own_uploads {
        json["own_upload_ids"] = json!(uploads);
    }
    json
}

fn slot_json(slot: &SlotEntry) -> (String, Json) {
    let json = json!({
        "source": slot.source.as_str(),
        "count": slot.saves.unwrap_or(0),
        "latest_updated_at": slot.latest_updated_at.map(moment),
    });
    (slot.name.clone().unwrap_or_default(), json)
}

fn file_json((name, file): (&String, &Baseline)) -> (String, Json) {
    let moment_or_nothing = |at: Option<Time>| at.map_or_else(|| "".into(), moment);
    let json = json!({
        "tracked_save_id": file.tracked,
        "last_sync_hash": file.hash,
        "last_sync_at": moment_or_nothing(file.at),
        "last_sync_server_updated_at": moment_or_nothing(file.server_updated_at),
        "last_sync_server_save_id": file.save,
        "last_sync_server_size": file.server_size,
        "last_sync_local_mtime": file.mtime_ns.map(seconds_of),
        "last_sync_local_size": file.size,
    });
    (name.clone(), json)
}

fn playtime_json(playtime: &Playtime) -> Json {
    json!({
        "total_seconds": playtime.total_seconds,
        "session_count": playtime.session_count,
        "last_session_start": playtime.running.map(|running| moment(running.start.wall)),
        "last_session_duration_sec": playtime.last_session_duration_sec,
        "note_id": playtime.note,
    })
}
