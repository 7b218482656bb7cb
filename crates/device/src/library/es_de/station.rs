//! The same kind of files as Batocera, ROCKNIX and `ArkOS` keep them: systems in `es_systems.cfg`,
//! and what a person chose to play them with as `key=value`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::Frontend;
use super::systems::{self, Player, System, Systems};
use super::xml::{Step, attribute, walk};
use crate::library::gather::Played;
use crate::library::looking::Looking;

/// The systems of the first of `files` that is there.
pub fn frontend(looking: &mut Looking, files: &[PathBuf]) -> Frontend {
    let what = "systems of EmulationStation";
    let read = files.iter().find_map(|path| {
        let (systems, fault) = systems::parse(&looking.text(what, path)?);
        looking.fault(what, path, fault);
        Some(systems)
    });
    let Systems { list, .. } = read.unwrap_or_default();
    Frontend::of(list)
}

/// What a person chose.
#[derive(Clone, Debug, Default)]
pub struct Chosen(HashMap<String, String>);

impl Chosen {
    /// Reads lines of `key=value`.
    pub fn of_lines(text: &str) -> Self {
        let lines = text.lines().map(str::trim);
        let said = lines.filter(|line| !line.starts_with(['#', ';']));
        let pairs = said.filter_map(|line| {
            let (key, value) = line.split_once('=')?;
            Some((key.trim().to_owned(), value.trim().to_owned()))
        });
        Self(pairs.collect())
    }

    /// Reads the settings of an `EmulationStation`, and says what is wrong with them.
    pub fn of_settings(text: &str) -> (Self, Option<String>) {
        let mut pairs = HashMap::new();
        let fault = walk(text, |step| {
            if let Step::Open { attributes, .. } = step
                && let Some(name) = attribute(attributes, "name")
            {
                let value = attribute(attributes, "value").unwrap_or_default();
                pairs.insert(name.to_owned(), value.to_owned());
            }
        });
        (Self(pairs), fault)
    }

    /// What plays the game at `path`, which is one of `system`: what was chosen for it, for its
    /// system, or what is usual.
    pub fn played(&self, name: &str, system: Option<&System>, path: &Path) -> Played {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let for_game = self.player(&format!("{name}[\"{file}\"]"), system);
        let (player, why) = if let Some(player) = for_game {
            (player, "it was chosen for this game what plays it")
        } else if let Some(player) = self.player(name, system) {
            (player, "it was chosen for its system what plays it")
        } else {
            // The command line only calls what the emulators' names choose.
            let commands = system.map_or(&[][..], |system| &system.commands);
            let mut named = commands.iter().map(|command| &command.player);
            let usual = named.find(|player| **player != Player::Unknown);
            let player = usual.cloned().unwrap_or_default();
            (player, "what plays it is as usual")
        };
        Played {
            player,
            why: Some(why.to_owned()),
        }
    }

    fn player(&self, key: &str, system: Option<&System>) -> Option<Player> {
        let said = |what: &str| {
            let value = self.0.get(&format!("{key}.{what}"))?;
            (!value.is_empty() && value != "auto").then_some(value.as_str())
        };
        match (said("emulator"), said("core")) {
            (None, None) => None,
            (emulator, Some(core)) => {
                Some(systems::played_by(emulator.unwrap_or("libretro"), core))
            }
            (Some(emulator), None) => {
                // Without a core it is the usual one of that emulator.
                let player = systems::played_by(emulator, "");
                let Player::RetroArch { narrow, .. } = player else {
                    return Some(player);
                };
                let commands = system.map_or(&[][..], |system| &system.commands);
                let mut players = commands.iter().map(|command| &command.player);
                let is_of_it = |player: &&Player| matches!(player, Player::RetroArch { narrow: is, .. } if *is == narrow);
                Some(players.find(is_of_it).cloned().unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEMS: &str = r#"<systemList><system><name>gba</name><path>/userdata/roms/gba</path>
        <command>emulatorlauncher -rom %ROM%</command>
        <emulators><emulator name="mgba"><cores><core>mgba</core></cores></emulator>
        <emulator name="libretro"><cores><core>gpsp</core><core default="true">mgba</core></cores></emulator>
        <emulator name="retroarch32"><cores><core>gpsp</core></cores></emulator>
        </emulators></system></systemList>"#;

    fn played(chosen: &Chosen, file: &str) -> Player {
        let (systems, _) = systems::parse(SYSTEMS);
        let path = Path::new("/userdata/roms/gba").join(file);
        chosen.played("gba", systems.list.first(), &path).player
    }

    fn core(core: &str, narrow: bool) -> Player {
        Player::RetroArch {
            core: format!("{core}_libretro"),
            narrow,
        }
    }

    #[test]
    fn what_was_chosen_for_a_game_goes_before_its_system_and_the_usual() {
        let other = Player::Other {
            name: "mgba".to_owned(),
        };
        for (lines, player) in [
            ("", core("mgba", false)),
            (
                "# gba.core=vbam\n;gba.core=vbam\n\ngba.core=auto\n",
                core("mgba", false),
            ),
            ("gba.core=gpsp\n", core("gpsp", false)),
            ("  gba.core = gpsp \n", core("gpsp", false)),
            ("gba.emulator=mgba\n", other.clone()),
            ("gba.emulator=libretro\n", core("mgba", false)),
            ("gba.emulator=retroarch32\n", core("gpsp", true)),
            (
                "gba.emulator=retroarch32\ngba.core=vbam\n",
                core("vbam", true),
            ),
            (
                "gba.core=gpsp\ngba[\"A = B.zip\"].core=vbam",
                core("gpsp", false),
            ),
            (
                "gba.core=gpsp\ngba[\"A.zip\"].core=vbam",
                core("vbam", false),
            ),
            (
                "gba[\"A.zip\"].emulator=mgba\ngba[\"A.zip\"].core=mgba",
                other,
            ),
            ("gba[\"B.zip\"].core=vbam", core("mgba", false)),
        ] {
            assert_eq!(played(&Chosen::of_lines(lines), "A.zip"), player, "{lines}");
        }
    }

    #[test]
    fn the_settings_of_an_emulationstation_choose_too() {
        let text = "<?xml version=\"1.0\"?><string name=\"gba.emulator\" value=\"retroarch32\" />\
                    <string name=\"gba.core\" value=\"gpsp\" />";
        let (chosen, fault) = Chosen::of_settings(text);
        assert_eq!(fault, None);
        assert_eq!(played(&chosen, "A.zip"), core("gpsp", true));
    }

    #[test]
    fn a_system_that_nothing_is_known_of_is_played_by_something_unknown() {
        let path = Path::new("/userdata/roms/homebrew/A.zip");
        let played = Chosen::default().played("homebrew", None, path);
        assert_eq!(played.player, Player::Unknown);
    }
}
