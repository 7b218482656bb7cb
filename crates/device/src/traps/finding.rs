//! Where a save is taken for another one, or for none.

use super::*;
use crate::files::names::local_name;
use crate::library::ids::tests::psp_disc;
use crate::library::tests::handhelds::onion;
use crate::library::tests::traps::{FLAT, desktop};
use crate::library::tests::{installation, system};
use crate::library::{Game, Library, Stopped};

/// The one game of a machine with the system's own `RetroArch`.
fn only_game(cfg: &str, folder: &str, core: &str, files: &[(&str, &[u8])]) -> Game {
    let tree = desktop(
        cfg,
        &[system(folder, ".zip .gba .cue .gdi .m3u .iso", &[core])],
    );
    for (path, bytes) in files {
        tree.file(path, bytes);
    }
    let mut games = installation(&tree, "ES-DE").games;
    assert_eq!(games.len(), 1, "{games:#?}");
    games.remove(0)
}

#[test]
fn trap_01_what_games_share_is_never_synced_as_one_games_save() {
    let system = "~/.config/retroarch/system";
    for (core, card, options) in [
        ("flycast", format!("{system}/dc/vmu_save_A1.bin"), ""),
        (
            "yabasanshiro",
            "/saves/yabasanshiro/backup.bin".to_owned(),
            "",
        ),
        ("genesis_plus_gx", "/saves/scd_U.brm".to_owned(), ""),
        (
            "pcsx_rearmed",
            "/saves/pcsx-card1.mcd".to_owned(),
            "pcsx_rearmed_memcard1 = \"shared\"",
        ),
        (
            "opera",
            "/saves/opera/shared/nvram.srm".to_owned(),
            "opera_nvram_storage = \"shared\"",
        ),
        (
            "fbneo",
            "/saves/fbneo/shared.memcard".to_owned(),
            "fbneo-memcard-mode = \"shared\"",
        ),
    ] {
        let options_file = "~/.config/retroarch/retroarch-core-options.cfg";
        let files: [(&str, &[u8]); 3] = [
            ("~/ROMs/disc/Game.cue", b"rom"),
            (&card, b"all games"),
            (options_file, options.as_bytes()),
        ];
        let place = only_game(FLAT, "disc", core, &files).save;
        assert!(!place.shared.is_empty(), "{core}: it is told");
        let shared = |path: &Path| place.shared.iter().any(|file| file.path == path);
        let would_be = place.would_be.iter().flatten();
        assert!(
            !place
                .files
                .iter()
                .chain(would_be)
                .any(|file| shared(&file.path)),
            "{core}"
        );
    }
}

#[test]
fn trap_07_a_save_has_one_name_on_the_wire_however_it_is_called_here() {
    let wire = |core: &str, files: &[(&str, &[u8])]| {
        let save = only_game(FLAT, "gba", core, files).save;
        let would_be = save.would_be.iter().flatten();
        let names = save.files.iter().chain(would_be);
        names.map(|file| file.wire_name.clone()).next().unwrap()
    };
    let rom = "~/ROMs/gba/Golden Sun.zip";
    assert_eq!(wire("mgba", &[(rom, b"rom")]), "Golden Sun.srm");
    let there: [(&str, &[u8]); 2] = [(rom, b"rom"), ("/saves/Golden Sun.srm", b"x")];
    assert_eq!(wire("mgba", &there), "Golden Sun.srm");
    let list: [(&str, &[u8]); 2] = [
        ("~/ROMs/gba/FF7.m3u", b"FF7 (Disc 1).cue\n"),
        ("/saves/FF7.srm", b"x"),
    ];
    assert_eq!(wire("pcsx_rearmed", &list), "FF7.srm");
    let other: [(&str, &[u8]); 2] = [(rom, b"rom"), ("/saves/Golden Sun.sav", b"x")];
    assert_eq!(
        wire("noods", &other),
        "Golden Sun.srm",
        "raw memory is raw memory"
    );
}

#[test]
fn trap_11_a_guests_saves_are_not_the_owners() {
    let tree = onion();
    let saves = "/mnt/SDCARD/Saves";
    let guests = tree.file(
        &format!("{saves}/CurrentProfile/saves/gpSP/Golden Sun.srm"),
        "the guest's",
    );
    tree.file(
        &format!("{saves}/MainProfile/saves/gpSP/Golden Sun.srm"),
        "the owner's",
    );
    let library = Library::find(&tree.machine(), &[]);
    let files: Vec<&PathBuf> = library
        .games()
        .flat_map(|game| game.save.files.iter().map(|file| &file.path))
        .collect();
    assert!(library.games().count() > 0, "{library:#?}");
    assert!(!files.contains(&&guests), "{files:?}");
}

