//! Ways back: earlier saves, other slots, and what the journal keeps.

use keepsave_core::content::Digest;
use keepsave_testkit::faults::{Canned, Fault, Rule};
use serde_json::Value;

use super::games::{ask, deck, furnished, save, sync};
use super::{Device, World};

on_every_server! {
    an_earlier_save_becomes_the_newest_for_every_device,
    a_save_that_the_slot_does_not_have_changes_nothing,
    a_conflict_blocks_the_way_back,
    what_cannot_be_synced_first_keeps_everything_as_it_is,
    a_save_that_does_not_come_changes_nothing_here,
    who_uploaded_a_save_is_said,
    a_set_goes_back_together,
    a_game_switches_slots_and_back,
    a_switch_with_what_is_not_in_sync_is_refused,
    a_slot_is_deleted_with_its_saves_and_never_the_active_one,
    a_slot_that_the_server_does_not_delete_stays,
    a_slot_is_chosen_where_both_sides_have_saves,
    what_was_replaced_comes_back_from_the_journal,
    content_that_another_slot_had_goes_up_there_and_moves_nothing_here,
    what_is_written_while_a_game_goes_back_stays,
    the_journal_keeps_within_its_bounds_by_itself,
}

const ZELDA: &str = "retrodeck/saves/gba/Zelda.srm";

/// The saves of the slot, the newest first.
fn versions(device: &Device) -> Vec<Value> {
    let versions = ask(device, &["versions", "zelda"]).json(0);
    versions["versions"].as_array().unwrap().clone()
}

fn restore(device: &Device, id: &str, code: i32) -> Value {
    ask(device, &["restore", "zelda", id]).json(code)
}

fn md5(content: &str) -> String {
    Digest::of(content.as_bytes()).md5.to_string()
}

/// Plays each of these on from the one before, and syncs.
fn play(device: &Device, contents: &[&str]) {
    for content in contents {
        device.write(ZELDA, content);
        sync(device, "upload");
    }
}

async fn an_earlier_save_becomes_the_newest_for_every_device(world: World) {
    world.let_every_look_be_later();
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    play(&home, &["one", "two", "three"]);
    sync(&train, "download");
    let all = versions(&home);
    assert_eq!(all.len(), 3);
    assert_eq!(
        (&all[0]["is_here"], &all[2]["is_here"]),
        (&true.into(), &false.into())
    );
    assert_eq!(all[2]["uploaded_by_us"], true);
    let first = all[2]["save_id"].to_string();
    home.write(ZELDA, "not in sync yet");
    assert_eq!(restore(&home, &first, 0)["status"], "restored");
    assert_eq!(home.read(ZELDA), "one");
    assert_eq!(world.head_content(1, "autosave").await, "one");
    assert_eq!(versions(&home)[0]["is_here"], true);
    // What was here went up first.
    assert_eq!(versions(&home).len(), 4);
    sync(&home, "synced");
    sync(&train, "download");
    assert_eq!(train.read(ZELDA), "one");
    play(&train, &["on from one"]);
    sync(&home, "download");
}

async fn a_save_that_the_slot_does_not_have_changes_nothing(world: World) {
    let home = deck(&world, "Home").await;
    play(&home, &["one"]);
    assert_eq!(restore(&home, "4711", 1)["status"], "not_found");
    assert_eq!(home.read(ZELDA), "one");
}

async fn a_conflict_blocks_the_way_back(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    play(&home, &["one", "two"]);
    sync(&train, "download");
    play(&home, &["what home did"]);
    train.write(ZELDA, "what train did");
    let first = versions(&train).last().unwrap()["save_id"].to_string();
    assert_eq!(restore(&train, &first, 1)["status"], "conflict_blocked");
    assert_eq!(train.read(ZELDA), "what train did");
    assert_eq!(world.head_content(1, "autosave").await, "what home did");
}

async fn what_cannot_be_synced_first_keeps_everything_as_it_is(world: World) {
    world.let_every_look_be_later();
    let proxy = world.proxy();
    let home = furnished(world.device_behind(&proxy, "Home").await);
    play(&home, &["one", "two"]);
    let first = versions(&home).last().unwrap()["save_id"].to_string();
    home.write(ZELDA, "not in sync yet");
    let refused = Fault::Answer(Canned::status(507));
    proxy.fault(Rule::on("POST", "/api/saves?").always(), refused);
    assert_eq!(restore(&home, &first, 1)["status"], "preflight_failed");
    assert_eq!(home.read(ZELDA), "not in sync yet");
    assert_eq!(world.head_content(1, "autosave").await, "two");
    proxy.heal();
    sync(&home, "upload");
}

