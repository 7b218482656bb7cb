//! Where saves are found and would be put, on machines made for it.

use std::fs::File;
use std::time::{Duration, SystemTime};

use super::*;
use crate::files::rzip::packed;
use crate::library::retroarch::install::Install;
use crate::library::retroarch::spelling::Spelling;
use crate::library::tree::Tree;

mod files;

const CONFIG: &str = "~/.config/retroarch/retroarch.cfg";
const ROM: &str = "~/ROMs/gba/Game (USA).gba";

/// A machine with an installation whose settings are `settings`.
struct Here {
    tree: Tree,
    version: Option<(u32, u32)>,
}

impl Here {
    fn new(settings: &str) -> Self {
        let tree = Tree::new();
        tree.file(CONFIG, settings);
        tree.directory("~/.config/retroarch/saves");
        tree.file(ROM, b"rom");
        Self {
            tree,
            version: None,
        }
    }

    fn sorted(by_content: bool, by_core: bool) -> Self {
        Self::new(&sorting(by_content, by_core))
    }

    fn retroarch(&self) -> RetroArch {
        let machine = self.tree.machine();
        let spelling = Spelling::plain(&machine);
        RetroArch::read(Install {
            version: self.version,
            ..Install::beside("RetroArch", &self.tree.at(CONFIG), spelling)
        })
    }

    fn place_of(&self, rom: &str, core: Option<&str>) -> SavePlace {
        let machine = self.tree.machine();
        let content = Content::of(&machine, &self.tree.at(rom)).unwrap();
        self.retroarch().place(&content, core)
    }

    fn place(&self) -> SavePlace {
        self.place_of(ROM, Some("mgba_libretro"))
    }

    /// Puts a save there, older by so many hours than one put there with none.
    fn save(&self, path: &str, bytes: &[u8], hours: u64) -> PathBuf {
        let real = self.tree.file(path, bytes);
        let age = Duration::from_secs(hours * 3600);
        let file = File::options().write(true).open(&real).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000) - age)
            .unwrap();
        real
    }

    fn saves(&self, below: &str) -> PathBuf {
        self.tree.at(&format!("~/.config/retroarch/saves{below}"))
    }
}

fn sorting(by_content: bool, by_core: bool) -> String {
    format!(
        "sort_savefiles_by_content_enable = \"{by_content}\"\nsort_savefiles_enable = \"{by_core}\"\n"
    )
}

fn paths(place: &SavePlace) -> Vec<&Path> {
    place.files.iter().map(|file| file.path.as_path()).collect()
}

#[test]
fn a_save_is_looked_for_where_the_switches_say() {
    for (by_content, by_core, below) in [
        (false, false, ""),
        (true, false, "/gba"),
        (false, true, "/mGBA"),
        (true, true, "/gba/mGBA"),
    ] {
        let here = Here::sorted(by_content, by_core);
        let place = here.place();
        assert_eq!(place.directory, here.saves(below));
        assert_eq!(place.path(), here.saves(below).join("Game (USA).srm"));
        assert_eq!((place.files, place.stopped), (Vec::new(), None));
        let path = format!("~/.config/retroarch/saves{below}/Game (USA).srm");
        let save = here.save(&path, b"progress", 0);
        let place = here.place();
        assert_eq!(paths(&place), [save]);
        assert_eq!(place.files[0].wire_name, "Game (USA).srm");
        assert!(place.files[0].part.is_save());
        assert!(place.elsewhere.is_empty());
    }
}

#[test]
fn without_a_setting_saves_are_sorted_by_core_since_1_16() {
    let mut here = Here::new("");
    assert_eq!(here.place().directory, here.saves("/mGBA"));
    here.version = Some((1, 15));
    assert_eq!(here.place().directory, here.saves(""));
}

#[test]
fn without_any_settings_the_defaults_hold() {
    let here = Here::new("");
    std::fs::remove_file(here.tree.at(CONFIG)).unwrap();
    let place = here.place();
    assert_eq!(place.directory, here.saves("/mGBA"));
    assert_eq!(place.stopped, None);
}

