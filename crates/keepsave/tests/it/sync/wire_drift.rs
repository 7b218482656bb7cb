//! Servers that answer otherwise than they should: newer ones, older ones, broken ones, and such as
//! mean harm.

use keepsave_testkit::faults::Fault::{Answer, AnswerAfterward};
use keepsave_testkit::faults::{Canned, Rule};
use keepsave_testkit::romm::Release;
use serde_json::{Value, json};

use super::faults::in_sync;
use super::{World, results};

fn says(body: &Value) -> Canned {
    Canned {
        body: body.to_string(),
        ..Canned::status(200)
    }
}

fn negotiate() -> Rule {
    Rule::on("POST", "/api/sync/negotiate")
}

#[tokio::test]
async fn w22_an_unknown_action_is_left_out_and_told_and_the_rest_is_done() {
    let world = World::keepsave().await;
    let proxy = world.proxy();
    let deck = world.device_behind(&proxy, "Deck").await;
    deck.lists(&[
        (1, "zelda.srm", Some("autosave")),
        (2, "metroid.srm", Some("autosave")),
    ]);
    deck.write("zelda.srm", "zelda");
    deck.write("metroid.srm", "metroid");
    let plan = json!({ "operations": [
        { "action": "delete", "rom_id": 1, "slot": "autosave", "reason": "gone elsewhere" },
        { "action": "upload", "rom_id": "2", "slot": "autosave", "new": { "field": [1] } },
    ], "newer": true });
    proxy.fault(negotiate(), AnswerAfterward(says(&plan)));
    let report = deck.run(&[]).json(1);
    assert_eq!(results(&report), ["left_out", "uploaded"]);
    let error = report["results"][0]["error"].as_str().unwrap();
    assert!(error.contains("`delete`"), "{error}");
    assert_eq!(deck.read("zelda.srm"), "zelda");
    assert_eq!(world.head_content(2, "autosave").await, "metroid");
    assert_eq!(results(&deck.run(&[]).json(0)), ["uploaded", "nothing"]);
}

#[tokio::test]
async fn w22_a_line_that_cannot_be_read_does_not_hide_the_others() {
    for world in [World::keepsave().await, World::romm(Release::V5_1)] {
        let proxy = world.proxy();
        let deck = world.device_behind(&proxy, "Deck").await;
        deck.lists(&[
            (1, "zelda.srm", Some("autosave")),
            (2, "metroid.srm", Some("autosave")),
        ]);
        deck.write("zelda.srm", "zelda");
        deck.write("metroid.srm", "metroid");
        let plan = json!({ "operations": [
            { "action": "upload" },
            { "action": "upload", "rom_id": 2, "slot": "autosave" },
        ]});
        proxy.fault(negotiate(), AnswerAfterward(says(&plan)));
        let ran = deck.run(&[]);
        assert!(ran.stderr.contains("row 0"), "{}", ran.stderr);
        assert_eq!(results(&ran.json(0)), ["uploaded", "uploaded"]);
        let report = deck.run(&[]).json(0);
        assert_eq!(results(&report), ["nothing", "nothing"]);
    }
}

#[tokio::test]
async fn w22_a_save_without_size_hash_and_time_comes_down() {
    let world = World::keepsave().await;
    let proxy = world.proxy();
    let deck = in_sync(&world, &proxy).await;
    let pocket = world.device_behind(&proxy, "Pocket").await;
    pocket.lists_zelda();
    let id = world.head(1, "autosave").await["id"].clone();
    let save = json!({ "id": id, "rom_id": 1, "file_size_bytes": "many", "content_hash": 7 });
    proxy.fault(Rule::on("GET", "/api/saves/"), AnswerAfterward(says(&save)));
    let completion = Rule::on("POST", "/api/sync/sessions/");
    proxy.fault(completion, AnswerAfterward(says(&json!({}))));
    assert_eq!(results(&pocket.run(&[]).json(0)), ["downloaded"]);
    assert!(pocket.read("zelda.srm") == deck.read("zelda.srm"));
    proxy.heal();
    assert_eq!(results(&pocket.run(&[]).json(0)), ["nothing"]);
}