async fn a_save_that_does_not_come_changes_nothing_here(world: World) {
    world.let_every_look_be_later();
    let proxy = world.proxy();
    let home = furnished(world.device_behind(&proxy, "Home").await);
    play(&home, &["one", "two"]);
    let first = versions(&home).last().unwrap()["save_id"].to_string();
    let content = Rule::on("GET", &format!("/api/saves/{first}/content"));
    proxy.fault(content.always(), Fault::Answer(Canned::status(500)));
    let status = restore(&home, &first, 1)["status"].clone();
    assert_eq!(home.read(ZELDA), "two");
    assert!(home.journal().is_empty());
    proxy.heal();
    if world.romm_itself().is_some() {
        assert_eq!(status, "download_failed");
        sync(&home, "synced");
    } else {
        // There it is the newest already, for every device.
        assert_eq!(status, "not_here_yet");
        sync(&home, "download");
        assert_eq!(home.read(ZELDA), "one");
    }
}

async fn who_uploaded_a_save_is_said(world: World) {
    world.let_every_look_be_later();
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    play(&home, &["of home"]);
    sync(&train, "download");
    play(&train, &["of train"]);
    let by_us = |device: &Device| {
        let all = versions(device).into_iter();
        let told = all.map(|save| (save["content_hash"].clone(), save["uploaded_by_us"].clone()));
        told.collect::<std::collections::HashMap<_, _>>()
    };
    let (here, there) = (by_us(&home), by_us(&train));
    let [of_home, of_train] = ["of home", "of train"].map(|content| Value::from(md5(content)));
    assert_eq!(
        (&here[&of_home], &here[&of_train]),
        (&true.into(), &false.into())
    );
    assert_eq!(
        (&there[&of_home], &there[&of_train]),
        (&false.into(), &true.into())
    );
}

async fn a_set_goes_back_together(world: World) {
    let home = deck(&world, "Home").await;
    for round in ["one", "two"] {
        home.write(&save("Zelda.rtc"), &format!("clock {round}"));
        play(&home, &[round]);
        if let Some(romm) = world.romm_itself() {
            romm.clock.advance_millis(120_000);
        }
    }
    let saves = versions(&home).into_iter();
    let mut of_save = saves.filter(|save| save["file_name"].as_str().unwrap().ends_with("srm"));
    let first = of_save.next_back().unwrap()["save_id"].to_string();
    restore(&home, &first, 0);
    assert_eq!(home.read(ZELDA), "one");
    assert_eq!(home.read(&save("Zelda.rtc")), "clock one");
    sync(&home, "synced");
}

async fn a_game_switches_slots_and_back(world: World) {
    let home = deck(&world, "Home").await;
    play(&home, &["the long way"]);
    ask(&home, &["slots", "create", "zelda", "speedrun"]).expect(0);
    ask(&home, &["slots", "switch", "zelda", "speedrun"]).expect(0);
    assert!(!home.path(ZELDA).exists(), "a new slot begins anew");
    assert!(home.journal().contains(&"the long way".to_owned()));
    play(&home, &["fast"]);
    assert_eq!(world.head_content(1, "speedrun").await, "fast");
    ask(&home, &["slots", "switch", "zelda", "autosave"]).expect(0);
    assert_eq!(home.read(ZELDA), "the long way");
    sync(&home, "synced");
    let slots = ask(&home, &["slots", "list", "zelda"]).json(0);
    let active = slots["slots"].as_array().unwrap().iter();
    let active = active.filter(|slot| slot["is_active"] == true);
    assert_eq!(
        active.map(|slot| &slot["name"]).collect::<Vec<_>>(),
        ["autosave"]
    );
}

async fn a_switch_with_what_is_not_in_sync_is_refused(world: World) {
    let home = deck(&world, "Home").await;
    play(&home, &["one"]);
    home.write(ZELDA, "two");
    ask(&home, &["slots", "create", "zelda", "speedrun"]).expect(0);
    let ran = ask(&home, &["slots", "switch", "zelda", "speedrun"]);
    assert!(ran.stderr.contains("not in sync"), "{}", ran.stderr);
    ran.expect(1);
    assert_eq!(home.read(ZELDA), "two");
    ask(&home, &["slots", "switch", "zelda", "nowhere"]).expect(1);
}

