//! Who comes from decky-romm-sync goes on where they were: nothing is synced anew and nothing asked.

use serde_json::{Value, json};

use super::games::{SAVES, ask, deck, save, sync, zelda};
use super::{Device, World};

on_every_server! {
    what_was_in_sync_is_in_sync_and_goes_on_in_its_slot,
    what_was_played_elsewhere_meanwhile_comes_down,
    what_was_played_here_since_goes_up,
    where_both_went_on_it_is_a_conflict,
}

/// A Deck whose save `one` the plugin synced in slot `default`, and that Keepsave is new to.
async fn of_the_plugin(world: &World) -> Device {
    let deck = deck(world, "Deck").await;
    deck.write(&save("Zelda.srm"), "one");
    deck.lists(&[(1, &format!("{SAVES}/Zelda.srm"), Some("default"))]);
    deck.run(&[]).expect(0);
    std::fs::remove_dir_all(deck.path(".local")).unwrap();
    let head = world.head(1, "default").await;
    let state = json!({
        "version": 1,
        "device_id": "550e8400-e29b-41d4-a716-446655440000",
        "server_device_id": deck.id,
        "saves": {"1": {
            "active_slot": "default", "slot_confirmed": true, "emulator": "retroarch-mgba",
            "system": "gba", "last_synced_core": "mgba_libretro", "own_upload_ids": [head["id"]],
            "slots": {"default": {"source": "server", "count": 1, "latest_updated_at": null}},
            "files": {"Zelda.srm": {
                "tracked_save_id": head["id"],
                "last_sync_hash": head["content_hash"],
                "last_sync_at": head["updated_at"],
                "last_sync_server_updated_at": head["updated_at"],
                "last_sync_server_save_id": head["id"],
                "last_sync_server_size": 3,
                "last_sync_local_mtime": 1_795_159_710.5,
                "last_sync_local_size": 3,
            }},
            "last_sync_check_at": null,
        }},
        "playtime": {},
    });
    deck.write("save_sync_state.json", &state.to_string());
    deck
}

fn import(deck: &Device) {
    ask(deck, &["state", "import", "save_sync_state.json"]).expect(0);
}

async fn saves(world: &World) -> Vec<Value> {
    let saves = world.ada().get("/api/saves?rom_id=1").await.expect(200);
    saves.as_array().unwrap().clone()
}

/// A second device goes on from what the first one's plugin left.
async fn play_elsewhere(world: &World) {
    let other = deck(world, "Train").await;
    other
        .keepsave(&["settings", "set", "default_slot", "default"])
        .expect(0);
    sync(&other, "download");
    other.write(&save("Zelda.srm"), "played elsewhere");
    sync(&other, "upload");
}

async fn what_was_in_sync_is_in_sync_and_goes_on_in_its_slot(world: World) {
    let deck = of_the_plugin(&world).await;
    let before = saves(&world).await.len();
    import(&deck);
    assert_eq!(zelda(&ask(&deck, &["status"]).json(0)), "synced");
    sync(&deck, "synced");
    sync(&deck, "synced");
    assert_eq!((saves(&world).await.len(), before), (1, 1), "nothing moved");
    assert_eq!(deck.read(&save("Zelda.srm")), "one");
    assert_eq!(deck.journal(), [""; 0]);
    deck.write(&save("Zelda.srm"), "two");
    sync(&deck, "upload");
    assert_eq!(world.head_content(1, "default").await, "two");
    let slots = saves(&world).await;
    assert!(
        slots.iter().all(|save| save["slot"] == "default"),
        "it is never renamed"
    );
}

async fn what_was_played_elsewhere_meanwhile_comes_down(world: World) {
    let deck = of_the_plugin(&world).await;
    play_elsewhere(&world).await;
    import(&deck);
    sync(&deck, "download");
    assert_eq!(deck.read(&save("Zelda.srm")), "played elsewhere");
}

async fn what_was_played_here_since_goes_up(world: World) {
    let deck = of_the_plugin(&world).await;
    deck.write(&save("Zelda.srm"), "played here");
    import(&deck);
    sync(&deck, "upload");
    assert_eq!(world.head_content(1, "default").await, "played here");
}

async fn where_both_went_on_it_is_a_conflict(world: World) {
    let deck = of_the_plugin(&world).await;
    play_elsewhere(&world).await;
    deck.write(&save("Zelda.srm"), "played here");
    import(&deck);
    sync(&deck, "conflict");
    assert_eq!(deck.read(&save("Zelda.srm")), "played here");
    assert_eq!(world.head_content(1, "default").await, "played elsewhere");
}
