//! What romm-cli gets wrong, and a test that this program does not. Each weakness has a number;
//! those that other tests show already are named here.
//!
//! - 1, only the first version of a slot goes up:
//!   `devices::every_version_of_a_slot_goes_up_not_only_the_first`
//! - 2, downloads never touch the game's save:
//!   `devices::a_save_goes_back_and_forth_onto_each_devices_own_file`, and `w2_…` here
//! - 3, a device counts as current without the bytes:
//!   `faults::a_download_that_is_not_what_it_should_be_replaces_nothing`, and `w3_…` here
//! - 4, everything is downloaded: `unlisted::only_listed_leaves_the_rest_alone`
//! - 5, conflicts fail or are skipped: `conflicts::keep_…`
//! - 6, one slot of a game: `slots::several_slots_of_a_game_each_have_their_own_file`
//! - 7, no timeout, no retry, lost results: `w7_…` here, `faults::silence_is_given_up_and_tried_again`,
//!   `faults::a_session_that_cannot_be_completed_does_not_lose_the_results`
//! - 8, a session that failed looks completed:
//!   `faults::what_fails_again_and_again_is_done_by_the_next_run`
//! - 10, bytes are not checked: `faults::a_download_that_is_not_what_it_should_be_replaces_nothing`;
//!   without a length `downloads::a_chunked_answer_that_breaks_off_is_not_whole` of the device
//! - 12, no baseline: `conflicts::a_conflict_fails_touches_nothing_and_stops_nothing_else`, and
//!   `engine::judge::tests::no_clock_makes_a_romm_take_an_unsynced_edit` of the device
//! - 13, no end on Ctrl-C and no lock: `killed`
//! - 14, slotless saves go up for ever:
//!   `slots::without_a_slot_a_file_goes_up_once_for_each_change_and_never_down`
//! - 17, torn writes: `killed`, `disks`, `disks::a_file_stays_open_to_those_whom_it_was_open_to`
//! - 22 to 24, drift, nonsense, versions: `wire_drift`, `remote::what_an_older_romm_does_not_have_is_named`

use std::fs;
use std::io::Write;

use keepsave_core::time::Time;
use keepsave_testkit::faults::Fault::{StallBeforeAnswer, StallBeforeRequest, StallInAnswerBody};
use keepsave_testkit::faults::Rule;
use serde_json::json;

use super::faults::{assert_settled, downloads, in_sync, progress, two_in_sync, uploads};
use super::{World, results};

on_every_server! {
    w2_titles_of_every_script_get_files_of_their_own,
    w3_a_download_is_never_optimistic,
    w9_a_download_is_as_old_as_the_save,
    w11_a_file_that_changes_after_the_plan_does_not_go_up,
    w11_a_file_that_changes_under_a_download_stays,
    w15_a_slot_keeps_as_many_as_is_asked,
    w16_an_archive_that_cannot_be_read_stops_nothing,
    w18_a_save_is_called_what_the_manifest_calls_it,
    w20_nothing_to_do_takes_few_requests,
    w21_games_travel_side_by_side,
}

async fn w2_titles_of_every_script_get_files_of_their_own(world: World) {
    let titles = ["ゼルダの伝説", "Pokémon", "Pokèmon", "Что? Где!"];
    let deck = world.device("Deck").await;
    let mut saves = Vec::new();
    for (index, title) in titles.iter().enumerate() {
        let game = world.game(&format!("{title}.gba")).await;
        saves.push((game, format!("{index}/{title}.srm")));
    }
    let listed: Vec<_> = saves
        .iter()
        .map(|(game, path)| (*game, path.as_str(), Some("autosave")))
        .collect();
    deck.lists(&listed);
    for (_, path) in &saves {
        deck.write(path, path);
    }
    deck.run(&[]).expect(0);
    let pocket = world.device("Pocket").await;
    pocket.lists(&[]);
    let report = pocket.run(&[]).json(0);
    assert_eq!(results(&report), ["downloaded"; 4]);
    for (title, (_, content)) in titles.iter().zip(&saves) {
        assert_eq!(pocket.read(&format!("{title}.srm")), *content);
    }
    let report = pocket.run(&[]).json(0);
    assert!(
        results(&report).iter().all(|result| *result == "nothing"),
        "{report}"
    );
}

async fn w3_a_download_is_never_optimistic(world: World) {
    let proxy = world.proxy();
    let (deck, pocket) = two_in_sync(&world, &proxy).await;
    deck.write("zelda.srm", "new");
    deck.write("zelda.srm", &progress(1));
    deck.run(&[]).expect(0);
    pocket.run(&[]).expect(0);
    let passed = proxy.passed();
    let mut contents = passed
        .iter()
        .filter(|passed| passed.line.contains("/content"));
    assert!(contents.clone().count() > 0);
    assert!(contents.all(|passed| passed.line.contains("optimistic=false")));
}

