//! `sync device`, `sync sessions`, `sync push-pull`, `saves` and `states`: what they ask, print and
//! return, against a stand-in for RomM and against a real Keepsave.

use keepsave_testkit::binary::{Running, Sandbox};
use keepsave_testkit::faults::{Canned, Fault, Proxy, Rule};
use keepsave_testkit::romm::{Release, StandIn};
use keepsave_testkit::seed_library;
use serde_json::{Value, json};

use crate::machine::Machine;
use crate::sandbox;

/// A RomM with a user, and a machine that is signed in to it.
fn signed_in(release: Release) -> (StandIn, i64, Machine) {
    let romm = StandIn::start(release);
    let ada = romm.user("ada", "sesame");
    let machine = Machine::signed_in(&romm.url(), &romm.token(ada, None));
    (romm, ada, machine)
}

fn register(machine: &Machine) -> String {
    let arguments = ["sync", "device", "register", "--name", "Deck", "--json"];
    let told = machine.run(&arguments).json(0);
    told["device_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_device_is_registered_as_romm_cli_does_it() {
    for release in [Release::V4_8_1, Release::V4_9, Release::V5_1] {
        let (romm, ada, machine) = signed_in(release);
        let told = machine
            .run(&["sync", "device", "register", "--name", "Deck", "--json"])
            .json(0);
        let keys: Vec<&String> = told.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["device_id", "name", "created_at"]);
        let asked = romm
            .log()
            .into_iter()
            .rev()
            .find(|seen| seen.path == "/api/devices");
        let body: Value = serde_json::from_slice(&asked.unwrap().body.unwrap()).unwrap();
        assert_eq!(
            body,
            json!({
                "name": "Deck", "platform": null, "client": "keepsave", "client_version": null,
                "ip_address": null, "mac_address": null, "hostname": null, "sync_mode": "api",
                "sync_config": null, "allow_existing": true, "allow_duplicate": false,
                "reset_syncs": false,
            })
        );
        let id = told["device_id"].as_str().unwrap();
        assert_eq!(romm.devices(ada), [id]);
        let who = machine.run(&["whoami", "--json"]).json(0);
        assert_eq!(
            who["device"]["id"], id,
            "this machine is that device from now on"
        );
    }
}

