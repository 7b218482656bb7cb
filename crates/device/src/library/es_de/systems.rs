//! `es_systems.xml`: the systems that a frontend of the `EmulationStation` family knows, where
//! their games are, and what plays them.
//!
//! ES-DE names a command line for each way to play; Batocera and its relatives name emulators and
//! their cores. Both become [`Command`]s, the usual one first.

use super::xml::{Step, attribute, walk};

/// A system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// The short name: `gba`.
    pub name: String,
    /// Where its games are, as it is written: `%ROMPATH%/gba`.
    pub path: String,
    /// The extensions of its games, in small letters, without a dot.
    pub extensions: Vec<String>,
    /// The ways to play, the usual one first.
    pub commands: Vec<Command>,
}

/// A way to play.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// What people choose it by: `mGBA`.
    pub label: String,
    /// What plays.
    pub player: Player,
}

/// What plays a game.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Player {
    /// `RetroArch`, with that core: `mgba_libretro`.
    RetroArch {
        /// The core.
        core: String,
        /// It is the build for 32 bits, which has settings of its own.
        narrow: bool,
    },
    /// Another emulator, as the frontend calls it: `PCSX2`.
    Other {
        /// Its name.
        name: String,
    },
    /// The command says nothing of an emulator.
    #[default]
    Unknown,
}

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Systems {
    /// Its systems, in its order.
    pub list: Vec<System>,
    /// The file wants to be the only one that counts.
    pub exclusive: bool,
}

impl Systems {
    /// The systems of this file, laid over those of another: what both name is as it is here.
    pub fn over(self, bundled: Self) -> Vec<System> {
        if self.exclusive {
            return self.list;
        }
        let mut list = bundled.list;
        for system in self.list {
            match list.iter_mut().find(|known| known.name == system.name) {
                Some(known) => *known = system,
                None => list.push(system),
            }
        }
        list
    }
}

/// Reads a file, and says what is wrong with it.
pub fn parse(text: &str) -> (Systems, Option<String>) {
    let mut reading = Reading::default();
    let fault = walk(text, |step| reading.step(step));
    (reading.systems, fault)
}

#[derive(Default)]
struct Reading {
    systems: Systems,
    system: Option<System>,
    label: String,
    emulator: String,
    is_default: bool,
    /// Whether the system's usual command was marked, and not just named first.
    default_named: bool,
}

impl Reading {
    fn step(&mut self, step: Step) {
        match step {
            Step::Open { name, attributes } => {
                let said = |name| attribute(attributes, name).unwrap_or_default().to_owned();
                match name {
                    "system" => {
                        self.system = Some(System::default());
                        self.default_named = false;
                    }
                    "loadExclusive" => self.systems.exclusive = true,
                    "command" => self.label = said("label"),
                    "emulator" => self.emulator = said("name"),
                    "core" => {
                        self.is_default = attribute(attributes, "default") == Some("true");
                    }
                    _ => {}
                }
            }
            Step::Close { name, text } => self.close(name, text),
        }
    }

    fn close(&mut self, name: &str, text: &str) {
        let Some(system) = &mut self.system else {
            return;
        };
        match name {
            "name" => text.clone_into(&mut system.name),
            "path" => text.clone_into(&mut system.path),
            "extension" => system.extensions = extensions(text),
            "command" if !text.is_empty() => system.commands.push(Command {
                label: std::mem::take(&mut self.label),
                player: player(text),
            }),
            "core" if !text.is_empty() => {
                let command = Command {
                    label: text.to_owned(),
                    player: played_by(&self.emulator, text),
                };
                if self.is_default && !self.default_named {
                    self.default_named = true;
                    system.commands.insert(0, command);
                } else {
                    system.commands.push(command);
                }
            }
            "system" => {
                if let Some(system) = self.system.take()
                    && !system.name.is_empty()
                {
                    self.systems.list.push(system);
                }
            }
            _ => {}
        }
    }
}

fn extensions(text: &str) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    let words = text.split([' ', '\t', '\n', '\r', ',']);
    for word in words {
        let extension = word.trim_start_matches('.').to_lowercase();
        if !extension.is_empty() && !list.contains(&extension) {
            list.push(extension);
        }
    }
    list
}

/// What a command line starts: `%EMULATOR_RETROARCH% -L %CORE_RETROARCH%/mgba_libretro.so %ROM%`.
fn player(line: &str) -> Player {
    if let Some(core) = core_of(line) {
        let narrow = false;
        return Player::RetroArch { core, narrow };
    }
    let named = line
        .split_once("%EMULATOR_")
        .and_then(|(_, rest)| rest.split_once('%'));
    match named {
        Some((name, _)) if !name.is_empty() => Player::Other {
            name: name.to_owned(),
        },
        _ => Player::Unknown,
    }
}

/// The file that follows `-L`, without its directory and its extension. Its path may be quoted and
/// have blanks.
fn core_of(line: &str) -> Option<String> {
    let (_, after) = line.split_once("-L ")?;
    let after = after.trim_start();
    let path = match after.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => after.split_whitespace().next()?,
    };
    let file = path.rsplit(['/', '\\']).next()?;
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let is_core = stem.ends_with("_libretro") && !stem.contains(['%', '$']);
    is_core.then(|| stem.to_owned())
}

