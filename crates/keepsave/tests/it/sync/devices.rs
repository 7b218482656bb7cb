//! Two devices and one save, again and again.

use serde_json::json;

use super::{World, results};
use crate::machine::Machine;

on_every_server! {
    every_version_of_a_slot_goes_up_not_only_the_first,
    a_save_goes_back_and_forth_onto_each_devices_own_file,
    a_run_tells_what_became_of_each_operation,
    a_file_that_was_deleted_here_comes_back,
    a_device_that_the_server_does_not_know_is_to_be_registered,
    a_machine_whose_device_is_gone_becomes_another_one,
}

async fn every_version_of_a_slot_goes_up_not_only_the_first(world: World) {
    let deck = world.device("Deck").await;
    deck.lists_zelda();
    for version in 1..=12 {
        let content = format!("progress {version}");
        deck.write("zelda.srm", &content);
        let report = deck.run(&[]).json(0);
        assert_eq!(results(&report), ["uploaded"], "version {version}");
        assert_eq!(world.head_content(1, "autosave").await, content);
        assert_eq!(results(&deck.run(&[]).json(0)), ["nothing"]);
    }
    assert!(deck.journal().is_empty(), "nothing was ever replaced here");
}

async fn a_save_goes_back_and_forth_onto_each_devices_own_file(world: World) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    deck.lists_zelda();
    pocket.lists(&[(1, "saves/Zelda (USA).srm", Some("autosave"))]);
    deck.write("zelda.srm", "one");
    deck.run(&[]).expect(0);

    let report = pocket.run(&[]).json(0);
    assert_eq!(results(&report), ["downloaded"]);
    assert_eq!(pocket.read("saves/Zelda (USA).srm"), "one");

    for round in 2..6 {
        let (from, to) = if round % 2 == 0 {
            (&pocket, &deck)
        } else {
            (&deck, &pocket)
        };
        let name = |device: &super::Device| {
            if std::ptr::eq(device, &raw const deck) {
                "zelda.srm"
            } else {
                "saves/Zelda (USA).srm"
            }
        };
        let content = format!("round {round}");
        from.write(name(from), &content);
        assert_eq!(results(&from.run(&[]).json(0)), ["uploaded"]);
        assert_eq!(results(&to.run(&[]).json(0)), ["downloaded"]);
        assert_eq!(to.read(name(to)), content);
        for device in [from, to] {
            assert_eq!(results(&device.run(&[]).json(0)), ["nothing"]);
        }
    }
    assert!(
        pocket.journal().contains(&"round 2".to_owned()),
        "what was replaced is kept"
    );
}

#[tokio::test]
async fn a_plan_is_romms_answer_and_leaves_its_session_completed() {
    let world = World::keepsave().await;
    let deck = world.device("Deck").await;
    deck.lists_zelda();
    deck.write("zelda.srm", "one");
    for plan in [deck.plan(&[]), deck.run(&["--dry-run"])] {
        let plan = plan.json(0);
        assert_eq!(plan["total_upload"], 1);
        let operation = plan["operations"][0].as_object().unwrap();
        for key in [
            "action",
            "rom_id",
            "save_id",
            "file_name",
            "slot",
            "emulator",
            "reason",
            "server_updated_at",
            "server_content_hash",
        ] {
            assert!(operation.contains_key(key), "{key}");
        }
        let session = &plan["session_id"];
        let session = world
            .ada()
            .get(&format!("/api/sync/sessions/{session}"))
            .await
            .expect(200);
        assert_eq!(session["status"], "COMPLETED");
        assert_eq!(session["operations_completed"], 0);
        assert_eq!(session["operations_failed"], 0);
    }
    assert_eq!(world.ada().get("/api/saves").await.expect(200), json!([]));
}

async fn a_run_tells_what_became_of_each_operation(world: World) {
    let deck = world.device("Deck").await;
    deck.lists(&[
        (1, "zelda.srm", Some("autosave")),
        (2, "metroid.srm", Some("autosave")),
    ]);
    deck.write("zelda.srm", "one");
    let ran = deck.run(&[]);
    let said = "metroid.srm: neither here nor on the server yet";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let report = ran.json(0);
    assert_eq!(results(&report), ["uploaded", "nothing"]);
    assert_eq!(
        report["counts"],
        json!({
            "uploaded": 1,
            "downloaded": 0,
            "no_op": 1,
            "conflicts_skipped": 0,
            "completed": 1,
            "failed": 0,
            "left_out": 0,
        })
    );
    if !report["negotiate"]["session_id"].is_null() {
        let session = &report["completion"]["session"];
        assert_eq!(session["status"], "COMPLETED");
        assert_eq!(session["operations_completed"], 1);
    }
    assert!(
        !deck.path("metroid.srm").exists(),
        "the server has nothing for it either"
    );
}

