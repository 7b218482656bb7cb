//! Text catalogues: games that need no file on the server, because people keep them on devices.
//!
//! `catalogue.txt` in the library has lines like `gba/Metroid Fusion (Europe).gba`, `gba.txt` has
//! the file names alone. Empty lines and those that begin with `#` say nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use keepsave_core::limits;
use keepsave_wire::library::ScanProblem;

/// The file for all platforms.
const FOR_ALL: &str = "catalogue.txt";

/// The games that stand in text catalogues.
#[derive(Debug, Default)]
pub struct Listed {
    /// File names by platform.
    pub games: BTreeMap<String, BTreeSet<String>>,
    /// A catalogue could not be read: what it lists is not known.
    pub unreadable: bool,
    /// What could not be read.
    pub problems: Vec<ScanProblem>,
}

/// Reads the catalogues of a library. `is_platform` says which names are platforms: other text
/// files are none of our business.
pub fn read(library: &Path, is_platform: impl Fn(&str) -> bool) -> Listed {
    let mut listed = Listed::default();
    let entries = match fs_err::read_dir(library) {
        Ok(entries) => entries,
        Err(error) => {
            // A library that is not there lists nothing; its walk says what is wrong otherwise.
            listed.unreadable = error.kind() != io::ErrorKind::NotFound;
            return listed;
        }
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let Some(platform) = name.strip_suffix(".txt") else {
            continue;
        };
        if name == FOR_ALL {
            listed.take(&entry.path(), name, None);
        } else if is_platform(platform) {
            listed.take(&entry.path(), name, Some(platform));
        }
    }
    listed
}

impl Listed {
    fn take(&mut self, path: &Path, name: &str, platform: Option<&str>) {
        let text = match read_text(path) {
            Ok(text) => text,
            Err(error) => {
                self.unreadable = true;
                self.problem(name, format!("it cannot be read ({error}); its games stay"));
                return;
            }
        };
        self.take_text(&text, name, platform);
    }

    pub(crate) fn take_text(&mut self, text: &str, name: &str, platform: Option<&str>) {
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let game = match platform {
                Some(platform) => Some((platform, line)),
                None => line.split_once('/'),
            };
            match game.map(|(platform, game)| (platform.trim(), game.trim())) {
                Some((platform, game)) if is_component(platform) && is_component(game) => {
                    let games = self.games.entry(platform.to_owned()).or_default();
                    games.insert(game.to_owned());
                }
                _ => {
                    let what = format!("line {} names no game; it is left out", number + 1);
                    self.problem(name, what);
                }
            }
        }
    }

    fn problem(&mut self, path: &str, what: String) {
        self.problems.push(ScanProblem {
            path: path.to_owned(),
            what,
        });
    }
}

fn read_text(path: &Path) -> io::Result<String> {
    let size = fs_err::metadata(path)?.len();
    if size > limits::CATALOGUE_BYTES {
        return Err(io::Error::other("it is too large for a list of games"));
    }
    fs_err::read_to_string(path)
}

/// Whether a text can be the name of a folder or file in a library.
pub fn is_component(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
        && name.len() <= limits::PATH_COMPONENT_BYTES
        && !name
            .chars()
            .any(|character| matches!(character, '/' | '\\') || character.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalogues_list_games_by_platform() {
        let library = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs_err::write(library.path().join(name), text);
        write(
            "catalogue.txt",
            "\u{feff}# mine\r\n\r\ngba/Metroid Fusion (Europe).gba\r\n snes / Chrono Trigger.sfc \n",
        )
        .unwrap();
        write("gba.txt", "Golden Sun.gba\nMetroid Fusion (Europe).gba\n").unwrap();
        write("readme.txt", "Thank you for downloading.\n").unwrap();
        let listed = read(library.path(), |name| name == "gba");
        let games: Vec<_> = listed
            .games
            .iter()
            .flat_map(|(platform, games)| {
                games.iter().map(move |game| format!("{platform}/{game}"))
            })
            .collect();
        assert_eq!(
            games,
            [
                "gba/Golden Sun.gba",
                "gba/Metroid Fusion (Europe).gba",
                "snes/Chrono Trigger.sfc"
            ]
        );
        assert!(listed.problems.is_empty() && !listed.unreadable);
    }

    #[test]
    fn lines_that_name_no_game_are_reported() {
        let library = tempfile::tempdir().unwrap();
        let lines = "no platform\ngba/../x.gba\ngba/\n/x\n../x\ngba/a\u{7}b\n";
        fs_err::write(library.path().join("catalogue.txt"), lines).unwrap();
        let listed = read(library.path(), |_| true);
        assert!(listed.games.is_empty(), "{:?}", listed.games);
        assert_eq!(listed.problems.len(), 6);
    }

    #[test]
    fn a_catalogue_that_is_no_text_lists_nothing_and_forgets_nothing() {
        let library = tempfile::tempdir().unwrap();
        fs_err::write(library.path().join("gba.txt"), [0xff, 0xfe, 0x00]).unwrap();
        let listed = read(library.path(), |_| true);
        assert!(listed.unreadable);
        assert_eq!(listed.problems.len(), 1);
    }
}
