//! The games of a machine, as far as an agent has to know them all the time: where each one's save
//! is, how its files looked last, and which ROM is which.
//!
//! Small, for it is held while nothing happens. Reads directories, writes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use keepsave_core::ids::RomId;
use keepsave_core::watch::Playing;

use super::control::Status;
use crate::files::Stamp;
use crate::library::{Game, Library};
use crate::session::running::Emulator;
use crate::state::Match;

/// The games.
#[derive(Debug, Default)]
pub struct Roster {
    roms: HashMap<PathBuf, RomId>,
    saves: HashMap<PathBuf, Directory>,
    /// Those of each installation whose `RetroArch` takes commands, by the name it has for them.
    commands: BTreeMap<u16, HashMap<String, RomId>>,
}

/// A directory of saves.
#[derive(Debug, Default)]
struct Directory {
    games: HashMap<String, RomId>,
    files: BTreeMap<OsString, Stamp>,
}

impl Roster {
    /// Of the games that were found and of which it is known which they are.
    pub fn of(library: &Library, matches: &[Match]) -> Self {
        let known: HashMap<&Path, RomId> = matches
            .iter()
            .map(|matched| (matched.path.as_path(), matched.rom))
            .collect();
        let mut roster = Self::default();
        for installation in &library.installations {
            for game in &installation.games {
                let Some(rom) = known.get(game.path.as_path()) else {
                    continue;
                };
                roster.add(game, *rom, installation.commands);
            }
        }
        for (path, directory) in &mut roster.saves {
            directory.look(path);
        }
        roster
    }

    fn add(&mut self, game: &Game, rom: RomId, commands: Option<u16>) {
        let place = &game.save;
        self.roms.insert(game.path.clone(), rom);
        if let Some(port) = commands {
            let names = self.commands.entry(port).or_default();
            names.insert(game.stem.clone(), rom);
        }
        if !place.stem.is_empty() && place.stopped.is_none() {
            let directory = self.saves.entry(place.directory.clone()).or_default();
            directory.games.insert(place.stem.clone(), rom);
        }
    }

    /// Where saves are.
    pub fn directories(&self) -> impl Iterator<Item = &Path> {
        self.saves.keys().map(PathBuf::as_path)
    }

    /// The ports on which emulators may take commands.
    pub fn ports(&self) -> impl Iterator<Item = u16> {
        self.commands.keys().copied()
    }

    /// The port on which the emulator of a game may take commands, and the name it has for it.
    pub fn control(&self, rom: RomId) -> impl Iterator<Item = (u16, &str)> {
        self.commands.iter().filter_map(move |(port, names)| {
            let name = names.iter().find(|(_, other)| **other == rom)?;
            Some((*port, name.0.as_str()))
        })
    }

    /// The games of a directory whose saves are others than when it was looked at last.
    pub fn look(&mut self, directory: &Path) -> BTreeSet<RomId> {
        let saves = self.saves.get_mut(directory);
        saves.map(|saves| saves.look(directory)).unwrap_or_default()
    }

    /// The same of every directory.
    pub fn look_everywhere(&mut self) -> BTreeSet<RomId> {
        let saves = self.saves.iter_mut();
        saves
            .flat_map(|(path, directory)| directory.look(path))
            .collect()
    }

    /// What is being played, by these emulators, and by what those say that take commands.
    pub fn playing(&self, emulators: &[Emulator], told: &BTreeMap<u16, Status>) -> Playing {
        let mut playing = Playing::default();
        for (port, status) in told {
            if let Status::Plays(name) = status {
                let rom = self.commands.get(port).and_then(|names| names.get(name));
                playing.games.extend(rom);
            }
        }
        for emulator in emulators {
            let roms = emulator.names.iter().filter_map(|name| self.roms.get(name));
            let before = playing.games.len();
            playing.games.extend(roms);
            // One that was started without a game may have any by now, unless it says so.
            let is_open = emulator.is_retroarch() && emulator.is_without_content();
            playing.unknown |= is_open && playing.games.len() == before && told.is_empty();
        }
        playing
    }
}

impl Directory {
    fn look(&mut self, path: &Path) -> BTreeSet<RomId> {
        let before = std::mem::take(&mut self.files);
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            if game_of(&self.games, &name).is_none() {
                continue;
            }
            if let Some(stamp) = Stamp::at(&entry.path()) {
                self.files.insert(name, stamp);
            }
        }
        let names = before.keys().chain(self.files.keys());
        let others = names.filter(|name| before.get(*name) != self.files.get(*name));
        others
            .filter_map(|name| game_of(&self.games, name))
            .collect()
    }
}

