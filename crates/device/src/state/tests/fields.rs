//! Every field of the seed's state reference has a place here: who writes it, and who reads it.

use keepsave_core::ids::NoteId;
use keepsave_core::playtime::{Moment, Running};
use serde_json::{Value as Json, json};

use super::*;
use crate::state::document::Document;

struct Field {
    /// Its place in `save_sync_state.json`, of game 42 and file `game.srm`.
    place: &'static str,
    /// Who writes it, and the method that does.
    written_by: (&'static str, &'static str),
    /// Who reads it, and the method that does.
    read_by: (&'static str, &'static str),
    write: fn(&State),
    shown: fn() -> Json,
}

const ROM: RomId = RomId(42);

fn deck() -> DeviceId {
    DeviceId("0b5c".into())
}

fn of_file(state: &State, change: fn(&mut Baseline)) {
    let key = Key {
        device: deck(),
        rom: ROM,
        slot: None,
        file_name: "game.srm".into(),
    };
    state
        .change_machine(|machine| machine.server_device_id = Some(deck()))
        .unwrap();
    state.change_game(ROM, |_| ()).unwrap();
    let mut baseline = Baseline::default();
    change(&mut baseline);
    state.record(&key, &baseline).unwrap();
}

fn noon() -> Time {
    Time::EPOCH.plus_seconds(43_200)
}

const SYNC: &str = "what a sync settled";

fn look(state: &State) {
    let game = LookedAt {
        rom: ROM,
        system: "gba".into(),
        emulator: None,
        core: Some("mgba_libretro".into()),
    };
    state.looked_at(&[game], noon()).unwrap();
}

macro_rules! field {
    ($place:literal, $writer:expr, $write_method:literal, $reader:literal, $read_method:literal,
     $write:expr, $shown:expr) => {
        Field {
            place: $place,
            written_by: ($writer, $write_method),
            read_by: ($reader, $read_method),
            write: $write,
            shown: || json!($shown),
        }
    };
}

const FIELDS: &[Field] = &[
    field!(
        "device_id",
        "the first use of this machine, and an import",
        "machine_id",
        "an export",
        "machine",
        |state| {
            state
                .change_machine(|machine| machine.device_id = Some("m".into()))
                .unwrap();
        },
        "m"
    ),
    field!(
        "server_device_id",
        "whoever takes a seat at a server, and an import",
        "be_device",
        "an export, to know whose files they are",
        "machine",
        |state| {
            state
                .change_machine(|machine| machine.server_device_id = Some(deck()))
                .unwrap();
        },
        "0b5c"
    ),
    field!(
        "saves.42.system",
        "every run, for each game it looked at",
        "looked_at",
        "status",
        "game",
        look,
        "gba"
    ),
    field!(
        "saves.42.active_slot",
        "the choice of a slot",
        "confirm_slot",
        "every sync of the game",
        "game",
        |state| state.confirm_slot(ROM, Some("autosave")).unwrap(),
        "autosave"
    ),
    field!(
        "saves.42.slot_confirmed",
        "the choice of a slot",
        "confirm_slot",
        "every sync of the game",
        "game",
        |state| state.confirm_slot(ROM, Some("autosave")).unwrap(),
        true
    ),
    field!(
        "saves.42.last_synced_core",
        "every run, for each game it looked at",
        "looked_at",
        "status, and a launch with another core",
        "game",
        look,
        "mgba_libretro"
    ),
    field!(
        "saves.42.own_upload_ids",
        "an upload",
        "uploaded",
        "the list of versions",
        "own_uploads",
        |state| {
            state.change_game(ROM, |_| ()).unwrap();
            state.uploaded(ROM, SaveId(18)).unwrap();
        },
        [18]
    ),
    field!(
        "saves.42.last_sync_check_at",
        "every run, for each game it looked at",
        "looked_at",
        "status",
        "game",
        look,
        "1970-01-01T12:00:00+00:00"
    ),
    field!(
        "saves.42.slots.a.source",
        "whoever asked the server, and a slot begun here",
        "server_slots",
        "the list of slots, and the removal of one",
        "slots",
        |state| {
            state.change_game(ROM, |_| ()).unwrap();
            state.create_slot(ROM, Some("a")).unwrap();
        },
        "local"
    ),
    field!(
        "saves.42.files.game.srm.tracked_save_id",
        SYNC,
        "record",
        "the list of versions",
        "files_of",
        |state| of_file(state, |file| file.tracked = Some(SaveId(18))),
        18
    ),
    field!(
        "saves.42.files.game.srm.last_sync_hash",
        SYNC,
        "record",
        "every decision",
        "baseline",
        |state| of_file(state, |file| file.hash = Some(Digest::of(b"").md5)),
        "d41d8cd98f00b204e9800998ecf8427e"
    ),
    field!(
        "saves.42.files.game.srm.last_sync_at",
        SYNC,
        "record",
        "status",
        "files_of",
        |state| of_file(state, |file| file.at = Some(noon())),
        "1970-01-01T12:00:00+00:00"
    ),
    field!(
        "saves.42.files.game.srm.last_sync_server_updated_at",
        SYNC,
        "record",
        "whoever tells the save that was synced from a newer one",
        "baseline",
        |state| of_file(state, |file| file.server_updated_at = Some(noon())),
        "1970-01-01T12:00:00+00:00"
    ),
    field!(
        "saves.42.files.game.srm.last_sync_server_save_id",
        SYNC,
        "record",
        "whoever tells the save that was synced from a newer one",
        "baseline",
        |state| of_file(state, |file| file.save = Some(SaveId(18))),
        18
    ),
    field!(
        "saves.42.files.game.srm.last_sync_server_size",
        SYNC,
        "record",
        "a decision whether a file shrank, where the size here is not known",
        "facts",
        |state| of_file(state, |file| file.server_size = Some(32_768)),
        32_768
    ),
    field!(
        "saves.42.files.game.srm.last_sync_local_mtime",
        SYNC,
        "record",
        "an export",
        "files_of",
        |state| of_file(state, |file| file.mtime_ns = Some(1_500_000_000)),
        1.5
    ),
    field!(
        "saves.42.files.game.srm.last_sync_local_size",
        SYNC,
        "record",
        "a decision whether a file shrank",
        "facts",
        |state| of_file(state, |file| file.size = Some(32_768)),
        32_768
    ),
    field!(
        "playtime.42.total_seconds",
        "the end of a session",
        "end_session",
        "whoever shows playtime",
        "playtime",
        |state| {
            state
                .change_playtime(ROM, |playtime| playtime.total_seconds = 7)
                .unwrap();
        },
        7
    ),
    field!(
        "playtime.42.session_count",
        "the end of a session",
        "end_session",
        "whoever shows playtime",
        "playtime",
        |state| {
            state
                .change_playtime(ROM, |playtime| playtime.session_count = 7)
                .unwrap();
        },
        7
    ),
    field!(
        "playtime.42.last_session_start",
        "the start of a session",
        "change_playtime",
        "its end",
        "end_session",
        |state| {
            let start = Moment {
                wall: noon(),
                awake: None,
            };
            state
                .change_playtime(ROM, |playtime| {
                    playtime.running = Some(Running::begin(start));
                })
                .unwrap();
        },
        "1970-01-01T12:00:00+00:00"
    ),
    field!(
        "playtime.42.last_session_duration_sec",
        "the end of a session",
        "end_session",
        "whoever shows playtime",
        "playtime",
        |state| {
            state
                .change_playtime(ROM, |playtime| playtime.last_session_duration_sec = Some(7))
                .unwrap();
        },
        7
    ),
    field!(
        "playtime.42.note_id",
        "whoever found or made the note",
        "change_playtime",
        "whoever writes the note the next time",
        "playtime",
        |state| {
            state
                .change_playtime(ROM, |playtime| playtime.note = Some(NoteId(7)))
                .unwrap();
        },
        7
    ),
];

