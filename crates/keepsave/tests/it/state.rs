//! `keepsave state`: who comes from decky-romm-sync goes on where they were, and can go back.

use keepsave_testkit::binary::Ran;
use keepsave_testkit::romm::{Release, StandIn};
use serde_json::{Value, json};

use crate::machine::Machine;

/// A RomM, ada's machine there, and the device that the plugin had made.
struct Deck {
    romm: StandIn,
    ada: i64,
    machine: Machine,
    device: String,
}

impl Deck {
    fn new() -> Self {
        let romm = StandIn::start(Release::V5_1);
        let ada = romm.user("ada", "sesame");
        let token = romm.token(ada, None);
        let plugin = Machine::signed_in(&romm.url(), &token);
        let made = plugin
            .run(&["sync", "device", "register", "--name", "Deck", "--json"])
            .json(0);
        Self {
            machine: Machine::signed_in(&romm.url(), &token),
            device: made["device_id"].as_str().unwrap().to_owned(),
            romm,
            ada,
        }
    }

    /// What the plugin left of one game whose save is in sync.
    fn state(&self, save: i64, content: &[u8]) -> Value {
        let saves = self.romm.saves();
        let row = saves.iter().find(|row| row.id == save);
        let updated = row.map(|row| row.updated.to_string().replace(".000000", ""));
        json!({
            "version": 1,
            "device_id": "550e8400-e29b-41d4-a716-446655440000",
            "server_device_id": self.device,
            "saves": {"1": {
                "active_slot": "default", "slot_confirmed": true, "emulator": "retroarch-mgba",
                "system": "gba", "last_synced_core": "mgba_libretro",
                "slots": {"default": {"source": "server", "count": 1, "latest_updated_at": null}},
                "files": {"Zelda.srm": {
                    "tracked_save_id": save,
                    "last_sync_hash": hex::encode(<md5::Md5 as md5::Digest>::digest(content)),
                    "last_sync_at": "2026-11-20T07:00:00+00:00",
                    "last_sync_server_updated_at": updated,
                    "last_sync_server_save_id": save,
                    "last_sync_server_size": content.len(),
                    "last_sync_local_mtime": 1_795_159_710.5,
                    "last_sync_local_size": content.len(),
                }},
                "own_upload_ids": [save], "last_sync_check_at": null,
            }},
            "playtime": {"1": {
                "total_seconds": 7200, "session_count": 3, "last_session_start": null,
                "last_session_duration_sec": 1800, "note_id": 456,
            }},
        })
    }

    fn settings(&self) -> Value {
        json!({
            "version": 4, "romm_url": self.romm.url(), "save_sync_enabled": true,
            "sync_before_launch": false, "sync_after_exit": true, "default_slot": "default",
            "autocleanup_limit": 7, "device_name": "Living room",
        })
    }

    fn write(&self, name: &str, json: &Value) -> String {
        let path = self.machine.path(name);
        std::fs::write(&path, json.to_string()).unwrap();
        path.display().to_string()
    }

    fn import(&self, files: &[&str]) -> Ran {
        self.machine.run(&[&["state", "import"], files].concat())
    }

    fn export(&self, to: &str) -> (Value, Value) {
        self.machine.run(&["state", "export", "--to", to]).expect(0);
        let read = |name| {
            let text = std::fs::read(self.machine.path(to).join(name)).unwrap();
            serde_json::from_slice(&text).unwrap()
        };
        (read("save_sync_state.json"), read("settings.json"))
    }
}

