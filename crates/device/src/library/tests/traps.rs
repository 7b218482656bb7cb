//! Ways in which a save is taken for another one, or for none.

use super::*;
use crate::library::ids::tests::psp_disc;

pub(crate) const FLAT: &str = "savefile_directory = \"/saves\"\nsort_savefiles_enable = \"false\"\n\
    sort_savefiles_by_content_enable = \"false\"\nsavefiles_in_content_dir = \"false\"\n";

/// ES-DE with the system's own `RetroArch`.
pub(crate) fn desktop(cfg: &str, list: &[String]) -> Tree {
    let tree = Tree::new();
    tree.file("~/.config/retroarch/retroarch.cfg", cfg);
    tree.file(
        "/usr/share/es-de/resources/systems/linux/es_systems.xml",
        systems(list),
    );
    tree.directory("~/ES-DE");
    tree.directory("/saves");
    tree
}

#[test]
fn one_name_on_two_platforms_is_never_one_save() {
    let list = [
        system("gamegear", ".zip", &["genesis_plus_gx"]),
        system("genesis", ".zip", &["genesis_plus_gx"]),
        system("nes", ".zip", &["mesen"]),
    ];
    for (cfg, clash) in [
        (FLAT.to_owned(), true),
        // One core plays both, so they share its folder, too.
        (
            FLAT.replace(
                "sort_savefiles_enable = \"false\"",
                "sort_savefiles_enable = \"true\"",
            ),
            true,
        ),
        (
            FLAT.replace("content_enable = \"false\"", "content_enable = \"true\""),
            false,
        ),
    ] {
        let tree = desktop(&cfg, &list);
        for rom in [
            "gamegear/Sonic.zip",
            "genesis/Sonic.zip",
            "genesis/Ecco.zip",
            "nes/Zelda.zip",
        ] {
            tree.file(&format!("~/ROMs/{rom}"), "rom");
        }
        let found = installation(&tree, "ES-DE");
        for game in &found.games {
            let stopped = matches!(game.save.stopped, Some(Stopped::SameFile { .. }));
            assert_eq!(stopped, clash && game.stem == "Sonic", "{cfg} {game:#?}");
        }
        let sonics = found.games.iter().filter(|game| game.stem == "Sonic");
        for (sonic, other) in sonics.zip(["genesis", "gamegear"]) {
            if let Some(stopped) = &sonic.save.stopped {
                assert!(
                    stopped.to_string().contains(&format!("/{other}/Sonic.zip")),
                    "{stopped}"
                );
            }
        }
    }
}

#[test]
fn a_save_that_another_game_keeps_is_not_taken_for_a_missing_one() {
    let list = [
        system("gamegear", ".zip", &["genesis_plus_gx"]),
        system("genesis", ".zip", &["genesis_plus_gx"]),
    ];
    let by_folder = FLAT.replace("content_enable = \"false\"", "content_enable = \"true\"");
    let tree = desktop(&by_folder, &list);
    tree.file("~/ROMs/gamegear/Sonic.zip", "rom");
    tree.file("~/ROMs/genesis/Sonic.zip", "rom");
    // Left over from when saves were sorted by core: it may be either's.
    tree.file("/saves/Genesis Plus GX/Sonic.srm", "progress");
    let found = installation(&tree, "ES-DE");
    assert!(
        found
            .games
            .iter()
            .all(|game| matches!(game.save.stopped, Some(Stopped::SameFile { .. })))
    );

    // Whoever has a save at its place is sure of that, and the other one still does not take it.
    std::fs::remove_file(tree.at("/saves/Genesis Plus GX/Sonic.srm")).unwrap();
    let own = tree.file("/saves/genesis/Sonic.srm", "progress");
    let found = installation(&tree, "ES-DE");
    let [gamegear, genesis] = &found.games[..] else {
        panic!("{found:#?}");
    };
    assert_eq!(genesis.save.files[0].path, own);
    assert_eq!(
        (gamegear.save.files.len(), &gamegear.save.stopped),
        (0, &None)
    );
}