/// The game whose save may have a file of that name: its stem, and after a dot anything.
fn game_of(games: &HashMap<String, RomId>, name: &OsStr) -> Option<RomId> {
    let mut stem = name.to_str()?;
    loop {
        if let Some(rom) = games.get(stem) {
            return Some(*rom);
        }
        stem = stem.rsplit_once('.')?.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::tree::Tree;
    use crate::library::{Installation, KnownBy, SavePlace};
    use crate::state::MatchedBy;
    use keepsave_core::time::Time;

    fn roster(tree: &Tree) -> Roster {
        let mut installation = Installation {
            commands: Some(55355),
            ..Installation::default()
        };
        let mut matches = Vec::new();
        for (stem, rom) in [("Zelda", 1), ("Zelda v1.1", 2), ("Unknown", 0)] {
            let path = tree.file(&format!("/roms/{stem}.gba"), "rom");
            installation.games.push(Game {
                path: path.clone(),
                stem: stem.to_owned(),
                folder: "gba".to_owned(),
                platforms: Vec::new(),
                installation: "a test".to_owned(),
                known_by: KnownBy::RomFolder,
                emulator: None,
                core: None,
                moving: Vec::new(),
                save: SavePlace {
                    directory: tree.at("/saves"),
                    stem: stem.to_owned(),
                    ..SavePlace::default()
                },
            });
            if rom != 0 {
                matches.push(Match {
                    path,
                    platform: "gba".to_owned(),
                    stem: stem.to_owned(),
                    rom: RomId(rom),
                    by: MatchedBy::Name,
                    at: Time::EPOCH,
                });
            }
        }
        let library = Library {
            installations: vec![installation],
            ..Library::default()
        };
        Roster::of(&library, &matches)
    }

    fn games(games: impl IntoIterator<Item = RomId>) -> Vec<i64> {
        games.into_iter().map(|RomId(rom)| rom).collect()
    }

    #[test]
    fn a_save_that_is_another_is_seen_once_and_is_its_games() {
        let tree = Tree::new();
        tree.file("/saves/Zelda.srm", "one");
        let mut roster = roster(&tree);
        let saves = tree.at("/saves");
        assert_eq!(games(roster.look(&saves)), [0; 0]);
        tree.file("/saves/Zelda.srm", "another");
        tree.file("/saves/Unknown.srm", "of a game that is not known");
        assert_eq!(games(roster.look(&saves)), [1]);
        assert_eq!(games(roster.look(&saves)), [0; 0]);
        tree.file(
            "/saves/Zelda v1.1.gba.sav",
            "a longer name is not a shorter one's",
        );
        assert_eq!(games(roster.look_everywhere()), [2]);
        fs::remove_file(tree.at("/saves/Zelda.srm")).unwrap();
        assert_eq!(games(roster.look(&saves)), [1]);
        assert_eq!(games(roster.look(&tree.at("/elsewhere"))), [0; 0]);
    }

    fn emulator(name: &str, names: Vec<PathBuf>) -> Emulator {
        Emulator {
            pid: 1,
            name: name.to_owned(),
            names,
        }
    }

    #[test]
    fn what_is_played_is_what_arguments_name_or_the_emulator_says() {
        let tree = Tree::new();
        let roster = roster(&tree);
        let (zelda, nothing) = (tree.at("/roms/Zelda.gba"), BTreeMap::new());
        let core = tree.at("/cores/mgba_libretro.so");
        let with = |names: &[&PathBuf]| {
            let names = names.iter().map(|name| (*name).clone()).collect();
            vec![emulator("retroarch", names)]
        };
        let playing = roster.playing(&with(&[&core, &zelda]), &nothing);
        assert_eq!((games(playing.games), playing.unknown), (vec![1], false));
        // A game that is not known here is nobody's.
        let other = tree.at("/roms/Other.gba");
        let playing = roster.playing(&with(&[&core, &other]), &nothing);
        assert_eq!((games(playing.games), playing.unknown), (vec![], false));
        let menu = with(&[]);
        assert!(roster.playing(&menu, &nothing).unknown);
        assert!(
            !roster
                .playing(&[emulator("mgba", vec![])], &nothing)
                .unknown
        );
        for (status, rom) in [
            (Status::Plays("Zelda v1.1".to_owned()), vec![2]),
            (Status::Plays("Else".to_owned()), vec![]),
            (Status::Nothing, vec![]),
        ] {
            let told = BTreeMap::from([(55355, status)]);
            let playing = roster.playing(&menu, &told);
            assert_eq!((games(playing.games), playing.unknown), (rom, false));
        }
        assert_eq!(
            roster.control(RomId(1)).collect::<Vec<_>>(),
            [(55355, "Zelda")]
        );
    }
}