async fn a_slot_is_deleted_with_its_saves_and_never_the_active_one(world: World) {
    let home = deck(&world, "Home").await;
    play(&home, &["one"]);
    ask(&home, &["slots", "create", "zelda", "speedrun"]).expect(0);
    ask(&home, &["slots", "switch", "zelda", "speedrun", "--carry"]).expect(0);
    play(&home, &["on from one"]);
    assert_eq!(world.head_content(1, "speedrun").await, "on from one");
    let ran = ask(&home, &["slots", "delete", "zelda", "speedrun", "--yes"]);
    assert!(
        ran.stderr.contains("switch to another one first"),
        "{}",
        ran.stderr
    );
    ran.expect(1);
    let ran = ask(&home, &["slots", "delete", "zelda", "autosave"]);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    ran.expect(2);
    let ran = ask(&home, &["slots", "delete", "zelda", "autosave", "--yes"]);
    let said = "1 save on the server, 1 file tracked here, from the server";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert_eq!(ran.json(0)["deleted_saves"], 1);
    let left = world.ada().get("/api/saves?rom_id=1&slot=autosave").await;
    assert_eq!(left.expect(200).as_array().unwrap().len(), 0);
    sync(&home, "synced");
}

async fn a_slot_that_the_server_does_not_delete_stays(world: World) {
    let proxy = world.proxy();
    let home = furnished(world.device_behind(&proxy, "Home").await);
    play(&home, &["one"]);
    ask(&home, &["slots", "create", "zelda", "speedrun"]).expect(0);
    ask(&home, &["slots", "switch", "zelda", "speedrun"]).expect(0);
    let delete = ["slots", "delete", "zelda", "autosave", "--yes"];
    let refused = Fault::Answer(Canned::status(500));
    proxy.fault(Rule::on("POST", "/api/saves/delete").always(), refused);
    ask(&home, &delete).expect(4);
    let tracked = |slots: Value| slots["slots"][0]["tracked_files"].clone();
    assert_eq!(tracked(ask(&home, &["slots", "list", "zelda"]).json(0)), 1);
    assert_eq!(world.head_content(1, "autosave").await, "one");
    proxy.heal();
    assert_eq!(ask(&home, &delete).json(0)["deleted_saves"], 1);
}

async fn a_slot_is_chosen_where_both_sides_have_saves(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    play(&home, &["of home"]);
    train.write(ZELDA, "of train");
    sync(&train, "waiting");
    let found = ask(&train, &["slots", "setup", "zelda"]).json(1);
    assert_eq!(
        (&found["scenario"], &found["slots"][0]),
        (&"E".into(), &"autosave".into())
    );
    ask(&train, &["slots", "setup", "zelda", "--slot", "mine"]).expect(0);
    sync(&train, "upload");
    assert_eq!(world.head_content(1, "mine").await, "of train");
    assert_eq!(world.head_content(1, "autosave").await, "of home");
}

async fn content_that_another_slot_had_goes_up_there_and_moves_nothing_here(world: World) {
    world.let_every_look_be_later();
    let home = deck(&world, "Home").await;
    play(&home, &["one", "two"]);
    ask(&home, &["slots", "create", "zelda", "speedrun"]).expect(0);
    ask(&home, &["slots", "switch", "zelda", "speedrun"]).expect(0);
    play(&home, &["fast", "one"]);
    assert_eq!(home.read(ZELDA), "one");
    assert_eq!(world.head_content(1, "autosave").await, "two");
    assert_eq!(world.head_content(1, "speedrun").await, "one");
    sync(&home, "synced");
}

/// What a game writes after its save was fetched, or on a Keepsave after it became the newest, is
/// neither replaced nor taken for what the old save shows.
async fn what_is_written_while_a_game_goes_back_stays(world: World) {
    world.let_every_look_be_later();
    let proxy = world.proxy();
    let home = furnished(world.device_behind(&proxy, "Home").await);
    play(&home, &["one", "two"]);
    let first = versions(&home).last().unwrap()["save_id"].to_string();
    let is_romm = world.romm_itself().is_some();
    let step = if is_romm {
        // The word that the file is in its place.
        Rule::on("POST", "/api/saves/")
    } else {
        Rule::on("POST", "/api/keepsave/versions/")
    };
    proxy.fault(step, Fault::StallBeforeAnswer);
    let going = home.begin(&["restore", "zelda", &first, "--json"]);
    proxy.until_stalled(1);
    home.write(ZELDA, "written meanwhile");
    proxy.release();
    let switched = going.wait().json(1);
    let status = if is_romm {
        "put_failed"
    } else {
        "not_here_yet"
    };
    assert_eq!(switched["status"], status, "{switched}");
    assert_eq!(home.read(ZELDA), "written meanwhile");
    let kept = ["one", "two"].map(str::to_owned);
    let shown = shown(&world, &kept).await;
    assert_eq!(shown, kept, "each save shows what it showed");
    // What becomes of it next loses none of them either.
    let ran = ask(&home, &["sync"]);
    assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.stderr);
    assert_eq!(home.read(ZELDA), "written meanwhile");
    assert_eq!(self::shown(&world, &kept).await, kept);
}

