//! ES-DE on a desktop, with one of several installations of `RetroArch`.

use super::*;

fn es_de() -> Tree {
    let tree = Tree::new();
    let bundle = "/usr/share/es-de/resources/systems/linux";
    let all = systems(&[
        system("gba", ".gba .zip", &["mgba"]),
        system("snes", ".sfc", &["snes9x"]),
    ]);
    tree.file(&format!("{bundle}/es_systems.xml"), all);
    tree.file(
        &format!("{bundle}/es_find_rules.xml"),
        "<ruleList><emulator name=\"RETROARCH\"><rule type=\"systempath\"><entry>retroarch</entry></rule>\
         <rule type=\"staticpath\"><entry>/var/lib/flatpak/exports/bin/org.libretro.RetroArch</entry></rule>\
         </emulator></ruleList>",
    );
    tree.directory("~/ES-DE");
    tree.file("~/ROMs/gba/Golden Sun.gba", "rom");
    tree.file("~/ROMs/snes/Zelda.sfc", "rom");
    tree.file("~/ROMs/snes/Zelda.srm", "not a game");
    tree.file("~/ROMs/unknown/X.zip", "no system");
    tree
}

const SORTED: &str =
    "sort_savefiles_enable = \"true\"\nsort_savefiles_by_content_enable = \"false\"\n";

#[test]
fn its_games_are_played_in_the_retroarch_that_it_finds() {
    let tree = es_de();
    tree.file("~/.config/retroarch/retroarch.cfg", SORTED);
    tree.directory("~/.config/retroarch/saves");
    let flatpak = "~/.var/app/org.libretro.RetroArch/config/retroarch";
    tree.file(&format!("{flatpak}/retroarch.cfg"), SORTED);
    tree.directory(&format!("{flatpak}/saves"));
    tree.file("/var/lib/flatpak/exports/bin/org.libretro.RetroArch", "");
    let of = |config: &str| {
        [
            format!("gba/Golden Sun retroarch-mgba -> {config}/saves/mGBA/Golden Sun.srm []"),
            format!("snes/Zelda retroarch-snes9x -> {config}/saves/Snes9x/Zelda.srm []"),
        ]
    };
    let found = installation(&tree, "ES-DE");
    let expected = of("/players/deck/.var/app/org.libretro.RetroArch/config/retroarch");
    assert_eq!(told(&tree, &found), expected);
    tree.file("/usr/bin/retroarch", "");
    let found = installation(&tree, "ES-DE");
    assert_eq!(told(&tree, &found), of("/players/deck/.config/retroarch"));
}

#[test]
fn its_directory_may_be_elsewhere() {
    let list = "<alternativeEmulator><label>vbam</label></alternativeEmulator>";
    let all = systems(&[system("gba", ".gba", &["mgba", "vbam"])]);
    let core = |tree: &Tree| {
        let found = installation(tree, "ES-DE");
        let gba = found.games.iter().find(|game| game.folder == "gba");
        gba.unwrap().core.clone().unwrap()
    };
    let mut tree = es_de();
    tree.file(
        "/usr/share/es-de/resources/systems/linux/es_systems.xml",
        all,
    );
    assert_eq!(core(&tree), "mgba_libretro");
    tree.file(
        "~/Applications/carried/ES-DE/gamelists/gba/gamelist.xml",
        list,
    );
    tree.file("~/Applications/portable.txt", "carried\n");
    assert_eq!(core(&tree), "vbam_libretro");
    tree.variable("ESDE_APPDATA_DIR", "/data/es-de");
    tree.directory("/data/es-de");
    assert_eq!(core(&tree), "mgba_libretro");
}

#[test]
fn nothing_is_found_where_nothing_is_and_it_is_said_what_was_looked_for() {
    let tree = Tree::new();
    let found = library(&tree);
    assert!(found.installations.is_empty());
    let looked: Vec<_> = found
        .looked
        .iter()
        .map(|looked| looked.what.as_str())
        .collect();
    for what in [
        "RetroDECK",
        "settings of EmuDeck",
        "ES-DE",
        "Batocera",
        "ROCKNIX",
        "ArkOS",
        "muOS",
        "Onion",
        "MinUI or NextUI",
    ] {
        assert!(looked.contains(&what), "{what}: {looked:?}");
    }
    assert!(found.looked.iter().all(|looked| looked.found == Found::No));
}
