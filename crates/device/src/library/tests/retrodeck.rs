//! `RetroDECK`, on the internal disk and on a card.

use super::*;
use crate::library::ids::tests::psp_disc;

const CONFIG: &str = "~/.var/app/net.retrodeck.retrodeck/config";
const DEPLOYED: &str =
    "/var/lib/flatpak/app/net.retrodeck.retrodeck/current/active/files/retrodeck/components";
const CFG: &str = "savefile_directory = \"/elsewhere/that/is/not/read\"\n\
    sort_savefiles_by_content_enable = \"true\"\nsort_savefiles_enable = \"false\"\n\
    savefiles_in_content_dir = \"false\"\nrgui_config_directory = \"/var/config/retroarch/config\"\n";

fn retrodeck(cfg: &str) -> Tree {
    let tree = Tree::new();
    tree.file(&format!("{CONFIG}/retroarch/retroarch.cfg"), cfg);
    let own = "sort_savefiles_by_content_enable = \"false\"\n";
    tree.file(&format!("{CONFIG}/retroarch/config/PPSSPP/PPSSPP.cfg"), own);
    let all = [
        system("gb", ".gb .zip", &["gambatte", "sameboy"]),
        system("gba", ".gba .zip", &["mgba", "gpsp", "MGBA"]),
        system("nds", ".nds", &["melonds", "MELONDS"]),
        system("ps2", ".iso", &["PCSX2", "pcsx2"]),
        system("psp", ".iso", &["ppsspp"]),
        system("psx", ".cue .m3u .chd .bin", &["pcsx_rearmed"]),
    ];
    tree.file(
        &format!("{DEPLOYED}/es-de/share/es-de/resources/systems/linux/es_systems.xml"),
        systems(&all),
    );
    for rom in [
        "gba/Golden Sun (USA).zip",
        "gb/Tetris.gb",
        "nds/Mario.nds",
        "ps2/Ico.iso",
        "psx/FF7.m3u/FF7.m3u",
        "psx/FF7.m3u/FF7 (Disc 1).chd",
        "psx/Ridge.cue",
        "psx/Ridge.bin",
    ] {
        tree.file(&format!("~/retrodeck/roms/{rom}"), "rom");
    }
    // The override that RetroDECK ships holds: its saves are not sorted by folder.
    tree.file("~/retrodeck/roms/psp/Lumines.iso", psp_disc("ULUS10002"));
    tree
}

fn paths(tree: &Tree, root: &str) {
    let json = format!(
        "{{\"version\": \"0.10.9b\", \"paths\": {{\"rd_home_path\": \"{root}\", \"roms_path\": \
         \"/players/deck/retrodeck/roms\", \"saves_path\": \"{root}/saves\", \"states_path\": \"{root}/states\"}}}}"
    );
    tree.file(&format!("{CONFIG}/retrodeck/retrodeck.json"), json);
}

#[test]
fn games_and_saves_are_where_its_own_file_says() {
    let tree = retrodeck(CFG);
    paths(&tree, "/run/media/deck/card/retrodeck");
    let saves = "/run/media/deck/card/retrodeck/saves";
    tree.file(&format!("{saves}/gba/Golden Sun (USA).srm"), "a battery");
    tree.file(&format!("{saves}/gb/Tetris.srm"), "a battery");
    tree.file(&format!("{saves}/gb/Tetris.rtc"), "a clock");
    tree.file(
        "/elsewhere/that/is/not/read/gba/Golden Sun (USA).srm",
        "not this",
    );
    let found = installation(&tree, "RetroDECK");
    let place = |of: &str| of.replace('$', saves);
    let expected = [
        "gb/Tetris retroarch-gambatte -> $/gb/Tetris.srm [\"Tetris.srm\", \"Tetris.rtc\"]",
        "gba/Golden Sun (USA) retroarch-mgba -> $/gba/Golden Sun (USA).srm [\"Golden Sun (USA).srm\"]",
        "nds/Mario retroarch-melonds -> $/nds/Mario.sav []",
        "ps2/Ico pcsx2 ->  [] own names",
        "psp/Lumines retroarch-ppsspp -> $/PSP/SAVEDATA/ULUS10002 []",
        "psx/FF7 retroarch-pcsx_rearmed -> $/FF7.m3u/FF7.srm []",
        "psx/Ridge retroarch-pcsx_rearmed -> $/psx/Ridge.srm []",
    ]
    .map(place);
    assert_eq!(told(&tree, &found), expected);
    let gba = game(&found, "Golden Sun (USA)");
    assert_eq!(gba.platforms[0], "gba");
    assert_eq!(gba.known_by, KnownBy::RomFolder);
    assert!(
        gba.save
            .why
            .iter()
            .any(|why| why.contains("mgba plays gba")),
        "{:?}",
        gba.save.why
    );
}

