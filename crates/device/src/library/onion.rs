//! Onion, on the Miyoo Mini: saves sorted by core, in the profile of whoever plays.
//!
//! A guest's profile takes the place of the owner's, which meanwhile goes by another name. The
//! owner's saves are what is synced.

use std::path::{Path, PathBuf};

use keepsave_core::platforms::Naming;
use serde::Deserialize;

use super::Installation;
use super::es_de::{Command, Frontend, Player, System};
use super::folders::Folders;
use super::game::{Found, KnownBy};
use super::gather::{Gathering, Played, Shelf};
use super::looking::{Looking, read};
use super::machine::Machine;
use super::retroarch::RetroArch;
use super::retroarch::cfg::Cfg;
use super::retroarch::install::Install;
use super::retroarch::spelling::Spelling;
use super::retroarch::states::StatesRoot;

/// The card.
const CARD: &str = "/mnt/SDCARD";

/// What plays a system: `config.json`, as far as it matters.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Launcher {
    rompath: String,
    extlist: String,
    launch: String,
}

/// Looks for it.
pub fn find(machine: &Machine, absent: &mut Looking) -> Option<Installation> {
    let card = machine.at(Path::new(CARD));
    if !absent.directory("Onion", &card.join(".tmp_update/startup"))
        && !card.join(".tmp_update/onionVersion").is_dir()
    {
        return None;
    }
    let mut gathering = Gathering::new(machine, "Onion", Naming::Onion, KnownBy::RomFolder);
    let application = card.join("RetroArch");
    let mut install = Install::beside(
        "Onion's RetroArch",
        &application.join(".retroarch/retroarch.cfg"),
        Spelling::with_application(machine, &application),
    );
    install.infos = vec![application.join(".retroarch/cores")];
    let owner = card.join("Saves/MainProfile");
    let guest = owner.is_dir();
    if guest {
        install.root = Some(owner.join("saves"));
        install.states = Some(StatesRoot {
            directory: owner.join("states"),
            by_folder: false,
            always_there: owner.clone(),
        });
    }
    let retroarch = RetroArch::read(install);
    let launchers = launchers(&mut gathering.looking, machine, &card.join("Emu"));
    let frontend = Frontend::of(launchers);
    let own = Folders::default();
    for shelf in gathering.shelves(&frontend, &card.join("Roms")) {
        gathering.take_shelf(&shelf, &retroarch, |path| {
            let mut played = played(&own, &shelf, path);
            if guest {
                let why = "a guest plays: saves of the owner are in MainProfile meanwhile";
                played.why = Some(why.to_owned());
            }
            played
        });
    }
    gathering.looked_first(&retroarch.looked);
    // Where a profile is changes with whoever plays.
    gathering.sorted(&retroarch);
    Some(gathering.done())
}

/// The systems that have a launcher.
fn launchers(looking: &mut Looking, machine: &Machine, directory: &Path) -> Vec<System> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut directories: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    directories.sort();
    directories
        .iter()
        .filter_map(|directory| launcher(looking, machine, directory))
        .collect()
}

fn launcher(looking: &mut Looking, machine: &Machine, directory: &Path) -> Option<System> {
    let config = directory.join("config.json");
    let text = read(&config).ok().flatten()?;
    let launcher: Launcher = match serde_json::from_str(&text) {
        Ok(launcher) => launcher,
        Err(error) => {
            let found = Found::Unreadable(error.to_string());
            looking.note("a launcher of Onion", &config, found);
            return None;
        }
    };
    let called = machine.called(directory).join(&launcher.rompath);
    let games = machine.at(&called);
    let own = directory.file_name()?.to_string_lossy();
    let script = read(&directory.join(&launcher.launch)).ok().flatten();
    let core = script.as_deref().and_then(core_of);
    let extensions = launcher.extlist.split('|').map(str::to_lowercase);
    Some(System {
        name: games.file_name()?.to_str()?.to_owned(),
        path: called.to_str()?.to_owned(),
        extensions: extensions.filter(|is| !is.is_empty()).collect(),
        commands: vec![Command {
            label: own.clone().into_owned(),
            player: match core {
                Some(core) => Player::RetroArch {
                    core,
                    narrow: false,
                },
                None => Player::Other {
                    name: own.into_owned(),
                },
            },
        }],
    })
}

/// The core that a launcher's script starts, which may stand in a variable.
fn core_of(script: &str) -> Option<String> {
    let (_, after) = script.split_once(" -L ")?;
    let path = after.split_whitespace().next()?.trim_matches('"');
    let file = path.rsplit('/').next()?.trim_end_matches(".so");
    let default = script
        .lines()
        .find_map(|line| line.trim().strip_prefix("default_core="));
    let default = default.unwrap_or_default().trim_matches('"');
    let core = file
        .replace("${default_core}", default)
        .replace("$default_core", default);
    let is_core = core.ends_with("_libretro") && !core.contains('$');
    is_core.then_some(core)
}

/// What plays a game: what was chosen for it, else what its launcher starts.
fn played(own: &Folders, shelf: &Shelf, path: &Path) -> Played {
    let usual = shelf.played(path);
    let Some(directory) = path.parent() else {
        return usual;
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let chosen = directory.join(".game_config").join(format!("{stem}.cfg"));
    let text = own
        .has(&chosen)
        .then(|| read(&chosen).ok().flatten())
        .flatten();
    let settings = Cfg::parse(&text.unwrap_or_default());
    match settings.get("core") {
        Some(core) if core.ends_with("_libretro") => Played {
            player: Player::RetroArch {
                core: core.to_owned(),
                narrow: false,
            },
            why: Some(format!("{core} was chosen for this game")),
        },
        _ => usual,
    }
}