#[tokio::test]
async fn w7_a_silent_peer_is_given_up() {
    let world = World::keepsave().await;
    let proxy = world.proxy();
    let mut pocket = in_sync(&world, &proxy).await;
    pocket.set("KEEPSAVE_STALL_SECONDS", "0.2");
    proxy.fault(
        Rule::on("GET", "/api/heartbeat").always(),
        StallBeforeAnswer,
    );
    let ran = pocket.run(&[]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("nothing moved for 0.2 s"),
        "{}",
        ran.stderr
    );
}

async fn w9_a_download_is_as_old_as_the_save(world: World) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    deck.lists_zelda();
    pocket.lists_zelda();
    deck.write("zelda.srm", "one");
    deck.run(&[]).expect(0);
    pocket.run(&[]).expect(0);
    let stored = world.head(1, "autosave").await["updated_at"].clone();
    let stored: Time = serde_json::from_value(stored).unwrap();
    let written = fs::metadata(pocket.path("zelda.srm")).unwrap();
    let written = written.modified().unwrap();
    let since = written.duration_since(std::time::UNIX_EPOCH).unwrap();
    let difference = since
        .as_secs()
        .abs_diff(stored.seconds().try_into().unwrap());
    assert!(difference <= 1, "{since:?} {stored}");
    // A device that has forgotten everything does not take it for something new.
    fs::remove_dir_all(pocket.path(".local")).unwrap();
    assert_eq!(results(&pocket.run(&[]).json(0)), ["nothing"]);
}

/// What is asked when a device plans.
async fn planning(world: &World) -> Rule {
    if world.negotiates().await {
        Rule::on("POST", "/api/sync/negotiate")
    } else {
        Rule::on("GET", "/api/saves?")
    }
}

async fn w11_a_file_that_changes_after_the_plan_does_not_go_up(world: World) {
    let proxy = world.proxy();
    let pocket = in_sync(&world, &proxy).await;
    pocket.write("zelda.srm", &progress(1));
    proxy.fault(planning(&world).await, StallBeforeAnswer);
    let run = pocket.start(&[]);
    proxy.until_stalled(1);
    pocket.write("zelda.srm", &progress(2));
    proxy.release();
    let report = run.wait().json(1);
    assert_eq!(results(&report), ["failed"]);
    let error = report["results"][0]["error"].as_str().unwrap();
    assert!(error.contains("changed while it was sent"), "{error}");
    assert!(world.head_content(1, "autosave").await == progress(0));
    assert_eq!(results(&pocket.run(&[]).json(0)), ["uploaded"]);
    assert_settled(&world, &pocket, &progress(2)).await;
}

async fn w11_a_file_that_changes_under_a_download_stays(world: World) {
    let proxy = world.proxy();
    let (deck, pocket) = two_in_sync(&world, &proxy).await;
    deck.write("zelda.srm", &progress(1));
    deck.run(&[]).expect(0);
    proxy.fault(downloads(), StallInAnswerBody(100_000));
    let run = pocket.start(&[]);
    proxy.until_stalled(1);
    pocket.write("zelda.srm", &progress(2));
    proxy.release();
    let report = run.wait().json(1);
    assert_eq!(results(&report), ["failed"]);
    let error = report["results"][0]["error"].as_str().unwrap();
    assert!(error.contains("changed meanwhile"), "{error}");
    assert!(pocket.read("zelda.srm") == progress(2));
    assert_eq!(results(&pocket.run(&[]).json(1)), ["conflict"]);
    assert!(pocket.read("zelda.srm") == progress(2));
    assert_eq!(pocket.files("."), ["zelda.srm"]);
}

async fn w15_a_slot_keeps_as_many_as_is_asked(world: World) {
    let deck = world.device("Deck").await;
    deck.lists_zelda();
    let listed = async || {
        let saves = world.ada().get("/api/saves?rom_id=1").await.expect(200);
        saves.as_array().unwrap().len()
    };
    for round in 1..=4 {
        deck.write("zelda.srm", &format!("round {round}"));
        deck.run(&[]).expect(0);
    }
    assert_eq!(listed().await, 4, "nothing goes unasked");
    deck.write("zelda.srm", "round 5");
    deck.run(&["--autocleanup-limit", "2"]).expect(0);
    assert_eq!(listed().await, 2);
    assert_eq!(world.head_content(1, "autosave").await, "round 5");
    assert_eq!(results(&deck.run(&[]).json(0)), ["nothing"]);
}

