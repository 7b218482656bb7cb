//! What each core writes, option by option.

use super::*;
use crate::library::ids::tests::{dreamcast_track, ds_card, ps1_disc, psp_disc};
use crate::library::retroarch::core_names::CORES;

fn disc() -> Medium<'static> {
    Medium {
        is_disc: true,
        file: None,
    }
}

fn set(core: &str, options: &str) -> Set {
    Set::of(Some(core), &Cfg::parse(options), disc())
}

fn names(patterns: &[Pattern]) -> Vec<String> {
    let name = |pattern: &Pattern| match pattern.below.as_str() {
        "" => format!("*{}", pattern.after),
        below => format!("{below}/*{}", pattern.after),
    };
    patterns.iter().map(name).collect()
}

fn saves(core: &str, options: &str) -> Vec<String> {
    names(&set(core, options).saves)
}

fn companions(core: &str, options: &str) -> Vec<String> {
    names(&set(core, options).companions)
}

fn shared(core: &str, options: &str) -> Vec<String> {
    let set = set(core, options);
    set.shared.into_iter().map(|shared| shared.name).collect()
}

fn is_only_shared(core: &str, options: &str) -> bool {
    let instead = set(core, options).instead;
    matches!(instead, Some(Instead::OnlyShared(_))) && saves(core, options).is_empty()
}

fn is_otherwise(core: &str, options: &str) -> bool {
    matches!(set(core, options).instead, Some(Instead::Other(_)))
}

#[test]
fn most_cores_leave_a_battery_and_a_clock_to_retroarch() {
    for core in [
        "mgba",
        "gambatte_libretro.so",
        "snes9x",
        "mupen64plus_next",
        "melondsds",
    ] {
        assert_eq!(set(core, ""), Set::battery(), "{core}");
    }
    assert_eq!(
        Set::of(None, &Cfg::default(), Medium::default()),
        Set::battery()
    );
    assert_eq!(names(&Set::battery().saves), ["*.srm"]);
    assert_eq!(names(&Set::battery().companions), ["*.rtc"]);
}

#[test]
fn some_cores_have_an_ending_of_their_own() {
    for (core, save) in [
        ("melonds", "*.sav"),
        ("noods", "*.sav"),
        ("desmume", "*.dsv"),
        ("mednafen_ngp", "*.flash"),
        ("race", "*.ngf"),
        ("pokemini", "*.eep"),
        ("dosbox_pure", "*.pure.zip"),
        ("mame2010", "mame2010/nvram/*.nv"),
    ] {
        assert_eq!(saves(core, ""), [save], "{core}");
    }
    assert_eq!(companions("virtualjaguar", ""), ["*.cdrom.srm"]);
}

#[test]
fn saves_that_are_folders_are_named_as_such() {
    for (core, folder) in [("dolphin", "User"), ("citra", "Citra")] {
        assert_eq!(
            set(core, "").instead,
            Some(Instead::Folder(folder)),
            "{core}"
        );
    }
}

#[test]
fn what_all_games_share_is_no_games_save() {
    for (core, name) in [
        ("yabasanshiro", "yabasanshiro/backup.bin"),
        ("nxengine", "profile.dat"),
        ("px68k", "keropi/sram.dat"),
        ("openlara", "openlara/savegame.dat"),
        ("flycast", "dc/vmu_save_A1.bin"),
        ("neocd", "neocd/neocd.srm"),
        ("pcsx2", "pcsx2/memcards/Mcd001.ps2"),
    ] {
        assert!(is_only_shared(core, ""), "{core}");
        assert!(shared(core, "").contains(&name.to_owned()), "{core}");
    }
}

