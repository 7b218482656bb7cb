//! muOS: saves sorted by core on one of two cards, and a note for each folder or game of what plays
//! it.

use std::path::{Path, PathBuf};

use keepsave_core::platforms::Naming;

use super::Installation;
use super::es_de::Player;
use super::folders::Folders;
use super::game::KnownBy;
use super::gather::{Gathering, Played};
use super::looking::{Looking, read};
use super::machine::Machine;
use super::retroarch::RetroArch;
use super::retroarch::install::Install;
use super::retroarch::spelling::Spelling;

/// Where its settings of `RetroArch` are, in newer versions and in older ones.
const CONFIGS: [&str; 2] = [
    "/opt/muos/share/info/config/retroarch.cfg",
    "/run/muos/storage/info/config/retroarch.cfg",
];
/// Where it notes what plays games, in newer versions and in older ones.
const NOTES: [&str; 2] = [
    "/opt/muos/share/info/content",
    "/run/muos/storage/info/core",
];
/// Both cards as one directory, else each.
const ROMS: [&str; 3] = ["/mnt/union/ROMS", "/mnt/mmc/ROMS", "/mnt/sdcard/ROMS"];

/// Looks for it.
pub fn find(machine: &Machine, absent: &mut Looking) -> Option<Installation> {
    let at = |path: &str| machine.at(Path::new(path));
    if !absent.directory("muOS", &at("/opt/muos")) && !at("/run/muos").is_dir() {
        return None;
    }
    let mut gathering = Gathering::new(machine, "muOS", Naming::Muos, KnownBy::RomFolder);
    let [newer, older] = CONFIGS.map(at);
    let config = if newer.is_file() { newer } else { older };
    let spelling = Spelling::plain(machine);
    let retroarch = RetroArch::read(Install::beside("muOS's RetroArch", &config, spelling));
    let [both, first, second] = ROMS.map(at);
    let roots = if both.is_dir() {
        vec![both]
    } else {
        vec![first, second]
    };
    let notes = Notes {
        directories: NOTES.map(at),
        folders: Folders::default(),
    };
    for roms in roots {
        for shelf in gathering.directories(&roms) {
            gathering.take_shelf(&shelf, &retroarch, |path| notes.played(&roms, path));
        }
    }
    gathering.looked_first(&retroarch.looked);
    gathering.laid(&retroarch);
    Some(gathering.done())
}

/// What it notes about games.
struct Notes {
    directories: [PathBuf; 2],
    folders: Folders,
}

impl Notes {
    /// What plays the game at `path`: what was assigned to it, else to its folder or the nearest
    /// around it.
    fn played(&self, roms: &Path, path: &Path) -> Played {
        let folder = path
            .parent()
            .and_then(|parent| parent.strip_prefix(roms).ok());
        let folder = folder.unwrap_or(Path::new(""));
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        for notes in &self.directories {
            let own = notes.join(folder).join(format!("{stem}.cfg"));
            // In the note about a game its name comes first.
            let mut core = self.line(&own, 1);
            let around = folder.ancestors().filter(|at| !at.as_os_str().is_empty());
            for at in around {
                core = core.or_else(|| self.line(&notes.join(at).join("core.cfg"), 0));
            }
            if let Some(core) = core {
                return Played {
                    why: Some(format!("{core} was assigned to it")),
                    player: player(&core),
                };
            }
        }
        Played {
            player: Player::Unknown,
            why: None,
        }
    }

    fn line(&self, note: &Path, number: usize) -> Option<String> {
        if !self.folders.has(note) {
            return None;
        }
        let text = read(note).ok().flatten()?;
        let line = text.lines().nth(number)?.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }
}

/// `mgba_libretro.so` is a core, `ext-ppsspp` an emulator of its own.
fn player(assigned: &str) -> Player {
    let file = assigned.trim_end_matches(".so");
    if file.ends_with("_libretro") {
        Player::RetroArch {
            core: file.to_owned(),
            narrow: false,
        }
    } else {
        Player::Other {
            name: file.trim_start_matches("ext-").to_owned(),
        }
    }
}
