//! `keepsave sync` and its kin without a manifest: the games of a RetroDECK, between devices.

use keepsave_testkit::binary::Ran;
use keepsave_testkit::romm::Release;
use serde_json::{Value, json};

use super::{Device, World};

on_every_server! {
    a_game_that_is_found_goes_up_and_comes_down_where_it_is_played_next,
    status_moves_nothing_and_what_is_the_same_is_noted,
    pull_and_push_go_one_way,
    going_one_way_leaves_a_conflict_one,
    a_romm_keeps_as_many_saves_as_the_settings_say,
    where_both_sides_changed_a_person_chooses,
    a_choice_about_another_head_is_stale,
    what_must_be_asked_first_moves_no_byte,
    equal_contents_need_no_question,
    a_download_is_named_after_the_rom_whatever_the_server_calls_it,
    a_game_that_is_not_installed_gets_nothing,
    the_files_of_a_save_go_together,
    a_device_that_the_server_forgot_becomes_one_again,
    every_command_makes_a_device_again_that_the_server_forgot,
    a_blank_file_is_not_progress,
}

pub const SAVES: &str = "retrodeck/saves/gba";

/// A machine with a RetroDECK on which the first game of the world is.
pub async fn deck(world: &World, name: &str) -> Device {
    furnished(world.device(name).await)
}

/// The same, made of a device.
pub fn furnished(deck: Device) -> Device {
    let home = deck.sandbox.path().display().to_string();
    let paths = json!({ "paths": {
        "saves_path": format!("{home}/retrodeck/saves"),
        "roms_path": format!("{home}/retrodeck/roms"),
    }});
    let config = ".var/app/net.retrodeck.retrodeck/config";
    deck.write(
        &format!("{config}/retrodeck/retrodeck.json"),
        &paths.to_string(),
    );
    deck.write(
        &format!("{config}/retroarch/retroarch.cfg"),
        "sort_savefiles_by_content_enable = \"true\"\nsort_savefiles_enable = \"false\"\n",
    );
    deck.write(&format!("{SAVES}/.keep"), "");
    deck.write("retrodeck/roms/gba/Zelda.gba", "the rom");
    deck
}

/// `keepsave COMMAND... --json`.
pub fn ask(device: &Device, arguments: &[&str]) -> Ran {
    device.keepsave(&[arguments, &["--json"]].concat())
}

/// How Zelda stands.
#[track_caller]
pub fn zelda(report: &Value) -> &str {
    let games = report["games"].as_array().unwrap();
    let zelda = games.iter().find(|game| game["game"] == "Zelda");
    zelda.unwrap()["status"].as_str().unwrap()
}

#[track_caller]
pub fn sync(device: &Device, status: &str) -> Value {
    let ran = ask(device, &["sync"]);
    let code = i32::from(matches!(status, "conflict" | "waiting" | "failed"));
    let talk = ran.stderr.clone();
    let report = ran.json(code);
    assert_eq!(zelda(&report), status, "{report:#}\n{talk}");
    report
}

pub fn save(name: &str) -> String {
    format!("{SAVES}/{name}")
}

async fn a_game_that_is_found_goes_up_and_comes_down_where_it_is_played_next(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    sync(&home, "no_save");
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    sync(&home, "synced");
    sync(&train, "download");
    assert_eq!(train.read(&save("Zelda.srm")), "one");
    for round in ["two", "three", "four"] {
        train.write(&save("Zelda.srm"), round);
        sync(&train, "upload");
        sync(&home, "download");
        assert_eq!(home.read(&save("Zelda.srm")), round);
        sync(&train, "synced");
    }
    assert_eq!(world.head_content(1, "autosave").await, "four");
    let emulator = &world.head(1, "autosave").await["emulator"];
    assert!(
        emulator.as_str().unwrap().starts_with("retroarch"),
        "{emulator}"
    );
}

