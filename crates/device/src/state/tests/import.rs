//! What decky-romm-sync knew is known here, and comes back out as it was.

mod identity;

use keepsave_core::playtime::{Moment, Running};
use serde_json::{Value as Json, json};

use super::*;
use crate::settings::{Choices, Value};
use crate::state::document::{
    Chosen, Document, DocumentError, GameDocument, SHARED_SETTINGS, SettingsDocument, StateDocument,
};

const FIRST: &str = include_str!("fixtures/state-first.json");
const SLOTS: &str = include_str!("fixtures/state-slots.json");
const CURRENT: &str = include_str!("fixtures/state-current.json");
const SETTINGS_V3: &str = include_str!("fixtures/settings-v3.json");
const SETTINGS_V4: &str = include_str!("fixtures/settings-v4.json");

fn deck() -> DeviceId {
    DeviceId("81445610-e5a1-46b5-9389-9d159f99c21c".into())
}

fn parse(text: &str) -> Document {
    Document::parse(Path::new("a.json"), text.as_bytes()).unwrap()
}

fn state_of(text: &str) -> StateDocument {
    match parse(text) {
        Document::State(document) => *document,
        Document::Settings(_) => panic!("it is a state"),
    }
}

fn settings_in(text: &str) -> SettingsDocument {
    match parse(text) {
        Document::Settings(document) => document,
        Document::State(_) => panic!("it is no state"),
    }
}

fn exported(state: &State) -> Json {
    Document::State(Box::new(state.export().unwrap())).json()
}

fn chosen(chosen: &Chosen) -> Vec<(&str, Value)> {
    let values = chosen.values.iter();
    values
        .map(|(setting, value)| (setting.name, value.clone()))
        .collect()
}

#[test]
fn a_state_of_today_comes_out_as_it_went_in() {
    let room = Room::new();
    let imported = room
        .open()
        .import(&state_of(CURRENT), Some(&deck()))
        .unwrap();
    assert_eq!(
        imported,
        Imported {
            games: 1,
            files: 2,
            playtimes: 2,
            known: 0
        }
    );
    let before: Json = serde_json::from_str(CURRENT).unwrap();
    assert_eq!(exported(&room.open()), before);
}

#[test]
fn what_it_said_counts() {
    let room = Room::new();
    let state = room.open();
    state.import(&state_of(CURRENT), Some(&deck())).unwrap();
    let key = Key {
        device: deck(),
        rom: RomId(42),
        slot: Some("default".into()),
        file_name: "game.srm".into(),
    };
    let found = state
        .baseline(&key, Path::new("/saves/gba/game.srm"))
        .unwrap()
        .unwrap();
    assert_eq!(found.hash, Some(Digest::of(b"").md5));
    assert_eq!(
        (found.save, found.tracked),
        (Some(SaveId(17)), Some(SaveId(18)))
    );
    assert_eq!(found.facts().unwrap().size, 32_768);
    let clock = Key {
        file_name: "game.rtc".into(),
        ..key
    };
    let found = state.baseline(&clock, Path::new("/x")).unwrap().unwrap();
    assert_eq!(found.facts(), None, "it was tracked, and never synced");
    assert_eq!(
        state.own_uploads(RomId(42)).unwrap().made(SaveId(4)),
        Some(false)
    );
    let running = Moment {
        wall: Time::parse("2026-02-17T11:00:00Z").unwrap(),
        awake: None,
    };
    assert_eq!(
        state.playtime(RomId(77)).unwrap().running,
        Some(Running::begin(running))
    );
    assert_eq!(
        state.untold(10).unwrap(),
        [],
        "a total is told to no server"
    );
}

#[test]
fn the_first_form_is_read_and_comes_out_in_todays() {
    let room = Room::new();
    let document = state_of(FIRST);
    let expected = [
        ("sync_before_launch", Value::Switch(true)),
        ("sync_after_exit", Value::Switch(false)),
        ("device_name", Value::Text("steamdeck".into())),
    ];
    assert_eq!(chosen(&document.chosen), expected);
    let state = room.open();
    state.import(&document, Some(&deck())).unwrap();
    assert_eq!(state.own_uploads(RomId(42)).unwrap().made(SaveId(18)), None);
    let expected = json!({
        "version": 1,
        "device_id": "550e8400-e29b-41d4-a716-446655440000",
        "server_device_id": deck(),
        "saves": {"42": {
            "active_slot": null,
            "slot_confirmed": false,
            "emulator": "retroarch",
            "system": "gba",
            "last_synced_core": null,
            "slots": {},
            "files": {"Mario Golf - Advance Tour (USA).srm": {
                "tracked_save_id": null,
                "last_sync_hash": "5d41402abc4b2a76b9719d911017c592",
                "last_sync_at": "2026-02-17T10:30:00.123456+00:00",
                "last_sync_server_updated_at": "2026-02-17T10:30:00+00:00",
                "last_sync_server_save_id": 18,
                "last_sync_server_size": 32768,
                "last_sync_local_mtime": 1_771_324_195.123_456_7,
                "last_sync_local_size": 32768,
            }},
            "last_sync_check_at": null,
        }},
        "playtime": {"42": {
            "total_seconds": 7200,
            "session_count": 3,
            "last_session_start": null,
            "last_session_duration_sec": 1800,
            "note_id": null,
        }},
    });
    assert_eq!(exported(&state), expected);
}