#[test]
fn a_folder_of_another_system_is_not_searched_where_the_core_is_unknown() {
    let by_folder = FLAT.replace("content_enable = \"false\"", "content_enable = \"true\"");
    let tree = desktop(&by_folder, &[system("gb", ".zip", &["AN-EMULATOR"])]);
    std::fs::remove_dir_all(tree.at("/usr/share/es-de")).unwrap();
    tree.file("~/ROMs/gb/Tetris.zip", "rom");
    tree.file("/saves/nes/Tetris.srm", "progress");
    let found = installation(&tree, "ES-DE");
    let expected = ["gb/Tetris retroarch -> /saves/gb/Tetris.srm []"];
    assert_eq!(told(&tree, &found), expected);
}

#[test]
fn two_copies_of_one_game_are_both_listed_and_share_their_save() {
    let tree = desktop(FLAT, &[system("gba", ".gba .zip", &["mgba"])]);
    for rom in ["Golden Sun.gba", "Golden Sun.zip", "best/Golden Sun.gba"] {
        tree.file(&format!("~/ROMs/gba/{rom}"), "rom");
    }
    tree.file("/saves/Golden Sun.srm", "progress");
    let line = "gba/Golden Sun retroarch-mgba -> /saves/Golden Sun.srm [\"Golden Sun.srm\"]";
    assert_eq!(told(&tree, &installation(&tree, "ES-DE")), [line; 3]);
}

#[test]
fn a_blank_file_is_not_taken_for_the_save_that_stands_elsewhere() {
    let by_core = FLAT.replace(
        "sort_savefiles_enable = \"false\"",
        "sort_savefiles_enable = \"true\"",
    );
    let tree = desktop(&by_core, &[system("gba", ".gba", &["mgba"])]);
    tree.file("~/ROMs/gba/Golden Sun.gba", "rom");
    let real = tree.file("/saves/Golden Sun.srm", "progress");
    // What a core writes when a game is started for the first time.
    tree.file("/saves/mGBA/Golden Sun.srm", vec![0xFF; 32768]);
    let found = installation(&tree, "ES-DE");
    let save = &found.games[0].save;
    assert_eq!(save.files[0].path, real);
    assert_eq!(save.elsewhere.len(), 0);
}

#[test]
fn the_disc_of_a_list_is_no_game_and_its_save_not_the_lists() {
    let tree = desktop(FLAT, &[system("psx", ".m3u .chd", &["swanstation"])]);
    tree.file("~/ROMs/psx/FF7.m3u", "FF7 (Disc 1).chd\nFF7 (Disc 2).chd\n");
    tree.file("~/ROMs/psx/FF7 (Disc 1).chd", "rom");
    tree.file("~/ROMs/psx/FF7 (Disc 2).chd", "rom");
    tree.file(
        "/saves/FF7 (Disc 1).srm",
        "from when the disc was loaded by itself",
    );
    let found = installation(&tree, "ES-DE");
    assert_eq!(
        told(&tree, &found),
        ["psx/FF7 retroarch-swanstation -> /saves/FF7.srm []"]
    );
}

#[test]
fn names_are_taken_as_they_are_with_dots_accents_and_capitals() {
    let tree = desktop(FLAT, &[system("gba", ".gba .zip", &["mgba"])]);
    for name in [
        "Hack v1.1",
        "Pok\u{e9}mon",
        "Poke\u{301}mon",
        "NBA Jam '99 [!] & more",
        "GOLDEN SUN",
        "\u{30bc}\u{30eb}\u{30c0}",
    ] {
        tree.file(&format!("~/ROMs/gba/{name}.GBA"), "rom");
        tree.file(&format!("/saves/{name}.srm"), "progress");
    }
    tree.file(
        "/saves/golden sun.srm",
        "another game's, where capitals count",
    );
    let found = installation(&tree, "ES-DE");
    assert_eq!(found.games.len(), 6);
    for game in &found.games {
        let name = game.path.file_stem().unwrap().to_str().unwrap();
        assert_eq!(
            game.save.files[0].path,
            tree.at(&format!("/saves/{name}.srm"))
        );
        assert_eq!(game.save.files[0].wire_name, format!("{name}.srm"));
    }
}

#[test]
fn a_name_that_is_no_text_is_said_and_the_rest_goes_on() {
    use std::os::unix::ffi::OsStrExt;
    let tree = desktop(FLAT, &[system("gba", ".gba", &["mgba"])]);
    let good = tree.file("~/ROMs/gba/Golden Sun.gba", "rom");
    let bad = good.with_file_name(std::ffi::OsStr::from_bytes(b"Caf\xe9.gba"));
    std::fs::write(&bad, "rom").unwrap();
    let found = installation(&tree, "ES-DE");
    assert_eq!(found.games.len(), 1);
    assert!(found.looked.iter().any(|looked| looked.path == bad));
}