#[test]
fn beside_the_games_saves_are_sorted_since_1_18_and_were_not_before() {
    let settings = format!(
        "savefiles_in_content_dir = \"true\"\n{}",
        sorting(true, true)
    );
    let mut here = Here::new(&settings);
    let roms = here.tree.at("~/ROMs/gba");
    for (version, directory) in [
        (None, roms.join("gba/mGBA")),
        (Some((1, 18)), roms.join("gba/mGBA")),
        (Some((1, 17)), roms.clone()),
    ] {
        here.version = version;
        assert_eq!(here.place().directory, directory, "{version:?}");
    }
}

#[test]
fn a_save_beside_its_game_tells_an_installation_of_unknown_age_how_it_sorts() {
    let settings = format!(
        "savefiles_in_content_dir = \"true\"\n{}",
        sorting(false, true)
    );
    let mut here = Here::new(&settings);
    let save = here.save("~/ROMs/gba/Game (USA).srm", b"progress", 0);
    let place = here.place();
    assert_eq!(paths(&place), [&save]);
    assert_eq!(place.directory, here.tree.at("~/ROMs/gba"));
    here.version = Some((1, 19));
    let place = here.place();
    assert_eq!(paths(&place), [save], "it is found all the same");
    assert_eq!(
        place.directory,
        here.tree.at("~/ROMs/gba/mGBA"),
        "but not written there"
    );
}

#[test]
fn a_save_where_other_rules_would_have_put_it_is_found_and_one_that_comes_down_goes_where_it_counts()
 {
    for (below, directory) in [
        ("", "/gba/mGBA"),
        ("/gba", "/gba/mGBA"),
        ("/mGBA", "/gba/mGBA"),
        ("/mGBA/gba", "/gba/mGBA"),
    ] {
        let here = Here::sorted(true, true);
        let path = format!("~/.config/retroarch/saves{below}/Game (USA).srm");
        let save = here.save(&path, b"progress", 0);
        let place = here.place();
        assert_eq!(paths(&place), [save], "{below}");
        assert_eq!(place.directory, here.saves(directory), "{below}");
        assert!(
            place
                .why
                .iter()
                .any(|why| why.contains("though it would be looked for"))
        );
    }
}

#[test]
fn of_several_saves_the_newest_that_holds_something_counts_and_the_others_are_named() {
    let here = Here::sorted(false, true);
    let old = here.save("~/.config/retroarch/saves/mGBA/Game (USA).srm", b"old", 5);
    let new = here.save("~/.config/retroarch/saves/Game (USA).srm", b"new", 1);
    here.save(
        "~/.config/retroarch/saves/gba/Game (USA).srm",
        &[0xFF; 64],
        0,
    );
    let place = here.place();
    assert_eq!(paths(&place), [new]);
    assert_eq!(place.elsewhere, [old]);
    assert_eq!(place.directory, here.saves("/mGBA"));
}

#[test]
fn a_packed_save_that_holds_nothing_is_no_save_either() {
    let here = Here::sorted(false, true);
    let real = here.save("~/.config/retroarch/saves/Game (USA).srm", b"progress", 5);
    let blank = packed(&[0xFF; 8192]);
    here.save("~/.config/retroarch/saves/mGBA/Game (USA).srm", &blank, 0);
    let place = here.place();
    assert_eq!(
        (paths(&place), place.elsewhere.len()),
        (vec![real.as_path()], 0)
    );
}

#[test]
fn of_saves_that_are_all_blank_the_one_in_its_place_counts() {
    let here = Here::sorted(false, true);
    let own = here.save("~/.config/retroarch/saves/mGBA/Game (USA).srm", &[0; 64], 5);
    here.save("~/.config/retroarch/saves/Game (USA).srm", &[0xFF; 64], 1);
    let place = here.place();
    assert_eq!(
        (paths(&place), place.elsewhere.len()),
        (vec![own.as_path()], 0)
    );
}

#[test]
fn one_file_that_goes_by_two_names_is_one_save() {
    let here = Here::sorted(false, true);
    here.save("~/.config/retroarch/saves/Game (USA).srm", b"progress", 0);
    std::os::unix::fs::symlink(".", here.saves("/mGBA")).unwrap();
    let place = here.place();
    assert_eq!(place.files.len(), 1);
    assert!(place.elsewhere.is_empty());
    assert_eq!(place.directory, here.saves("/mGBA"));
}

