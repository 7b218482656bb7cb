//! Which frontends are here, and where each looks for its hooks.

use std::path::{Path, PathBuf};

use super::{Hooks, Script, scripts};
use crate::library::{Machine, emudeck, es_de_desktop, retrodeck};

/// Every frontend that is here, with hooks that call that program, as the machine calls it.
pub fn found(machine: &Machine, program: &Path) -> Vec<Hooks> {
    let mut all = Vec::new();
    let data = es_de_desktop::data(machine);
    if data.is_dir() {
        all.push(Hooks {
            name: "es-de",
            title: "ES-DE",
            notes: Vec::new(),
            scripts: of_es_de(&data, &scripts::before(program), &scripts::after(program)),
            switch: Some(settings(&data)),
        });
    }
    all.extend(retrodeck(machine, program));
    let system = machine.at(Path::new("/userdata/system"));
    if system.is_dir() {
        all.push(Hooks {
            name: "batocera",
            title: "Batocera or Knulli",
            notes: Vec::new(),
            scripts: vec![Script {
                path: system.join("scripts/keepsave.sh"),
                text: scripts::batocera(program),
            }],
            switch: None,
        });
    }
    all.extend(nextui(machine, program));
    let steam = [".steam", ".local/share/Steam"].map(|path| machine.home(path));
    if emudeck::roms(machine).is_some() || steam.iter().any(|path| path.is_dir()) {
        let option = format!("{} play -- %command%", scripts::quoted(program));
        all.push(Hooks {
            name: "steam",
            title: "Steam, as with EmuDeck",
            notes: vec![format!(
                "set this as the launch option of each game in Steam: {option}"
            )],
            scripts: Vec::new(),
            switch: None,
        });
    }
    all
}

fn of_es_de(data: &Path, before: &str, after: &str) -> Vec<Script> {
    let script = |event: &str, text: &str| Script {
        path: data.join("scripts").join(event).join("keepsave.sh"),
        text: text.to_owned(),
    };
    vec![script("game-start", before), script("game-end", after)]
}

fn settings(data: &Path) -> PathBuf {
    data.join("settings/es_settings.xml")
}

fn retrodeck(machine: &Machine, program: &Path) -> Option<Hooks> {
    let data = retrodeck::data(machine)?;
    let before = scripts::outside(&scripts::before(program));
    let after = scripts::outside(&scripts::after(program));
    let note = "RetroDECK runs its hooks inside its sandbox, from where Keepsave is reached only if \
                it may start programs outside: `flatpak override --user \
                --talk-name=org.freedesktop.Flatpak net.retrodeck.retrodeck`";
    Some(Hooks {
        name: "retrodeck",
        title: "RetroDECK",
        notes: vec![note.to_owned()],
        scripts: of_es_de(&data, &before, &after),
        switch: Some(settings(&data)),
    })
}

/// It keeps a folder of hooks for each kind of device that the card was in.
fn nextui(machine: &Machine, program: &Path) -> Option<Hooks> {
    let cards = ["/mnt/SDCARD", "/mnt/sdcard"].map(|card| machine.at(Path::new(card)));
    let is_nextui = |card: &&PathBuf| card.join(".userdata/shared/minuisettings.txt").is_file();
    let own = cards.iter().find(is_nextui)?.join(".userdata");
    let devices = std::fs::read_dir(&own).into_iter().flatten().flatten();
    let devices = devices.map(|device| device.path());
    let mut devices: Vec<PathBuf> = devices
        .filter(|device| device.is_dir() && !device.ends_with("shared"))
        .collect();
    devices.sort();
    let scripts = devices.iter().flat_map(|device| {
        let script = |phase: &str, text: String| Script {
            path: device.join(".hooks").join(phase).join("keepsave.sh"),
            text,
        };
        [
            script("pre-launch.d", scripts::nextui_before(program)),
            script("post-launch.d", scripts::nextui_after(program)),
        ]
    });
    let scripts: Vec<Script> = scripts.collect();
    (!scripts.is_empty()).then_some(Hooks {
        name: "nextui",
        title: "NextUI",
        notes: Vec::new(),
        scripts,
        switch: None,
    })
}
