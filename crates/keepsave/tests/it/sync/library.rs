//! `keepsave games` and `doctor`: what is here, which of the server's games it is, and what was
//! looked for.

use std::fs;

use serde_json::{Value, json};

use super::games::{ask, deck, furnished, save, sync};
use super::{Device, World};

on_every_server! {
    games_are_shown_with_their_saves_and_why,
    a_game_that_the_server_does_not_know_is_registered_or_stays_here,
    between_two_games_a_person_says_which,
}

const ROMS: &str = "retrodeck/roms/gba";

#[track_caller]
fn one_of<'a>(report: &'a Value, game: &str) -> &'a Value {
    let games = report["games"].as_array().unwrap();
    let found = games.iter().find(|one| one["game"] == game);
    found.unwrap()
}

async fn games_are_shown_with_their_saves_and_why(world: World) {
    let home = deck(&world, "Home").await;
    home.write(&save("Zelda.srm"), "one");
    let path = |path: &str| json!(home.path(path).to_str().unwrap());
    let report = ask(&home, &["games"]).json(0);
    let zelda = one_of(&report, "Zelda");
    assert_eq!(zelda["rom_id"], 1);
    assert_eq!(zelda["matched_by"], "name");
    assert_eq!(zelda["installation"], "RetroDECK");
    assert_eq!(zelda["system"], "gba");
    assert_eq!(zelda["path"], path(&format!("{ROMS}/Zelda.gba")));
    assert_eq!(zelda["save"]["files"][0]["path"], path(&save("Zelda.srm")));
    assert_eq!(zelda["save"]["files"][0]["name"], "Zelda.srm");
    let why = zelda["save"]["why"].as_array().unwrap();
    assert!(!why.is_empty(), "{zelda:#}");
    // Without the server the same is found, but not which of its games it is.
    let report = ask(&home, &["games", "--local"]).json(0);
    let zelda = one_of(&report, "Zelda");
    assert_eq!(zelda["save"]["files"][0]["path"], path(&save("Zelda.srm")));
    assert_eq!(zelda.get("rom_id"), None);
    let shown = home.keepsave(&["games", "-v"]);
    for why in why {
        let why = why.as_str().unwrap();
        assert!(shown.stderr.contains(why), "{why}: {}", shown.stderr);
    }
    assert!(shown.expect(0).contains("1 by name"));
}

async fn a_game_that_the_server_does_not_know_is_registered_or_stays_here(world: World) {
    let home = deck(&world, "Home").await;
    let rom = format!("{ROMS}/A hack of mine.gba");
    home.write(&rom, "made at home");
    home.write(&save("A hack of mine.srm"), "progress");
    let rom = home.path(&rom);
    let rom = rom.to_str().unwrap();
    let report = ask(&home, &["sync"]).json(0);
    let hack = one_of(&report, "A hack of mine");
    assert_eq!(hack["status"], "unmatched");
    let why = hack["why"].as_str().unwrap();
    assert!(why.contains("keepsave games register"), "{why}");
    let ran = ask(&home, &["games", "register", rom]);
    if world.romm_itself().is_some() {
        assert!(ran.stderr.contains("into its library"), "{}", ran.stderr);
        ran.expect(1);
        return;
    }
    let id = ran.json(0)["rom_id"].as_u64().unwrap();
    // However often it is said.
    assert_eq!(
        ask(&home, &["games", "register", rom]).json(0)["rom_id"],
        id
    );
    let report = ask(&home, &["sync"]).json(0);
    assert_eq!(one_of(&report, "A hack of mine")["status"], "upload");
    assert_eq!(world.head_content(id, "autosave").await, "progress");
}

async fn between_two_games_a_person_says_which(world: World) {
    let usa = world.game("Advance Wars (USA).gba").await;
    let europe = world.game("Advance Wars (Europe).gba").await;
    let home = deck(&world, "Home").await;
    let rom = format!("{ROMS}/Advance Wars.gba");
    home.write(&rom, "of neither region");
    home.write(&save("Advance Wars.srm"), "progress");
    let report = ask(&home, &["sync"]).json(1);
    let wars = one_of(&report, "Advance Wars");
    assert_eq!(wars["status"], "waiting", "{wars:#}");
    assert_eq!(wars["candidates"], json!([usa, europe]));
    let why = wars["why"].as_str().unwrap();
    assert!(why.contains("keepsave games match"), "{why}");
    let saves = world.ada().get("/api/saves").await.expect(200);
    assert_eq!(saves.as_array().unwrap().len(), 0);
    let rom = home.path(&rom);
    let say = |id: &str| ask(&home, &["games", "match", rom.to_str().unwrap(), id]);
    say("4711").expect(2);
    let said = say(&europe.to_string()).json(0);
    assert_eq!(said["rom_id"], europe);
    let report = ask(&home, &["sync"]).json(0);
    assert_eq!(one_of(&report, "Advance Wars")["status"], "upload");
    assert_eq!(world.head_content(europe, "autosave").await, "progress");
}

