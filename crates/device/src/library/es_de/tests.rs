//! ES-DE's directory and what it came with, read together.

use super::super::tree::Tree;
use super::*;
use crate::library::Found;

const BUNDLE: &str = "/usr/share/es-de/resources/systems/linux";

fn with_files(tree: &Tree) -> (Frontend, Looking) {
    let mut looking = Looking::default();
    let bundled = [tree.at("/nowhere"), tree.at(BUNDLE)];
    let frontend = Frontend::read(&mut looking, &tree.at("~/ES-DE"), &bundled);
    (frontend, looking)
}

fn gba() -> String {
    let command = |label: &str, core: &str| {
        format!(
            "<command label=\"{label}\">%EMULATOR_RETROARCH% -L %CORE_RETROARCH%/{core}_libretro.so %ROM%</command>"
        )
    };
    format!(
        "<systemList><system><name>gba</name><path>%ROMPATH%/gba</path><extension>.gba .zip</extension>\
         {}{}<command label=\"mGBA (Standalone)\">%EMULATOR_MGBA% %ROM%</command></system></systemList>",
        command("mGBA", "mgba"),
        command("gpSP", "gpsp"),
    )
}

fn label_of(frontend: &Frontend, tree: &Tree, path: &str) -> String {
    let machine = tree.machine();
    let system = &frontend.systems[0];
    let roms = frontend.roms(&machine, tree.at("~/ROMs"));
    let folder = Frontend::folder(system, &machine, &roms);
    let mut looking = Looking::default();
    let chosen = frontend.chosen(&mut looking, &machine, system, &folder);
    let (command, why) = chosen.command(system, &folder.join(path)).unwrap();
    assert!(why.contains(&command.label), "{why}");
    command.label.clone()
}

#[test]
fn the_emulator_of_a_game_goes_before_that_of_its_system_and_the_usual_one() {
    let list = |text: &str| {
        let tree = Tree::new();
        tree.file(&format!("{BUNDLE}/es_systems.xml"), gba());
        tree.file("~/ES-DE/gamelists/gba/gamelist.xml", text);
        tree
    };
    let for_system = "<alternativeEmulator><label>gpSP</label></alternativeEmulator>";
    let for_game = |path: &str, label: &str| {
        format!(
            "<gameList><game><path>{path}</path><altemulator>{label}</altemulator></game></gameList>"
        )
    };
    for (text, path, expected) in [
        (String::new(), "A.gba", "mGBA"),
        (for_system.to_owned(), "A.gba", "gpSP"),
        (
            for_system.to_owned() + &for_game("./A.gba", "mGBA (Standalone)"),
            "A.gba",
            "mGBA (Standalone)",
        ),
        (
            for_system.to_owned() + &for_game("./A.gba", "mGBA (Standalone)"),
            "B.gba",
            "gpSP",
        ),
        (
            for_game("%ROMPATH%/gba/sub/A.gba", "gpSP"),
            "sub/A.gba",
            "gpSP",
        ),
        (for_game("~/ROMs/gba/A.gba", "gpSP"), "A.gba", "gpSP"),
        (
            for_game("/players/deck/ROMs/gba/A.gba", "gpSP"),
            "A.gba",
            "gpSP",
        ),
        // What was chosen and is gone.
        (
            for_system.to_owned() + &for_game("./A.gba", "VBA-M"),
            "A.gba",
            "gpSP",
        ),
        (for_game("./A.gba", "VBA-M"), "A.gba", "mGBA"),
        // A directory that stands for the game in it.
        (for_game("./A.m3u", "gpSP"), "A.m3u/A.m3u", "gpSP"),
        (for_game("./sub", "gpSP"), "sub/A.gba", "mGBA"),
        // It breaks off after the game.
        (
            for_game("./A.gba", "gpSP") + "<gameList><game>",
            "A.gba",
            "gpSP",
        ),
    ] {
        let tree = list(&text);
        let (frontend, _) = with_files(&tree);
        assert_eq!(label_of(&frontend, &tree, path), expected, "{text} {path}");
    }
}