/// Which of these contents some save of the slot shows.
async fn shown(world: &World, contents: &[String]) -> Vec<String> {
    let saves = world.ada().get("/api/saves?rom_id=1").await.expect(200);
    let mut all = Vec::new();
    for save in saves.as_array().unwrap() {
        let content = format!("/api/saves/{}/content", save["id"]);
        all.push(world.ada().get(&content).await.text());
    }
    let is_shown = |content: &&String| all.contains(content);
    contents.iter().filter(is_shown).cloned().collect()
}

#[tokio::test]
async fn the_files_of_a_save_go_back_to_what_they_were_together() {
    let world = World::keepsave().await;
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    let clock = save("Zelda.rtc");
    for (round, hour) in [("one", "noon"), ("two", "noon"), ("three", "night")] {
        home.write(&clock, hour);
        play(&home, &[round]);
    }
    let all = versions(&home);
    let set = |content: &str| {
        let of = |save: &&Value| save["content_hash"] == md5(content);
        all.iter().find(of).unwrap()["set_id"].clone()
    };
    assert_eq!((set("one"), set("three")), (set("noon"), set("night")));
    assert!(set("two").is_string() && set("one") != set("two"));
    let of_two = all.iter().find(|save| save["set_id"] == set("two"));
    let two = of_two.unwrap()["save_id"].to_string();
    for _again in 0..2 {
        assert_eq!(restore(&home, &two, 0)["status"], "restored");
        assert_eq!(home.read(ZELDA), "two");
        assert_eq!(home.read(&clock), "noon");
        sync(&home, "synced");
        ask(&train, &["sync"]).expect(0);
        assert_eq!(
            (train.read(ZELDA), train.read(&clock)),
            ("two".into(), "noon".into())
        );
        home.write(&clock, "evening");
        play(&home, &["four"]);
    }
}

async fn the_journal_keeps_within_its_bounds_by_itself(world: World) {
    world.let_every_look_be_later();
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    for (name, bound) in [
        ("journal_newest_of_each_file", "1"),
        ("journal_mebibytes", "0"),
    ] {
        home.keepsave(&["settings", "set", name, bound]).expect(0);
    }
    play(&home, &["one"]);
    for progress in ["two", "three", "four"] {
        sync(
            &train,
            if progress == "two" {
                "download"
            } else {
                "synced"
            },
        );
        play(&train, &[progress]);
        sync(&home, "download");
        assert_eq!(home.read(ZELDA), progress);
    }
    assert_eq!(home.journal(), ["three"]);
    // The server does not have this one.
    home.write(ZELDA, "of this machine alone");
    let entry = ask(&home, &["journal", "list"]).json(0)["entries"][0]["id"].clone();
    ask(&home, &["journal", "restore", entry.as_str().unwrap()]).expect(0);
    assert_eq!(home.read(ZELDA), "three");
    home.keepsave(&["journal", "prune"]).expect(0);
    assert!(home.journal().contains(&"of this machine alone".to_owned()));
}

async fn what_was_replaced_comes_back_from_the_journal(world: World) {
    world.let_every_look_be_later();
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    play(&home, &["one"]);
    sync(&train, "download");
    play(&train, &["two"]);
    sync(&home, "download");
    let entries = ask(&home, &["journal", "list"]).json(0);
    let entry = entries["entries"][0]["id"].as_str().unwrap().to_owned();
    ask(&home, &["journal", "restore", &entry]).expect(0);
    assert_eq!(home.read(ZELDA), "one");
    ask(&home, &["journal", "restore", "nothing"]).expect(2);
    sync(&home, "upload");
    assert_eq!(world.head_content(1, "autosave").await, "one");
    assert_eq!(
        ask(&home, &["journal", "prune"]).json(0)["removed"],
        serde_json::json!([])
    );
}
