//! Saves of the account that the manifest does not list.

use super::{World, results};

on_every_server! {
    what_is_not_listed_comes_down_under_the_games_name_and_stays_up_to_date,
    only_listed_leaves_the_rest_alone,
    a_directory_for_downloads_takes_everything_and_the_listed_file_stays,
    a_file_that_was_never_in_sync_is_not_replaced_by_what_is_not_listed,
}

async fn what_is_not_listed_comes_down_under_the_games_name_and_stays_up_to_date(world: World) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    deck.lists(&[
        (1, "zelda.srm", Some("autosave")),
        (2, "m.srm", Some("speedrun")),
    ]);
    deck.write("zelda.srm", "one");
    deck.write("m.srm", "metroid one");
    deck.run(&[]).expect(0);

    pocket.lists_zelda();
    let report = pocket.run(&[]).json(0);
    assert_eq!(results(&report), ["downloaded", "downloaded"]);
    assert_eq!(pocket.read("Metroid (speedrun).srm"), "metroid one");
    assert_eq!(results(&pocket.run(&[]).json(0)), ["nothing"]);

    deck.write("m.srm", "metroid two");
    deck.run(&[]).expect(0);
    let report = pocket.run(&[]).json(0);
    assert_eq!(results(&report), ["nothing", "downloaded"]);
    assert_eq!(pocket.read("Metroid (speedrun).srm"), "metroid two");
    assert_eq!(pocket.journal(), ["metroid one"]);

    deck.write("m.srm", "metroid three");
    deck.run(&[]).expect(0);
    pocket.write("Metroid (speedrun).srm", "played here");
    let report = pocket.run(&[]).json(1);
    assert_eq!(results(&report), ["nothing", "conflict"]);
    assert_eq!(pocket.read("Metroid (speedrun).srm"), "played here");
}

async fn only_listed_leaves_the_rest_alone(world: World) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    deck.lists(&[
        (1, "zelda.srm", Some("autosave")),
        (2, "m.srm", Some("autosave")),
    ]);
    deck.write("zelda.srm", "one");
    deck.write("m.srm", "metroid");
    deck.run(&[]).expect(0);
    pocket.lists_zelda();
    let report = pocket.run(&["--only-listed"]).json(0);
    assert_eq!(results(&report), ["downloaded"]);
    assert!(!pocket.path("Metroid.srm").exists());
}

async fn a_directory_for_downloads_takes_everything_and_the_listed_file_stays(world: World) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    deck.lists_zelda();
    deck.write("zelda.srm", "one");
    deck.run(&[]).expect(0);
    pocket.lists_zelda();
    pocket.run(&[]).expect(0);
    deck.write("zelda.srm", "two");
    deck.run(&[]).expect(0);
    let report = pocket.run(&["--download-dir", "down"]).json(0);
    assert_eq!(results(&report), ["downloaded"]);
    assert_eq!(pocket.read("down/zelda.srm"), "two");
    assert_eq!(pocket.read("zelda.srm"), "one");
    // The server was not told that the device has it, so the file itself is brought up to date.
    assert_eq!(results(&pocket.run(&[]).json(0)), ["downloaded"]);
    assert_eq!(pocket.read("zelda.srm"), "two");
}

async fn a_file_that_was_never_in_sync_is_not_replaced_by_what_is_not_listed(world: World) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    deck.lists(&[(2, "m.srm", Some("autosave"))]);
    deck.write("m.srm", "metroid");
    deck.run(&[]).expect(0);
    pocket.lists_zelda();
    for taken in ["Metroid.srm", "Metroid (autosave).srm"] {
        pocket.write(taken, "mine");
    }
    let report = pocket.run(&[]).json(1);
    assert_eq!(results(&report), ["nothing", "failed"]);
    for taken in ["Metroid.srm", "Metroid (autosave).srm"] {
        assert_eq!(pocket.read(taken), "mine");
    }
}

#[tokio::test]
async fn a_table_says_what_went_where() {
    let world = World::keepsave().await;
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    deck.lists_zelda();
    deck.write("zelda.srm", "one");
    deck.run(&[]).expect(0);
    pocket.lists(&[(2, "metroid.srm", Some("autosave"))]);
    pocket.write("metroid.srm", "other game");
    let named = ["--manifest", "saves.json", "--device-id", &pocket.id];
    let shown = |what| {
        pocket
            .keepsave(&[&["sync", what], &named[..]].concat())
            .expect(0)
    };
    let plan = shown("plan");
    let lines: Vec<&str> = plan.lines().collect();
    assert!(
        lines[0].starts_with("ACTION    GAME  SLOT      FILE"),
        "{plan}"
    );
    assert!(
        lines[1].starts_with("upload    2     autosave  /"),
        "{plan}"
    );
    assert!(
        lines[2].starts_with("download  1     autosave  zelda ["),
        "{plan}"
    );
    let run = shown("run");
    let lines: Vec<&str> = run.lines().collect();
    assert!(lines[0].starts_with("RESULT      GAME  FILE"), "{run}");
    assert!(lines[1].starts_with("uploaded    2     /"), "{run}");
    assert!(lines[2].starts_with("downloaded  1     /"), "{run}");
    assert!(lines[2].contains("/Zelda.srm "), "{run}");
}