#[test]
fn beetle_psx_keeps_the_first_card_as_it_was_told() {
    for (core, prefix) in [
        ("mednafen_psx", "beetle_psx"),
        ("mednafen_psx_hw", "beetle_psx_hw"),
    ] {
        let own = format!("{prefix}_use_mednafen_memcard0_method = \"mednafen\"\n");
        let in_common = format!("{prefix}_shared_memory_cards = \"enabled\"\n");
        let left = format!("{prefix}_memcard_left_index = \"3\"\n");
        assert_eq!(saves(core, ""), ["*.srm"]);
        assert_eq!(companions(core, "")[0], "*.1.mcr");
        assert_eq!(saves(core, &own), ["*.0.mcr"]);
        assert_eq!(saves(core, &in_common), ["*.srm"]);
        assert_eq!(
            shared(core, &in_common),
            ["mednafen_psx_libretro_shared.1.mcr"]
        );
        assert!(companions(core, &in_common).is_empty());
        assert!(is_only_shared(core, &format!("{own}{in_common}")));
        assert!(is_otherwise(core, &format!("{own}{left}")));
        assert_eq!(saves(core, &left), ["*.srm"], "that is the other method's");
    }
}

#[test]
fn pcsx_rearmed_shares_its_second_card_unless_told_otherwise() {
    let core = "pcsx_rearmed";
    assert_eq!(saves(core, ""), ["*.srm"]);
    for second in [
        "",
        "pcsx_rearmed_memcard2 = \"enabled\"",
        "pcsx_rearmed_memcard2 = \"shared\"",
    ] {
        assert_eq!(shared(core, second), ["pcsx-card2.mcd"], "{second}");
    }
    assert!(shared(core, "pcsx_rearmed_memcard2 = \"disabled\"").is_empty());
    assert!(is_otherwise(core, "pcsx_rearmed_memcard1 = \"serial\""));
    assert!(is_only_shared(core, "pcsx_rearmed_memcard1 = \"shared\""));
    assert!(is_only_shared(core, "pcsx_rearmed_memcard1 = \"none\""));
}

#[test]
fn swanstation_keeps_cards_as_it_was_told() {
    let card = |slot, kind| format!("swanstation_MemoryCards_Card{slot}Type = \"{kind}\"\n");
    let core = "swanstation";
    assert_eq!(saves(core, ""), ["*.srm"]);
    assert_eq!(saves(core, &card(1, "Libretro")), ["*.srm"]);
    assert_eq!(saves(core, &card(1, "PerGameFileTitle")), ["*_1.mcd"]);
    assert!(is_only_shared(core, &card(1, "Shared")));
    for by_disc in ["PerGame", "PerGameTitle", "NonPersistent"] {
        assert!(is_otherwise(core, &card(1, by_disc)), "{by_disc}");
    }
    assert_eq!(
        shared(core, &card(2, "Shared")),
        ["duckstation_shared_card_2.mcd"]
    );
    assert!(is_otherwise(core, &card(2, "PerGameTitle")));
}

#[test]
fn beetle_saturn_saves_as_its_version_does() {
    let core = "mednafen_saturn";
    assert_eq!(saves(core, ""), ["*.srm"], "as it does today");
    assert_eq!(
        saves(core, "beetle_saturn_save_method = \"libretro\""),
        ["*.srm"]
    );
    assert_eq!(
        saves(core, "beetle_saturn_save_method = \"mednafen\""),
        ["*.bkr"]
    );
    let older = "beetle_saturn_region = \"Auto Detect\"";
    assert_eq!(saves(core, older), ["*.bkr"], "it does not know the option");
    assert_eq!(companions(core, older), ["*.bcr", "*.smpc"]);
    assert!(is_only_shared(
        core,
        "beetle_saturn_shared_int = \"enabled\""
    ));
    let cart = "beetle_saturn_shared_ext = \"enabled\"";
    assert_eq!(companions(core, cart), ["*.smpc"]);
    assert_eq!(shared(core, cart), ["mednafen_saturn_libretro_shared.bcr"]);
}

#[test]
fn kronos_saves_in_a_folder_of_its_own_or_as_beetle_does() {
    assert_eq!(saves("kronos", ""), ["kronos/saturn/*.ram"]);
    assert_eq!(companions("kronos", "").len(), 4);
    let as_beetle = "kronos_use_beetle_saves = \"enabled\"";
    assert_eq!(saves("kronos", as_beetle), ["*.bkr"]);
    assert_eq!(companions("kronos", as_beetle), ["*.bcr"]);
}

