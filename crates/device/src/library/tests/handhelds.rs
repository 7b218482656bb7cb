//! muOS, Onion, `MinUI` and `NextUI`.

use keepsave_core::layouts::Part;

use super::*;

const SORTED: &str = "sort_savefiles_enable = \"true\"\nsort_savefiles_by_content_enable = \"false\"\n\
    savefiles_in_content_dir = \"false\"\n";

fn muos(config: &str) -> Tree {
    let tree = Tree::new();
    tree.directory("/opt/muos");
    let cfg = format!("savefile_directory = \"/run/muos/storage/save/file\"\n{SORTED}");
    tree.file(config, cfg);
    tree.directory("/run/muos/storage/save/file");
    tree.file(
        "/mnt/mmc/ROMS/Nintendo Game Boy Advance/Golden Sun.gba",
        "rom",
    );
    tree.file("/mnt/sdcard/ROMS/gb/hacks/Tetris.gb", "rom");
    tree.file("/mnt/sdcard/ROMS/psp/Lumines.iso", "rom");
    tree
}

#[test]
fn muos_notes_what_plays_a_game_or_its_folder() {
    for (config, notes) in [
        (
            "/opt/muos/share/info/config/retroarch.cfg",
            "/opt/muos/share/info/content",
        ),
        (
            "/run/muos/storage/info/config/retroarch.cfg",
            "/run/muos/storage/info/core",
        ),
    ] {
        let tree = muos(config);
        let folder = "gpsp_libretro.so\nNintendo Game Boy Advance\ngba\n0\nauto";
        tree.file(
            &format!("{notes}/Nintendo Game Boy Advance/core.cfg"),
            folder,
        );
        tree.file(
            &format!("{notes}/gb/core.cfg"),
            "gambatte_libretro.so\ngb\n",
        );
        tree.file(&format!("{notes}/psp/core.cfg"), "ext-ppsspp\npsp\n");
        let at = "/run/muos/storage/save/file";
        tree.file(&format!("{at}/Gambatte/Tetris.srm"), "a battery");
        let found = installation(&tree, "muOS");
        let expected = [
            "Nintendo Game Boy Advance/Golden Sun retroarch-gpsp -> $/gpSP/Golden Sun.srm []",
            "gb/Tetris retroarch-gambatte -> $/Gambatte/Tetris.srm [\"Tetris.srm\"]",
            "psp/Lumines ppsspp ->  [] own names",
        ]
        .map(|line| line.replace('$', at));
        assert_eq!(told(&tree, &found), expected);
        assert_eq!(found.games[0].platforms[0], "gba");

        let own = "Golden Sun\nmgba_libretro.so\nNintendo Game Boy Advance\ngba\n0\nauto\n/mnt/mmc/ROMS/\n";
        tree.file(
            &format!("{notes}/Nintendo Game Boy Advance/Golden Sun.cfg"),
            own,
        );
        let found = installation(&tree, "muOS");
        assert_eq!(
            game(&found, "Golden Sun").core.as_deref(),
            Some("mgba_libretro")
        );
    }
}

#[test]
fn where_muos_notes_nothing_the_folder_of_a_core_that_has_a_save_tells() {
    let tree = muos("/opt/muos/share/info/config/retroarch.cfg");
    let at = "/run/muos/storage/save/file";
    tree.file(&format!("{at}/VICE x64, fast/Other.srm"), "a battery");
    tree.file(&format!("{at}/mGBA Rumble/Golden Sun.srm"), "a battery");
    let found = installation(&tree, "muOS");
    let golden_sun = &game(&found, "Golden Sun").save;
    assert_eq!(golden_sun.directory, tree.at(&format!("{at}/mGBA Rumble")));
    assert_eq!(golden_sun.files.len(), 1);
}

#[test]
fn muos_with_its_storage_not_mounted_stops_and_the_union_of_cards_is_looked_at_once() {
    let tree = muos("/opt/muos/share/info/config/retroarch.cfg");
    tree.file("/mnt/union/ROMS/gb/Tetris.gb", "rom");
    std::fs::remove_dir_all(tree.at("/run/muos")).unwrap();
    let found = installation(&tree, "muOS");
    let [line] = &told(&tree, &found)[..] else {
        panic!("{found:#?}");
    };
    assert!(
        line.ends_with(" missing /run/muos/storage/save/file"),
        "{line}"
    );
}

