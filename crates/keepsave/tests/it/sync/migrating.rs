//! Saves that are in no slot, as other apps leave them, and how they come into one.

use serde_json::Value;

use super::games::{ask, deck, save, sync};
use super::{Device, World};

on_every_server! {
    what_is_in_no_slot_waits_and_is_taken_into_one,
    what_is_the_same_here_needs_no_question,
    what_is_another_here_is_a_question,
    what_is_here_is_kept_over_it,
    it_is_kept_over_what_is_here,
    a_game_that_syncs_with_another_slot_goes_on_doing_so,
}

const ZELDA: &str = "retrodeck/saves/gba/Zelda.srm";

/// An app without slots has sent these, and another file beside the save.
async fn archived(world: &World, contents: &[&str]) {
    world.let_every_look_be_later();
    let phone = world.device("Phone").await;
    phone.lists(&[(1, "Legend.srm", None), (1, "Legend.rtc", None)]);
    for content in contents {
        phone.write("Legend.srm", content);
        phone.write("Legend.rtc", &format!("clock {content}"));
        phone.run(&[]).json(0);
    }
}

fn migrate(device: &Device, more: &[&str]) -> super::Ran {
    ask(device, &[&["slots", "migrate", "zelda"], more].concat())
}

/// The saves that are in no slot: they stay, whatever is taken of them.
async fn in_no_slot(world: &World) -> usize {
    let saves = world.ada().get("/api/saves?rom_id=1").await.expect(200);
    let saves = saves.as_array().unwrap().iter();
    saves.filter(|save| save["slot"] == Value::Null).count()
}

async fn what_is_in_no_slot_waits_and_is_taken_into_one(world: World) {
    let home = deck(&world, "Home").await;
    migrate(&home, &[]).expect(1);
    archived(&world, &["one", "two"]).await;
    let report = sync(&home, "waiting");
    assert_eq!(report["games"][0]["scenario"], "Archive");
    migrate(&home, &[]).expect(0);
    assert_eq!(home.read(ZELDA), "two");
    assert_eq!(home.read(&save("Zelda.rtc")), "clock two");
    assert_eq!(world.head_content(1, "autosave").await, "two");
    assert_eq!(in_no_slot(&world).await, 2);
    sync(&home, "synced");
    // Once is enough.
    migrate(&home, &[]).expect(0);
    sync(&home, "synced");
    home.write(ZELDA, "three");
    sync(&home, "upload");
    let ran = migrate(&home, &["--keep", "server"]);
    assert!(ran.stderr.contains("other saves"), "{}", ran.stderr);
    ran.expect(1);
    assert_eq!(home.read(ZELDA), "three");
}

async fn what_is_the_same_here_needs_no_question(world: World) {
    archived(&world, &["one"]).await;
    let home = deck(&world, "Home").await;
    home.write(ZELDA, "one");
    migrate(&home, &["--to", "first"]).expect(0);
    assert_eq!(world.head_content(1, "first").await, "one");
    assert!(home.journal().is_empty());
    sync(&home, "synced");
}

async fn what_is_another_here_is_a_question(world: World) {
    archived(&world, &["theirs"]).await;
    let home = deck(&world, "Home").await;
    home.write(ZELDA, "ours");
    let ran = migrate(&home, &[]);
    assert!(ran.stderr.contains("--keep"), "{}", ran.stderr);
    ran.expect(1);
    assert_eq!(home.read(ZELDA), "ours");
    let saves = world.ada().get("/api/saves?rom_id=1&slot=autosave").await;
    assert_eq!(saves.expect(200).as_array().unwrap().len(), 0);
    sync(&home, "waiting");
}

async fn what_is_here_is_kept_over_it(world: World) {
    archived(&world, &["theirs"]).await;
    let home = deck(&world, "Home").await;
    home.write(ZELDA, "ours");
    migrate(&home, &["--keep", "local"]).expect(0);
    assert_eq!(home.read(ZELDA), "ours");
    assert_eq!(world.head_content(1, "autosave").await, "ours");
    let versions = ask(&home, &["versions", "zelda"]).json(0);
    let versions = versions["versions"].as_array().unwrap().iter();
    let of_save = versions.filter(|save| save["file_name"].as_str().unwrap().ends_with("srm"));
    assert_eq!(of_save.count(), 2);
    sync(&home, "synced");
}

async fn it_is_kept_over_what_is_here(world: World) {
    archived(&world, &["theirs"]).await;
    let home = deck(&world, "Home").await;
    home.write(ZELDA, "ours");
    migrate(&home, &["--keep", "server"]).expect(0);
    assert_eq!(home.read(ZELDA), "theirs");
    assert!(home.journal().contains(&"ours".to_owned()));
    assert_eq!(world.head_content(1, "autosave").await, "theirs");
    sync(&home, "synced");
}

async fn a_game_that_syncs_with_another_slot_goes_on_doing_so(world: World) {
    let home = deck(&world, "Home").await;
    home.write(ZELDA, "ours");
    sync(&home, "upload");
    archived(&world, &["theirs"]).await;
    migrate(&home, &["--to", "phone"]).expect(0);
    assert_eq!(world.head_content(1, "phone").await, "theirs");
    assert_eq!(home.read(ZELDA), "ours");
    sync(&home, "synced");
    ask(&home, &["slots", "switch", "zelda", "phone"]).expect(0);
    assert_eq!(home.read(ZELDA), "theirs");
}
