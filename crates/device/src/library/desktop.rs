//! `RetroArch` as anyone may have installed it: the system's own, the Flatpak, Steam's, an
//! `AppImage`.

use std::path::Path;

use super::looking::Looking;
use super::machine::Machine;
use super::retroarch::RetroArch;
use super::retroarch::install::{self, FLATPAK, Install};
use super::retroarch::spelling::Spelling;

/// The program of the Flatpak.
pub const FLATPAK_PROGRAM: &str = "/var/lib/flatpak/exports/bin/org.libretro.RetroArch";

/// The installation that `program` starts, else the first that is here. Where there is none, one
/// that was never set up.
pub fn installed(machine: &Machine, program: Option<&Path>) -> RetroArch {
    let mut looking = Looking::default();
    let installs = install::find(machine, &mut looking);
    let is_flatpak = |install: &Install| {
        let mut parts = install.config.components();
        parts.any(|part| part.as_os_str() == FLATPAK)
    };
    let wanted = |install: &&Install| match program.and_then(Path::file_name) {
        Some(name) => (name == FLATPAK) == is_flatpak(install),
        None => true,
    };
    let found = installs.iter().find(wanted).or(installs.first()).cloned();
    let mut retroarch = RetroArch::read(found.unwrap_or_else(|| {
        let config = machine.home(".config/retroarch/retroarch.cfg");
        Install::beside("RetroArch", &config, Spelling::plain(machine))
    }));
    retroarch.looked.splice(0..0, looking.looked);
    retroarch
}
