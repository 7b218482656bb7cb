//! `EmuDeck`: games and saves on a card, the Flatpak of `RetroArch`, saves all in one directory.

use super::*;

const FLATPAK: &str = "~/.var/app/org.libretro.RetroArch/config/retroarch";

fn emudeck(settings: &str, card: &str) -> Tree {
    let tree = Tree::new();
    let script = format!(
        "emulationPath=\"{card}\"\nromsPath=\"{card}/roms\"\nsavesPath=\"{card}/saves\"\ntoolsPath=\"{card}/tools\"\n"
    );
    tree.file(settings, script);
    let cfg = format!(
        "savefile_directory = \"{card}/saves/retroarch/saves\"\nsort_savefiles_enable = \"false\"\n\
         sort_savefiles_by_content_enable = \"false\"\nsavefiles_in_content_dir = \"false\"\n"
    );
    tree.file(&format!("{FLATPAK}/retroarch.cfg"), cfg);
    tree
}

fn with_games(tree: &Tree, card: &str) {
    for rom in [
        "gba/Golden Sun.zip",
        "gba/systeminfo.txt",
        "genesis/Sonic.md",
        "gamegear/Sonic.gg",
        "wiiu/roms/Z.wua",
    ] {
        tree.file(&format!("{card}/roms/{rom}"), "rom");
    }
    tree.file(
        &format!("{card}/saves/retroarch/saves/Golden Sun.srm"),
        "a battery",
    );
}

#[test]
fn games_and_saves_are_where_its_settings_say_old_or_new() {
    let card = "/run/media/mmcblk0p1/Emulation";
    for settings in ["~/.config/EmuDeck/settings.sh", "~/emudeck/settings.sh"] {
        let tree = emudeck(settings, card);
        with_games(&tree, card);
        let found = installation(&tree, "EmuDeck");
        let expected = [
            // All saves are in one directory, so these two would be one.
            "gamegear/Sonic retroarch -> $/Sonic.srm [] same as #/genesis/Sonic.md",
            "gba/Golden Sun retroarch -> $/Golden Sun.srm [\"Golden Sun.srm\"]",
            "genesis/Sonic retroarch -> $/Sonic.srm [] same as #/gamegear/Sonic.gg",
            "wiiu/Z retroarch -> $/Z.srm []",
        ]
        .map(|line| line.replace('$', &format!("{card}/saves/retroarch/saves")))
        .map(|line| line.replace('#', &format!("{card}/roms")));
        assert_eq!(told(&tree, &found), expected, "{settings}");
        assert_eq!(game(&found, "Golden Sun").platforms[0], "gba");
    }
}

#[test]
fn its_es_de_says_what_plays_and_its_games_are_found_once() {
    let card = "/players/deck/Emulation";
    let tree = emudeck("~/.config/EmuDeck/settings.sh", card);
    with_games(&tree, card);
    let settings = format!(
        "<?xml version=\"1.0\"?>\n<string name=\"ROMDirectory\" value=\"{card}/roms\" />\n"
    );
    tree.file("~/ES-DE/settings/es_settings.xml", settings);
    let own = systems(&[
        system("gba", ".zip", &["mgba"]),
        system("wiiu", ".wua", &["CEMU"]),
    ]);
    tree.file("~/ES-DE/custom_systems/es_systems.xml", own);
    let all = library(&tree);
    let names: Vec<_> = all
        .installations
        .iter()
        .map(|found| found.name.as_str())
        .collect();
    assert_eq!(names, ["EmuDeck"], "what ES-DE would find, EmuDeck has");
    let found = &all.installations[0];
    assert_eq!(
        found.games.len(),
        4,
        "also those of systems that nothing is known of"
    );
    assert_eq!(
        game(found, "Golden Sun").core.as_deref(),
        Some("mgba_libretro")
    );
    let cemu = game(found, "Z");
    assert_eq!(cemu.emulator.as_deref(), Some("cemu"));
    assert!(matches!(cemu.save.stopped, Some(Stopped::OwnNames { .. })));
}

#[test]
fn a_card_that_is_not_in_stops_what_is_left() {
    let card = "/run/media/mmcblk0p1/Emulation";
    let tree = emudeck("~/.config/EmuDeck/settings.sh", card);
    tree.file("~/Emulation/roms/gba/Golden Sun.zip", "rom");
    let found = installation(&tree, "EmuDeck");
    assert_eq!(
        told(&tree, &found),
        [""; 0],
        "games on the card are not known while it is out"
    );
    let roms = tree.at(&format!("{card}/roms"));
    assert!(
        found
            .looked
            .iter()
            .any(|looked| looked.path == roms && looked.found == Found::No)
    );

    // Its games are here, only the saves are on the card.
    let script = format!("romsPath=\"$HOME/Emulation/roms\"\nsavesPath=\"{card}/saves\"\n");
    tree.file("~/.config/EmuDeck/settings.sh", script);
    let found = installation(&tree, "EmuDeck");
    let [line] = &told(&tree, &found)[..] else {
        panic!("{found:#?}");
    };
    assert!(
        line.ends_with(&format!(" missing {card}/saves/retroarch/saves")),
        "{line}"
    );
}

#[test]
fn a_directory_of_saves_may_be_a_link() {
    let card = "/players/deck/Emulation";
    let tree = emudeck("~/.config/EmuDeck/settings.sh", card);
    tree.file("~/Emulation/roms/gba/Golden Sun.zip", "rom");
    tree.file(&format!("{FLATPAK}/saves/Golden Sun.srm"), "a battery");
    let up = "../../../.var/app/org.libretro.RetroArch/config/retroarch/saves";
    link(&tree, up, &format!("{card}/saves/retroarch/saves"));
    let found = installation(&tree, "EmuDeck");
    let expected = format!(
        "gba/Golden Sun retroarch -> {card}/saves/retroarch/saves/Golden Sun.srm [\"Golden Sun.srm\"]"
    );
    assert_eq!(told(&tree, &found), [expected]);
}

#[test]
fn what_retroarch_played_a_game_with_is_known_where_es_de_does_not_say_it() {
    let card = "/players/deck/Emulation";
    let tree = emudeck("~/.config/EmuDeck/settings.sh", card);
    tree.file("~/Emulation/roms/nds/Mario.nds", "rom");
    tree.file("~/Emulation/roms/nds/Zelda.nds", "rom");
    tree.directory(&format!("{card}/saves/retroarch/saves"));
    let list = format!(
        r#"{{"items": [{{"path": "{card}/roms/nds/Mario.nds", "core_path": "/cores/melonds_libretro.so"}}]}}"#
    );
    tree.file(&format!("{FLATPAK}/content_history.lpl"), list);
    let all = library(&tree);
    let games: Vec<_> = all
        .games()
        .map(|game| (game.stem.as_str(), game.core.as_deref()))
        .collect();
    assert_eq!(
        games,
        [("Mario", Some("melonds_libretro")), ("Zelda", None)],
        "each once"
    );
    let found = &all.installations[0];
    assert_eq!(game(found, "Mario").known_by, KnownBy::RomFolder);
    let save = &game(found, "Mario").save;
    assert_eq!(
        save.path(),
        tree.at(&format!("{card}/saves/retroarch/saves/Mario.sav"))
    );
}