async fn a_file_that_was_deleted_here_comes_back(world: World) {
    let deck = world.device("Deck").await;
    deck.lists_zelda();
    deck.write("zelda.srm", "one");
    deck.run(&[]).expect(0);
    std::fs::remove_file(deck.path("zelda.srm")).unwrap();
    assert_eq!(results(&deck.run(&[]).json(0)), ["downloaded"]);
    assert_eq!(deck.read("zelda.srm"), "one");
}

async fn a_device_that_the_server_does_not_know_is_to_be_registered(world: World) {
    let deck = world.device("Deck").await;
    deck.lists_zelda();
    deck.write("zelda.srm", "one");
    let named = ["--manifest", "saves.json", "--device-id", "nope"];
    for arguments in [
        &[&["sync", "plan"], &named[..]].concat()[..],
        &[&["sync", "run"], &named[..]].concat(),
        &["sync", "device", "get", "nope"],
        &["sync", "device", "rename", "nope", "Pocket"],
        &["sync", "device", "disable", "nope"],
        &["sync", "device", "delete", "nope"],
        &[
            "saves",
            "upload",
            "zelda.srm",
            "--rom-id",
            "1",
            "--device-id",
            "nope",
        ],
    ] {
        let ran = deck.keepsave(arguments);
        assert_eq!(ran.code, Some(3), "{arguments:?}: {}", ran.stderr);
        for said in ["nope", "keepsave sync device register --name"] {
            assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
        }
        assert_eq!(ran.stdout, "", "{arguments:?}");
    }
    assert_eq!(world.ada().get("/api/saves").await.expect(200), json!([]));
}

async fn a_machine_whose_device_is_gone_becomes_another_one(world: World) {
    let machine = Machine::new();
    let login = ["login", &world.url(), "--username", "ada"];
    machine.run_with(&login, &[], "secret1\n").expect(0);
    let register = ["sync", "device", "register", "--name"];
    let registered = |name| machine.run(&[&register[..], &[name]].concat()).expect(0);
    let first = registered("Deck");
    registered("Another machine");
    let here = || machine.run(&["whoami", "--json"]).json(0)["device"]["id"].clone();
    assert_eq!(here(), first.trim());
    let elsewhere = world.device("Elsewhere").await;
    let delete = ["sync", "device", "delete", first.trim()];
    elsewhere.keepsave(&delete).expect(0);
    assert_eq!(here(), json!(null));
    std::fs::write(machine.path("saves.json"), r#"{"saves": []}"#).unwrap();
    let run = ["sync", "run", "--manifest", "saves.json"];
    assert_eq!(machine.run(&run).code, Some(3));
    let second = registered("Deck");
    assert_eq!(here(), second.trim());
    machine.run(&run).expect(0);
}

#[tokio::test]
async fn a_restored_version_reaches_the_device() {
    let world = World::keepsave().await;
    let deck = world.device("Deck").await;
    deck.lists_zelda();
    for content in ["one", "two"] {
        deck.write("zelda.srm", content);
        deck.run(&[]).expect(0);
    }
    let versions = world
        .ada()
        .get("/api/keepsave/timelines?rom_id=1")
        .await
        .expect(200);
    let timeline = versions.as_array().unwrap()[0]["id"].clone();
    let versions = world
        .ada()
        .get(&format!("/api/keepsave/timelines/{timeline}/versions"))
        .await;
    let versions = versions.expect(200);
    let first = versions
        .as_array()
        .unwrap()
        .iter()
        .find(|version| version["ordinal"] == 1)
        .unwrap();
    let restore = format!("/api/keepsave/versions/{}/restore", first["id"]);
    world.ada().post(&restore, &json!({})).await.expect(200);
    assert_eq!(results(&deck.run(&[]).json(0)), ["downloaded"]);
    assert_eq!(deck.read("zelda.srm"), "one");
    assert_eq!(deck.journal(), ["two"]);
}
