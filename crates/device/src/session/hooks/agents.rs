//! What has an agent started with the machine: a unit of systemd for the user, and the boot scripts
//! of muOS and Onion.

use std::path::Path;

use super::{Hooks, Script, scripts};
use crate::library::Machine;

/// Where Onion looks for what it runs at boot.
const ONION: &str = "/mnt/SDCARD/.tmp_update/startup";
/// Where muOS does: the card that it works with, under one name.
const MUOS: &str = "/run/muos/storage";

/// Every way that is there, with that program, as the machine calls it.
pub fn starters(machine: &Machine, program: &Path) -> Vec<Hooks> {
    let at = |path: &str| machine.at(Path::new(path));
    let home = machine.home_name();
    let mut all = Vec::new();
    if at("/run/systemd/system").is_dir() {
        let units = machine.named_or_home("XDG_CONFIG_HOME", ".config");
        all.push(Hooks {
            name: "systemd",
            title: "systemd, for this user",
            notes: vec![
                "to have it run before anybody signs in: `loginctl enable-linger`".to_owned(),
            ],
            scripts: vec![Script {
                path: units.join("systemd/user/keepsave.service"),
                text: scripts::unit(program),
            }],
            switch: None,
        });
    }
    if at(MUOS).is_dir() {
        all.push(Hooks {
            name: "muos",
            title: "muOS",
            notes: vec![
                "muOS runs it only while user init scripts are on: Configuration, General, \
                 Advanced"
                    .to_owned(),
            ],
            scripts: vec![Script {
                path: at(MUOS).join("init/keepsave.sh"),
                text: scripts::at_boot(program, home),
            }],
            switch: None,
        });
    }
    let onion = at(ONION);
    if onion.is_dir() {
        all.push(Hooks {
            name: "onion",
            title: "Onion",
            notes: Vec::new(),
            scripts: vec![Script {
                path: onion.join("keepsave.sh"),
                text: scripts::at_boot(program, home),
            }],
            switch: None,
        });
    }
    all
}