async fn status_moves_nothing_and_what_is_the_same_is_noted(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    let report = ask(&home, &["status"]).json(0);
    assert_eq!(zelda(&report), "upload");
    let saves = world.ada().get("/api/saves").await.expect(200);
    assert_eq!(saves.as_array().unwrap().len(), 0);
    sync(&home, "upload");
    // The same content came here by another way.
    train.write(&save("Zelda.srm"), "one");
    assert_eq!(zelda(&ask(&train, &["status"]).json(0)), "synced");
    sync(&train, "synced");
    train.write(&save("Zelda.srm"), "two");
    assert_eq!(zelda(&ask(&train, &["status"]).json(0)), "upload");
    sync(&train, "upload");
    assert_eq!(zelda(&ask(&home, &["status"]).json(0)), "download");
    assert_eq!(home.read(&save("Zelda.srm")), "one");
}

async fn pull_and_push_go_one_way(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    assert_eq!(zelda(&ask(&home, &["pull"]).json(0)), "synced");
    assert_eq!(zelda(&ask(&home, &["push"]).json(0)), "upload");
    assert_eq!(zelda(&ask(&train, &["push"]).json(0)), "synced");
    assert!(!train.path(&save("Zelda.srm")).exists());
    assert_eq!(zelda(&ask(&train, &["pull"]).json(0)), "download");
    assert_eq!(train.read(&save("Zelda.srm")), "one");
}

/// Both devices go on from the same save, and the first is the first to tell the server.
pub async fn diverge(world: &World) -> (Device, Device) {
    let (home, train) = (deck(world, "Home").await, deck(world, "Train").await);
    home.write(&save("Zelda.srm"), "the common beginning");
    sync(&home, "upload");
    sync(&train, "download");
    home.write(&save("Zelda.srm"), "what home did after");
    train.write(&save("Zelda.srm"), "what train did after");
    sync(&home, "upload");
    sync(&train, "conflict");
    let told = train.keepsave(&["status"]).stderr;
    assert!(told.contains("`keepsave resolve`"), "{told}");
    assert_eq!(train.read(&save("Zelda.srm")), "what train did after");
    (home, train)
}

async fn going_one_way_leaves_a_conflict_one(world: World) {
    let (_home, train) = diverge(&world).await;
    for way in ["pull", "push"] {
        assert_eq!(zelda(&ask(&train, &[way]).json(1)), "conflict");
    }
    assert_eq!(train.read(&save("Zelda.srm")), "what train did after");
    let head = world.head_content(1, "autosave").await;
    assert_eq!(head, "what home did after");
}

async fn a_romm_keeps_as_many_saves_as_the_settings_say(world: World) {
    world.let_every_look_be_later();
    let home = deck(&world, "Home").await;
    let set = ["settings", "set", "autocleanup_limit", "2"];
    home.keepsave(&set).expect(0);
    for round in ["one", "two", "three"] {
        home.write(&save("Zelda.srm"), round);
        sync(&home, "upload");
    }
    let saves = world.ada().get("/api/saves?rom_id=1").await.expect(200);
    assert_eq!(saves.as_array().unwrap().len(), 2);
    assert_eq!(world.head_content(1, "autosave").await, "three");
}

/// The head that the conflict on that device is about.
fn head(device: &Device) -> String {
    let conflicts = ask(device, &["conflicts"]).json(1);
    conflicts["conflicts"][0]["head"].to_string()
}

async fn where_both_sides_changed_a_person_chooses(world: World) {
    let (home, train) = diverge(&world).await;
    let ran = ask(&train, &["resolve", "zelda", "--keep", "server"]);
    assert!(ran.stderr.contains("--head"), "{}", ran.stderr);
    ran.expect(2);
    let head = head(&train);
    let chosen = ["resolve", "zelda", "--keep", "server", "--head", &head];
    assert_eq!(zelda(&ask(&train, &chosen).json(0)), "download");
    assert_eq!(train.read(&save("Zelda.srm")), "what home did after");
    assert!(train.journal().contains(&"what train did after".to_owned()));
    sync(&train, "synced");
    sync(&home, "synced");
    ask(&train, &chosen).expect(0);
}

