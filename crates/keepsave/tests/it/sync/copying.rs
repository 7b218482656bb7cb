//! Slots that are copied and moved with their saves.

use serde_json::Value;

use super::games::{ask, deck, save, sync};
use super::{Device, World};

on_every_server! {
    a_slot_is_copied_with_its_saves_in_their_order,
    a_slot_moves_with_its_saves_and_the_game_goes_with_it,
    a_slot_that_is_not_synced_with_moves_too,
    what_was_played_on_goes_up_where_the_slot_moved_to,
    a_game_whose_slot_was_moved_elsewhere_waits_and_goes_on_where_it_was,
    a_slot_that_was_moved_elsewhere_is_begun_anew_when_it_is_said_so,
    a_slot_that_was_deleted_elsewhere_is_not_begun_anew_unasked,
    nothing_is_copied_over_the_saves_of_another_slot,
    a_slot_that_is_only_here_gets_another_name,
}

const ZELDA: &str = "retrodeck/saves/gba/Zelda.srm";

/// Plays these, each as a set of two files, and syncs each.
async fn played(world: &World, rounds: &[&str]) -> Device {
    world.let_every_look_be_later();
    let home = deck(world, "Home").await;
    for round in rounds {
        home.write(ZELDA, round);
        home.write(&save("Zelda.rtc"), &format!("clock {round}"));
        sync(&home, "upload");
    }
    home
}

/// The contents of a slot's files of that extension, the oldest first.
async fn contents(world: &World, slot: &str, extension: &str) -> Vec<String> {
    let path = format!("/api/saves?rom_id=1&slot={slot}");
    let saves = world.ada().get(&path).await.expect(200);
    let mut saves: Vec<&Value> = saves.as_array().unwrap().iter().collect();
    saves.retain(|save| save["file_name"].as_str().unwrap().ends_with(extension));
    saves.sort_by_key(|save| save["updated_at"].to_string());
    let mut contents = Vec::new();
    for save in saves {
        let content = format!("/api/saves/{}/content", save["id"]);
        contents.push(world.ada().get(&content).await.text());
    }
    contents
}

fn carried(device: &Device, how: &str, from: &str, to: &str, code: i32) -> Value {
    ask(device, &["slots", how, "zelda", from, to]).json(code)
}

fn active(device: &Device) -> String {
    let slots = ask(device, &["slots", "list", "zelda"]).json(0);
    let slots = slots["slots"].as_array().unwrap().iter();
    let mut active = slots.filter(|slot| slot["is_active"] == true);
    active.next().unwrap()["name"].as_str().unwrap().to_owned()
}

async fn a_slot_is_copied_with_its_saves_in_their_order(world: World) {
    let home = played(&world, &["one", "two"]).await;
    let copied = carried(&home, "copy", "autosave", "spare", 0);
    assert_eq!(copied["saves"], 4);
    for slot in ["autosave", "spare"] {
        assert_eq!(contents(&world, slot, ".srm").await, ["one", "two"]);
        let clocks = contents(&world, slot, ".rtc").await;
        assert_eq!(clocks, ["clock one", "clock two"]);
    }
    // Once is enough.
    assert_eq!(carried(&home, "copy", "autosave", "spare", 0)["saves"], 4);
    assert_eq!(contents(&world, "spare", ".srm").await.len(), 2);
    assert_eq!(active(&home), "autosave");
    sync(&home, "synced");
    home.write(ZELDA, "three");
    sync(&home, "upload");
    assert_eq!(world.head_content(1, "autosave").await, "three");
    ask(&home, &["slots", "switch", "zelda", "spare"]).expect(0);
    assert_eq!(home.read(ZELDA), "two");
    assert_eq!(home.read(&save("Zelda.rtc")), "clock two");
    sync(&home, "synced");
}

async fn a_slot_moves_with_its_saves_and_the_game_goes_with_it(world: World) {
    let home = played(&world, &["one", "two"]).await;
    let moved = carried(&home, "move", "autosave", "spare", 0);
    assert_eq!(moved["saves"], 4);
    assert_eq!(contents(&world, "spare", ".srm").await, ["one", "two"]);
    assert!(contents(&world, "autosave", "").await.is_empty());
    assert_eq!(active(&home), "spare");
    sync(&home, "synced");
    home.write(ZELDA, "three");
    sync(&home, "upload");
    assert!(contents(&world, "autosave", "").await.is_empty());
    let three = ["one", "two", "three"];
    assert_eq!(contents(&world, "spare", ".srm").await, three);
    // It is not there any more.
    let ran = ask(&home, &["slots", "move", "zelda", "autosave", "spare"]);
    assert!(ran.stderr.contains("no slot `autosave`"), "{}", ran.stderr);
    ran.expect(1);
}

async fn a_slot_that_is_not_synced_with_moves_too(world: World) {
    let home = played(&world, &["one"]).await;
    carried(&home, "copy", "autosave", "spare", 0);
    carried(&home, "move", "spare", "other", 0);
    assert_eq!(contents(&world, "other", ".srm").await, ["one"]);
    assert!(contents(&world, "spare", "").await.is_empty());
    assert_eq!(active(&home), "autosave");
    sync(&home, "synced");
}