#[test]
fn what_retrodeck_set_aside_is_told_and_is_no_save() {
    let tree = Tree::new();
    let config = "~/.var/app/net.retrodeck.retrodeck/config";
    tree.file(
        &format!("{config}/retrodeck/retrodeck.json"),
        "{\"paths\": {\"saves_path\": \"/card/saves\"}}",
    );
    let by_folder =
        "sort_savefiles_by_content_enable = \"true\"\nsort_savefiles_enable = \"false\"\n";
    tree.file(&format!("{config}/retroarch/retroarch.cfg"), by_folder);
    tree.file("~/retrodeck/roms/gba/Golden Sun.gba", "rom");
    let aside = tree.file("/card/saves/gba.old/Golden Sun.srm", "progress");
    let found = installation(&tree, "RetroDECK");
    assert_eq!(
        told(&tree, &found),
        ["gba/Golden Sun retroarch -> /card/saves/gba/Golden Sun.srm []"]
    );
    let said = found
        .looked
        .iter()
        .find(|looked| looked.what == "saves that were set aside");
    assert_eq!(said.map(|looked| looked.path.as_path()), aside.parent());
}

#[test]
fn directories_of_saves_that_are_links_are_followed_and_one_save_is_one() {
    let by_folder = FLAT.replace("content_enable = \"false\"", "content_enable = \"true\"");
    let tree = desktop(&by_folder, &[system("gba", ".gba", &["mgba"])]);
    tree.file("~/ROMs/gba/Golden Sun.gba", "rom");
    tree.file("/card/saves/Golden Sun.srm", "progress");
    // Both names lead to one file: there is nothing to ask.
    link(&tree, "../card/saves", "/saves/gba");
    link(
        &tree,
        "../card/saves/Golden Sun.srm",
        "/saves/Golden Sun.srm",
    );
    let found = installation(&tree, "ES-DE");
    let expected =
        ["gba/Golden Sun retroarch-mgba -> /saves/gba/Golden Sun.srm [\"Golden Sun.srm\"]"];
    assert_eq!(told(&tree, &found), expected);
    assert_eq!(found.games[0].save.elsewhere.len(), 0);

    // A link in a loop is no save.
    std::fs::remove_file(tree.at("/card/saves/Golden Sun.srm")).unwrap();
    std::fs::remove_file(tree.at("/saves/Golden Sun.srm")).unwrap();
    link(&tree, "Golden Sun.srm", "/card/saves/Golden Sun.srm");
    let found = installation(&tree, "ES-DE");
    assert_eq!(found.games[0].save.files.len(), 0);
}

#[test]
fn a_directory_that_cannot_be_read_is_said_and_the_rest_goes_on() {
    let tree = desktop(
        FLAT,
        &[
            system("gb", ".gb", &["gambatte"]),
            system("gba", ".gba", &["mgba"]),
        ],
    );
    tree.file("~/ROMs/gba/Golden Sun.gba", "rom");
    // A link to itself stands for what nobody can read: the tests may run as root.
    link(&tree, "broken", "~/ROMs/gb/broken");
    tree.file("~/ROMs/gb/Tetris.gb", "rom");
    tree.file(
        "~/ES-DE/gamelists/gba/gamelist.xml",
        "<gameList><game><path>./Golden",
    );
    tree.file(
        "~/ES-DE/settings/es_settings.xml",
        "<string name=\"ROMDirectory\" value=\"~/ROMs\"",
    );
    let found = installation(&tree, "ES-DE");
    assert_eq!(found.games.len(), 2);
    let broken = |looked: &&Looked| matches!(looked.found, Found::Unreadable(_));
    let broken: Vec<_> = found
        .looked
        .iter()
        .filter(broken)
        .map(|looked| &looked.path)
        .collect();
    let expected = [
        "~/ES-DE/settings/es_settings.xml",
        "~/ES-DE/gamelists/gba/gamelist.xml",
    ]
    .map(|at| tree.at(at));
    assert_eq!(broken, expected.iter().collect::<Vec<_>>());
}

