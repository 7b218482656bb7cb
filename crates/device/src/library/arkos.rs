//! `ArkOS`: two builds of `RetroArch` with settings of their own, and games on one card or two.

use std::path::Path;

use keepsave_core::platforms::Naming;

use super::Installation;
use super::es_de::station::{self, Chosen};
use super::game::KnownBy;
use super::gather::Gathering;
use super::looking::Looking;
use super::machine::Machine;
use super::retroarch::RetroArch;
use super::retroarch::install::Install;
use super::retroarch::spelling::Spelling;

/// Where the games of the first card are, and those of the second.
const ROMS: [&str; 2] = ["/roms", "/roms2"];

/// Looks for it.
pub fn find(machine: &Machine, absent: &mut Looking) -> Option<Installation> {
    let at = |path: &str| machine.at(Path::new(path));
    let home = at("home/ark");
    let config = home.join(".config/retroarch");
    let has_games = ROMS.iter().any(|roms| at(roms).is_dir());
    if !absent.directory("ArkOS", &config) || !has_games {
        return None;
    }
    let mut gathering = Gathering::new(machine, "ArkOS", Naming::Rocknix, KnownBy::RomFolder);
    let read = |name: &str, directory: &str| {
        let config = home.join(".config").join(directory).join("retroarch.cfg");
        let spelling = Spelling::with_home(machine, &home);
        RetroArch::read(Install::beside(name, &config, spelling))
    };
    let wide = read("RetroArch", "retroarch");
    let narrow = read("RetroArch (32 bit)", "retroarch32");
    let files = [
        home.join(".emulationstation/es_systems.cfg"),
        at("/etc/emulationstation/es_systems.cfg"),
    ];
    let frontend = station::frontend(&mut gathering.looking, &files);
    let settings = home.join(".emulationstation/es_settings.cfg");
    let what = "settings of EmulationStation";
    let text = gathering.looking.text(what, &settings);
    let (chosen, fault) = Chosen::of_settings(&text.unwrap_or_default());
    gathering.looking.fault(what, &settings, fault);
    let mut shelves = gathering.shelves(&frontend, &at(ROMS[0]));
    if !frontend.complete && at(ROMS[1]).is_dir() {
        shelves.extend(gathering.directories(&at(ROMS[1])));
    }
    for shelf in shelves {
        let system = shelf.system;
        let played = |path: &Path| chosen.played(&shelf.name, system, path);
        gathering.take_shelf_of_two(&shelf, [&wide, &narrow], played);
    }
    gathering.looked_first(&wide.looked);
    gathering.laid(&wide);
    gathering.laid(&narrow);
    Some(gathering.done())
}