/// What stands at a place; names of files have dots in them.
fn at<'a>(json: &'a Json, place: &str) -> &'a Json {
    let place = place.replace("game.srm", "game\u{0}srm");
    place
        .split('.')
        .fold(json, |json, name| &json[name.replace('\u{0}', ".")])
}

fn exported(state: &State) -> Json {
    Document::State(Box::new(state.export().unwrap())).json()
}

#[test]
fn every_field_is_written_and_comes_out() {
    let nothing = json!({});
    for field in FIELDS {
        let room = Room::new();
        let before = exported(&room.open());
        assert_ne!(
            *at(&before, field.place),
            (field.shown)(),
            "{}",
            field.place
        );
        (field.write)(&room.open());
        let after = exported(&room.open());
        assert_eq!(*at(&after, field.place), (field.shown)(), "{}", field.place);
        assert_ne!(after, nothing);
    }
}

/// The places of everything that is no object, with `42`, `a` and `game.srm` for what varies.
fn places(json: &Json, at: &str, found: &mut Vec<String>) {
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                let place = if at.is_empty() {
                    name.clone()
                } else {
                    format!("{at}.{name}")
                };
                places(value, &place, found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

#[test]
fn no_field_is_without_a_row() {
    let room = Room::new();
    let state = room.open();
    for field in FIELDS.iter().filter(|field| {
        field.place != "saves.42.active_slot" && field.place != "saves.42.slot_confirmed"
    }) {
        (field.write)(&state);
    }
    let mut found = Vec::new();
    places(&exported(&state), "", &mut found);
    // The file's own version, and what the plugin shows of a slot beside its source.
    let beside = [
        "version",
        "saves.42.slots.a.count",
        "saves.42.slots.a.latest_updated_at",
    ];
    found.retain(|place| !beside.contains(&place.as_str()));
    let mut known: Vec<&str> = FIELDS.iter().map(|field| field.place).collect();
    found.sort();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn who_writes_and_who_reads_are_there() {
    let sources = [
        include_str!("../baselines.rs"),
        include_str!("../games.rs"),
        include_str!("../machine.rs"),
        include_str!("../playtime.rs"),
        include_str!("../slots.rs"),
    ]
    .concat();
    for field in FIELDS {
        for (who, method) in [field.written_by, field.read_by] {
            assert!(!who.is_empty());
            assert!(
                sources.contains(&format!("pub fn {method}(")),
                "{method} of {}",
                field.place
            );
        }
    }
}
