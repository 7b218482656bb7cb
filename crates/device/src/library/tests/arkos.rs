//! `ArkOS` and ROCKNIX: saves beside the games, two builds of `RetroArch`.

use super::*;

/// The home of its only user.
const ARK: &str = "home/ark";

const BESIDE: &str = "savefiles_in_content_dir = \"true\"\nsort_savefiles_enable = \"false\"\n\
    sort_savefiles_by_content_enable = \"false\"\nsavefile_directory = \"~/.config/retroarch/saves\"\n";

fn with_systems(tree: &Tree, at: &str, roms: &str) {
    let text = format!(
        "<systemList><system><name>gba</name><path>{roms}/gba/</path><extension>.gba .GBA .zip</extension>\
         <command>sudo perfmax %EMULATOR% %CORE%; nice -n -19 /usr/local/bin/%EMULATOR% -L \
         /{ARK}/.config/%EMULATOR%/cores/%CORE%_libretro.so %ROM%; sudo perfnorm</command>\
         <emulators><emulator name=\"retroarch\"><cores><core>mgba</core></cores></emulator>\
         <emulator name=\"retroarch32\"><cores><core>gpsp</core></cores></emulator></emulators></system></systemList>"
    );
    tree.file(at, text);
}

fn arkos() -> Tree {
    let tree = Tree::new();
    tree.file(&format!("/{ARK}/.config/retroarch/retroarch.cfg"), BESIDE);
    tree.file(
        &format!("/{ARK}/.config/retroarch32/retroarch.cfg"),
        BESIDE.replace("enable = \"false\"", "enable = \"true\""),
    );
    with_systems(&tree, "/etc/emulationstation/es_systems.cfg", "/roms2");
    tree.file("/roms2/gba/Golden Sun.gba", "rom");
    tree.file("/roms2/gba/Golden Sun.srm", "a battery");
    tree
}

#[test]
fn saves_are_beside_the_games_on_the_card_that_has_them() {
    let tree = arkos();
    let found = installation(&tree, "ArkOS");
    let expected =
        ["gba/Golden Sun retroarch-mgba -> /roms2/gba/Golden Sun.srm [\"Golden Sun.srm\"]"];
    assert_eq!(told(&tree, &found), expected);
}

#[test]
fn the_build_for_32_bits_has_settings_of_its_own() {
    let tree = arkos();
    let chosen = "<?xml version=\"1.0\"?><string name=\"gba.emulator\" value=\"retroarch32\" />\
                  <string name=\"gba.core\" value=\"gpsp\" />";
    tree.file(&format!("/{ARK}/.emulationstation/es_settings.cfg"), chosen);
    std::fs::remove_file(tree.at("/roms2/gba/Golden Sun.srm")).unwrap();
    let found = installation(&tree, "ArkOS");
    let expected = ["gba/Golden Sun retroarch-gpsp -> /roms2/gba/gba/gpSP/Golden Sun.srm []"];
    assert_eq!(
        told(&tree, &found),
        expected,
        "since 1.18 folders are made beside the games too"
    );
    // The same settings, and a save that an older version wrote: that is where it is kept.
    tree.file("/roms2/gba/Golden Sun.srm", "a battery");
    let found = installation(&tree, "ArkOS");
    let expected =
        ["gba/Golden Sun retroarch-gpsp -> /roms2/gba/Golden Sun.srm [\"Golden Sun.srm\"]"];
    assert_eq!(told(&tree, &found), expected);
}

#[test]
fn without_its_systems_both_cards_are_looked_at() {
    let tree = arkos();
    std::fs::remove_file(tree.at("/etc/emulationstation/es_systems.cfg")).unwrap();
    tree.file("/roms/gb/Tetris.gb", "rom");
    let found = installation(&tree, "ArkOS");
    let games: Vec<_> = found.games.iter().map(|game| game.stem.as_str()).collect();
    assert_eq!(games, ["Tetris", "Golden Sun"]);
}

#[test]
fn rocknix_keeps_saves_beside_the_games_too() {
    let tree = Tree::new();
    tree.file("/storage/.config/retroarch/retroarch.cfg", BESIDE);
    with_systems(
        &tree,
        "/usr/config/emulationstation/es_systems.cfg",
        "/storage/roms",
    );
    tree.file("/storage/roms/gba/Golden Sun.zip", "rom");
    tree.file("/storage/roms/gba/sub/Metroid.gba", "rom");
    tree.file("/storage/roms/gba/sub/Metroid.srm", "a battery");
    tree.file(
        "/storage/.config/system/configs/system.cfg",
        "gba.emulator=retroarch\ngba.core=vbam\n",
    );
    let found = installation(&tree, "ROCKNIX");
    let expected = [
        "gba/Golden Sun retroarch-vbam -> /storage/roms/gba/Golden Sun.srm []",
        "gba/Metroid retroarch-vbam -> /storage/roms/gba/sub/Metroid.srm [\"Metroid.srm\"]",
    ];
    assert_eq!(told(&tree, &found), expected);
}