pub(crate) fn onion() -> Tree {
    let tree = Tree::new();
    tree.directory("/mnt/SDCARD/.tmp_update/startup");
    let cfg = format!(
        "savefile_directory = \"/mnt/SDCARD/Saves/CurrentProfile/saves\"\n\
         libretro_info_path = \":/.retroarch/cores\"\n\
         rgui_config_directory = \"/mnt/SDCARD/Saves/CurrentProfile/config\"\n{SORTED}"
    );
    tree.file("/mnt/SDCARD/RetroArch/.retroarch/retroarch.cfg", cfg);
    let launcher = |name: &str, extensions: &str, script: &str| {
        let config = format!(
            "{{\"label\":\"x\",\"launch\":\"launch.sh\",\"rompath\":\"../../Roms/{name}\",\"extlist\":\"{extensions}\"}}"
        );
        tree.file(&format!("/mnt/SDCARD/Emu/{name}/config.json"), config);
        tree.file(&format!("/mnt/SDCARD/Emu/{name}/launch.sh"), script);
    };
    let start =
        "cd /mnt/SDCARD/RetroArch\nHOME=/mnt/SDCARD/RetroArch ./retroarch -v -L .retroarch/cores/";
    launcher(
        "GBA",
        "bin|gba|zip|7z",
        &format!("#!/bin/sh\ndefault_core=gpsp\n{start}${{default_core}}_libretro.so \"$1\"\n"),
    );
    launcher(
        "FC",
        "",
        &format!("#!/bin/sh\n{start}fceumm_libretro.so \"$1\"\n"),
    );
    launcher("NDS", "nds", "#!/bin/sh\n./drastic \"$1\"\n");
    launcher("BROKEN", "x", "#!/bin/sh\n");
    tree.file("/mnt/SDCARD/Emu/BROKEN/config.json", "{\"rompath\": ");
    for rom in [
        "GBA/Golden Sun.zip",
        "GBA/Golden Sun.miyoocmd",
        "GBA/Imgs/Golden Sun.png",
        "FC/Zelda.nes",
        "NDS/Mario.nds",
    ] {
        tree.file(&format!("/mnt/SDCARD/Roms/{rom}"), "rom");
    }
    tree.directory("/mnt/SDCARD/Saves/CurrentProfile/saves");
    tree
}

#[test]
fn onions_launchers_say_what_plays_and_a_game_may_have_its_own_core() {
    let tree = onion();
    let at = "/mnt/SDCARD/Saves/CurrentProfile/saves";
    tree.file(&format!("{at}/gpSP/Golden Sun.srm"), "a battery");
    let expected = [
        "FC/Zelda retroarch-fceumm -> $/FCEUmm/Zelda.srm []",
        "GBA/Golden Sun retroarch-gpsp -> $/gpSP/Golden Sun.srm [\"Golden Sun.srm\"]",
        "NDS/Mario nds ->  [] own names",
    ]
    .map(|line| line.replace('$', at));
    let found = installation(&tree, "Onion");
    assert_eq!(told(&tree, &found), expected);
    assert_eq!(game(&found, "Zelda").platforms[..2], ["nes", "famicom"]);
    let broken = tree.at("/mnt/SDCARD/Emu/BROKEN/config.json");
    assert!(found.looked.iter().any(|looked| looked.path == broken));

    tree.file(
        "/mnt/SDCARD/Roms/GBA/.game_config/Golden Sun.cfg",
        "core = \"mgba_libretro\"\n",
    );
    let found = installation(&tree, "Onion");
    let place = &game(&found, "Golden Sun").save;
    assert_eq!(place.path(), tree.at(&format!("{at}/mGBA/Golden Sun.srm")));
}

#[test]
fn a_guest_of_onion_does_not_play_on_with_the_owners_saves() {
    let tree = onion();
    tree.file(
        "/mnt/SDCARD/Saves/MainProfile/saves/gpSP/Golden Sun.srm",
        "the owner's",
    );
    tree.file(
        "/mnt/SDCARD/Saves/CurrentProfile/saves/gpSP/Golden Sun.srm",
        "the guest's",
    );
    let found = installation(&tree, "Onion");
    let save = &game(&found, "Golden Sun").save;
    let owner = tree.at("/mnt/SDCARD/Saves/MainProfile/saves/gpSP/Golden Sun.srm");
    assert_eq!(save.files[0].path, owner);
    assert_eq!(save.elsewhere, [""; 0].map(std::path::PathBuf::from));
    assert!(save.why[0].contains("guest"), "{:?}", save.why);
}