#[test]
fn settings_say_whether_games_choose_and_where_the_lists_are() {
    let tree = Tree::new();
    tree.file(&format!("{BUNDLE}/es_systems.xml"), gba());
    let own =
        "<gameList><game><path>./A.gba</path><altemulator>gpSP</altemulator></game></gameList>";
    tree.file("~/ES-DE/gamelists/gba/gamelist.xml", own);
    tree.file(
        "/roms/gba/gamelist.xml",
        own.replace("gpSP", "mGBA (Standalone)"),
    );
    let set = |settings: &str| {
        let all = format!(
            "<?xml version=\"1.0\"?><string name=\"ROMDirectory\" value=\"/roms\" />{settings}"
        );
        tree.file("~/ES-DE/settings/es_settings.xml", all);
        let (frontend, _) = with_files(&tree);
        assert_eq!(
            frontend.roms(&tree.machine(), tree.at("~/ROMs")),
            tree.at("/roms")
        );
        label_of(&frontend, &tree, "A.gba")
    };
    assert_eq!(set(""), "gpSP");
    assert_eq!(
        set("<bool name=\"AlternativeEmulatorPerGame\" value=\"false\" />"),
        "mGBA"
    );
    let beside = "<bool name=\"LegacyGamelistFileLocation\" value=\"true\" />";
    assert_eq!(set(beside), "mGBA (Standalone)");
}

#[test]
fn what_is_broken_is_said_and_the_rest_goes_on() {
    let tree = Tree::new();
    tree.file(
        &format!("{BUNDLE}/es_systems.xml"),
        gba() + "<systemList><system><name>gb",
    );
    tree.file(
        "~/ES-DE/custom_systems/es_find_rules.xml",
        "<ruleList><emulator name='X",
    );
    let (frontend, looking) = with_files(&tree);
    assert_eq!(frontend.systems.len(), 1);
    let said = |path: &str| {
        let real = tree.at(path);
        let about = looking.looked.iter().filter(|looked| looked.path == real);
        about.map(|looked| looked.found.clone()).collect::<Vec<_>>()
    };
    let systems = said(&format!("{BUNDLE}/es_systems.xml"));
    assert!(
        matches!(&systems[..], [Found::Yes, Found::Unreadable(_)]),
        "{systems:?}"
    );
    let rules = said("~/ES-DE/custom_systems/es_find_rules.xml");
    assert!(
        matches!(&rules[..], [Found::Yes, Found::Unreadable(_)]),
        "{rules:?}"
    );
    assert_eq!(said("/nowhere/es_systems.xml"), [Found::No]);
    assert_eq!(said("~/ES-DE/settings/es_settings.xml"), [Found::No]);
}

#[test]
fn systems_of_ones_own_may_be_the_only_ones() {
    let tree = Tree::new();
    tree.file(&format!("{BUNDLE}/es_systems.xml"), gba());
    let mine = "<systemList><system><name>mine</name><path>/mine</path></system></systemList>";
    tree.file("~/ES-DE/custom_systems/es_systems.xml", mine);
    let names = || -> Vec<String> {
        let (frontend, _) = with_files(&tree);
        frontend
            .systems
            .into_iter()
            .map(|system| system.name)
            .collect()
    };
    assert_eq!(names(), ["gba", "mine"]);
    let only = format!("<loadExclusive/>{mine}");
    tree.file("~/ES-DE/custom_systems/es_systems.xml", only);
    assert_eq!(names(), ["mine"]);
}

#[test]
fn the_program_that_es_de_would_start_is_found() {
    let mut tree = Tree::new();
    tree.file(&format!("{BUNDLE}/es_systems.xml"), gba());
    tree.file(
        &format!("{BUNDLE}/es_find_rules.xml"),
        "<ruleList><emulator name='RETROARCH'><rule type='systempath'><entry>retroarch</entry></rule>\
         <rule type='staticpath'><entry>~/Applications/RetroArch-Linux*.AppImage</entry>\
         <entry>/var/lib/flatpak/exports/bin/org.libretro.RetroArch</entry></rule></emulator></ruleList>",
    );
    let program = |tree: &Tree| with_files(tree).0.program(&tree.machine(), "RETROARCH");
    assert_eq!(program(&tree), None);
    let flatpak = tree.at("/var/lib/flatpak/exports/bin/org.libretro.RetroArch");
    std::fs::create_dir_all(flatpak.parent().unwrap()).unwrap();
    // What Flatpak exports is a link that only the machine itself can follow.
    std::os::unix::fs::symlink("/var/lib/flatpak/app/absent", &flatpak).unwrap();
    assert_eq!(program(&tree), Some(flatpak));
    tree.file("~/Applications/RetroArch-Linux-old.AppImage.part", "");
    let image = tree.file("~/Applications/RetroArch-Linux-x86_64.AppImage", "");
    assert_eq!(program(&tree), Some(image));
    let native = tree.file("/opt/games/retroarch", "");
    tree.variable("PATH", "/usr/bin::/opt/games");
    assert_eq!(program(&tree), Some(native));
}
