//! A layout of saves that changes, between devices: where saves are read, what moves, and when.

use keepsave_testkit::faults::{Canned, Fault, Rule};
use serde_json::Value;

use super::games::{SAVES, ask, deck, save, sync, zelda};
use super::{Device, World};

on_every_server! {
    saves_are_read_where_they_were_while_a_change_is_pending,
    nothing_comes_down_while_a_change_is_pending,
    progress_at_the_new_place_goes_up_and_is_not_taken_for_in_sync,
    two_copies_of_which_none_is_known_to_be_newer_are_a_question,
    saves_are_moved_when_told_and_sync_goes_on,
    of_two_copies_the_newest_stays_and_the_journal_has_both,
    a_change_is_seen_without_the_server,
    a_change_while_a_game_is_played_loses_no_progress,
    saves_go_to_another_directory_and_a_person_says_which_stay,
}

const CFG: &str = ".var/app/net.retrodeck.retrodeck/config/retroarch/retroarch.cfg";
const SYSTEMS: &str = ".local/share/flatpak/app/net.retrodeck.retrodeck/current/active/files/\
    retrodeck/components/es-de/share/es-de/resources/systems/linux/es_systems.xml";
/// Where the save of Zelda is when saves are sorted by folder and core.
const BY_BOTH: &str = "retrodeck/saves/gba/mGBA/Zelda.srm";

/// What the settings say: beside the games, by folder, by core.
fn lay_out(device: &Device, in_content_dir: bool, by_content: bool, by_core: bool) {
    device.write(
        CFG,
        &format!(
            "savefiles_in_content_dir = \"{in_content_dir}\"\n\
             sort_savefiles_by_content_enable = \"{by_content}\"\n\
             sort_savefiles_enable = \"{by_core}\"\n"
        ),
    );
}

/// A deck of which it is known that mGBA plays its games.
async fn with_core(world: &World, name: &str) -> Device {
    let deck = deck(world, name).await;
    deck.write(
        SYSTEMS,
        "<systemList><system><name>gba</name><path>%ROMPATH%/gba</path>\
         <extension>.gba</extension><command>%EMULATOR_RETROARCH% -L \
         %CORE_RETROARCH%/mgba_libretro.so %ROM%</command></system></systemList>",
    );
    deck
}

/// A deck whose Zelda is in sync, by folder, and whose saves are sorted by core, too, from then on.
async fn changed(world: &World, name: &str) -> Device {
    let home = with_core(world, name).await;
    home.write(&save("Zelda.srm"), "before the change");
    sync(&home, "upload");
    lay_out(&home, false, true, true);
    home
}

/// What the run said that is no data.
fn said(device: &Device, arguments: &[&str]) -> String {
    ask(device, arguments).stderr
}

async fn saves_are_read_where_they_were_while_a_change_is_pending(world: World) {
    let home = changed(&world, "Home").await;
    sync(&home, "synced");
    assert!(said(&home, &["status"]).contains("keepsave layout migrate"));
    home.write(&save("Zelda.srm"), "played on as it was loaded");
    sync(&home, "upload");
    assert_eq!(
        world.head_content(1, "autosave").await,
        "played on as it was loaded"
    );
    assert!(!home.path(BY_BOTH).exists(), "detection moved a save");
    sync(&home, "synced");
}

async fn nothing_comes_down_while_a_change_is_pending(world: World) {
    let (home, train) = (changed(&world, "Home").await, deck(&world, "Train").await);
    sync(&train, "download");
    train.write(&save("Zelda.srm"), "of the train");
    sync(&train, "upload");
    for command in [
        &["sync"][..],
        &["pull"],
        &["sync", "--conflict", "keep-server"],
    ] {
        let report = ask(&home, command).json(1);
        assert_eq!(zelda(&report), "waiting", "{report:#}");
        assert!(
            why(&report).contains("keepsave layout migrate"),
            "{report:#}"
        );
    }
    assert_eq!(zelda(&ask(&home, &["status"]).json(1)), "waiting");
    let head = world.head(1, "autosave").await["id"].to_string();
    ask(&home, &["restore", "zelda", &head]).expect(1);
    assert_eq!(home.read(&save("Zelda.srm")), "before the change");
    // Nor does what a person chose, before it is told to move.
    home.write(&save("Zelda.srm"), "of home");
    sync(&home, "conflict");
    let chosen = ["resolve", "zelda", "--keep", "server", "--head", &head];
    ask(&home, &chosen).expect(1);
    assert_eq!(home.read(&save("Zelda.srm")), "of home");
    assert!(!home.path(BY_BOTH).exists());
}

