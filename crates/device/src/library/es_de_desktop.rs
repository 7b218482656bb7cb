//! ES-DE on a desktop: games in its own directory, played in whichever `RetroArch` it finds.

use std::path::{Path, PathBuf};

use keepsave_core::platforms::Naming;

use super::Installation;
use super::es_de::Frontend;
use super::game::KnownBy;
use super::gather::Gathering;
use super::looking::Looking;
use super::machine::Machine;
use super::{desktop, emudeck};

/// Where packages put what ES-DE comes with. An `AppImage` cannot be looked into.
const BUNDLED: [&str; 3] = [
    "/usr/share/es-de/resources/systems/linux",
    "/usr/local/share/es-de/resources/systems/linux",
    "/usr/share/es-de/resources/systems/unix",
];

/// Looks for it.
pub fn find(machine: &Machine, absent: &mut Looking) -> Option<Installation> {
    if !absent.directory("ES-DE", &data(machine)) {
        return None;
    }
    let mut gathering = Gathering::new(machine, "ES-DE", Naming::EsDe, KnownBy::RomFolder);
    let frontend = frontend(machine, &mut gathering.looking);
    let roms = frontend.roms(machine, machine.home("ROMs"));
    // EmuDeck's games are known already.
    if emudeck::roms(machine).is_some_and(|known| known == roms) {
        return None;
    }
    let program = frontend.program(machine, "RETROARCH");
    let retroarch = desktop::installed(machine, program.as_deref());
    gathering.looking.directory("games of ES-DE", &roms);
    for shelf in gathering.shelves(&frontend, &roms) {
        gathering.take_shelf(&shelf, &retroarch, |path| shelf.played(path));
    }
    gathering.looked_first(&retroarch.looked);
    gathering.laid(&retroarch);
    Some(gathering.done())
}

/// ES-DE as it is set up here.
pub fn frontend(machine: &Machine, looking: &mut Looking) -> Frontend {
    let bundled = BUNDLED.map(|path| machine.at(Path::new(path)));
    Frontend::read(looking, &data(machine), &bundled)
}

/// ES-DE's own directory: where the environment says, beside a program that is carried around, or
/// in the home.
pub fn data(machine: &Machine) -> PathBuf {
    let programs = machine.home("Applications");
    let carried = std::fs::read_to_string(programs.join("portable.txt")).ok();
    let carried = carried.map(|text| programs.join(text.trim()).join("ES-DE"));
    match machine.variable("ESDE_APPDATA_DIR").map(Path::new) {
        Some(path) if path.is_absolute() => machine.at(path),
        _ => carried.unwrap_or_else(|| machine.home("ES-DE")),
    }
}
