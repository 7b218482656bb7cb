//! Both sides changed.

use serde_json::Value;

use super::{Device, World, results};

on_every_server! {
    a_conflict_fails_touches_nothing_and_stops_nothing_else,
    a_skipped_conflict_is_no_failure_but_still_needs_someone,
    keep_local_makes_the_file_the_newest_version,
    keep_server_keeps_what_was_here_in_the_journal,
    keep_both_gives_what_was_here_a_slot_of_its_own,
    a_blank_file_is_never_sent_by_itself,
}

/// A world in which Deck and Pocket both changed the same save, Deck first to the server.
async fn both_changed(world: &World) -> (Device, Device) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    for device in [&deck, &pocket] {
        device.lists(&[
            (1, "zelda.srm", Some("autosave")),
            (2, "metroid.srm", Some("autosave")),
        ]);
    }
    deck.write("zelda.srm", "start");
    deck.run(&[]).expect(0);
    pocket.run(&[]).expect(0);
    deck.write("zelda.srm", "Deck's progress");
    deck.run(&[]).expect(0);
    pocket.write("zelda.srm", "Pocket's progress");
    (deck, pocket)
}

fn conflict(report: &Value) -> &Value {
    &report["results"][0]
}

async fn a_conflict_fails_touches_nothing_and_stops_nothing_else(world: World) {
    let (_deck, pocket) = both_changed(&world).await;
    pocket.write("metroid.srm", "other game");
    let report = pocket.run(&[]).json(1);
    assert_eq!(results(&report), ["conflict", "uploaded"]);
    assert_eq!(report["counts"]["failed"], 1);
    assert_eq!(pocket.read("zelda.srm"), "Pocket's progress");
    assert_eq!(world.head_content(1, "autosave").await, "Deck's progress");
    assert_eq!(world.head_content(2, "autosave").await, "other game");
}

async fn a_skipped_conflict_is_no_failure_but_still_needs_someone(world: World) {
    let (_deck, pocket) = both_changed(&world).await;
    let report = pocket.run(&["--conflict", "skip"]).json(1);
    assert_eq!(conflict(&report)["result"], "conflict");
    assert_eq!(report["counts"]["failed"], 0);
    assert_eq!(report["counts"]["conflicts_skipped"], 1);
    assert_eq!(pocket.read("zelda.srm"), "Pocket's progress");
    assert_eq!(world.head_content(1, "autosave").await, "Deck's progress");
}

async fn keep_local_makes_the_file_the_newest_version(world: World) {
    let (deck, pocket) = both_changed(&world).await;
    let report = pocket.run(&["--conflict", "keep-local"]).json(0);
    assert_eq!(conflict(&report)["result"], "uploaded");
    assert_eq!(world.head_content(1, "autosave").await, "Pocket's progress");
    assert_eq!(results(&deck.run(&[]).json(0))[0], "downloaded");
    assert_eq!(deck.read("zelda.srm"), "Pocket's progress");
    assert_eq!(deck.journal(), ["Deck's progress"]);
}

async fn keep_server_keeps_what_was_here_in_the_journal(world: World) {
    let (deck, pocket) = both_changed(&world).await;
    let report = pocket.run(&["--conflict", "keep-server"]).json(0);
    assert_eq!(conflict(&report)["result"], "downloaded");
    assert!(conflict(&report)["journal_id"].is_string());
    assert_eq!(pocket.read("zelda.srm"), "Deck's progress");
    assert_eq!(pocket.journal(), ["Pocket's progress"]);
    assert_eq!(world.head_content(1, "autosave").await, "Deck's progress");
    assert_eq!(results(&deck.run(&[]).json(0))[0], "nothing");
}

async fn keep_both_gives_what_was_here_a_slot_of_its_own(world: World) {
    let (deck, pocket) = both_changed(&world).await;
    let report = pocket
        .run(&["--conflict", "keep-both", "--only-listed"])
        .json(0);
    assert_eq!(conflict(&report)["result"], "downloaded");
    assert_eq!(pocket.read("zelda.srm"), "Deck's progress");
    assert_eq!(world.head_content(1, "autosave").await, "Deck's progress");
    let aside = world.head_content(1, "autosave%20(Pocket)").await;
    assert_eq!(aside, "Pocket's progress");
    for device in [&deck, &pocket] {
        let report = device.run(&["--only-listed"]).json(0);
        assert_eq!(results(&report), ["nothing", "nothing"]);
    }
}

async fn a_blank_file_is_never_sent_by_itself(world: World) {
    let deck = world.device("Deck").await;
    deck.lists_zelda();
    deck.write("zelda.srm", "forty hours");
    deck.run(&[]).expect(0);
    for suspect in ["", "\0\0\0\0\0\0\0\0\0\0\0", "fort"] {
        deck.write("zelda.srm", suspect);
        let report = deck.run(&[]).json(1);
        assert_eq!(results(&report), ["conflict"], "{suspect:?}");
        assert_eq!(world.head_content(1, "autosave").await, "forty hours");
    }
    let report = deck.run(&["--conflict", "keep-server"]).json(0);
    assert_eq!(results(&report), ["downloaded"]);
    assert_eq!(deck.read("zelda.srm"), "forty hours");
    assert_eq!(deck.journal(), ["fort"]);
}
