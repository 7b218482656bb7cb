//! Several slots of a game, companions, and no slot at all.

use super::{World, results};

on_every_server! {
    several_slots_of_a_game_each_have_their_own_file,
    a_companion_travels_with_its_save_in_one_slot,
    without_a_slot_a_file_goes_up_once_for_each_change_and_never_down,
}

async fn several_slots_of_a_game_each_have_their_own_file(world: World) {
    world.let_time_pass();
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    let slots = [
        (1, "a/zelda.srm", Some("autosave")),
        (1, "b/zelda.srm", Some("speedrun")),
        (1, "c/zelda.srm", Some("")),
    ];
    for device in [&deck, &pocket] {
        device.lists(&slots);
    }
    for (_, path, _) in slots {
        deck.write(path, path);
    }
    let report = deck.run(&[]).json(0);
    // A blank slot is no slot.
    assert_eq!(results(&report), ["uploaded", "uploaded", "uploaded"]);
    let report = pocket.run(&[]).json(0);
    assert_eq!(results(&report), ["downloaded", "downloaded", "nothing"]);
    assert_eq!(pocket.read("a/zelda.srm"), "a/zelda.srm");
    assert_eq!(pocket.read("b/zelda.srm"), "b/zelda.srm");
}

async fn a_companion_travels_with_its_save_in_one_slot(world: World) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    for device in [&deck, &pocket] {
        device.lists(&[
            (1, "zelda.srm", Some("autosave")),
            (1, "zelda.rtc", Some("autosave")),
        ]);
    }
    deck.write("zelda.srm", "save one");
    deck.write("zelda.rtc", "clock one");
    assert_eq!(results(&deck.run(&[]).json(0)), ["uploaded", "uploaded"]);
    assert_eq!(results(&deck.run(&[]).json(0)), ["nothing", "nothing"]);
    assert_eq!(
        results(&pocket.run(&[]).json(0)),
        ["downloaded", "downloaded"]
    );
    assert_eq!(pocket.read("zelda.rtc"), "clock one");
    pocket.write("zelda.rtc", "clock two");
    assert_eq!(results(&pocket.run(&[]).json(0)), ["nothing", "uploaded"]);
    assert_eq!(results(&deck.run(&[]).json(0)), ["nothing", "downloaded"]);
    assert_eq!(deck.read("zelda.rtc"), "clock two");
    assert_eq!(deck.read("zelda.srm"), "save one");
}

async fn without_a_slot_a_file_goes_up_once_for_each_change_and_never_down(world: World) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    for device in [&deck, &pocket] {
        device.lists(&[(1, "zelda.srm", None)]);
    }
    deck.write("zelda.srm", "one");
    let ran = deck.run(&[]);
    assert!(
        ran.stderr.contains("Name a slot in the manifest"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr.matches("Name a slot").count(), 1);
    assert_eq!(results(&ran.json(0)), ["uploaded"]);
    for _ in 0..3 {
        assert_eq!(results(&deck.run(&[]).json(0)), ["nothing"]);
    }
    deck.write("zelda.srm", "two");
    assert_eq!(results(&deck.run(&[]).json(0)), ["uploaded"]);
    assert_eq!(results(&pocket.run(&[]).json(0)), ["nothing"]);
    assert!(!pocket.path("zelda.srm").exists());
    let saves = world.ada().get("/api/saves?rom_id=1").await.expect(200);
    assert_eq!(saves.as_array().unwrap().len(), 1);
}