#[test]
fn genesis_plus_gx_has_memory_per_console_unless_told_to_have_it_per_game() {
    let core = "genesis_plus_gx";
    assert!(is_only_shared(core, ""));
    assert!(is_only_shared(core, "genesis_plus_gx_bram = \"per bios\""));
    for key in ["genesis_plus_gx_bram", "genesis_plus_gx_system_bram"] {
        let per_game = format!("{key} = \"per game\"\n");
        assert_eq!(saves(core, &per_game), ["*.brm"]);
        assert_eq!(shared(core, &per_game), ["cart.brm"]);
        let carts = format!("{per_game}genesis_plus_gx_cart_bram = \"per game\"");
        assert!(companions(core, &carts).contains(&"*_128Kbit_cart.brm".to_owned()));
    }
    let cartridge = Set::of(Some(core), &Cfg::default(), Medium::default());
    assert_eq!(cartridge, Set::battery(), "a cartridge has its own");
}

#[test]
fn other_cores_follow_their_options_too() {
    assert_eq!(
        saves("neocd", "neocd_per_content_saves = \"On\""),
        ["*.srm"]
    );
    assert_eq!(
        saves("pcsx2", "pcsx2_shared_memory_cards = \"disabled\""),
        ["*.ps2"]
    );
    assert_eq!(saves("fbneo", ""), ["fbneo/*.fs"]);
    assert_eq!(
        shared("fbneo", "fbneo-memcard-mode = \"shared\""),
        ["fbneo/shared.memcard"]
    );
    assert_eq!(
        companions("fbneo", "fbneo-memcard-mode = \"per-game\""),
        ["fbneo/*.memcard"]
    );
    for key in ["flycast", "reicast"] {
        assert!(is_otherwise(
            "flycast",
            &format!("{key}_per_content_vmus = \"All VMUs\"")
        ));
    }
    assert_eq!(saves("mame2003", ""), ["mame2003/nvram/*.nv"]);
    let flat = "mame2003-plus_core_save_subfolder = \"disabled\"";
    assert_eq!(saves("mame2003_plus", flat), ["nvram/*.nv"]);
    assert_eq!(saves("opera", ""), ["opera/per_game/*.0.srm", "*.srm"]);
    assert_eq!(
        saves("opera", "opera_nvram_version = \"2\"")[0],
        "opera/per_game/*.2.srm"
    );
    assert!(is_only_shared("opera", "opera_nvram_storage = \"shared\""));
    assert_eq!(saves("geolith", "").len(), 4);
}

#[test]
fn every_core_has_a_save_or_a_reason_why_not() {
    for core in CORES {
        for is_disc in [false, true] {
            let medium = Medium {
                is_disc,
                file: None,
            };
            let set = Set::of(Some(core.file), &Cfg::default(), medium);
            let has_save = !set.saves.is_empty() || set.folder.is_some();
            assert_eq!(has_save, set.instead.is_none(), "{}", core.file);
            let only_shared = matches!(set.instead, Some(Instead::OnlyShared(_)));
            assert!(!only_shared || !set.shared.is_empty(), "{}", core.file);
        }
    }
    let named = PLAIN.iter().map(|(core, ..)| core);
    let named = named.chain(OTHERWISE.iter().map(|(core, _)| core));
    for core in named.chain(SHARED.iter().map(|(core, ..)| core)) {
        assert!(
            CORES.iter().any(|known| known.file == *core),
            "{core} is no core"
        );
    }
}

/// A game on a medium that holds these bytes.
fn on(name: &str, bytes: &[u8], core: &str, options: &str) -> Set {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    std::fs::write(room.path().join("track.bin"), dreamcast_track("MK-51000")).unwrap();
    let medium = Medium {
        is_disc: true,
        file: Some(&path),
    };
    Set::of(Some(core), &Cfg::parse(options), medium)
}

/// What is said where something else has to be chosen.
fn advice(set: &Set) -> &'static str {
    match set.instead {
        Some(Instead::Other(why)) => why,
        Some(Instead::OnlyShared(Some(change))) => change,
        _ => panic!("{set:?}"),
    }
}

