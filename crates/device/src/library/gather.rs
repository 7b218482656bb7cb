//! Gathers the games of one installation: what is alike wherever they are found.

use std::path::{Path, PathBuf};

use keepsave_core::platforms::{Naming, platforms_of};

use super::es_de::{Chosen, Frontend, Player, System};
use super::game::{Found, Game, KnownBy, Looked, SavePlace, Stopped};
use super::looking::Looking;
use super::machine::Machine;
use super::retroarch::RetroArch;
use super::retroarch::content::Content;
use super::retroarch::cores::emulator_tag;
use super::roms::{Counts, scan};
use super::{Installation, Laid, Layout};

/// The games of an installation, as far as they were found.
#[derive(Debug)]
pub struct Gathering<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// What was looked for.
    pub looking: Looking,
    name: String,
    naming: Naming,
    known_by: KnownBy,
    games: Vec<Game>,
    laid: Vec<Laid>,
    commands: Option<u16>,
}

/// A folder of games of one system.
#[derive(Debug)]
pub struct Shelf<'a> {
    /// What it is called here.
    pub name: String,
    /// Where it is.
    pub directory: PathBuf,
    /// What a frontend knows of it.
    pub system: Option<&'a System>,
    /// What a frontend was told to play its games with.
    pub chosen: Chosen,
}

/// What plays a game, and why it is that.
#[derive(Debug)]
pub struct Played {
    /// The emulator.
    pub player: Player,
    /// A sentence, where there is something to say.
    pub why: Option<String>,
}

impl<'a> Gathering<'a> {
    /// No games yet.
    pub fn new(machine: &'a Machine, name: &str, naming: Naming, known_by: KnownBy) -> Self {
        Self {
            machine,
            looking: Looking::default(),
            name: name.to_owned(),
            naming,
            known_by,
            games: Vec::new(),
            laid: Vec::new(),
            commands: None,
        }
    }