/// Batocera and its relatives name `libretro` or `retroarch` and a core, or an emulator twice.
pub(super) fn played_by(emulator: &str, core: &str) -> Player {
    if !["libretro", "retroarch", "retroarch32"].contains(&emulator) {
        return Player::Other {
            name: emulator.to_owned(),
        };
    }
    let core = core.trim_end_matches("_libretro");
    Player::RetroArch {
        core: format!("{core}_libretro"),
        narrow: emulator == "retroarch32",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn core(core: &str) -> Player {
        Player::RetroArch {
            core: core.to_owned(),
            narrow: false,
        }
    }

    fn other(name: &str) -> Player {
        Player::Other {
            name: name.to_owned(),
        }
    }

    #[test]
    fn systems_of_es_de_are_read() {
        let (systems, fault) = parse(
            r#"<?xml version="1.0"?>
            <!-- <system><name>gone</name></system> -->
            <systemList>
              <system>
                <name>gba</name>
                <fullname>Nintendo Game Boy Advance</fullname>
                <path>%ROMPATH%/gba</path>
                <extension>.gba .GBA .7z .zip .ZIP</extension>
                <command label="mGBA">%EMULATOR_RETROARCH% -L %CORE_RETROARCH%/mgba_libretro.so %ROM%</command>
                <command label="mGBA (Standalone)">%EMULATOR_MGBA% -f %ROM%</command>
                <platform>gba</platform>
                <theme>gba</theme>
              </system>
              <system>
                <name>ports</name>
                <path>%ROMPATH%/ports</path>
                <extension>.sh</extension>
                <command>%ROM%</command>
              </system>
              <system><path>/nowhere</path></system>
            </systemList>"#,
        );
        assert_eq!(fault, None);
        assert!(!systems.exclusive);
        let [gba, ports] = &systems.list[..] else {
            panic!("{systems:?}");
        };
        assert_eq!(
            (gba.name.as_str(), gba.path.as_str()),
            ("gba", "%ROMPATH%/gba")
        );
        assert_eq!(gba.extensions, ["gba", "7z", "zip"]);
        let players: Vec<_> = gba
            .commands
            .iter()
            .map(|c| (c.label.as_str(), &c.player))
            .collect();
        let expected = [
            ("mGBA", &core("mgba_libretro")),
            ("mGBA (Standalone)", &other("MGBA")),
        ];
        assert_eq!(players, expected);
        assert_eq!(ports.commands[0].player, Player::Unknown);
    }

    #[test]
    fn systems_of_batocera_and_its_relatives_are_read() {
        let (systems, fault) = parse(
            r#"<systemList><system>
                <name>gba</name><path>/userdata/roms/gba</path><extension>.gba .zip</extension>
                <command>emulatorlauncher %CONTROLLERSCONFIG% -system %SYSTEM% -rom %ROM%</command>
                <emulators>
                  <emulator name="mgba"><cores><core>mgba</core></cores></emulator>
                  <emulator name="libretro"><cores>
                    <core>gpsp</core><core default="true">mgba</core>
                  </cores></emulator>
                </emulators>
            </system></systemList>"#,
        );
        assert_eq!(fault, None);
        let players: Vec<_> = systems.list[0].commands.iter().map(|c| &c.player).collect();
        assert_eq!(
            players,
            [
                &core("mgba_libretro"),
                &Player::Unknown,
                &other("mgba"),
                &core("gpsp_libretro")
            ]
        );
    }

    #[test]
    fn a_command_line_says_which_core_plays() {
        for (line, player) in [
            (
                "%EMULATOR_RETROARCH% -L %CORE_RETROARCH%/snes9x_libretro.so %ROM%",
                core("snes9x_libretro"),
            ),
            (
                "retroarch -v -L \"/my cores/bsnes-jg_libretro.dll\" %ROM%",
                core("bsnes-jg_libretro"),
            ),
            (
                "%EMULATOR_RETROARCH% -L %CORE_RETROARCH%\\a5200_libretro.dll",
                core("a5200_libretro"),
            ),
            (
                "%STARTDIR%=~/.mame %EMULATOR_MAME% -L x %ROM%",
                other("MAME"),
            ),
            ("%EMULATOR_PCSX2%", other("PCSX2")),
            ("%EMULATOR_", Player::Unknown),
            ("%EMULATOR_% -L ", Player::Unknown),
            ("-L ", Player::Unknown),
            (
                "nice %EMULATOR% -L /cores/%CORE%_libretro.so %ROM%",
                Player::Unknown,
            ),
        ] {
            assert_eq!(super::player(line), player, "{line}");
        }
    }

    #[test]
    fn a_players_own_systems_lie_over_those_that_are_bundled() {
        let named = |name: &str, path: &str| System {
            name: name.to_owned(),
            path: path.to_owned(),
            ..System::default()
        };
        let bundled = Systems {
            list: vec![named("gb", "bundled"), named("gba", "bundled")],
            exclusive: false,
        };
        let (own, fault) = parse(
            "<systemList><system><name>gba</name><path>own</path></system>\
             <system><name>mine</name><path>own</path></system></systemList>",
        );
        assert_eq!(fault, None);
        let all = own.clone().over(bundled.clone());
        let expected = [
            named("gb", "bundled"),
            named("gba", "own"),
            named("mine", "own"),
        ];
        assert_eq!(all, expected);

        let (only, _) =
            parse("<loadExclusive/><systemList><system><name>mine</name></system></systemList>");
        assert!(only.exclusive);
        assert_eq!(only.over(bundled), [named("mine", "")]);
    }

    #[test]
    fn what_stands_before_a_fault_counts() {
        let (systems, fault) =
            parse("<systemList><system><name>gb</name></system><system><name>gba</name><path>x");
        assert!(fault.is_some());
        assert_eq!(systems.list.len(), 1, "half a system is none");
    }
}