#[test]
fn a_core_that_was_renamed_keeps_its_older_folder() {
    let here = Here::sorted(false, true);
    let rom = "~/ROMs/wonderswan/Game.ws";
    let core = Some("mednafen_wswan");
    assert_eq!(
        here.place_of(rom, core).directory,
        here.saves("/Beetle Cygne")
    );
    let save = here.save(
        "~/.config/retroarch/saves/Beetle WonderSwan/Game.srm",
        b"progress",
        0,
    );
    let place = here.place_of(rom, core);
    assert_eq!(paths(&place), [save]);
    assert_eq!(place.directory, here.saves("/Beetle WonderSwan"));
}

#[test]
fn a_save_of_a_game_whose_core_is_not_known_is_found_in_any_cores_folder() {
    for (by_content, below) in [(false, ""), (true, "/gba")] {
        let here = Here::sorted(by_content, true);
        let base = format!("~/.config/retroarch/saves{below}");
        here.save(&format!("{base}/gpSP/Other.srm"), b"other", 0);
        let save = here.save(&format!("{base}/VBA Next/Game (USA).srm"), b"progress", 0);
        let place = here.place_of(ROM, None);
        assert_eq!(paths(&place), [save.as_path()]);
        assert_eq!(place.directory, save.parent().unwrap());
        let second = here.save(&format!("{base}/mGBA/Game (USA).srm"), b"more", 2);
        assert_eq!(here.place_of(ROM, None).elsewhere, [second]);
    }
}

#[test]
fn core_folder_and_game_override_one_another_in_this_order() {
    let here = Here::sorted(false, false);
    let config = |name: &str, text: &str| {
        here.tree
            .file(&format!("~/.config/retroarch/config/mGBA/{name}.cfg"), text);
    };
    config("mGBA", &sorting(true, true));
    assert_eq!(here.place().directory, here.saves("/gba/mGBA"));
    config("gba", &sorting(true, false));
    assert_eq!(here.place().directory, here.saves("/gba"));
    config(
        "Game (USA)",
        "sort_savefiles_by_content_enable = \"false\"\n",
    );
    let place = here.place();
    assert_eq!(place.directory, here.saves(""));
    assert_eq!(
        place
            .why
            .iter()
            .filter(|why| why.starts_with("as "))
            .count(),
        3
    );
    here.tree.file(
        CONFIG,
        format!(
            "auto_overrides_enable = \"false\"\n{}",
            sorting(false, true)
        ),
    );
    assert_eq!(
        here.place().directory,
        here.saves("/mGBA"),
        "they are not read"
    );
}

#[test]
fn overrides_are_where_the_settings_say() {
    for (value, directory) in [
        (None, "~/.config/retroarch/config"),
        (Some(""), "~/.config/retroarch"),
        (Some("default"), "~/.config/retroarch"),
        (Some("/opt/config"), "/opt/config"),
    ] {
        let setting = value.map(|value| format!("rgui_config_directory = \"{value}\"\n"));
        let settings = format!("{}{}", setting.unwrap_or_default(), sorting(false, false));
        let here = Here::new(&settings);
        here.tree
            .file(&format!("{directory}/mGBA/mGBA.cfg"), sorting(true, false));
        assert_eq!(here.place().directory, here.saves("/gba"), "{value:?}");
    }
}

#[test]
fn a_root_that_is_named_and_missing_stops_its_games() {
    let named = "savefile_directory = \"/run/media/card/saves\"\n";
    let here = Here::new(&format!("{named}{}", sorting(false, false)));
    let root = here.tree.at("/run/media/card/saves");
    let place = here.place();
    assert_eq!(
        place.stopped,
        Some(Stopped::RootMissing { root: root.clone() })
    );
    assert!(place.stopped.unwrap().to_string().contains("put it in"));
    here.tree.directory("/run/media/card/saves");
    let place = here.place();
    assert_eq!((place.stopped, place.directory), (None, root));
    let beside = format!(
        "{named}savefiles_in_content_dir = \"true\"\n{}",
        sorting(false, false)
    );
    let here = Here::new(&beside);
    assert_eq!(here.place().stopped, None, "it is not used");
}