#[test]
fn every_flag_of_a_registration_is_sent() {
    let (romm, _, machine) = signed_in(Release::V5_1);
    let flags = [
        "sync",
        "device",
        "register",
        "--name",
        "Deck",
        "--platform",
        "linux",
        "--client",
        "mine",
        "--client-version",
        "1.2",
        "--hostname",
        "deck",
        "--mac-address",
        "aa:bb:cc:dd:ee:ff",
        "--ip-address",
        "10.0.0.1",
        "--sync-mode",
        "push-pull",
        "--sync-config-json",
        r#"{"ssh_host": "deck"}"#,
        "--allow-duplicate",
        "--reset-syncs",
    ];
    let id = machine.run(&flags).expect(0);
    let asked = romm
        .log()
        .into_iter()
        .rev()
        .find(|seen| seen.path == "/api/devices");
    let body: Value = serde_json::from_slice(&asked.unwrap().body.unwrap()).unwrap();
    assert_eq!(
        body,
        json!({
            "name": "Deck", "platform": "linux", "client": "mine", "client_version": "1.2",
            "ip_address": "10.0.0.1", "mac_address": "aa:bb:cc:dd:ee:ff", "hostname": "deck",
            "sync_mode": "push_pull", "sync_config": { "ssh_host": "deck" },
            "allow_existing": true, "allow_duplicate": true, "reset_syncs": true,
        })
    );
    let session = machine
        .run(&["sync", "push-pull", id.trim(), "--json"])
        .json(0);
    assert_eq!(session["device_id"], id.trim());
    for wrong in [
        ["sync", "device", "register", "--sync-mode", "ftp"],
        ["sync", "device", "register", "--sync-config-json", "[1]"],
        ["sync", "device", "register", "--sync-config-json", "{"],
    ] {
        assert_eq!(machine.run(&wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn a_device_is_shown_renamed_switched_and_removed() {
    let (_romm, _, machine) = signed_in(Release::V5_1);
    let id = register(&machine);
    let listed = machine.run(&["sync", "device", "list", "--json"]).json(0);
    assert_eq!(listed[0]["id"], id);
    assert_eq!(
        listed[0].as_object().unwrap().len(),
        16,
        "as the server sent it"
    );
    let one = machine
        .run(&["sync", "device", "get", &id, "--json"])
        .json(0);
    assert_eq!(one["name"], listed[0]["name"]);
    let table = machine.run(&["sync", "device", "list"]).expect(0);
    assert!(
        table.starts_with("ID ") && table.contains("Deck"),
        "{table}"
    );
    let renamed = machine.run(&["sync", "device", "rename", &id, "Living room", "--json"]);
    assert_eq!(renamed.json(0)["name"], "Living room");
    let off = machine.run(&["sync", "device", "disable", &id]).expect(0);
    assert!(
        off.contains("Living room") && off.contains("  off  "),
        "{off}"
    );
    let on = machine
        .run(&["sync", "device", "enable", &id, "--json"])
        .json(0);
    assert_eq!(on["sync_enabled"], true);
    let gone = machine
        .run(&["sync", "device", "delete", &id, "--json"])
        .json(0);
    assert_eq!(gone, json!({ "deleted": id }));
    let told = machine.run(&["sync", "device", "get", &id]);
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    assert!(told.stderr.contains("GET /api/devices/"), "{}", told.stderr);
    let who = machine.run(&["whoami", "--json"]).json(0);
    assert_eq!(who["device"], Value::Null, "it is forgotten here, too");
}

#[test]
fn what_an_older_romm_does_not_have_is_named() {
    let (romm, _, machine) = signed_in(Release::V4_8_1);
    for arguments in [
        &["sync", "sessions", "list"][..],
        &["sync", "sessions", "get", "1"],
        &["sync", "push-pull", "d"],
    ] {
        let told = machine.run(&[arguments, &["--json"]].concat()).json(1);
        assert_eq!(told["error"], "save_sync_unsupported");
        assert!(told["message"].as_str().unwrap().contains("RomM 4.8.1"));
        assert_eq!(
            told["missing_endpoints"],
            json!([
                "GET /api/sync/sessions",
                "POST /api/sync/negotiate",
                "POST /api/sync/sessions/{session_id}/complete",
                "POST /api/sync/devices/{device_id}/push-pull",
            ])
        );
        let told = machine.run(arguments);
        assert_eq!((told.code, told.stdout.as_str()), (Some(1), ""));
        assert!(told.stderr.contains("4.9.0-alpha.2"), "{}", told.stderr);
    }
    assert!(
        !romm
            .log()
            .iter()
            .any(|seen| seen.path.starts_with("/api/sync"))
    );
    // Where it negotiates, an openapi.json is never asked for.
    assert!(!romm.log().iter().any(|seen| seen.path.contains("openapi")));
}

#[test]
fn sessions_are_listed_as_the_server_sends_them() {
    let (romm, ada, machine) = signed_in(Release::V4_9);
    let id = register(&machine);
    let config = r#"{"ssh_host": "deck"}"#;
    let flags = ["--sync-mode", "push-pull", "--sync-config-json", config];
    let visited = [&["sync", "device", "register"], &flags[..]].concat();
    let visited = machine.run(&visited).expect(0);
    machine
        .run(&["sync", "push-pull", visited.trim()])
        .expect(0);
    assert_eq!((romm.devices(ada).len(), romm.sessions().len()), (2, 1));

    let all = machine.run(&["sync", "sessions", "list", "--json"]).json(0);
    assert_eq!(
        all[0].as_object().unwrap().len(),
        12,
        "as the server sent it"
    );
    let session = all[0]["id"].to_string();
    let one = machine
        .run(&["sync", "sessions", "get", &session, "--json"])
        .json(0);
    assert_eq!(one["id"], all[0]["id"]);
    let table = machine.run(&["sync", "sessions", "list"]).expect(0);
    assert!(table.contains(visited.trim()), "{table}");
    let other = [
        "sync",
        "sessions",
        "list",
        "--json",
        "--limit",
        "3",
        "--device-id",
        &id,
    ];
    assert_eq!(machine.run(&other).json(0), json!([]));
    let refused = machine.run(&["sync", "push-pull", &id]);
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("not in push_pull"),
        "{}",
        refused.stderr
    );
    let missing = machine.run(&["sync", "sessions", "get", "99"]);
    assert!(
        missing.stderr.contains("with ID 99 not found"),
        "{}",
        missing.stderr
    );
}

#[test]
fn saves_are_shown_tracked_published_and_deleted() {
    let (romm, ada, machine) = signed_in(Release::V5_1);
    let game = romm.rom("gba", "Zelda.gba");
    let first = romm
        .put_save((ada, game), Some("autosave"), "Zelda.srm", b"one")
        .to_string();
    romm.clock.advance_millis(60_000);
    let second = romm
        .put_save((ada, game), Some("autosave"), "Zelda.srm", b"two!")
        .to_string();
    let device = register(&machine);

    let listed = machine.run(&["saves", "list", "--json"]).json(0);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let one = machine.run(&["saves", "get", &first, "--json"]).json(0);
    assert_eq!(one, listed[0], "each as the server sent it");
    let table = machine
        .run(&["saves", "list", "--device-id", &device])
        .expect(0);
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines[1].starts_with(&second) && lines[1].contains("4 bytes"),
        "{table}"
    );
    assert!(
        lines[2].starts_with(&first) && lines[2].contains("autosave"),
        "{table}"
    );
    let none = ["saves", "list", "--rom-id", "99", "--slot", "x", "--json"];
    assert_eq!(machine.run(&none).json(0), json!([]));

    let untracked = machine
        .run(&["saves", "untrack", &second, "--json"])
        .json(0);
    assert_eq!(
        untracked["device_id"], device,
        "this machine, when none is named"
    );
    let table = machine
        .run(&["saves", "get", &second, "--device-id", &device])
        .expect(0);
    assert!(table.contains("untracked"), "{table}");
    machine
        .run(&["saves", "track", &second, "--device-id", &device])
        .expect(0);
    assert!(romm.sync_rows().iter().all(|row| !row.is_untracked));

    let public = machine.run(&["saves", "publish", &first, "--json"]).json(0);
    assert_eq!(public["is_public"], true);
    machine
        .run(&["saves", "publish", &first, "--off"])
        .expect(0);
    assert!(romm.saves().iter().all(|save| !save.is_public));

    let deleted = machine
        .run(&["saves", "delete", &first, &second, "--json"])
        .json(0);
    assert_eq!(deleted["deleted"].as_array().unwrap().len(), 2);
    assert!(romm.saves().is_empty());
    let told = machine.run(&["saves", "get", &first]);
    assert_eq!(told.code, Some(4));
    assert!(told.stderr.contains("not found"), "{}", told.stderr);
}

#[test]
fn a_row_that_cannot_be_read_is_reported_and_the_others_are_shown() {
    let (romm, _, _) = signed_in(Release::V5_1);
    let proxy = Proxy::before(romm.address());
    let token = romm.token(1, None);
    let machine = Machine::signed_in(&proxy.url(), &token);
    let mut rows = Canned::status(200);
    rows.body = r#"[{"id": 1, "rom_id": 2, "file_name": "a.srm"}, {"id": 2}]"#.into();
    proxy.fault(Rule::on("GET", "/api/saves").always(), Fault::Answer(rows));
    let told = machine.run(&["saves", "list"]);
    assert_eq!(told.code, Some(1), "something is left out");
    assert!(told.stdout.contains("a.srm"), "{}", told.stdout);
    assert!(
        told.stderr.contains("row 1") && told.stderr.contains("rom_id"),
        "{}",
        told.stderr
    );
    let all = machine.run(&["saves", "list", "--json"]).json(0);
    assert_eq!(all.as_array().unwrap().len(), 2, "as JSON nothing is");
}

#[test]
fn a_token_that_may_not_is_told_apart_from_a_server_that_cannot() {
    let (romm, ada, _) = signed_in(Release::V5_1);
    let token = romm.token(ada, Some(&["me.read"]));
    let machine = Machine::signed_in(&romm.url(), &token);
    let told = machine.run(&["saves", "list"]);
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    romm.revoke(&token);
    let told = machine.run(&["saves", "list"]);
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    assert!(told.stderr.contains("keepsave login"), "{}", told.stderr);
}

#[test]
fn commands_without_an_account_end_at_once() {
    let machine = Machine::new();
    for arguments in [
        &["sync", "device", "list"][..],
        &["sync", "sessions", "list"],
        &["sync", "push-pull", "d"],
        &["saves", "list"],
        &["states", "list"],
    ] {
        let told = machine.run(arguments);
        assert_eq!(told.code, Some(3), "{arguments:?}: {}", told.stderr);
        assert_eq!(told.stdout, "");
    }
}

/// A Keepsave with the seed library and a user, and a machine that is signed in to it.
fn keepsave() -> (Sandbox, Running, Machine) {
    let sandbox = sandbox();
    seed_library(&sandbox.path().join("keepsave-data/library")).unwrap();
    let server = sandbox.serve(&[]);
    let add = ["server", "user", "add", "ada", "--role", "admin"];
    sandbox.run_with(&add, &[], "sesame12\n").expect(0);
    sandbox.run(&["server", "scan"]).expect(0);
    let url = server.ready["listening"].as_str().unwrap();
    let machine = Machine::new();
    let login = machine.run_with(&["login", url, "--username", "ada"], &[], "sesame12\n");
    login.expect(0);
    (sandbox, server, machine)
}

/// The same commands against a Keepsave, so that they do not agree with a stand-in by accident.
#[tokio::test]
async fn a_keepsave_answers_the_same_commands() {
    let (_sandbox, server, machine) = keepsave();
    let device = register(&machine);
    let ada = server.user("ada", "sesame12");
    let files = [("saveFile", "Zelda.srm", &b"one"[..])];
    let save = ada
        .upload("/api/saves?rom_id=1&slot=autosave", &files)
        .await
        .unwrap();
    let save = save.expect(200)["id"].to_string();
    let files = [("stateFile", "Zelda.state", &b"one"[..])];
    let state = ada
        .upload("/api/states?rom_id=1&emulator=mgba", &files)
        .await
        .unwrap();
    let state = state.expect(200)["id"].to_string();

    for arguments in [
        &["sync", "device", "disable", &device][..],
        &["sync", "device", "list"],
        &["sync", "sessions", "list"],
        &["saves", "list", "--device-id", &device],
        &["saves", "untrack", &save],
        &["saves", "track", &save],
        &["saves", "publish", &save],
        &["saves", "get", &save],
        &["saves", "download", &save, "--device-id", &device],
        &[
            "saves",
            "upload",
            "Zelda.srm",
            "--rom-id",
            "1",
            "--slot",
            "copy",
        ],
        &["states", "download", &state],
        &[
            "states",
            "upload",
            "Zelda.state",
            "--rom-id",
            "1",
            "--emulator",
            "vba",
        ],
        &["states", "list", "--rom-id", "1"],
        &["states", "get", &state],
        &["states", "publish", &state],
        &["states", "publish", &state, "--off"],
        &["saves", "delete", &save],
        &["states", "delete", &state],
        &["sync", "device", "delete", &device],
        &["logout"],
    ] {
        let told = machine.run(arguments);
        assert_eq!(
            told.code,
            Some(0),
            "{arguments:?}: {}{}",
            told.stdout,
            told.stderr
        );
    }
    server.stop();
}