async fn a_choice_about_another_head_is_stale(world: World) {
    let (home, train) = diverge(&world).await;
    let looked_at = head(&train);
    home.write(&save("Zelda.srm"), "what home did last");
    sync(&home, "upload");
    let chosen = ["resolve", "zelda", "--keep", "local", "--head", &looked_at];
    let ran = ask(&train, &chosen);
    assert!(ran.stderr.contains("stale_conflict"), "{}", ran.stderr);
    ran.expect(1);
    assert_eq!(train.read(&save("Zelda.srm")), "what train did after");
    assert_eq!(
        world.head_content(1, "autosave").await,
        "what home did last"
    );
    let head = head(&train);
    let chosen = ["resolve", "zelda", "--keep", "both", "--head", &head];
    ask(&train, &chosen).json(0);
    assert_eq!(train.read(&save("Zelda.srm")), "what home did last");
    let slot = "autosave (Train)";
    let kept = world.ada().get("/api/saves?rom_id=1").await.expect(200);
    let kept = kept.as_array().unwrap().iter();
    let kept = kept.filter(|save| save["slot"].as_str().is_some_and(|name| name != "autosave"));
    assert_eq!(kept.count(), 1, "{slot}");
    sync(&train, "synced");
}

async fn what_must_be_asked_first_moves_no_byte(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "of home");
    sync(&home, "upload");
    train.write(&save("Zelda.srm"), "of train");
    let report = sync(&train, "waiting");
    let game = &report["games"][0];
    assert_eq!(game["scenario"], "E");
    assert!(
        game["why"]
            .as_str()
            .unwrap()
            .contains("keepsave slots setup")
    );
    assert_eq!(train.read(&save("Zelda.srm")), "of train");
    assert_eq!(world.head_content(1, "autosave").await, "of home");
}

async fn equal_contents_need_no_question(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    for device in [&home, &train] {
        device.write(&save("Zelda.srm"), "the same");
    }
    sync(&home, "upload");
    sync(&train, "synced");
    train.write(&save("Zelda.srm"), "and more");
    sync(&train, "upload");
    sync(&home, "download");
}

async fn a_download_is_named_after_the_rom_whatever_the_server_calls_it(world: World) {
    let (phone, home) = (world.device("Phone").await, deck(&world, "Home").await);
    phone.lists(&[(1, "Legend of Z.sav", Some("autosave"))]);
    phone.write("Legend of Z.sav", "from a phone");
    phone.run(&[]).json(0);
    sync(&home, "download");
    assert_eq!(home.read(&save("Zelda.srm")), "from a phone");
    assert_eq!(home.files(SAVES), [".keep", "Zelda.srm"]);
    home.write(&save("Zelda.srm"), "from home");
    sync(&home, "upload");
    phone.run(&[]).json(0);
    assert_eq!(phone.read("Legend of Z.sav"), "from home");
}

async fn a_game_that_is_not_installed_gets_nothing(world: World) {
    let (phone, home) = (world.device("Phone").await, deck(&world, "Home").await);
    phone.lists(&[(2, "metroid.srm", Some("autosave"))]);
    phone.write("metroid.srm", "of another game");
    phone.run(&[]).json(0);
    sync(&home, "no_save");
    assert_eq!(home.files(SAVES), [".keep"]);
}

async fn the_files_of_a_save_go_together(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    home.write(&save("Zelda.rtc"), "clock one");
    sync(&home, "upload");
    sync(&train, "download");
    assert_eq!(train.read(&save("Zelda.rtc")), "clock one");
    // A clock that went on is no progress.
    train.write(&save("Zelda.rtc"), "clock two");
    sync(&train, "synced");
    sync(&home, "synced");
    assert_eq!(home.read(&save("Zelda.rtc")), "clock one");
    train.write(&save("Zelda.srm"), "two");
    sync(&train, "upload");
    sync(&home, "download");
    assert_eq!(home.read(&save("Zelda.rtc")), "clock two");
    assert_eq!(home.read(&save("Zelda.srm")), "two");
}