#[test]
fn a_form_between_keeps_its_slots_and_drops_what_was_dismissed() {
    let room = Room::new();
    let document = state_of(SLOTS);
    let expected = [
        ("save_sync_enabled", Value::Switch(true)),
        ("sync_before_launch", Value::Switch(true)),
        ("sync_after_exit", Value::Switch(true)),
        ("default_slot", Value::Text("default".into())),
        ("autocleanup_limit", Value::Number(25)),
    ];
    assert_eq!(chosen(&document.chosen), expected);
    let state = room.open();
    state.import(&document, Some(&deck())).unwrap();
    let game = state.game(RomId(42)).unwrap().unwrap();
    assert_eq!(
        game.active_slot.as_deref(),
        Some("default"),
        "it is never renamed"
    );
    assert_eq!(game.last_synced_core.as_deref(), Some("mgba_libretro"));
    let other = state.game(RomId(43)).unwrap().unwrap();
    assert_eq!(
        other.last_synced_core.as_deref(),
        Some("bsnes_libretro"),
        "the newer name wins"
    );
    assert_eq!((other.active_slot, other.slot_confirmed), (None, true));
    let slots = state.slots(RomId(42)).unwrap();
    let slots: Vec<_> = slots
        .iter()
        .map(|slot| (slot.name.as_deref(), slot.source))
        .collect();
    let expected = [
        (None, SlotSource::Server),
        (Some("default"), SlotSource::Server),
        (Some("speedrun"), SlotSource::Local),
    ];
    assert_eq!(slots, expected);
    let text = exported(&state).to_string();
    for gone in [
        "dismissed",
        "active_core",
        "settings",
        "conflict",
        "device_name",
    ] {
        assert!(!text.contains(gone), "{gone}");
    }
    assert_eq!(
        exported(&state)["saves"]["43"]["own_upload_ids"],
        json!([7, 5])
    );
    assert_eq!(exported(&state)["saves"]["42"].get("own_upload_ids"), None);
}

#[test]
fn what_is_known_here_stays_and_a_second_import_adds_nothing() {
    let room = Room::new();
    let state = room.open();
    let document = state_of(CURRENT);
    state.confirm_slot(RomId(42), Some("mine")).unwrap();
    state
        .change_playtime(RomId(42), |playtime| playtime.total_seconds = 9)
        .unwrap();
    let imported = state.import(&document, Some(&deck())).unwrap();
    assert_eq!(
        imported,
        Imported {
            games: 0,
            files: 2,
            playtimes: 1,
            known: 2
        }
    );
    let game = state.game(RomId(42)).unwrap().unwrap();
    assert_eq!(game.active_slot.as_deref(), Some("mine"));
    assert_eq!(state.playtime(RomId(42)).unwrap().total_seconds, 9);
    let before = exported(&state);
    let again = state.import(&document, Some(&deck())).unwrap();
    assert_eq!(
        again,
        Imported {
            known: 5,
            ..Imported::default()
        }
    );
    assert_eq!(exported(&state), before);
}

#[test]
fn an_import_that_fails_has_taken_nothing_over() {
    let room = Room::new();
    let state = room.open();
    let breaks = "CREATE TRIGGER no BEFORE INSERT ON playtime WHEN NEW.rom = 77
        BEGIN SELECT RAISE(ABORT, 'no'); END";
    Connection::open(room.file())
        .unwrap()
        .execute_batch(breaks)
        .unwrap();
    let before = exported(&state);
    state.import(&state_of(CURRENT), Some(&deck())).unwrap_err();
    assert_eq!(exported(&state), before);
    assert_eq!(before["saves"], json!({}));
}