#[tokio::test]
async fn w23_what_is_not_json_is_shown_and_changes_nothing() {
    let world = World::keepsave().await;
    let proxy = world.proxy();
    let pocket = in_sync(&world, &proxy).await;
    pocket.write(
        "zelda.srm",
        "changed here, and long enough not to be suspect",
    );
    let page = Canned {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: "<!doctype html><title>Sign in to the Wi-Fi</title>".to_owned(),
    };
    for (rule, name) in [
        (Rule::on("GET", "/api/heartbeat"), "GET /api/heartbeat"),
        (Rule::on("GET", "/api/users/me"), "GET /api/users/me"),
        (negotiate(), "POST /api/sync/negotiate"),
    ] {
        proxy.fault(rule.always(), Answer(page.clone()));
        let ran = pocket.run(&[]);
        proxy.heal();
        assert_eq!(ran.code, Some(4), "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("Sign in to the Wi-Fi"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stdout, "");
    }
}

#[tokio::test]
async fn w24_the_version_is_looked_at_before_anything_else() {
    let world = World::romm(Release::V5_1);
    let romm = world.romm_itself().unwrap();
    let deck = world.device("Deck").await;
    deck.lists_zelda();
    deck.write("zelda.srm", "one");
    let before = romm.asked("POST /api/sync/negotiate");
    for version in ["4.7.9", "3.10.3", "4.8.1-beta.1", "unknown", ""] {
        romm.say_version(version);
        for ran in [deck.plan(&[]), deck.run(&[])] {
            let said = ran.stderr.clone();
            let told = ran.json(4);
            assert_eq!(told["error"], "version_error", "{version}");
            assert_eq!(told["needed"], "4.8.1");
            assert!(said.contains("4.8.1"), "{said}");
            if !version.is_empty() {
                assert!(
                    told["message"].as_str().unwrap().contains(version),
                    "{told}"
                );
            }
        }
    }
    assert_eq!(romm.asked("POST /api/sync/negotiate"), before);
    assert_eq!(romm.asked("POST /api/saves"), 0);
    romm.say_version("development");
    let ran = deck.run(&[]);
    assert!(ran.stderr.contains("development"), "{}", ran.stderr);
    assert_eq!(results(&ran.json(0)), ["uploaded"]);
}

#[tokio::test]
async fn names_that_lead_outside_are_refused() {
    let world = World::romm(Release::V5_1);
    let romm = world.romm_itself().unwrap();
    let proxy = world.proxy();
    let pocket = world.device_behind(&proxy, "Pocket").await;
    // Beside the manifest's directory there is one that must stay empty.
    let manifest = json!({ "saves": [{ "rom_id": 2, "path": "m.srm", "slot": "autosave" }] });
    pocket.write("in/saves.json", &manifest.to_string());
    let id = romm.put_save((1, 1), Some("autosave"), "zelda.srm", b"evil");
    let game = |name: &str| says(&json!({ "id": 1, "fs_name_no_ext": name, "name": name }));
    let save = |name: &str, slot: &str| {
        says(&json!({
            "id": id, "rom_id": 1, "file_name": name, "slot": slot, "file_size_bytes": 4,
        }))
    };
    let lies = [
        ("/api/roms/", game("../evil")),
        ("/api/roms/", game("/tmp/evil")),
        ("/api/roms/", game("..\\evil")),
        ("/api/roms/", game("evil\n")),
        ("/api/roms/", game("NUL")),
        ("/api/saves/", save("zelda.srm", "../../evil")),
    ];
    for (path, lie) in lies {
        proxy.fault(Rule::on("GET", path), Answer(lie.clone()));
        let run = ["sync", "run", "--json", "--device-id", &pocket.id];
        let ran = pocket.keepsave(&[&run[..], &["--manifest", "in/saves.json"]].concat());
        proxy.heal();
        let report = ran.json(1);
        assert_eq!(results(&report), ["nothing", "failed"], "{lie:?}");
        let error = report["results"][1]["error"].as_str().unwrap();
        assert!(error.contains("refused"), "{error}");
        assert_eq!(pocket.files("in"), Vec::<String>::new());
        assert_eq!(pocket.files("."), ["in"]);
    }
    // What a save is called on the server does not matter here, but for its extension.
    let lie = save("zelda.srm/../../evil", "autosave");
    proxy.fault(Rule::on("GET", "/api/saves/"), Answer(lie));
    let run = ["sync", "run", "--json", "--device-id", &pocket.id];
    let ran = pocket.keepsave(&[&run[..], &["--manifest", "in/saves.json"]].concat());
    assert_eq!(results(&ran.json(0)), ["nothing", "downloaded"]);
    assert_eq!(pocket.files("in"), ["Zelda"]);
    assert_eq!(pocket.files("."), ["in"]);
}