/// The server forgets every device.
async fn forget_devices(world: &World, home: &Device) {
    let devices = world.ada().get("/api/devices").await.expect(200);
    for device in devices.as_array().unwrap() {
        let id = device["id"].as_str().unwrap();
        home.keepsave(&["sync", "device", "delete", id]).expect(0);
    }
}

async fn every_command_makes_a_device_again_that_the_server_forgot(world: World) {
    world.let_every_look_be_later();
    let home = deck(&world, "Home").await;
    for round in ["one", "two"] {
        home.write(&save("Zelda.srm"), round);
        sync(&home, "upload");
    }
    let versions = ask(&home, &["versions", "zelda"]).json(0);
    let first = versions["versions"][1]["save_id"].to_string();
    let commands: [&[&str]; 9] = [
        &["status"],
        &["versions", "zelda"],
        &["slots", "list", "zelda"],
        &["slots", "copy", "zelda", "autosave", "spare"],
        &["restore", "zelda", &first],
        &["slots", "switch", "zelda", "spare"],
        &["slots", "delete", "zelda", "autosave", "--yes"],
        &["states", "offered"],
        &["conflicts"],
    ];
    for command in commands {
        forget_devices(&world, &home).await;
        let ran = ask(&home, command);
        assert!(
            ran.stderr.contains("this machine is the device"),
            "{command:?}"
        );
        ran.expect(0);
        let devices = world.ada().get("/api/devices").await.expect(200);
        assert_eq!(devices.as_array().unwrap().len(), 1, "{command:?}");
    }
    sync(&home, "synced");
}

async fn a_device_that_the_server_forgot_becomes_one_again(world: World) {
    let home = deck(&world, "Home").await;
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    forget_devices(&world, &home).await;
    sync(&home, "synced");
    home.write(&save("Zelda.srm"), "two");
    sync(&home, "upload");
    assert_eq!(world.head_content(1, "autosave").await, "two");
}

async fn a_blank_file_is_not_progress(world: World) {
    let home = deck(&world, "Home").await;
    home.write(&save("Zelda.srm"), "progress of many hours");
    sync(&home, "upload");
    home.write(&save("Zelda.srm"), &"\0".repeat(22));
    sync(&home, "conflict");
    assert_eq!(
        world.head_content(1, "autosave").await,
        "progress of many hours"
    );
}

/// A Keepsave's games keep their ids.
#[tokio::test]
async fn a_game_that_a_romm_made_anew_is_met_again() {
    for release in [Release::V4_8_1, Release::V4_9, Release::V5_1] {
        let world = World::romm(release);
        let romm = world.romm_itself().unwrap();
        let home = deck(&world, "Home").await;
        home.write(&save("Zelda.srm"), "one");
        sync(&home, "upload");
        romm.remove_rom(1);
        let anew = romm.rom("gba", "Zelda.gba");
        let rom = home.path("retrodeck/roms/gba/Zelda.gba");
        for what in ["status", "sync"] {
            let report = ask(&home, &[what, "--game", rom.to_str().unwrap()]).json(0);
            assert_eq!(zelda(&report), "upload", "{report:#}");
            assert_eq!(report["games"][0]["rom_id"], anew, "{report:#}");
        }
        assert_eq!(romm.saves().len(), 1);
        assert_eq!(romm.saves()[0].rom_id, anew);
        // And where no other one is it.
        romm.remove_rom(anew);
        let report = ask(&home, &["sync", "--game", rom.to_str().unwrap()]).json(0);
        assert_eq!(zelda(&report), "unmatched", "{report:#}");
        assert_eq!(home.read(&save("Zelda.srm")), "one");
    }
}
