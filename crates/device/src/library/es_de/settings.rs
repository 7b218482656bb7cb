//! `es_settings.xml`: typed elements one after another, without a root.

use super::xml::{Step, attribute, walk};

/// What of ES-DE's settings matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the games are, as it is written; nothing when it was left as it is at first.
    pub rom_directory: Option<String>,
    /// A game may have an emulator of its own.
    pub emulator_per_game: bool,
    /// What is noted about games stands beside them.
    pub gamelists_beside_games: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rom_directory: None,
            emulator_per_game: true,
            gamelists_beside_games: false,
        }
    }
}

/// Reads the file, and says what is wrong with it.
pub fn parse(text: &str) -> (Settings, Option<String>) {
    let mut settings = Settings::default();
    let fault = walk(text, |step| {
        let Step::Open { attributes, .. } = step else {
            return;
        };
        let value = attribute(attributes, "value").unwrap_or_default();
        match attribute(attributes, "name") {
            Some("ROMDirectory") => {
                settings.rom_directory = (!value.is_empty()).then(|| value.to_owned());
            }
            Some("AlternativeEmulatorPerGame") => settings.emulator_per_game = value != "false",
            Some("LegacyGamelistFileLocation") => settings.gamelists_beside_games = value == "true",
            _ => {}
        }
    });
    (settings, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_without_a_root() {
        for (text, expected) in [
            ("", Settings::default()),
            (
                "<?xml version=\"1.0\"?>\n<bool name=\"AlternativeEmulatorPerGame\" value=\"false\" />\n\
                 <bool name=\"LegacyGamelistFileLocation\" value=\"true\" />\n\
                 <int name=\"ScraperResizeMaxWidth\" value=\"400\" />\n\
                 <string name=\"ROMDirectory\" value=\"~/Emulation/roms &amp; more\" />\n",
                Settings {
                    rom_directory: Some("~/Emulation/roms & more".to_owned()),
                    emulator_per_game: false,
                    gamelists_beside_games: true,
                },
            ),
            (
                "<string name=\"ROMDirectory\" value=\"\" />",
                Settings::default(),
            ),
            (
                "<config><string name='ROMDirectory' value='/roms'/></config>",
                Settings {
                    rom_directory: Some("/roms".to_owned()),
                    ..Settings::default()
                },
            ),
        ] {
            assert_eq!(parse(text), (expected, None), "{text}");
        }
    }
}