    /// The folders of games in `roms`: those of the frontend's systems, and where these may not be
    /// all, every other one.
    pub fn shelves<'f>(&mut self, frontend: &'f Frontend, roms: &Path) -> Vec<Shelf<'f>> {
        let mut shelves: Vec<Shelf<'f>> = Vec::new();
        for system in &frontend.systems {
            let directory = Frontend::folder(system, self.machine, roms);
            if !directory.is_dir() || shelves.iter().any(|shelf| shelf.directory == directory) {
                continue;
            }
            let chosen = frontend.chosen(&mut self.looking, self.machine, system, &directory);
            shelves.push(Shelf {
                name: system.name.clone(),
                directory,
                system: Some(system),
                chosen,
            });
        }
        if !frontend.complete {
            let others = self.directories(roms);
            let is_new = |other: &Shelf| shelves.iter().all(|s| s.directory != other.directory);
            let others: Vec<_> = others.into_iter().filter(is_new).collect();
            shelves.extend(others);
        }
        shelves
    }

    /// The directories in `roms`, one shelf each.
    pub fn directories(&mut self, roms: &Path) -> Vec<Shelf<'static>> {
        if !self.looking.directory("games", roms) {
            return Vec::new();
        }
        let entries = std::fs::read_dir(roms).into_iter().flatten().flatten();
        let mut directories: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        directories.sort();
        let shelf = |directory: PathBuf| {
            let name = directory.file_name()?.to_str()?.to_owned();
            let counts = !name.starts_with('.') && directory.is_dir();
            counts.then(|| Shelf {
                name,
                directory,
                system: None,
                chosen: Chosen::default(),
            })
        };
        directories.into_iter().filter_map(shelf).collect()
    }

    /// The games on a shelf.
    pub fn games_on(&mut self, shelf: &Shelf) -> Vec<PathBuf> {
        let extensions = shelf.system.map(|system| system.extensions.as_slice());
        let counts = match extensions {
            Some(list) if !list.is_empty() => Counts::Extensions(list),
            _ => Counts::Anything,
        };
        scan(&mut self.looking, &shelf.directory, counts)
    }

    /// Takes every game of a shelf. `played` says what plays each.
    pub fn take_shelf(
        &mut self,
        shelf: &Shelf,
        retroarch: &RetroArch,
        played: impl FnMut(&Path) -> Played,
    ) {
        self.take_shelf_of_two(shelf, [retroarch, retroarch], played);
    }

    /// The same where there are two builds of `RetroArch`: the usual one, and one for 32 bits.
    pub fn take_shelf_of_two(
        &mut self,
        shelf: &Shelf,
        [wide, narrow]: [&RetroArch; 2],
        mut played: impl FnMut(&Path) -> Played,
    ) {
        let games = self.games_on(shelf);
        let platforms = platforms_of(self.naming, &shelf.name);
        for path in games {
            let played = played(&path);
            let retroarch = match played.player {
                Player::RetroArch { narrow: true, .. } => narrow,
                _ => wide,
            };
            self.take(&shelf.name, &platforms, &path, played, retroarch);
        }
    }

    /// Takes one game of the folder `folder`, played as said, in `retroarch` if in one at all.
    pub fn take(
        &mut self,
        folder: &str,
        platforms: &[String],
        path: &Path,
        played: Played,
        retroarch: &RetroArch,
    ) {
        let Some(content) = Content::of_file(self.machine, path) else {
            let why = "nothing can be called after its name".to_owned();
            self.looking.note("a game", path, Found::Unreadable(why));
            return;
        };
        let wanted = self.machine.has_states();
        let place = |core: Option<&str>| SavePlace {
            states: wanted.then(|| retroarch.states(&content, core)),
            ..retroarch.place(&content, core)
        };
        let (emulator, core, mut save) = match played.player {
            Player::Other { name } => (name.to_lowercase(), None, not_synced(&name)),
            Player::RetroArch { core, .. } => {
                self.commands = self.commands.or_else(|| retroarch.commands());
                let save = place(Some(&core));
                (emulator_tag(Some(&core)), Some(core), save)
            }
            Player::Unknown => {
                self.commands = self.commands.or_else(|| retroarch.commands());
                (emulator_tag(None), None, place(None))
            }
        };
        save.why.splice(0..0, played.why);
        self.add(Game {
            // Of a game in an archive the archive.
            path: content.file,
            stem: content.stem,
            folder: folder.to_owned(),
            platforms: platforms.to_vec(),
            installation: self.name.clone(),
            known_by: self.known_by,
            emulator: Some(emulator),
            core,
            save,
            moving: Vec::new(),
        });
    }

    /// What is to be said of games whose `root` is missing although it is one that is made when it is
    /// needed: nothing, or what else stops them.
    pub fn made_when_needed(&mut self, root: &Path, instead: Option<&Stopped>) {
        let missing = Stopped::RootMissing {
            root: root.to_owned(),
        };
        for game in &mut self.games {
            if game.save.stopped.as_ref() == Some(&missing) {
                game.save.stopped = instead.cloned();
            }
        }
    }

    /// How the games that follow are found.
    pub fn known_by(&mut self, known_by: KnownBy) {
        self.known_by = known_by;
    }

    /// Adds a game that was found.
    pub fn add(&mut self, game: Game) {
        self.games.push(game);
    }

    /// What an installation's folder may be on a server.
    pub fn platforms(&self, folder: &str) -> Vec<String> {
        platforms_of(self.naming, folder)
    }

    /// Its name, and how its games are found.
    pub fn named(&self) -> (String, KnownBy) {
        (self.name.clone(), self.known_by)
    }

    /// How this `RetroArch` lays out saves is its settings' to say, and a change of it matters.
    pub fn laid(&mut self, retroarch: &RetroArch) {
        self.laid.extend(retroarch.laid());
    }

    /// The same where the distribution decides where the saves are.
    pub fn sorted(&mut self, retroarch: &RetroArch) {
        let laid = retroarch.laid().map(|laid| Laid {
            layout: Layout {
                root: None,
                ..laid.layout
            },
            ..laid
        });
        self.laid.extend(laid);
    }

    /// Says what was looked for before.
    pub fn looked_first(&mut self, looked: &[Looked]) {
        self.looking.looked.splice(0..0, looked.iter().cloned());
    }

    /// The installation.
    pub fn done(self) -> Installation {
        Installation {
            name: self.name,
            games: self.games,
            looked: self.looking.looked,
            laid: self.laid,
            commands: self.commands,
        }
    }
}

impl Shelf<'_> {
    /// What plays a game of it, going by the frontend.
    pub fn played(&self, path: &Path) -> Played {
        let command = self
            .system
            .and_then(|system| self.chosen.command(system, path));
        match command {
            Some((command, why)) => Played {
                player: command.player.clone(),
                why: Some(why),
            },
            None => Played {
                player: Player::Unknown,
                why: None,
            },
        }
    }
}

/// The place of a save that another emulator keeps.
fn not_synced(emulator: &str) -> SavePlace {
    let why = format!("{emulator} plays it, and saves of that emulator are not synced");
    SavePlace {
        stopped: Some(Stopped::OwnNames { why }),
        ..SavePlace::default()
    }
}
