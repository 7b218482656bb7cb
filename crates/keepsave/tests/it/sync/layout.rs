//! A layout of saves that changes, between devices: where saves are read, what moves, and when.

use serde_json::Value;

use super::games::{SAVES, ask, deck, save, sync, zelda};
use super::{Device, World};

on_every_server! {
    saves_are_read_where_they_were_while_a_change_is_pending,
    nothing_comes_down_while_a_change_is_pending,
    progress_at_the_new_place_goes_up_and_is_not_taken_for_in_sync,
    two_copies_of_which_none_is_known_to_be_newer_are_a_question,
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