#[test]
fn folders_that_a_person_added_are_looked_at() {
    let tree = Tree::new();
    tree.file("/games/gba/Golden Sun.gba", "rom");
    tree.file("/games/gba/Golden Sun.srm", "progress");
    tree.file("/more/Tetris.gb", "rom");
    tree.file("/kept/Tetris.srm", "progress");
    let folder = |games: &str, platform: Option<&str>, saves: Option<&str>| Added {
        games: games.into(),
        platform: platform.map(str::to_owned),
        saves: saves.map(Into::into),
    };
    let added = [
        folder("/games", None, None),
        folder("/more", Some("gb"), Some("/kept")),
        folder("/nowhere", None, None),
    ];
    let found = Library::find(&tree.machine(), &added);
    let [found] = &found.installations[..] else {
        panic!("{found:#?}");
    };
    let expected = [
        "gba/Golden Sun retroarch -> /games/gba/Golden Sun.srm [\"Golden Sun.srm\"]",
        "gb/Tetris retroarch -> /kept/Tetris.srm [\"Tetris.srm\"]",
    ];
    assert_eq!(told(&tree, found), expected);
    assert!(
        found
            .games
            .iter()
            .all(|game| game.known_by == KnownBy::Added)
    );
    let nowhere = tree.at("/nowhere");
    assert!(
        found
            .looked
            .iter()
            .any(|looked| looked.path == nowhere && looked.found == Found::No)
    );
}

#[test]
fn two_games_with_one_id_on_their_discs_are_never_one_save() {
    let tree = desktop(FLAT, &[system("psp", ".iso", &["ppsspp"])]);
    for rom in [
        "Patapon (Europe)",
        "Patapon (Europe) (En)",
        "Patapon, my hack",
    ] {
        tree.file(&format!("~/ROMs/psp/{rom}.iso"), psp_disc("UCES00995"));
    }
    tree.file("/saves/PSP/SAVEDATA/UCES00995DATA/PARAM.SFO", "whose?");
    let stopped = |found: &Installation| -> Vec<bool> {
        let games = found.games.iter();
        games.map(|game| game.save.stopped.is_some()).collect()
    };
    assert_eq!(stopped(&installation(&tree, "ES-DE")), [true; 3]);
    std::fs::remove_file(tree.at("~/ROMs/psp/Patapon, my hack.iso")).unwrap();
    assert_eq!(stopped(&installation(&tree, "ES-DE")), [false; 2]);
}

#[test]
fn a_save_that_no_emulator_touches_is_told_apart() {
    let by_core = FLAT.replace(
        "sort_savefiles_enable = \"false\"",
        "sort_savefiles_enable = \"true\"",
    );
    let untouched = |cfg: &str, core: &str, save: &str| {
        let tree = desktop(cfg, &[system("gba", ".gba", &[core])]);
        tree.file("~/ROMs/gba/Golden Sun.gba", "rom");
        let path = tree.file(save, "progress");
        let found = installation(&tree, "ES-DE");
        let place = &found.games[0].save;
        assert_eq!(place.files[0].path, path, "it syncs in any case");
        place.untouched().is_some()
    };
    // Saves are sorted by core now, and were not.
    assert!(untouched(&by_core, "mgba", "/saves/Golden Sun.srm"));
    assert!(untouched(FLAT, "mgba", "/saves/gba/Golden Sun.srm"));
    assert!(untouched(FLAT, "mgba", "/saves/mGBA/Golden Sun.srm"));
    // It is where it is looked for.
    assert!(!untouched(FLAT, "mgba", "/saves/Golden Sun.srm"));
    assert!(!untouched(&by_core, "mgba", "/saves/mGBA/Golden Sun.srm"));
    // A version that nobody knows may sort by core first and by folder then.
    let both = by_core.replace("content_enable = \"false\"", "content_enable = \"true\"");
    assert!(!untouched(&both, "mgba", "/saves/mGBA/gba/Golden Sun.srm"));
    assert!(!untouched(&both, "mgba", "/saves/gba/mGBA/Golden Sun.srm"));
    assert!(untouched(&both, "mgba", "/saves/Golden Sun.srm"));

    // Two names of one directory are one place.
    let tree = desktop(FLAT, &[system("gba", ".gba", &["mgba"])]);
    tree.file("~/ROMs/gba/Golden Sun.gba", "rom");
    link(&tree, ".", "/saves/gba");
    tree.file("/saves/Golden Sun.srm", "progress");
    assert_eq!(installation(&tree, "ES-DE").games[0].save.untouched(), None);
}