#[test]
fn what_goes_in_comes_out_and_the_plugins_files_stay_as_they_are() {
    let deck = Deck::new();
    let (before, chosen) = (deck.state(0, b"hello"), deck.settings());
    let state = deck.write("save_sync_state.json", &before);
    let settings = deck.write("settings.json", &chosen);
    let told = deck.import(&[&state, &settings]).expect(0);
    insta::assert_snapshot!(told, @r"
    IMPORTED            COUNT
    games               1
    files               1
    playtimes           1
    settings            6
    known here already  0
    ");
    assert_eq!(std::fs::read_to_string(&state).unwrap(), before.to_string());
    assert_eq!(
        std::fs::read_to_string(&settings).unwrap(),
        chosen.to_string()
    );
    let (mut after, mut then) = deck.export("out");
    let mut before = before;
    // There was no such save, so nothing can be said of when it was changed.
    for json in [&mut before, &mut after] {
        let file = &mut json["saves"]["1"]["files"]["Zelda.srm"];
        file["last_sync_server_updated_at"] = Value::Null;
    }
    assert_eq!(after, before);
    then["romm_url"] = chosen["romm_url"].clone();
    assert_eq!(then, chosen);
    let who = deck.machine.run(&["whoami", "--json"]).json(0);
    assert_eq!(
        who["device"]["id"], deck.device,
        "this machine is that device now"
    );
    let again = deck.import(&[&state, &settings, "--json"]).json(0);
    assert_eq!(
        (&again["known"], &again["settings"]),
        (&3.into(), &json!([]))
    );
    assert_eq!(deck.romm.play_sessions(), [], "a total is no session");
}

#[test]
fn nothing_is_synced_anew_and_nothing_is_asked() {
    let deck = Deck::new();
    deck.romm.rom("gba", "Zelda.gba");
    let save = deck
        .romm
        .put_save((deck.ada, 1), Some("default"), "Zelda.srm", b"progress");
    std::fs::write(deck.machine.path("Zelda.srm"), b"progress").unwrap();
    let manifest = json!({"saves": [{"rom_id": 1, "path": "Zelda.srm", "slot": "default"}]});
    deck.write("saves.json", &manifest);
    let state = deck.write("save_sync_state.json", &deck.state(save, b"progress"));
    deck.import(&[&state]).expect(0);
    let run = ["sync", "run", "--manifest", "saves.json", "--json"];
    let told = deck.machine.run(&run).json(0);
    let moved = &told["results"].as_array().unwrap()[0];
    assert_eq!(moved["action"], "no_op", "{told}");

    std::fs::write(deck.machine.path("Zelda.srm"), b"progress and more").unwrap();
    deck.romm.clock.advance_millis(60_000);
    let told = deck.machine.run(&run).json(0);
    assert_eq!(
        told["results"][0]["action"], "upload",
        "what was played since goes up: {told}"
    );
}

#[test]
fn the_oldest_form_brings_its_choices() {
    let deck = Deck::new();
    let mut old = deck.state(0, b"hello");
    old["settings"] =
        json!({"sync_after_exit": false, "default_slot": "mine", "conflict_mode": "ask_me"});
    old["device_name"] = "steamdeck".into();
    let old = deck.write("old.json", &old);
    let told = deck.import(&[&old, "--json"]).json(0);
    assert_eq!(
        told["settings"],
        json!(["sync_after_exit", "default_slot", "device_name"])
    );
    let slot = deck
        .machine
        .run(&["settings", "get", "default_slot"])
        .expect(0);
    assert_eq!(slot, "mine\n", "it stays as it was");
    deck.machine
        .run(&["settings", "set", "default_slot", "chosen"])
        .expect(0);
    let chosen = deck.write("settings.json", &deck.settings());
    let told = deck.import(&[&chosen, "--json"]).json(0);
    let taken = json!([
        "save_sync_enabled",
        "sync_before_launch",
        "autocleanup_limit"
    ]);
    assert_eq!(told["settings"], taken, "what was chosen here stays");
}

#[test]
fn what_is_of_another_server_or_user_is_not_taken() {
    let deck = Deck::new();
    let mut foreign = deck.state(0, b"hello");
    foreign["server_device_id"] = "11111111-2222-4333-8444-555555555555".into();
    let unknown = deck.write("a.json", &foreign);
    foreign["server_device_id"] = Value::Null;
    let silent = deck.write("b.json", &foreign);
    let mut settings = deck.settings();
    settings["romm_url"] = "https://saves.example.org".into();
    let elsewhere = deck.write("c.json", &settings);
    settings = deck.settings();
    settings["romm_user"] = "bob".into();
    let bobs = deck.write("d.json", &settings);
    let own = deck.write("e.json", &deck.state(0, b"hello"));
    for (files, code, told) in [
        (&[unknown.as_str()][..], 1, "does not know the device"),
        (
            &[&unknown, "--same-server"],
            3,
            "is no device of the server yet",
        ),
        (&[&silent], 3, "is no device of the server yet"),
        (
            &[&own, &elsewhere],
            1,
            "settings.json is of https://saves.example.org",
        ),
        (&[&own, &bobs], 1, "settings.json is of user bob"),
        (&[&own, &own], 2, "is a second save_sync_state.json"),
    ] {
        let ran = deck.import(files);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        assert_eq!(ran.code, Some(code), "{told}");
    }
    let register = ["sync", "device", "register", "--name", "New"];
    deck.machine.run(&register).expect(0);
    let ran = deck.import(&[&silent]);
    assert!(
        ran.stderr.contains("does not say which server"),
        "{}",
        ran.stderr
    );
    let (nothing, _) = deck.export("before");
    assert_eq!(
        nothing["saves"],
        json!({}),
        "nothing of all this was taken over"
    );
    assert!(!deck.machine.path(".config/keepsave/settings.toml").exists());
    deck.import(&[&unknown, "--same-server"]).expect(0);
    let (something, _) = deck.export("after");
    assert_eq!(
        something["saves"]["1"]["files"].as_object().unwrap().len(),
        1
    );
}

#[test]
fn what_is_damaged_is_refused_and_nothing_changes() {
    let deck = Deck::new();
    let whole = deck.state(0, b"hello").to_string();
    let half = deck.machine.path("half.json");
    std::fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    let settings = deck.write("settings.json", &deck.settings());
    let ran = deck.import(&[&settings, half.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("half.json") && ran.stderr.contains("repair it"),
        "{}",
        ran.stderr
    );
    assert!(!deck.machine.path(".config/keepsave/settings.toml").exists());
    assert!(!deck.machine.path(".local/state").exists());
    let unwritable = deck.machine.path(".config/keepsave/settings.toml");
    std::fs::write(&unwritable, "x").unwrap();
    let own = deck.write("own.json", &deck.state(0, b"hello"));
    assert_eq!(deck.import(&[&own, &settings]).code, Some(2));
    std::fs::remove_file(&unwritable).unwrap();
    let (nothing, _) = deck.export("out");
    assert_eq!(nothing["saves"], json!({}));
}

#[test]
fn an_export_takes_no_files_place() {
    let deck = Deck::new();
    let mine = deck.machine.path("settings.json");
    std::fs::write(&mine, "mine").unwrap();
    let ran = deck.machine.run(&["state", "export"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("is there already"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine");
    assert!(!deck.machine.path("save_sync_state.json").exists());
    std::fs::remove_file(&mine).unwrap();
    let told = deck.machine.run(&["state", "export", "--json"]).json(0);
    assert_eq!(
        told["written"],
        json!(["./save_sync_state.json", "./settings.json"])
    );
    let text = std::fs::read(deck.machine.path("save_sync_state.json")).unwrap();
    let state: Value = serde_json::from_slice(&text).unwrap();
    let id = state["device_id"].as_str().unwrap().to_owned();
    assert_eq!((id.len(), &id[14..15]), (36, "4"), "{id}");
    let (again, _) = deck.export("again");
    assert_eq!(again["device_id"], id.as_str(), "it stays the same machine");
}