#[test]
fn a_card_is_named_by_the_discs_serial_number_or_it_is_said_what_to_choose() {
    for (core, per_game) in [
        ("pcsx_rearmed", "pcsx_rearmed_memcard1 = \"serial\""),
        (
            "swanstation",
            "swanstation_MemoryCards_Card1Type = \"PerGame\"",
        ),
    ] {
        let set = on("game.bin", &ps1_disc("SLUS_012.34"), core, per_game);
        assert_eq!(set.stem.as_deref(), Some("SLUS-01234"), "{core}");
        assert_eq!(names(&set.saves), ["*_1.mcd"]);
        for unknown in ["game.chd", "game.m3u"] {
            let set = on(unknown, b"", core, per_game);
            assert!(set.saves.is_empty());
            assert!(
                advice(&set).contains("ibretro in the core's options"),
                "{core}"
            );
        }
        let own = on("game.bin", &ps1_disc("SLUS_012.34"), core, "");
        assert_eq!(
            (own.stem, names(&own.saves)),
            (None, vec!["*.srm".to_owned()])
        );
    }
    let titles = "swanstation_MemoryCards_Card1Type = \"PerGameTitle\"";
    let set = on("game.bin", &ps1_disc("SLUS_012.34"), "swanstation", titles);
    assert!(advice(&set).contains("to Libretro"));
    let two = "pcsx_rearmed_memcard2 = \"serial\"";
    let set = on("game.bin", &ps1_disc("SLUS_012.34"), "pcsx_rearmed", two);
    assert!(advice(&set).contains("the second one to none"));
}

#[test]
fn memory_units_of_a_game_are_named_by_its_product_number() {
    let gdi = b"1\n1 45000 4 2048 track.bin 0\n";
    let set = on(
        "game.gdi",
        gdi,
        "flycast",
        "reicast_per_content_vmus = \"All VMUs\"",
    );
    assert_eq!(set.stem.as_deref(), Some("MK-51000"));
    assert_eq!(names(&set.saves), ["*.A1.bin"]);
    assert_eq!((set.companions.len(), set.shared.len()), (7, 0));
    let set = on(
        "game.gdi",
        gdi,
        "flycast",
        "flycast_per_content_vmus = \"VMU A1\"",
    );
    assert_eq!((set.companions.len(), set.shared.len()), (0, 3));
    let set = on(
        "game.chd",
        gdi,
        "flycast",
        "flycast_per_content_vmus = \"VMU A1\"",
    );
    assert!(advice(&set).contains("GDI"));
    assert!(advice(&on("game.gdi", gdi, "flycast", "")).contains("All VMUs"));
}

#[test]
fn a_psp_games_folders_begin_with_the_id_on_its_disc() {
    let set = on("game.iso", &psp_disc("ULUS10064"), "ppsspp", "");
    assert_eq!(set.stem.as_deref(), Some("ULUS10064"));
    let (below, form) = ("PSP/SAVEDATA", Form::Folders);
    assert_eq!(set.folder, Some(InFolders { below, form }));
    assert!(advice(&on("game.chd", b"", "ppsspp", "")).contains("ISO"));
}

#[test]
fn dsiware_is_said_to_stay_where_it_is() {
    for core in ["melonds", "melondsds"] {
        assert!(
            on("game.nds", &ds_card(true), core, "").saves.is_empty(),
            "{core}"
        );
        assert_eq!(
            on("game.nds", &ds_card(false), core, "").saves.len(),
            1,
            "{core}"
        );
    }
}

#[test]
fn what_only_lies_in_shared_files_says_what_to_choose_where_one_can() {
    for core in ["flycast", "neocd", "pcsx2", "genesis_plus_gx"] {
        assert!(
            advice(&set(core, "")).contains("in the core's options"),
            "{core}"
        );
    }
    for core in ["yabasanshiro", "nxengine"] {
        assert_eq!(
            set(core, "").instead,
            Some(Instead::OnlyShared(None)),
            "{core}"
        );
    }
}