async fn w16_an_archive_that_cannot_be_read_stops_nothing(world: World) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    for device in [&deck, &pocket] {
        device.lists(&[
            (1, "zelda.zip", Some("autosave")),
            (2, "metroid.srm", Some("autosave")),
        ]);
    }
    // An end of an archive whose list is nowhere.
    let mut archive = b"PK\x03\x04 broken ".to_vec();
    archive.extend_from_slice(b"PK\x05\x06\0\0\0\0\x02\0\x02\0\x60\0\0\0\xff\xff\0\0\0\0");
    fs::write(deck.path("zelda.zip"), &archive).unwrap();
    deck.write("metroid.srm", "metroid");
    let report = deck.run(&[]).json(0);
    assert_eq!(results(&report), ["uploaded", "uploaded"]);
    let report = pocket.run(&[]).json(0);
    assert_eq!(results(&report), ["downloaded", "downloaded"]);
    assert_eq!(fs::read(pocket.path("zelda.zip")).unwrap(), archive);
    for device in [&deck, &pocket] {
        let report = device.run(&[]).json(0);
        assert_eq!(results(&report), ["nothing", "nothing"]);
    }
}

async fn w18_a_save_is_called_what_the_manifest_calls_it(world: World) {
    let deck = world.device("Deck").await;
    let save = json!({
        "rom_id": 1, "path": "zelda.srm", "slot": "autosave", "file_name": "Link's Awakening.srm",
    });
    deck.write("saves.json", &json!({ "saves": [save] }).to_string());
    for content in ["one", "two"] {
        deck.write("zelda.srm", content);
        deck.run(&[]).expect(0);
        let head = world.head(1, "autosave").await;
        let name = head["file_name"].as_str().unwrap();
        assert!(name.starts_with("Link's Awakening ["), "{name}");
        assert_eq!(results(&deck.run(&[]).json(0)), ["nothing"]);
    }
}

#[tokio::test]
async fn w19_memory_does_not_grow_with_the_file() {
    const MOST: u64 = 40 * 1024 * 1024;
    let world = World::keepsave().await;
    let proxy = world.proxy();
    let (deck, pocket) = (
        world.device_behind(&proxy, "Deck").await,
        world.device_behind(&proxy, "Pocket").await,
    );
    deck.lists_zelda();
    pocket.lists_zelda();
    let mut file = fs::File::create(deck.path("zelda.srm")).unwrap();
    for piece in 0_u32..200 {
        let bytes: Vec<u8> = (0_u32..256 * 1024)
            .flat_map(|word| (word.wrapping_mul(2_654_435_761) ^ piece).to_le_bytes())
            .collect();
        file.write_all(&bytes).unwrap();
    }
    drop(file);
    for (round, (device, result)) in (1..).zip([(&deck, "uploaded"), (&pocket, "downloaded")]) {
        proxy.fault(Rule::on("POST", "/api/sync/sessions/"), StallBeforeRequest);
        let run = device.start(&[]);
        proxy.until_stalled(1);
        let peak = run.peak_memory();
        proxy.release();
        proxy.heal();
        assert_eq!(results(&run.wait().json(0)), [result]);
        assert!(peak < MOST, "round {round}: {} KiB", peak / 1024);
        println!("{result}: {} KiB at most", peak / 1024);
    }
    let same =
        fs::read(deck.path("zelda.srm")).unwrap() == fs::read(pocket.path("zelda.srm")).unwrap();
    assert!(same);
}

async fn w20_nothing_to_do_takes_few_requests(world: World) {
    let proxy = world.proxy();
    let pocket = in_sync(&world, &proxy).await;
    pocket.run(&[]).expect(0);
    let before = proxy.passed().len();
    assert_eq!(results(&pocket.run(&[]).json(0)), ["nothing"]);
    let lines: Vec<String> = proxy.passed()[before..]
        .iter()
        .map(|passed| passed.line.clone())
        .collect();
    assert!(lines.len() <= 4, "{lines:#?}");
    assert!(
        !lines.iter().any(|line| line.contains("openapi")),
        "{lines:#?}"
    );
}

async fn w21_games_travel_side_by_side(world: World) {
    let proxy = world.proxy();
    let deck = world.device_behind(&proxy, "Deck").await;
    deck.lists(&[
        (1, "zelda.srm", Some("autosave")),
        (2, "metroid.srm", Some("autosave")),
    ]);
    deck.write("zelda.srm", "one");
    deck.write("metroid.srm", "two");
    proxy.fault(uploads().times(2), StallBeforeRequest);
    let run = deck.start(&[]);
    // Neither goes on before both are there.
    proxy.until_stalled(2);
    proxy.release();
    assert_eq!(results(&run.wait().json(0)), ["uploaded", "uploaded"]);
    assert_eq!(world.head_content(1, "autosave").await, "one");
    assert_eq!(world.head_content(2, "autosave").await, "two");
}
