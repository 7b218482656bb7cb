//! Batocera and Knulli.

use super::*;

const SYSTEMS: &str = r#"<systemList>
  <system><name>gba</name><path>/userdata/roms/gba</path><extension>.gba .zip</extension>
    <command>emulatorlauncher -system %SYSTEM% -rom %ROM%</command>
    <emulators><emulator name="libretro"><cores><core>gpsp</core><core default="true">mgba</core></cores></emulator>
    <emulator name="mgba"><cores><core>mgba</core></cores></emulator></emulators></system>
  <system><name>psx</name><path>/userdata/roms/psx</path><extension>.cue .chd .m3u</extension>
    <emulators><emulator name="duckstation"><cores><core default="true">duckstation</core></cores></emulator>
    <emulator name="libretro"><cores><core>swanstation</core></cores></emulator></emulators></system>
  </systemList>"#;

fn batocera() -> Tree {
    let tree = Tree::new();
    tree.directory("/userdata/system");
    tree.file("/usr/share/emulationstation/es_systems.cfg", SYSTEMS);
    for rom in [
        "gba/Golden Sun.zip",
        "gba/hacks/Rocket.gba",
        "gba/images/Golden Sun.png",
        "psx/Ridge.chd",
    ] {
        tree.file(&format!("/userdata/roms/{rom}"), "rom");
    }
    // What it wrote for the last game that was played.
    let last = "savefile_directory = \"/userdata/saves/snes\"\nsort_savefiles_enable = \"true\"\n";
    tree.file(
        "/userdata/system/configs/retroarch/retroarchcustom.cfg",
        last,
    );
    tree
}

#[test]
fn saves_of_a_system_are_in_one_folder_whatever_the_settings_were_last() {
    let tree = batocera();
    tree.file("/userdata/saves/gba/Golden Sun.srm", "a battery");
    let found = installation(&tree, "Batocera");
    let expected = [
        "gba/Golden Sun retroarch-mgba -> /userdata/saves/gba/Golden Sun.srm [\"Golden Sun.srm\"]",
        "gba/Rocket retroarch-mgba -> /userdata/saves/gba/Rocket.srm []",
        "psx/Ridge duckstation ->  [] own names",
    ];
    assert_eq!(told(&tree, &found), expected);
}

#[test]
fn a_system_that_was_never_saved_in_is_not_stopped_but_a_missing_share_stops_all() {
    let tree = batocera();
    tree.directory("/userdata/saves");
    let found = installation(&tree, "Batocera");
    assert_eq!(game(&found, "Rocket").save.stopped, None);
    std::fs::remove_dir_all(tree.at("/userdata/saves")).unwrap();
    let found = installation(&tree, "Batocera");
    let missing = Stopped::RootMissing {
        root: tree.at("/userdata/saves"),
    };
    assert_eq!(game(&found, "Rocket").save.stopped, Some(missing));
}

#[test]
fn what_was_chosen_for_system_and_game_plays_it() {
    let tree = batocera();
    tree.directory("/userdata/saves");
    let chosen = "# gba.core=vbam\ngba.core=gpsp\ngba[\"Golden Sun.zip\"].emulator=mgba\n\
                  gba[\"Golden Sun.zip\"].core=mgba\npsx.emulator=libretro\n";
    tree.file("/userdata/system/batocera.conf", chosen);
    let found = installation(&tree, "Batocera");
    let emulators: Vec<_> = found
        .games
        .iter()
        .map(|game| game.emulator.as_deref())
        .collect();
    let expected = ["mgba", "retroarch-gpsp", "retroarch-swanstation"].map(Some);
    assert_eq!(emulators, expected);
}

#[test]
fn knulli_is_named_and_folders_are_looked_at_without_its_systems() {
    let tree = Tree::new();
    tree.directory("/userdata/system");
    tree.directory("/usr/share/knulli");
    tree.directory("/userdata/saves");
    tree.file("/userdata/roms/megadrive/Sonic.md", "rom");
    tree.file("/userdata/roms/megadrive/gamelist.xml", "<gameList/>");
    let found = installation(&tree, "Knulli");
    let expected = ["megadrive/Sonic retroarch -> /userdata/saves/megadrive/Sonic.srm []"];
    assert_eq!(told(&tree, &found), expected);
    assert_eq!(found.games[0].platforms[0], "genesis");
    for (file, core) in [("batocera.conf", "picodrive"), ("knulli.conf", "blastem")] {
        tree.file(
            &format!("/userdata/system/{file}"),
            format!("megadrive.core={core}\n"),
        );
        let found = installation(&tree, "Knulli");
        assert_eq!(
            found.games[0].core,
            Some(format!("{core}_libretro")),
            "its own file goes first"
        );
    }
}
