//! One file up or down because a person said so: `saves download`, `saves upload`, and those of
//! states.

use std::fs;

use keepsave_core::time::Time;
use keepsave_testkit::faults::{Fault, Proxy, Rule};
use serde_json::json;

use super::{Device, World};

on_every_server! {
    a_save_is_downloaded_onto_a_file_and_what_was_there_is_kept,
    a_save_goes_where_it_is_said_under_its_own_name,
    a_download_is_whole_or_does_not_happen,
    a_save_is_uploaded_with_all_that_is_said_of_it,
    a_conflict_is_a_persons_to_settle,
    an_upload_whose_answer_is_lost_is_not_sent_again,
    a_save_is_left_out_of_syncs_and_taken_in_again,
    a_state_goes_up_and_comes_down,
}

const AUTOSAVE: [&str; 4] = ["--rom-id", "1", "--slot", "autosave"];

/// A save of the first game that another device made. Gives its id.
async fn save(world: &World, content: &str) -> String {
    let deck = world.device("Deck").await;
    deck.write("Zelda.srm", content);
    let upload = ["saves", "upload", "Zelda.srm", "--device-id", &deck.id];
    let id = deck.keepsave(&[&upload[..], &AUTOSAVE].concat()).expect(0);
    id.trim().to_owned()
}

/// How often the device told the server that it holds the save.
fn confirmed(proxy: &Proxy, save: &str) -> usize {
    let line = format!("POST /api/saves/{save}/downloaded");
    let passed = proxy.passed();
    passed
        .iter()
        .filter(|passed| passed.line.starts_with(&line))
        .count()
}

/// The request that uploaded, with all that stands in its address.
fn uploads(proxy: &Proxy) -> Vec<String> {
    let passed = proxy.passed().into_iter().map(|passed| passed.line);
    passed
        .filter(|line| line.starts_with("POST /api/saves?"))
        .collect()
}

async fn pocket_behind(world: &World, proxy: &Proxy) -> Device {
    world.device_behind(proxy, "Pocket").await
}

async fn a_save_is_downloaded_onto_a_file_and_what_was_there_is_kept(world: World) {
    let proxy = world.proxy();
    let pocket = pocket_behind(&world, &proxy).await;
    let save = save(&world, "from the server").await;
    pocket.write("zelda.srm", "played here");
    let download = ["saves", "download", &save, "-o", "zelda.srm", "--json"];
    let download = [&download[..], &["--device-id", &pocket.id]].concat();
    let told = pocket.keepsave(&download).json(0);
    assert_eq!(pocket.read("zelda.srm"), "from the server");
    assert_eq!(pocket.journal(), ["played here"]);
    assert!(told["journal_entry"].is_string());
    let stored = world.head(1, "autosave").await["updated_at"].clone();
    let stored: Time = serde_json::from_value(stored).unwrap();
    let changed = fs::metadata(pocket.path("zelda.srm")).unwrap().modified();
    let changed = changed
        .unwrap()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert_eq!(changed.as_secs(), stored.seconds().unsigned_abs());
    let passed = proxy.passed();
    let mut contents = passed
        .iter()
        .filter(|passed| passed.line.contains("/content"));
    assert!(contents.all(|passed| passed.line.contains("optimistic=false")));
    assert_eq!(confirmed(&proxy, &save), 1);
    pocket.lists_zelda();
    assert_eq!(
        pocket.plan(&[]).json(0)["total_no_op"],
        1,
        "it counts as held"
    );
}

async fn a_save_goes_where_it_is_said_under_its_own_name(world: World) {
    let proxy = world.proxy();
    let pocket = pocket_behind(&world, &proxy).await;
    let save = save(&world, "bytes").await;
    let here = pocket.keepsave(&["saves", "download", &save]).expect(0);
    assert_eq!(here, "./Zelda.srm\n", "without the tag of its slot");
    assert_eq!(pocket.read("Zelda.srm"), "bytes");
    fs::create_dir(pocket.path("saves")).unwrap();
    let there = ["saves", "download", &save, "--output", "saves"];
    pocket.keepsave(&there).expect(0);
    assert_eq!(pocket.read("saves/Zelda.srm"), "bytes");
    assert_eq!(confirmed(&proxy, &save), 0, "no device was named");
    let missing = ["saves", "download", &save, "--output", "none/Zelda.srm"];
    let told = pocket.keepsave(&missing);
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    if let Some(romm) = world.romm_itself() {
        let id = save.parse().unwrap();
        romm.change_save(id, |row| row.file_name = "../evil.srm".into());
        let told = pocket.keepsave(&["saves", "download", &save]);
        assert_eq!(told.code, Some(1), "{}", told.stderr);
        assert!(told.stderr.contains("../evil.srm"), "{}", told.stderr);
    }
}

/// Whatever goes wrong on the way, the file is what it was or what it should be, and the server is
/// told of it only when it is there.
async fn a_download_is_whole_or_does_not_happen(world: World) {
    let content: String = ('a'..='z').cycle().take(200_000).collect();
    let save = save(&world, &content).await;
    let route = Rule::on("GET", "/api/saves/");
    for (fault, times, arrives) in [
        (Fault::CutInAnswerBody(100_000), 1, true),
        (Fault::CutBeforeAnswer, 2, true),
        (Fault::CutBeforeAnswer, 9, false),
        (Fault::Shorten(100_000), 9, false),
        (Fault::Flip(150_000), 9, false),
    ] {
        let proxy = world.proxy();
        let pocket = pocket_behind(&world, &proxy).await;
        pocket.write("zelda.srm", "played here");
        // The first such request asks for the row.
        proxy.fault(route.clone().nth(2).times(times), fault.clone());
        let download = ["saves", "download", &save, "-o", "zelda.srm"];
        let told = pocket.keepsave(&[&download[..], &["--device-id", &pocket.id]].concat());
        let expected = if arrives { &content } else { "played here" };
        assert_eq!(told.code == Some(0), arrives, "{fault:?}: {}", told.stderr);
        assert!(pocket.read("zelda.srm") == expected, "{fault:?}");
        assert_eq!(confirmed(&proxy, &save), usize::from(arrives), "{fault:?}");
        assert_eq!(pocket.files("."), ["zelda.srm"], "{fault:?}");
    }
}

