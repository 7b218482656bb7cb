//! Which files are a game's save, which go with it, and which are not its own.

use super::*;
use crate::library::ids::tests::{dreamcast_track, psp_disc};

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
fn new_saves_are_packed_where_the_settings_say() {
    let settings = format!(
        "save_file_compression = \"true\"\n{}",
        sorting(false, false)
    );
    let here = Here::new(&settings);
    assert_eq!(here.place().form, Form::Rzip);
    let own_writer = here.place_of("~/ROMs/nds/Game.nds", Some("melonds"));
    assert_eq!(own_writer.form, Form::Raw, "the core writes it by itself");
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
    assert_eq!(place.files.len(), 0);
    assert!(matches!(
        place.stopped,
        Some(Stopped::OnlyShared { change: Some(_) })
    ));
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
    let rom = "~/ROMs/psp/Game (USA).iso";
    here.tree.file(rom, psp_disc("ULUS10064"));
    let place = || here.place_of(rom, Some("ppsspp_libretro"));
    let path = here.saves("/PSP/SAVEDATA/ULUS10064");
    assert_eq!((place().path(), place().stopped), (path.clone(), None));
    assert_eq!((place().form, place().files.len()), (Form::Folders, 0));
    assert_eq!(place().place_of(&Part::save(), "zip").unwrap().0, path);
    assert_eq!(place().place_of(&Part::stored("rtc"), "rtc"), None);
    here.save(
        "~/.config/retroarch/saves/PSP/SAVEDATA/UCUS98751DATA00/PARAM.SFO",
        b"x",
        0,
    );
    assert!(place().files.is_empty(), "that is another game's");
    here.save(
        "~/.config/retroarch/saves/PSP/SAVEDATA/ULUS10064DATA00/PARAM.SFO",
        b"x",
        0,
    );
    let file = &place().files[0];
    assert_eq!(
        (&file.path, file.wire_name.as_str()),
        (&path, "Game (USA).zip")
    );

    // Where it was when saves were sorted otherwise.
    here.save(
        "~/.config/retroarch/saves/psp/PSP/SAVEDATA/ULUS10064DATA00/PARAM.SFO",
        b"y",
        0,
    );
    assert_eq!(
        place().elsewhere,
        [here.saves("/psp/PSP/SAVEDATA/ULUS10064")]
    );

    let here = Here::sorted(false, false);
    let place = here.place_of("~/ROMs/arcade/game.zip", Some("mame"));
    assert_eq!(
        (place.path(), place.form),
        (here.saves("/mame/nvram/game"), Form::Folder)
    );
    let place = here.place_of("~/ROMs/gc/game.iso", Some("dolphin"));
    let path = here.saves("/User");
    assert_eq!(place.stopped, Some(Stopped::Folder { path }));
}

#[test]
fn what_only_a_server_has_goes_where_the_core_looks_for_it_or_nowhere() {
    let here = Here::sorted(false, false);
    let place = here.place_of("~/ROMs/saturn/Game.cue", Some("kronos"));
    let cart = part_of("Game-ext512K.ram");
    let (path, name) = place.place_of(&cart, "ram").unwrap();
    assert_eq!(path, here.saves("/kronos/saturn/Game-ext512K.ram"));
    assert_eq!(name, Some("Game-ext512K.ram"));
    assert_eq!(place.place_of(&part_of("Game.rtc"), "rtc"), None);
    here.tree
        .file("~/ROMs/dreamcast/track.bin", dreamcast_track("MK-51000"));
    here.tree.file(
        "~/ROMs/dreamcast/Game.gdi",
        "1\n1 45000 4 2048 track.bin 0\n",
    );
    let all = "reicast_per_content_vmus = \"All VMUs\"\n";
    here.tree
        .file("~/.config/retroarch/retroarch-core-options.cfg", all);
    let place = here.place_of("~/ROMs/dreamcast/Game.gdi", Some("flycast"));
    let (path, name) = place.place_of(&Part::save(), "bin").unwrap();
    assert_eq!(
        (path, name),
        (here.saves("/MK-51000.A1.bin"), Some("Game.A1.bin"))
    );
    let (path, name) = place.place_of(&part_of("Game.B1.bin"), "bin").unwrap();
    assert_eq!(
        (path, name),
        (here.saves("/MK-51000.B1.bin"), Some("Game.B1.bin"))
    );
    // Nobody knows what plays it: then it is named as it is everywhere.
    let place = here.place_of("~/ROMs/psx/Game.cue", None);
    let (path, name) = place.place_of(&part_of("Game.1.mcr"), "mcr").unwrap();
    assert_eq!((path, name), (here.saves("/Game.1.mcr"), None));
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
fn beetle_gba_stops_its_games_and_says_what_to_choose_instead() {
    let here = Here::sorted(false, false);
    let rom = "~/ROMs/gba/Game (USA).gba";
    here.save(
        "~/.config/retroarch/saves/Game (USA).srm",
        b"another core's",
        0,
    );
    let place = here.place_of(rom, Some("mednafen_gba"));
    let said = place.stopped.map(|stopped| stopped.to_string());
    assert_eq!(
        said.as_deref(),
        Some(
            "Beetle GBA names saves after the game's MD5, so they are no other core's: play it \
             with mGBA"
        )
    );
    assert_eq!(here.place_of(rom, Some("mgba")).stopped, None);
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