#[test]
fn a_root_of_the_distribution_counts_whatever_the_settings_say() {
    let settings = format!(
        "savefile_directory = \"/elsewhere\"\n{}",
        sorting(true, false)
    );
    let here = Here::new(&settings);
    let machine = here.tree.machine();
    let root = here.tree.at("~/retrodeck/saves");
    let place = || {
        let retroarch = RetroArch::read(Install {
            root: Some(root.clone()),
            ..Install::beside(
                "RetroDECK",
                &here.tree.at(CONFIG),
                Spelling::plain(&machine),
            )
        });
        let content = Content::of(&machine, &here.tree.at(ROM)).unwrap();
        retroarch.place(&content, Some("mgba"))
    };
    assert_eq!(
        place().stopped,
        Some(Stopped::RootMissing { root: root.clone() })
    );
    here.tree.directory("~/retrodeck/saves");
    assert_eq!(
        (place().stopped, place().directory),
        (None, root.join("gba"))
    );
}

#[test]
fn settings_that_cannot_be_read_stop_every_game() {
    let here = Here::new("");
    std::fs::remove_file(here.tree.at(CONFIG)).unwrap();
    here.tree.directory(CONFIG);
    let stopped = here.place().stopped;
    assert!(
        matches!(stopped, Some(Stopped::Unreadable { path, .. }) if path == here.tree.at(CONFIG))
    );
}

#[test]
fn an_override_or_options_that_cannot_be_read_stop_the_games_that_they_are_for() {
    for name in ["mGBA.cfg", "gba.cfg", "Game (USA).cfg", "mGBA.opt"] {
        let here = Here::sorted(false, false);
        let path = format!("~/.config/retroarch/config/mGBA/{name}");
        here.tree.directory("~/.config/retroarch/config/mGBA");
        std::os::unix::fs::symlink(name, here.tree.at(&path)).unwrap();
        let stopped = here.place().stopped;
        let is_it = |path: &Path| {
            path == here
                .tree
                .at(&format!("~/.config/retroarch/config/mGBA/{name}"))
        };
        assert!(
            matches!(stopped, Some(Stopped::Unreadable { path, .. }) if is_it(&path)),
            "{name}"
        );
        let other = here.place_of("~/ROMs/snes/Other.sfc", Some("snes9x"));
        assert_eq!(other.stopped, None);
    }
}

#[test]
fn a_folder_that_cannot_be_made_leaves_saves_in_the_base() {
    let here = Here::sorted(true, false);
    here.save("~/.config/retroarch/saves/gba", b"a file in its way", 0);
    assert_eq!(here.place().directory, here.saves(""));
}

#[test]
fn a_playlist_of_discs_has_one_save_and_a_folder_named_like_it_sorts_under_that_name() {
    let here = Here::sorted(true, false);
    let core = Some("swanstation");
    let place = here.place_of("~/ROMs/psx/FF7.m3u", core);
    assert_eq!(place.path(), here.saves("/psx/FF7.srm"));
    here.tree.file("~/ROMs/psx/FF8.m3u/FF8.m3u", b"");
    let place = here.place_of("~/ROMs/psx/FF8.m3u", core);
    assert_eq!(place.path(), here.saves("/FF8.m3u/FF8.srm"));
}

#[test]
fn a_game_in_an_archive_is_named_after_what_was_opened_and_after_its_rom_on_the_wire() {
    let here = Here::sorted(false, false);
    here.save("~/.config/retroarch/saves/Inner.srm", b"progress", 0);
    let place = here.place_of("~/ROMs/gba/pack.zip#Inner.gba", Some("mgba"));
    assert_eq!(place.stem, "Inner");
    assert_eq!(place.files[0].wire_name, "pack.srm");
}

#[test]
fn appended_settings_come_over_the_others() {
    let here = Here::sorted(false, false);
    let appended = here.tree.file("/opt/append.cfg", sorting(true, false));
    let machine = here.tree.machine();
    let retroarch = RetroArch::read(Install {
        appended: vec![appended],
        ..Install::beside(
            "RetroArch",
            &here.tree.at(CONFIG),
            Spelling::plain(&machine),
        )
    });
    let content = Content::of(&machine, &here.tree.at(ROM)).unwrap();
    let place = retroarch.place(&content, Some("mgba"));
    assert_eq!(place.directory, here.saves("/gba"));
    assert_eq!(retroarch.looked.len(), 2);
}
