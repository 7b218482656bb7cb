//! `EmuDeck`: emulators that it installs and sets up, with games and saves wherever its settings
//! say.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use keepsave_core::platforms::Naming;

use super::Installation;
use super::desktop;
use super::es_de_desktop;
use super::game::KnownBy;
use super::gather::Gathering;
use super::looking::Looking;
use super::machine::Machine;

/// Its settings: where they are now, and where they were.
const SETTINGS: [&str; 2] = [".config/EmuDeck/settings.sh", "emudeck/settings.sh"];

/// Looks for it.
pub fn find(machine: &Machine, absent: &mut Looking) -> Option<Installation> {
    let settings = settings(machine, absent)?;
    let mut gathering = Gathering::new(machine, "EmuDeck", Naming::EsDe, KnownBy::RomFolder);
    let frontend = es_de_desktop::frontend(machine, &mut gathering.looking);
    let retroarch = desktop::installed(machine, Some(desktop::FLATPAK_PROGRAM.as_ref()));
    let roms = roms_of(machine, &settings);
    gathering.looking.directory("games of EmuDeck", &roms);
    for shelf in gathering.shelves(&frontend, &roms) {
        gathering.take_shelf(&shelf, &retroarch, |path| shelf.played(path));
    }
    gathering.looked_first(&retroarch.looked);
    gathering.laid(&retroarch);
    Some(gathering.done())
}

/// Where its games are, if it is here.
pub fn roms(machine: &Machine) -> Option<PathBuf> {
    let settings = settings(machine, &mut Looking::default())?;
    Some(roms_of(machine, &settings))
}

fn roms_of(machine: &Machine, settings: &HashMap<String, String>) -> PathBuf {
    let below = |key: &str, name: &str| {
        let path = settings.get(key).filter(|path| path.starts_with('/'))?;
        Some(machine.at(&Path::new(path).join(name)))
    };
    let named = below("romsPath", "").or_else(|| below("emulationPath", "roms"));
    named.unwrap_or_else(|| machine.home("Emulation/roms"))
}

fn settings(machine: &Machine, looking: &mut Looking) -> Option<HashMap<String, String>> {
    let paths = SETTINGS.map(|path| machine.home(path));
    let text = paths
        .iter()
        .find_map(|path| looking.text("settings of EmuDeck", path))?;
    let home = machine.home_name().to_string_lossy().into_owned();
    Some(assignments(&text, &home))
}

/// The assignments of a shell script that only assigns.
fn assignments(script: &str, home: &str) -> HashMap<String, String> {
    let mut values = HashMap::from([("HOME".to_owned(), home.to_owned())]);
    for line in script.lines() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if let Some((name, value)) = line.split_once('=') {
            let value = value_of(value, &values);
            values.insert(name.trim().to_owned(), value);
        }
    }
    values
}

/// A value as the shell reads it: quotes fall away, and `$name` stands for what was assigned.
fn value_of(text: &str, values: &HashMap<String, String>) -> String {
    let mut value = String::new();
    let mut quote = None;
    let mut rest = text;
    if let Some(below) = rest.strip_prefix('~') {
        value.push_str(values.get("HOME").map_or("", String::as_str));
        rest = below;
    }
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '"' | '\'' if quote.is_none() => quote = Some(first),
            _ if quote == Some(first) => quote = None,
            ' ' | '\t' | ';' | '#' if quote.is_none() => break,
            '$' if quote != Some('\'') => {
                let braced = rest.starts_with('{');
                let name = rest.trim_start_matches('{');
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
                let (name, after) = name.split_at(end);
                value.push_str(values.get(name).map_or("", String::as_str));
                rest = if braced {
                    after.trim_start_matches('}')
                } else {
                    after
                };
            }
            other => value.push(other),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_only_assigns_is_read_as_the_shell_reads_it() {
        let script = "# settings\nemulationPath=\"/run/media/My Card/Emulation\"\n\
            export romsPath=\"$emulationPath\"/roms # games\nsavesPath=${emulationPath}/saves\n\
            old=~/Emulation\nplain='$HOME'\nhere=$HOME/x;\nempty=\nnonsense\n";
        let values = assignments(script, "/players/deck");
        for (name, value) in [
            ("emulationPath", "/run/media/My Card/Emulation"),
            ("romsPath", "/run/media/My Card/Emulation/roms"),
            ("savesPath", "/run/media/My Card/Emulation/saves"),
            ("old", "/players/deck/Emulation"),
            ("plain", "$HOME"),
            ("here", "/players/deck/x"),
            ("empty", ""),
        ] {
            assert_eq!(values[name], value, "{name}");
        }
    }
}
