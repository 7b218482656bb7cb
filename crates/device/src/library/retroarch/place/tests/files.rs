//! Which files are a game's save, which go with it, and which are not its own.

use super::*;

#[test]
fn a_save_has_its_companions_beside_it_and_each_has_its_part() {
    let here = Here::sorted(false, false);
    let names = ["Game.srm", "Game.rtc", "Game.srm.bak", "Game 2.rtc"];
    for name in names {
        here.save(&format!("~/.config/retroarch/saves/{name}"), b"x", 0);
    }
    let place = here.place_of("~/ROMs/gb/Game.gb", Some("gambatte"));
    let files = place.files.iter();
    let files: Vec<_> = files
        .map(|file| (file.wire_name.as_str(), file.part.as_str()))
        .collect();
    assert_eq!(files, [("Game.srm", ""), ("Game.rtc", "rtc")]);
}

#[test]
fn what_a_core_calls_its_save_is_kept_here_and_raw_memory_has_one_name_on_the_wire() {
    for (core, name, wire_name) in [
        ("melonds", "Game.sav", "Game.srm"),
        ("desmume", "Game.dsv", "Game.dsv"),
        ("mednafen_ngp", "Game.flash", "Game.flash"),
        ("kronos", "kronos/saturn/Game.ram", "Game.ram"),
        ("fbneo", "fbneo/Game.fs", "Game.fs"),
    ] {
        let here = Here::sorted(false, false);
        let save = here.save(&format!("~/.config/retroarch/saves/{name}"), b"progress", 0);
        let place = here.place_of("~/ROMs/x/Game.rom", Some(core));
        assert_eq!(paths(&place), [save.as_path()]);
        assert_eq!(place.path(), save, "{core}");
        assert_eq!(place.files[0].wire_name, wire_name, "{core}");
    }
}

#[test]
fn a_packed_save_is_seen_as_one_and_new_ones_are_packed_where_the_settings_say() {
    let settings = format!(
        "save_file_compression = \"true\"\n{}",
        sorting(false, false)
    );
    let here = Here::new(&settings);
    assert_eq!(here.place().form, Form::Rzip);
    let own_writer = here.place_of("~/ROMs/nds/Game.nds", Some("melonds"));
    assert_eq!(own_writer.form, Form::Raw, "the core writes it by itself");
    here.save(
        "~/.config/retroarch/saves/Game (USA).srm",
        b"#RZIPv\x01#",
        0,
    );
    assert_eq!(here.place().files[0].form, Form::Rzip);
    assert_eq!(Here::sorted(false, false).place().form, Form::Raw);
}

#[test]
fn options_of_the_game_come_before_those_of_folder_core_and_all() {
    let here = Here::sorted(false, false);
    let core = Some("mednafen_psx");
    let rom = "~/ROMs/psx/Game.cue";
    let is_own = "beetle_psx_use_mednafen_memcard0_method = \"mednafen\"\n";
    let ending = || here.place_of(rom, core).ending;
    let options = |name: &str, text: &str| {
        here.tree.file(&format!("~/.config/retroarch/{name}"), text);
    };
    assert_eq!(ending(), "srm");
    options("retroarch-core-options.cfg", is_own);
    assert_eq!(ending(), "0.mcr");
    options("config/Beetle PSX/Beetle PSX.opt", "");
    assert_eq!(
        ending(),
        "srm",
        "it replaces the other and is not merged with it"
    );
    options("config/Beetle PSX/psx.opt", is_own);
    assert_eq!(ending(), "0.mcr");
    options("config/Beetle PSX/Game.opt", "");
    assert_eq!(ending(), "srm");
    here.tree.file(
        CONFIG,
        format!(
            "game_specific_options = \"false\"\nglobal_core_options = \"true\"\n{}",
            sorting(false, false)
        ),
    );
    assert_eq!(ending(), "0.mcr", "only those of all are read");
}

#[test]
fn what_games_share_is_reported_and_never_part_of_a_games_save() {
    let here = Here::sorted(false, false);
    let rom = "~/ROMs/psx/Game.cue";
    let core = Some("pcsx_rearmed");
    here.save("~/.config/retroarch/saves/Game.srm", b"progress", 0);
    assert!(
        here.place_of(rom, core).shared.is_empty(),
        "it is not there"
    );
    let card = here.save("~/.config/retroarch/saves/pcsx-card2.mcd", b"all games", 0);
    let place = here.place_of(rom, core);
    assert_eq!((place.files.len(), place.stopped), (1, None));
    assert_eq!(place.shared[0].path, card);
    let place = here.place_of("~/ROMs/dreamcast/Game.chd", Some("flycast"));
    assert_eq!(
        (place.files.len(), place.stopped),
        (0, Some(Stopped::OnlyShared))
    );
    let system = here
        .tree
        .at("~/.config/retroarch/system/dc/vmu_save_A1.bin");
    assert_eq!(place.shared[0].path, system);
}

#[test]
fn a_save_that_is_a_folder_is_named_where_the_settings_put_it() {
    let here = Here::sorted(true, false);
    let off = "sort_savefiles_by_content_enable = \"false\"\n";
    here.tree
        .file("~/.config/retroarch/config/PPSSPP/PPSSPP.cfg", off);
    let place = here.place_of("~/ROMs/psp/Game.iso", Some("ppsspp_libretro"));
    let path = here.saves("/PSP/SAVEDATA");
    assert_eq!(place.stopped, Some(Stopped::Folder { path }));
    let here = Here::sorted(false, false);
    let place = here.place_of("~/ROMs/arcade/game.zip", Some("mame"));
    let path = here.saves("/mame/nvram/game");
    assert_eq!(place.stopped, Some(Stopped::Folder { path }));
}

#[test]
fn several_files_that_may_each_be_the_save_stop_the_game() {
    let here = Here::sorted(false, false);
    let rom = "~/ROMs/neogeo/game.neo";
    here.save("~/.config/retroarch/saves/game.srm", b"cart", 0);
    let place = here.place_of(rom, Some("geolith"));
    assert_eq!((place.files.len(), place.stopped), (1, None));
    here.save("~/.config/retroarch/saves/game.mcr", b"card", 0);
    let place = here.place_of(rom, Some("geolith"));
    assert!(matches!(place.stopped, Some(Stopped::OwnNames { .. })));
}

#[test]
fn a_directory_named_like_a_save_is_no_save() {
    let here = Here::sorted(false, false);
    here.tree
        .directory("~/.config/retroarch/saves/Game (USA).srm");
    here.tree
        .directory("~/.config/retroarch/saves/Game (USA).rtc");
    assert!(here.place().files.is_empty());
}