#[test]
fn the_usual_root_counts_only_when_its_file_cannot_be_read() {
    for (json, expected, stopped) in [
        (None, "/players/deck/retrodeck/saves", ""),
        (
            Some("{\"paths\": {}}"),
            "/players/deck/retrodeck/saves",
            " unreadable",
        ),
        (
            Some("{\"paths\": {\"saves_"),
            "/players/deck/retrodeck/saves",
            " unreadable",
        ),
        (
            Some("\u{0}\u{0}"),
            "/players/deck/retrodeck/saves",
            " unreadable",
        ),
        (
            Some("{\"paths\": {\"saves_path\": \"/card/saves\"}}"),
            "/card/saves",
            " missing",
        ),
    ] {
        let tree = retrodeck(CFG);
        if let Some(json) = json {
            tree.file(&format!("{CONFIG}/retrodeck/retrodeck.json"), json);
        }
        let found = installation(&tree, "RetroDECK");
        let line = &told(&tree, &found)[1];
        assert!(
            line.contains(&format!("-> {expected}/gba/")),
            "{json:?}: {line}"
        );
        let end = line.rsplit(']').next().unwrap();
        assert!(
            end.starts_with(stopped) && (!stopped.is_empty() || end.is_empty()),
            "{json:?}: {line}"
        );
        // Once it is there, the usual root does.
        if !expected.starts_with("/card") {
            tree.directory("~/retrodeck/saves");
            let found = installation(&tree, "RetroDECK");
            assert_eq!(
                game(&found, "Golden Sun (USA)").save.stopped,
                None,
                "{json:?}"
            );
        }
    }
}

#[test]
fn a_card_that_is_not_in_stops_its_games() {
    let tree = retrodeck(CFG);
    paths(&tree, "/run/media/deck/card/retrodeck");
    let found = installation(&tree, "RetroDECK");
    assert_eq!(found.games.len(), 7);
    for line in told(&tree, &found) {
        let stopped = line.ends_with(" missing /run/media/deck/card/retrodeck/saves");
        assert!(stopped || line.starts_with("ps2/"), "{line}");
    }
    let saves = tree.at("/run/media/deck/card/retrodeck/saves");
    let said = found
        .looked
        .iter()
        .any(|looked| looked.path == saves && looked.found == Found::No);
    assert!(said, "{:?}", found.looked);
}

#[test]
fn saves_may_be_sorted_by_core() {
    let tree = retrodeck(&CFG.replace(
        "sort_savefiles_enable = \"false\"",
        "sort_savefiles_enable = \"true\"",
    ));
    paths(&tree, "/players/deck/retrodeck");
    let saves = "/players/deck/retrodeck/saves";
    tree.file(
        &format!("{saves}/gba/mGBA/Golden Sun (USA).srm"),
        "a battery",
    );
    let info = "corename = \"Gambatte\"\n";
    tree.file(
        &format!("{DEPLOYED}/retroarch/rd_extras/cores/gambatte_libretro.info"),
        info,
    );
    let found = installation(&tree, "RetroDECK");
    let lines = told(&tree, &found);
    assert!(
        lines[0].contains(&format!("{saves}/gb/Gambatte/Tetris.srm")),
        "{}",
        lines[0]
    );
    assert!(lines[1].ends_with(&format!(
        "{saves}/gba/mGBA/Golden Sun (USA).srm [\"Golden Sun (USA).srm\"]"
    )));
}

#[test]
fn a_game_that_a_person_gave_another_emulator_is_played_by_that() {
    let tree = retrodeck(CFG);
    paths(&tree, "/players/deck/retrodeck");
    tree.directory("~/retrodeck/saves");
    let list = "<?xml version=\"1.0\"?>\n<alternativeEmulator><label>gpsp</label></alternativeEmulator>\n\
                <gameList><game><path>./Golden Sun (USA).zip</path><altemulator>MGBA (Standalone)</altemulator>\
                </game></gameList>";
    tree.file("~/retrodeck/ES-DE/gamelists/gba/gamelist.xml", list);
    tree.file("~/retrodeck/roms/gba/Metroid.gba", "rom");
    // The link that RetroDECK makes is no link that other machines could follow.
    link(
        &tree,
        "../../../../../retrodeck/ES-DE",
        &format!("{CONFIG}/ES-DE"),
    );
    let found = installation(&tree, "RetroDECK");
    let golden_sun = game(&found, "Golden Sun (USA)");
    assert_eq!(golden_sun.emulator.as_deref(), Some("mgba"));
    assert!(golden_sun.save.stopped.is_some());
    assert_eq!(
        game(&found, "Metroid").core.as_deref(),
        Some("gpsp_libretro")
    );
}

#[test]
fn without_what_es_de_came_with_every_folder_is_looked_at() {
    let tree = retrodeck(CFG);
    paths(&tree, "/players/deck/retrodeck");
    tree.directory("~/retrodeck/saves");
    std::fs::remove_dir_all(tree.at("/var/lib/flatpak")).unwrap();
    tree.file("~/retrodeck/roms/gba/systeminfo.txt", "System name: gba");
    let found = installation(&tree, "RetroDECK");
    let lines = told(&tree, &found);
    assert_eq!(lines.len(), 7, "{lines:#?}");
    let gba = "gba/Golden Sun (USA) retroarch -> /players/deck/retrodeck/saves/gba/Golden Sun (USA).srm []";
    assert!(lines.iter().any(|line| line == gba), "{lines:#?}");
}