/// The rows of what was looked for, by whether it was found.
fn looked(report: &Value, found: bool) -> Vec<String> {
    let looked = report["looked"].as_array().unwrap().iter();
    let looked = looked.filter(|looked| looked["found"] == found);
    looked
        .map(|looked| looked["path"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn what_was_looked_for_and_not_found_is_said() {
    let world = World::keepsave().await;
    let empty: Device = world.device("Empty").await;
    let told = empty.keepsave(&["doctor"]).stderr;
    assert!(told.contains("settings set added_folders"), "{told}");
    let report = ask(&empty, &["doctor"]).json(0);
    assert_eq!(report["games"], 0);
    let missing = looked(&report, false);
    let retrodeck = empty.path(".var/app/net.retrodeck.retrodeck");
    let retrodeck = retrodeck.to_str().unwrap().to_owned();
    assert!(missing.contains(&retrodeck), "{report:#}");
    let home = furnished(empty);
    let report = ask(&home, &["doctor"]).json(0);
    assert_eq!(report["games"], 1);
    assert!(looked(&report, true).contains(&retrodeck), "{report:#}");
    // The card with the saves is not in.
    fs::remove_dir_all(home.path("retrodeck/saves")).unwrap();
    let report = ask(&home, &["doctor"]).json(1);
    let troubles = report["troubles"].as_array().unwrap();
    assert_eq!(troubles.len(), 1, "{report:#}");
    let saves = home.path("retrodeck/saves").to_str().unwrap().to_owned();
    assert!(troubles[0].as_str().unwrap().contains(&saves), "{report:#}");
    let shown = home.keepsave(&["doctor"]);
    assert!(
        shown.stderr.contains("RetroDECK: 1 games"),
        "{}",
        shown.stderr
    );
}

#[tokio::test]
async fn a_save_that_syncs_and_that_no_emulator_touches_is_warned_of() {
    let world = World::keepsave().await;
    let home = furnished(world.device("Home").await);
    // Left where saves were when they were not sorted by folder.
    home.write("retrodeck/saves/Zelda.srm", "one");
    let report = ask(&home, &["doctor"]).json(1);
    let troubles = report["troubles"].as_array().unwrap();
    assert_eq!(troubles.len(), 1, "{report:#}");
    let told = troubles[0].as_str().unwrap();
    assert!(told.contains("does not look for it there"), "{told}");
    assert!(told.ends_with("retrodeck/saves/gba/Zelda.srm"), "{told}");
    fs::rename(
        home.path("retrodeck/saves/Zelda.srm"),
        home.path("retrodeck/saves/gba/Zelda.srm"),
    )
    .unwrap();
    ask(&home, &["doctor"]).json(0);
}

/// Three devices, one of them offline for long.
mod three_devices {
    use super::*;
    use keepsave_testkit::faults::{Fault, Rule};

    on_every_server! {
        what_is_played_offline_meets_what_the_others_did,
    }

    pub(super) async fn what_is_played_offline_meets_what_the_others_did(world: World) {
        let proxy = world.proxy();
        let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
        let cabin = furnished(world.device_behind(&proxy, "Cabin").await);
        home.write(&save("Zelda.srm"), "one");
        sync(&home, "upload");
        sync(&train, "download");
        sync(&cabin, "download");
        // Nothing reaches the cabin; there it is played on, and so it is elsewhere.
        for method in ["GET", "POST", "PUT"] {
            proxy.fault(Rule::on(method, "/").always(), Fault::CutBeforeRequest);
        }
        cabin.write(&save("Zelda.srm"), "what the cabin did");
        ask(&cabin, &["sync"]).expect(4);
        train.write(&save("Zelda.srm"), "two");
        sync(&train, "upload");
        sync(&home, "download");
        home.write(&save("Zelda.srm"), "three");
        sync(&home, "upload");
        // The network is back: nobody's progress is replaced.
        proxy.heal();
        sync(&cabin, "conflict");
        assert_eq!(cabin.read(&save("Zelda.srm")), "what the cabin did");
        assert_eq!(world.head_content(1, "autosave").await, "three");
        let head = world.head(1, "autosave").await["id"].to_string();
        ask(
            &cabin,
            &["resolve", "zelda", "--keep", "local", "--head", &head],
        )
        .json(0);
        for device in [&home, &train] {
            sync(device, "download");
            assert_eq!(device.read(&save("Zelda.srm")), "what the cabin did");
            sync(device, "synced");
        }
        sync(&cabin, "synced");
    }
}
