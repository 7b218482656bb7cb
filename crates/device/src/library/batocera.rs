//! Batocera, and Knulli, which is built from it.
//!
//! Before each launch it writes `RetroArch`'s settings anew: saves of a system lie in one folder of
//! that system, unsorted. So nothing of them needs to be read.

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

/// What it decides, whatever a person sets.
const DECIDED: &str = "sort_savefiles_enable = \"false\"\n\
    sort_savefiles_by_content_enable = \"false\"\n\
    savefiles_in_content_dir = \"false\"\n\
    sort_savestates_enable = \"false\"\n\
    sort_savestates_by_content_enable = \"false\"\n\
    savestates_in_content_dir = \"false\"\n";

/// Looks for it.
pub fn find(machine: &Machine, absent: &mut Looking) -> Option<Installation> {
    let at = |path: &str| machine.at(Path::new(path));
    let roms = at("/userdata/roms");
    if !absent.directory("Batocera", &at("/userdata/system")) {
        return None;
    }
    let is_knulli = at("/usr/share/knulli").is_dir();
    let name = if is_knulli { "Knulli" } else { "Batocera" };
    let mut gathering = Gathering::new(machine, name, Naming::Batocera, KnownBy::RomFolder);
    let files = [
        at("/userdata/system/configs/emulationstation/es_systems.cfg"),
        at("/usr/share/emulationstation/es_systems.cfg"),
    ];
    let frontend = station::frontend(&mut gathering.looking, &files);
    // Knulli gave the file its own name.
    let settings = [
        "/userdata/system/knulli.conf",
        "/userdata/system/batocera.conf",
    ]
    .map(at);
    let settings = settings
        .iter()
        .filter(|path| is_knulli || path.ends_with("batocera.conf"));
    let what = format!("settings of {name}");
    let text = settings
        .into_iter()
        .find_map(|path| gathering.looking.text(&what, path));
    let chosen = Chosen::of_lines(&text.unwrap_or_default());
    let saves = at("/userdata/saves");
    let all_there = gathering
        .looking
        .directory(&format!("saves of {name}"), &saves);
    for shelf in gathering.shelves(&frontend, &roms) {
        let own = saves.join(&shelf.name);
        let config = at("/userdata/system/configs/retroarch/retroarchcustom.cfg");
        let retroarch = RetroArch::read(Install {
            root: Some(if all_there {
                own.clone()
            } else {
                saves.clone()
            }),
            states: Some(StatesRoot {
                directory: own.clone(),
                by_folder: false,
                always_there: saves.clone(),
            }),
            decided: DECIDED,
            infos: vec![at("/usr/share/libretro/info")],
            ..Install::beside(name, &config, Spelling::plain(machine))
        });
        let system = shelf.system;
        gathering.take_shelf(&shelf, &retroarch, |path| {
            chosen.played(&shelf.name, system, path)
        });
        gathering.made_when_needed(&own, None);
    }
    Some(gathering.done())
}