async fn progress_at_the_new_place_goes_up_and_is_not_taken_for_in_sync(world: World) {
    let home = changed(&world, "Home").await;
    home.write(BY_BOTH, "played after the change");
    assert_eq!(zelda(&ask(&home, &["status"]).json(0)), "upload");
    sync(&home, "upload");
    assert_eq!(
        world.head_content(1, "autosave").await,
        "played after the change"
    );
    sync(&home, "synced");
    home.write(BY_BOTH, "played on after the change");
    sync(&home, "upload");
    assert_eq!(
        world.head_content(1, "autosave").await,
        "played on after the change"
    );
    assert_eq!(home.read(&save("Zelda.srm")), "before the change");
    world.assert_nothing_is_there_twice().await;
}

async fn two_copies_of_which_none_is_known_to_be_newer_are_a_question(world: World) {
    let home = changed(&world, "Home").await;
    home.write(&save("Zelda.srm"), "played here");
    home.write(BY_BOTH, "and there");
    let report = sync(&home, "waiting");
    let game = &report["games"][0];
    assert_eq!(game["places"].as_array().unwrap().len(), 2, "{game:#}");
    assert!(why(&report).contains("keepsave layout migrate"));
    assert_eq!(world.head_content(1, "autosave").await, "before the change");
    assert_eq!(home.read(&save("Zelda.srm")), "played here");
    assert_eq!(home.read(BY_BOTH), "and there");
    assert!(home.files(SAVES).contains(&"Zelda.srm".to_owned()));
}

fn why(report: &Value) -> String {
    let games = report["games"].as_array().unwrap();
    let zelda = games.iter().find(|game| game["game"] == "Zelda").unwrap();
    zelda["why"].as_str().unwrap().to_owned()
}

/// `layout migrate --yes` and what it says in JSON.
#[track_caller]
fn migrate(device: &Device, code: i32) -> Value {
    ask(device, &["layout", "migrate", "--yes"]).json(code)
}

async fn saves_are_moved_when_told_and_sync_goes_on(world: World) {
    let (home, train) = (changed(&world, "Home").await, deck(&world, "Train").await);
    sync(&train, "download");
    train.write(&save("Zelda.srm"), "of the train, meanwhile");
    sync(&train, "upload");
    sync(&home, "waiting");
    let status = ask(&home, &["layout", "status"]).json(1);
    let game = &status["games"][0];
    assert_eq!(
        (&game["action"], &game["game"]),
        (&"move".into(), &"Zelda".into())
    );
    let path = |name: &str| home.path(name).display().to_string();
    assert_eq!(game["from"], path(&save("Zelda.srm")));
    assert_eq!(game["to"], path(&format!("{SAVES}/mGBA")));
    assert_eq!(status["pending"][0]["now"]["sort_by_core"], true);
    assert_eq!(status["pending"][0]["before"][0]["sort_by_core"], false);
    // Nothing moves unless it is told to, and without a terminal it has to be said.
    ask(&home, &["layout", "migrate"]).expect(2);
    assert_eq!(
        ask(&home, &["layout", "migrate", "--dry-run"]).json(1),
        status
    );
    assert_eq!(home.read(&save("Zelda.srm")), "before the change");
    let moved = migrate(&home, 0);
    assert_eq!(
        (&moved["settled"], &moved["moved"][0]["result"]),
        (&true.into(), &"moved".into())
    );
    assert_eq!(home.read(BY_BOTH), "before the change");
    assert!(!home.path(&save("Zelda.srm")).exists());
    assert_eq!(
        ask(&home, &["layout", "status"]).json(0)["games"],
        serde_json::json!([])
    );
    // What waited comes down now, to where the game is played.
    sync(&home, "download");
    assert_eq!(home.read(BY_BOTH), "of the train, meanwhile");
    home.write(BY_BOTH, "played on at home, after all that");
    sync(&home, "upload");
    sync(&train, "download");
    sync(&home, "synced");
    assert_eq!(migrate(&home, 0)["settled"], true);
}

async fn of_two_copies_the_newest_stays_and_the_journal_has_both(world: World) {
    let home = changed(&world, "Home").await;
    home.write(&save("Zelda.srm"), "played here");
    home.write(BY_BOTH, "and there, later");
    let old = std::fs::File::options()
        .write(true)
        .open(home.path(&save("Zelda.srm")));
    old.unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    sync(&home, "waiting");
    let moved = migrate(&home, 0);
    let ids = moved["moved"][0]["journal_ids"].as_array().unwrap();
    assert!(ids.len() >= 2, "{moved:#}");
    assert_eq!(home.read(BY_BOTH), "and there, later");
    let journal = home.journal();
    for content in ["played here", "and there, later"] {
        assert!(journal.contains(&content.to_owned()), "{journal:?}");
    }
    sync(&home, "upload");
    assert_eq!(world.head_content(1, "autosave").await, "and there, later");
    // The way back that the result names.
    let listed = ask(&home, &["journal", "list"]).json(0);
    let entries = listed["entries"].as_array().unwrap();
    let lost = entries.iter().find(|entry| {
        entry["path"].as_str().unwrap().ends_with("gba/Zelda.srm") && ids.contains(&entry["id"])
    });
    let id = lost.unwrap()["id"].as_str().unwrap();
    let onto = home.path(BY_BOTH).display().to_string();
    ask(&home, &["journal", "restore", id, "--to", &onto]).expect(0);
    assert_eq!(home.read(BY_BOTH), "played here");
}