async fn what_was_played_on_goes_up_where_the_slot_moved_to(world: World) {
    let home = played(&world, &["one"]).await;
    home.write(ZELDA, "not in sync yet");
    carried(&home, "move", "autosave", "spare", 0);
    assert_eq!(home.read(ZELDA), "not in sync yet");
    sync(&home, "upload");
    assert_eq!(world.head_content(1, "spare").await, "not in sync yet");
    assert!(contents(&world, "autosave", "").await.is_empty());
}

/// Another machine, on which the game is in sync, when its slot is moved.
async fn moved_elsewhere(world: &World) -> (Device, Device) {
    let home = played(world, &["one"]).await;
    let away = deck(world, "Away").await;
    sync(&away, "download");
    carried(&home, "move", "autosave", "spare", 0);
    (home, away)
}

fn why(report: &Value) -> String {
    let games = report["games"].as_array().unwrap();
    games[0]["why"].as_str().unwrap().to_owned()
}

async fn a_game_whose_slot_was_moved_elsewhere_waits_and_goes_on_where_it_was(world: World) {
    let (home, away) = moved_elsewhere(&world).await;
    let said = why(&sync(&away, "waiting"));
    assert!(said.contains("`keepsave slots switch 'Zelda'"), "{said}");
    away.write(ZELDA, "played away");
    for command in ["status", "sync", "push"] {
        let report = ask(&away, &[command]).stdout;
        assert!(report.contains("is gone from the server"), "{report}");
    }
    assert!(contents(&world, "autosave", "").await.is_empty());
    assert_eq!(away.read(ZELDA), "played away");
    ask(&away, &["slots", "switch", "zelda", "spare"]).expect(0);
    assert_eq!(active(&away), "spare");
    assert_eq!(world.head_content(1, "spare").await, "played away");
    sync(&away, "synced");
    sync(&home, "download");
    assert_eq!(home.read(ZELDA), "played away");
    assert!(contents(&world, "autosave", "").await.is_empty());
}

async fn a_slot_that_was_moved_elsewhere_is_begun_anew_when_it_is_said_so(world: World) {
    let (home, away) = moved_elsewhere(&world).await;
    away.write(ZELDA, "played away");
    sync(&away, "waiting");
    ask(&away, &["slots", "setup", "zelda", "--slot", "autosave"]).expect(0);
    sync(&away, "upload");
    sync(&away, "synced");
    assert_eq!(contents(&world, "autosave", ".srm").await, ["played away"]);
    assert_eq!(contents(&world, "spare", ".srm").await, ["one"]);
    sync(&home, "synced");
}

async fn a_slot_that_was_deleted_elsewhere_is_not_begun_anew_unasked(world: World) {
    let home = played(&world, &["one"]).await;
    let away = deck(&world, "Away").await;
    sync(&away, "download");
    ask(&home, &["slots", "create", "zelda", "spare"]).expect(0);
    ask(&home, &["slots", "switch", "zelda", "spare", "--carry"]).expect(0);
    home.write(ZELDA, "of the spare one");
    sync(&home, "upload");
    ask(&home, &["slots", "delete", "zelda", "autosave", "--yes"]).expect(0);
    sync(&away, "waiting");
    assert!(contents(&world, "autosave", "").await.is_empty());
    // What is here is on no server any more, so it does not give way.
    let ran = ask(&away, &["slots", "switch", "zelda", "spare"]);
    assert!(ran.stderr.contains("not in sync"), "{}", ran.stderr);
    assert_eq!(away.read(ZELDA), "one");
    ask(&away, &["slots", "setup", "zelda", "--slot", "autosave"]).expect(0);
    away.write(ZELDA, "played away");
    sync(&away, "upload");
    assert_eq!(contents(&world, "autosave", ".srm").await, ["played away"]);
}

async fn nothing_is_copied_over_the_saves_of_another_slot(world: World) {
    let home = played(&world, &["one"]).await;
    ask(&home, &["slots", "create", "zelda", "other"]).expect(0);
    ask(&home, &["slots", "switch", "zelda", "other"]).expect(0);
    home.write(ZELDA, "of the other");
    sync(&home, "upload");
    for how in ["copy", "move"] {
        let ran = ask(&home, &["slots", how, "zelda", "autosave", "other"]);
        assert!(ran.stderr.contains("other saves"), "{}", ran.stderr);
        ran.expect(1);
        ask(&home, &["slots", how, "zelda", "other", "other"]).expect(2);
        ask(&home, &["slots", how, "zelda", "nowhere", "new"]).expect(1);
    }
    assert_eq!(contents(&world, "other", ".srm").await, ["of the other"]);
    assert_eq!(contents(&world, "autosave", ".srm").await, ["one"]);
    assert_eq!(active(&home), "other");
}

async fn a_slot_that_is_only_here_gets_another_name(world: World) {
    let home = played(&world, &["one"]).await;
    ask(&home, &["slots", "create", "zelda", "any"]).expect(0);
    carried(&home, "move", "any", "speedrun", 0);
    let slots = ask(&home, &["slots", "list", "zelda"]).json(0);
    let slots = slots["slots"].as_array().unwrap().iter();
    let names: Vec<_> = slots.map(|slot| slot["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["autosave", "speedrun"]);
    ask(&home, &["slots", "switch", "zelda", "speedrun"]).expect(0);
    carried(&home, "move", "speedrun", "any%", 0);
    assert_eq!(active(&home), "any%");
    home.write(ZELDA, "fast");
    sync(&home, "upload");
}
