//! ROCKNIX: saves beside the games, as its own settings of `RetroArch` say.

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
use super::retroarch::states::StatesRoot;

/// Looks for it.
pub fn find(machine: &Machine, absent: &mut Looking) -> Option<Installation> {
    let at = |path: &str| machine.at(Path::new(path));
    if !absent.directory("ROCKNIX", &at("/storage/.config/retroarch")) {
        return None;
    }
    let mut gathering = Gathering::new(machine, "ROCKNIX", Naming::Rocknix, KnownBy::RomFolder);
    let read = |name: &str, config: &str| {
        let home = at("/storage");
        let spelling = Spelling::with_home(machine, &home);
        RetroArch::read(Install {
            infos: vec![at("/usr/lib/libretro"), at("/tmp/cores")],
            // It says so itself at each launch.
            states: Some(StatesRoot {
                directory: at("/storage/roms/savestates"),
                by_folder: true,
                always_there: at("/storage/roms"),
            }),
            ..Install::beside(name, &at(config), spelling)
        })
    };
    let wide = read("RetroArch", "/storage/.config/retroarch/retroarch.cfg");
    let narrow = read(
        "RetroArch (32 bit)",
        "/storage/.config/retroarch32/retroarch.cfg",
    );
    let files = [
        at("/storage/.config/emulationstation/es_systems.cfg"),
        at("/usr/config/emulationstation/es_systems.cfg"),
        at("/etc/emulationstation/es_systems.cfg"),
    ];
    let frontend = station::frontend(&mut gathering.looking, &files);
    let settings = at("/storage/.config/system/configs/system.cfg");
    let text = gathering.looking.text("settings of ROCKNIX", &settings);
    let chosen = Chosen::of_lines(&text.unwrap_or_default());
    for shelf in gathering.shelves(&frontend, &at("/storage/roms")) {
        let system = shelf.system;
        let played = |path: &Path| chosen.played(&shelf.name, system, path);
        gathering.take_shelf_of_two(&shelf, [&wide, &narrow], played);
    }
    gathering.looked_first(&wide.looked);
    gathering.laid(&wide);
    gathering.laid(&narrow);
    Some(gathering.done())
}