async fn a_change_is_seen_without_the_server(world: World) {
    let proxy = world.proxy();
    let home = super::games::furnished(world.device_behind(&proxy, "Home").await);
    home.write(&save("Zelda.srm"), "before the change");
    sync(&home, "upload");
    for method in ["GET", "POST", "PUT"] {
        let rule = Rule::on(method, "/").always();
        proxy.fault(rule, Fault::Answer(Canned::status(403)));
    }
    lay_out(&home, true, false, false);
    ask(&home, &["status"]);
    lay_out(&home, false, false, false);
    let status = ask(&home, &["layout", "status"]).json(1);
    let before = status["pending"][0]["before"].as_array().unwrap();
    assert_eq!(before.len(), 2, "both changes were seen: {status:#}");
    assert_eq!(migrate(&home, 0)["settled"], true);
    assert_eq!(home.read("retrodeck/saves/Zelda.srm"), "before the change");
    proxy.heal();
    sync(&home, "synced");
}

async fn a_change_while_a_game_is_played_loses_no_progress(world: World) {
    let home = with_core(&world, "Home").await;
    home.write(&save("Zelda.srm"), "before the change");
    sync(&home, "upload");
    let train = deck(&world, "Train").await;
    sync(&train, "download");
    // The settings change while it is played; it saves where it began, or where it goes on.
    for (own, progress) in [
        (save("Zelda.srm"), "saved where it was loaded"),
        (BY_BOTH.to_owned(), "saved where it belongs from then on"),
    ] {
        let game = "printf '%s' \"$1\" > \"$0\"; printf 'sort_savefiles_by_content_enable = \
             \"true\"\\nsort_savefiles_enable = \"true\"\\n' > \"$2\"";
        let [own, cfg, rom] = [&own[..], CFG, "retrodeck/roms/gba/Zelda.gba"]
            .map(|path| home.path(path).display().to_string());
        std::fs::create_dir_all(home.path(BY_BOTH).parent().unwrap()).unwrap();
        let played = [
            "play", "--", "/bin/sh", "-c", game, &own, progress, &cfg, &rom,
        ];
        home.keepsave(&played).expect(0);
        assert_eq!(world.head_content(1, "autosave").await, progress);
    }
    sync(&train, "download");
    assert_eq!(migrate(&home, 0)["settled"], true);
    assert_eq!(home.read(BY_BOTH), "saved where it belongs from then on");
    sync(&home, "synced");
}

async fn saves_go_to_another_directory_and_a_person_says_which_stay(world: World) {
    let home = deck(&world, "Home").await;
    home.write(&save("Zelda.srm"), "inside");
    sync(&home, "upload");
    let settings = ".var/app/net.retrodeck.retrodeck/config/retrodeck/retrodeck.json";
    let inside = home.read(settings);
    home.write("card/saves/gba/Zelda.srm", "on the card, another one");
    home.write(settings, &inside.replace("retrodeck/saves", "card/saves"));
    assert_ne!(home.read(settings), inside);
    let status = ask(&home, &["layout", "status"]).json(1);
    assert_eq!(status["games"][0]["action"], "ask", "{status:#}");
    ask(&home, &["layout", "migrate", "--yes"]).expect(2);
    let with = |what| ["layout", "migrate", "--yes", "--on-conflict", what];
    ask(&home, &with("cancel")).expect(1);
    assert_eq!(
        home.read("card/saves/gba/Zelda.srm"),
        "on the card, another one"
    );
    assert_eq!(home.read(&save("Zelda.srm")), "inside");
    assert_eq!(ask(&home, &with("overwrite")).json(0)["settled"], true);
    assert_eq!(home.read("card/saves/gba/Zelda.srm"), "inside");
    assert!(!home.path(&save("Zelda.srm")).exists());
    assert!(
        home.journal()
            .contains(&"on the card, another one".to_owned())
    );
    sync(&home, "synced");
    // And back, with the card out: nothing is given up for what cannot be seen.
    home.write(settings, &inside);
    std::fs::rename(home.path("card"), home.path("pocket")).unwrap();
    sync(&home, "waiting");
    let report = migrate(&home, 1);
    assert_eq!(report["settled"], false);
    assert!(
        report["moved"][0]["error"]
            .as_str()
            .unwrap()
            .contains("--forget")
    );
    std::fs::rename(home.path("pocket"), home.path("card")).unwrap();
    assert_eq!(migrate(&home, 0)["settled"], true);
    assert_eq!(home.read(&save("Zelda.srm")), "inside");
    sync(&home, "synced");
}