#[test]
fn trap_12_names_are_taken_as_they_are_or_not_at_all() {
    // Two spellings of one letter are two names, wherever a file system knows both.
    for name in [
        "Poke\u{301}mon",
        "Pok\u{e9}mon",
        "GOLDEN SUN",
        "\u{30bc}\u{30eb}\u{30c0}",
    ] {
        let path = format!("~/ROMs/gba/{name}.gba");
        let game = only_game(FLAT, "gba", "mgba", &[(&path, b"rom")]);
        assert_eq!(
            game.save.would_be.unwrap()[0].wire_name,
            format!("{name}.srm")
        );
    }
    for name in ["a/b.srm", "..", "con.srm", "a\\b", "a\0b"] {
        assert!(local_name(name).is_err(), "{name:?}");
    }
    let long = "x".repeat(300);
    assert!(local_name(&long).is_err());
}

#[test]
fn trap_14_a_root_that_is_a_link_is_followed_and_one_that_is_missing_is_no_deletion() {
    let by_folder = FLAT.replace("content_enable = \"false\"", "content_enable = \"true\"");
    let tree = desktop(&by_folder, &[system("gba", ".gba", &["mgba"])]);
    tree.file("~/ROMs/gba/Golden Sun.gba", "rom");
    fs::remove_dir(tree.at("/saves")).unwrap();
    std::os::unix::fs::symlink(tree.at("/card/saves"), tree.at("/saves")).unwrap();
    let game = || installation(&tree, "ES-DE").games.remove(0);
    assert!(
        matches!(game().save.stopped, Some(Stopped::RootMissing { .. })),
        "no card"
    );
    tree.file("/card/saves/gba/Golden Sun.srm", "progress");
    let save = game().save;
    assert_eq!((save.files.len(), save.stopped), (1, None));
    // It is written through the link, which stays one.
    let path = save.files[0].path.clone();
    let found = content_at(&path, Form::Raw, &NothingKnown)
        .unwrap()
        .unwrap();
    let journal = Journal::open(&tree.at("/journal")).unwrap();
    put(
        Arc::new(RealDisk),
        &path,
        Form::Raw,
        b"newer",
        &found,
        &journal,
    )
    .unwrap();
    let real = tree.at("/card/saves/gba/Golden Sun.srm");
    assert_eq!(fs::read(real).unwrap(), b"newer");
    assert!(tree.at("/saves").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn trap_15_save_states_are_no_part_of_a_save() {
    let states: [&str; 5] = [
        "Golden Sun.state",
        "Golden Sun.state1",
        "Golden Sun.state.auto",
        "Golden Sun.state.png",
        "Golden Sun.replay",
    ];
    let states = states.map(|name| format!("/saves/{name}"));
    let mut files: Vec<(&str, &[u8])> = vec![
        ("~/ROMs/gba/Golden Sun.gba", b"rom"),
        ("/saves/Golden Sun.srm", b"x"),
    ];
    files.extend(
        states
            .iter()
            .map(|name| (name.as_str(), b"state".as_slice())),
    );
    let save = only_game(FLAT, "gba", "mgba", &files).save;
    assert_eq!(save.files.len(), 1);
    assert!(save.elsewhere.is_empty());
}

#[test]
fn trap_16_two_games_of_one_name_are_never_one_save() {
    let list = [
        system("gamegear", ".zip", &["genesis_plus_gx"]),
        system("genesis", ".zip", &["genesis_plus_gx"]),
        system("psp", ".iso", &["ppsspp"]),
    ];
    let tree = desktop(FLAT, &list);
    tree.file("~/ROMs/gamegear/Sonic.zip", "rom");
    tree.file("~/ROMs/genesis/Sonic.zip", "rom");
    tree.file("~/ROMs/psp/Patapon.iso", psp_disc("UCES00995"));
    tree.file("~/ROMs/psp/Another game.iso", psp_disc("UCES00995"));
    tree.file("/saves/Sonic.srm", "whose?");
    for game in installation(&tree, "ES-DE").games {
        assert!(
            matches!(game.save.stopped, Some(Stopped::SameFile { .. })),
            "{game:#?}"
        );
    }
}
