//! What each core writes, option by option.

use super::*;
use crate::library::retroarch::core_names::CORES;

fn set(core: &str, options: &str) -> Set {
    Set::of(Some(core), &Cfg::parse(options), true)
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
    set(core, options).instead == Some(Instead::OnlyShared) && saves(core, options).is_empty()
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
    assert_eq!(Set::of(None, &Cfg::default(), false), Set::battery());
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
    for (core, folder) in [
        ("ppsspp", "PSP/SAVEDATA"),
        ("dolphin", "User"),
        ("citra", "Citra"),
    ] {
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
    let cartridge = Set::of(Some(core), &Cfg::default(), false);
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
        for disc in [false, true] {
            let set = Set::of(Some(core.file), &Cfg::default(), disc);
            assert_ne!(set.saves.is_empty(), set.instead.is_none(), "{}", core.file);
            let only_shared = set.instead == Some(Instead::OnlyShared);
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