#[test]
fn settings_are_read_where_their_version_has_them() {
    let third = settings_in(SETTINGS_V3);
    assert_eq!((third.version, third.chosen), (3, Chosen::default()));
    assert_eq!(third.server.as_deref(), Some("https://saves.example.org"));
    let fourth = settings_in(SETTINGS_V4);
    let expected = [
        ("save_sync_enabled", Value::Switch(true)),
        ("sync_before_launch", Value::Switch(false)),
        ("sync_after_exit", Value::Switch(true)),
        ("default_slot", Value::Text("default".into())),
        ("autocleanup_limit", Value::Number(10)),
        ("device_name", Value::Text("Living room".into())),
    ];
    assert_eq!(chosen(&fourth.chosen), expected);
    for no_slot in ["null", "\"\"", "\" \""] {
        let text = SETTINGS_V4.replace("\"default\",\n  \"auto", &format!("{no_slot},\n  \"auto"));
        let read = settings_in(&text);
        assert!(read.chosen.had_no_slot, "{no_slot}");
        assert_eq!(read.chosen.values.len(), 5);
    }
}

#[test]
fn settings_come_out_as_they_went_in() {
    let document = settings_in(SETTINGS_V4);
    let mut choices = Choices::default();
    let room = tempdir().unwrap();
    let file = room.path().join("settings.toml");
    let changed = crate::settings::Settings::change(&file, |settings| {
        for (setting, value) in &document.chosen.values {
            settings.set(setting, value)?;
        }
        Ok(settings.choices.clone())
    });
    choices.clone_from(&changed.unwrap().of);
    let out = Document::Settings(SettingsDocument::of(&choices, document.server.clone())).json();
    let before: Json = serde_json::from_str(SETTINGS_V4).unwrap();
    for name in SHARED_SETTINGS.iter().chain(&["version", "romm_url"]) {
        assert_eq!(out[name], before[name], "{name}");
    }
    assert_eq!(settings_in(&out.to_string()), document);
    let nameless = SettingsDocument::of(&Choices::default(), None);
    assert_eq!(
        Document::Settings(nameless).json()["device_name"],
        Json::Null
    );
}

/// What is changed in a state of today, to what, and what is said of it.
const WRONG: [(&str, &str, &str); 10] = [
    (
        "7200",
        "\"7200\"",
        "`playtime.42.total_seconds` must be a whole number, 0 or more",
    ),
    ("7200", "-1", "`playtime.42.total_seconds` must be"),
    (
        "\"default\",",
        "7,",
        "`saves.42.active_slot` must be a text",
    ),
    (
        "\"local\"",
        "\"cloud\"",
        "`saves.42.slots.speedrun.source` must be `server` or `local`",
    ),
    (
        "1739789395.0",
        "1e300",
        "`saves.42.files.game.srm.last_sync_local_mtime` must be",
    ),
    (
        "d41d8cd9",
        "x41d8cd9",
        "`saves.42.files.game.srm.last_sync_hash` must be an MD5",
    ),
    (
        "2026-02-17T10:31",
        "yesterday",
        "`saves.42.last_sync_check_at` must be a date",
    ),
    (
        "[18, 3]",
        "[18, null]",
        "`saves.42.own_upload_ids` must be a list",
    ),
    (
        "\"77\"",
        "\"x\"",
        "`playtime.x` must be under the number of a game",
    ),
    (
        "\"slot_confirmed\": true",
        "\"slot_confirmed\": 1",
        "must be true or false",
    ),
];

fn refusal(text: &str) -> DocumentError {
    let error = Document::parse(Path::new("a.json"), text.as_bytes()).unwrap_err();
    assert!(
        error.to_string().contains("Nothing was imported"),
        "{error}"
    );
    error
}

#[test]
fn what_is_wrong_is_told_by_its_place() {
    for (from, to, place) in WRONG {
        let broken = CURRENT.replacen(from, to, 1);
        assert_ne!(broken, CURRENT, "{from}");
        let error = refusal(&broken);
        assert!(error.to_string().contains(place), "{error}");
        assert!(matches!(error, DocumentError::Damaged { .. }));
    }
}

#[test]
fn what_is_half_a_file_or_another_one_is_refused() {
    for text in [
        "",
        "{",
        "\0\0\0",
        "{\"saves\": {}",
        &CURRENT[..CURRENT.len() / 2],
    ] {
        assert!(
            matches!(refusal(text), DocumentError::Damaged { .. }),
            "{text}"
        );
    }
    for text in ["{}", "[]", "3", "{\"version\": 1}"] {
        assert!(
            matches!(refusal(text), DocumentError::Unknown { .. }),
            "{text}"
        );
    }
    let newer = CURRENT.replacen("\"version\": 1", "\"version\": 2", 1);
    assert!(matches!(
        refusal(&newer),
        DocumentError::TooNew { version: 2, .. }
    ));
    let gone = Document::read(Path::new("/nowhere/a.json")).unwrap_err();
    assert!(matches!(gone, DocumentError::Io { .. }), "{gone}");
}