async fn a_save_is_uploaded_with_all_that_is_said_of_it(world: World) {
    let proxy = world.proxy();
    let pocket = pocket_behind(&world, &proxy).await;
    pocket.write("Zelda.srm", "played here");
    let flags = ["--emulator", "mgba", "--autocleanup-limit", "5", "--json"];
    let upload = ["saves", "upload", "Zelda.srm", "--device-id", &pocket.id];
    let told = pocket
        .keepsave(&[&upload[..], &AUTOSAVE, &flags].concat())
        .json(0);
    assert_eq!(told["slot"], "autosave");
    assert_eq!(told["emulator"], "mgba");
    assert_eq!(told["id"], world.head(1, "autosave").await["id"]);
    assert_eq!(world.head_content(1, "autosave").await, "played here");
    let asked = uploads(&proxy);
    for said in ["autocleanup=true", "autocleanup_limit=5", &pocket.id] {
        assert!(asked[0].contains(said), "{said}: {asked:?}");
    }
    assert!(!asked[0].contains("overwrite"), "{asked:?}");

    let none = pocket.keepsave(&["saves", "upload", "none.srm", "--rom-id", "1"]);
    assert_eq!(none.code, Some(1), "{}", none.stderr);
    assert!(none.stderr.contains("no such file"), "{}", none.stderr);
}

async fn a_conflict_is_a_persons_to_settle(world: World) {
    let pocket = world.device("Pocket").await;
    save(&world, "from elsewhere").await;
    pocket.write("Zelda.srm", "played here");
    let upload = ["saves", "upload", "Zelda.srm", "--device-id", &pocket.id];
    let upload = [&upload[..], &AUTOSAVE].concat();
    let listed = async || {
        let saves = world.ada().get("/api/saves?rom_id=1").await.expect(200);
        saves.as_array().unwrap().len()
    };
    let told = pocket.keepsave(&upload);
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    assert!(told.stderr.contains("newer save") && told.stderr.contains("--overwrite"));
    assert_eq!(listed().await, 1);
    assert_eq!(world.head_content(1, "autosave").await, "from elsewhere");
    pocket
        .keepsave(&[&upload[..], &["--overwrite"]].concat())
        .expect(0);
    assert_eq!(listed().await, 2);
    assert_eq!(world.head_content(1, "autosave").await, "played here");
}

async fn an_upload_whose_answer_is_lost_is_not_sent_again(world: World) {
    let proxy = world.proxy();
    let pocket = pocket_behind(&world, &proxy).await;
    pocket.write("Zelda.srm", "played here");
    let lost = Rule::on("POST", "/api/saves").always();
    proxy.fault(lost, Fault::CutBeforeAnswer);
    let upload = [&["saves", "upload", "Zelda.srm"], &AUTOSAVE[..]].concat();
    let told = pocket.keepsave(&upload);
    assert_eq!(told.code, Some(4), "{}", told.stderr);
    assert!(told.stderr.contains("look with `list`"), "{}", told.stderr);
    assert_eq!(uploads(&proxy).len(), 1);
    assert_eq!(world.head_content(1, "autosave").await, "played here");
}

async fn a_save_is_left_out_of_syncs_and_taken_in_again(world: World) {
    let pocket = world.device("Pocket").await;
    let save = save(&world, "bytes").await;
    pocket.lists_zelda();
    let of_pocket = ["--device-id", &pocket.id];
    let told = |what: &str| pocket.keepsave(&[&["saves", what, &save], &of_pocket[..]].concat());
    told("untrack").expect(0);
    assert_eq!(pocket.plan(&[]).json(0)["total_download"], 0);
    told("track").expect(0);
    assert_eq!(pocket.plan(&[]).json(0)["total_download"], 1);
    let deleted = pocket
        .keepsave(&["saves", "delete", &save, "--json"])
        .json(0);
    assert_eq!(
        deleted,
        json!({ "deleted": [save.parse::<u64>().unwrap()] })
    );
    assert_eq!(world.ada().get("/api/saves").await.expect(200), json!([]));
}

async fn a_state_goes_up_and_comes_down(world: World) {
    let pocket = world.device("Pocket").await;
    pocket.write("Zelda.state", "a moment");
    let upload = ["states", "upload", "Zelda.state", "--rom-id", "1"];
    let upload = [&upload[..], &["--emulator", "mgba"]].concat();
    let id = pocket.keepsave(&upload).expect(0);
    pocket.write("Zelda.state", "a later one");
    let told = pocket.keepsave(&["states", "download", id.trim()]);
    assert!(told.stderr.contains("journal entry"), "{}", told.stderr);
    assert_eq!(pocket.read("Zelda.state"), "a moment");
    assert_eq!(pocket.journal(), ["a later one"]);
    let table = pocket
        .keepsave(&["states", "list", "--rom-id", "1"])
        .expect(0);
    assert!(
        table.contains("mgba") && table.contains("8 bytes"),
        "{table}"
    );
    pocket.keepsave(&["states", "delete", id.trim()]).expect(0);
    assert_eq!(world.ada().get("/api/states").await.expect(200), json!([]));
}