fn minui(settings: Option<&str>) -> Tree {
    let tree = Tree::new();
    tree.directory("/mnt/SDCARD/.system");
    if let Some(settings) = settings {
        tree.file("/mnt/SDCARD/.userdata/shared/minuisettings.txt", settings);
    }
    for rom in [
        "Game Boy Advance (GBA)/Golden Sun.gba",
        "Game Boy Advance (MGBA)/Golden Sun.gba",
        "Game Boy Advance (GBA)/map.txt",
        "Sony PlayStation (PS)/FF7/FF7.m3u",
        "Sony PlayStation (PS)/FF7/FF7 (Disc 1).chd",
        "Game Boy (GB)/.res/Tetris.gb.png",
        "Game Boy (GB)/Tetris.zip",
    ] {
        tree.file(&format!("/mnt/SDCARD/Roms/{rom}"), "rom");
    }
    tree.file(
        "/mnt/SDCARD/Roms/Sony PlayStation (PS)/FF7/FF7.m3u",
        "FF7 (Disc 1).chd\n",
    );
    tree
}

#[test]
fn minui_keeps_the_extension_of_the_game() {
    let tree = minui(None);
    tree.file("/mnt/SDCARD/Saves/GBA/Golden Sun.gba.sav", "a battery");
    tree.file("/mnt/SDCARD/Saves/GBA/Golden Sun.gba.rtc", "a clock");
    let found = installation(&tree, "MinUI");
    let expected = [
        "Game Boy (GB)/Tetris minui -> $/GB/Tetris.zip.sav []",
        "Game Boy Advance (GBA)/Golden Sun minui -> $/GBA/Golden Sun.gba.sav [\"Golden Sun.srm\", \"Golden Sun.rtc\"]",
        "Game Boy Advance (MGBA)/Golden Sun minui -> $/MGBA/Golden Sun.gba.sav []",
        "Sony PlayStation (PS)/FF7 minui -> $/PS/FF7.m3u.sav []",
    ]
    .map(|line| line.replace('$', "/mnt/SDCARD/Saves"));
    assert_eq!(told(&tree, &found), expected);
    assert_eq!(found.games[1].save.ending, "gba.sav");
    assert_eq!(
        found.games[2].platforms[0], "gba",
        "another emulator of the same platform"
    );
}

#[test]
fn nextui_calls_saves_as_it_is_told() {
    for (format, name, form) in [
        ("0", "Golden Sun.gba.sav", Form::Raw),
        ("1", "Golden Sun.srm", Form::Rzip),
        ("2", "Golden Sun.sav", Form::Raw),
        ("3", "Golden Sun.srm", Form::Raw),
    ] {
        let tree = minui(Some(&format!("font=1\nsaveFormat={format}\n")));
        let saves = "/mnt/SDCARD/Saves/GBA";
        let found = installation(&tree, "NextUI");
        let save = &found.games[1].save;
        assert_eq!(save.path(), tree.at(&format!("{saves}/{name}")), "{format}");
        assert_eq!((save.form, save.files.len()), (form, 0));
        let clock = save.place_of(&Part::stored("rtc"), "rtc").unwrap();
        let rtc = tree.at(&format!("{saves}/Golden Sun.gba.rtc"));
        assert_eq!(clock, (rtc, Some("Golden Sun.rtc")), "{format}");

        // What was written before the setting was changed is still its save.
        let before = tree.file(&format!("{saves}/Golden Sun.gba.sav"), "a battery");
        let found = installation(&tree, "NextUI");
        let save = &found.games[1].save;
        assert_eq!(save.files[0].path, before, "{format}");
        assert_eq!(save.path(), tree.at(&format!("{saves}/{name}")), "{format}");
        assert_eq!(save.elsewhere.len(), 0);
        assert_eq!(save.untouched().is_some(), format != "0", "{format}");
    }
}

#[test]
fn two_saves_of_different_names_are_both_told_unless_one_is_blank() {
    let tree = minui(Some("saveFormat=2\n"));
    let saves = "/mnt/SDCARD/Saves/GBA";
    let old = tree.file(&format!("{saves}/Golden Sun.gba.sav"), "a battery");
    let new = tree.file(&format!("{saves}/Golden Sun.sav"), [0; 8192]);
    let save = || installation(&tree, "NextUI").games[1].save.clone();
    assert_eq!(save().files[0].path, old, "what is blank is no save");
    assert_eq!(save().elsewhere.len(), 0);
    std::fs::write(&new, "another battery").unwrap();
    let both = save();
    assert_eq!(both.files.len(), 1);
    assert_eq!(both.elsewhere.len(), 1);
    assert_ne!(both.files[0].path, both.elsewhere[0]);
}

#[test]
fn what_is_called_after_something_unseen_is_not_touched() {
    for (setting, stopped) in [("0", [false, false]), ("1", [true, false])] {
        let tree = minui(Some(&format!("useExtractedFileName={setting}\n")));
        let found = installation(&tree, "NextUI");
        let zipped = &found.games[0].save.stopped;
        let plain = &found.games[1].save.stopped;
        assert_eq!([zipped.is_some(), plain.is_some()], stopped, "{setting}");
    }
}
