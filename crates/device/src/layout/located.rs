//! The games of this machine, each with every place where its save may stand.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::library::{Added, Found, Game, Laid, Layout, Library, Machine, SavePlace, Stopped};
use crate::state::{Layouts, State, StateError};

/// What is on this machine, once it was seen how saves are laid out.
#[derive(Clone, Debug)]
pub struct Located {
    library: Library,
    pending: Vec<Pending>,
}

/// A change of layout that is not settled: saves may stand where they were before.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Of which `RetroArch`.
    pub laid: Laid,
    /// Its layouts.
    pub layouts: Layouts,
}

impl Located {
    /// Sees how the saves of a library are laid out, and where a layout changed has them looked for
    /// wherever they were. Reads a few rows of the state, touches no save, and needs no server.
    pub fn of(
        library: Library,
        machine: &Machine,
        added: &[Added],
        state: &State,
    ) -> Result<Self, StateError> {
        let mut pending = Vec::new();
        for laid in library.laid() {
            let layouts = state.layout_seen(&laid.config, &laid.layout)?;
            if layouts.others().next().is_some() {
                let laid = laid.clone();
                pending.push(Pending { laid, layouts });
            }
        }
        if pending.is_empty() {
            return Ok(Self { library, pending });
        }
        let everywhere = look_everywhere(&library, &pending, machine, added);
        if pending.iter().all(|one| one.layouts.is_back()) && nothing_is_left(&everywhere) {
            // Back as it was, and nothing was written meanwhile.
            for one in std::mem::take(&mut pending) {
                state.layout_settled(&one.laid.config, &one.layouts)?;
            }
            return Ok(Self { library, pending });
        }
        Ok(Self {
            library: everywhere,
            pending,
        })
    }

    /// What was found.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The same, for whoever works with all of it.
    pub fn into_library(self) -> Library {
        self.library
    }

    /// Which changes are not settled.
    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// The directories of games that are not there, of installations that a change is about: games
    /// that are not seen may have saves, too.
    pub fn missing_games(&self) -> Vec<PathBuf> {
        let is_pending = |laid: &Laid| {
            self.pending
                .iter()
                .any(|one| one.laid.config == laid.config)
        };
        let installations = self.library.installations.iter();
        let about = installations.filter(|found| found.laid.iter().any(is_pending));
        let looked = about.flat_map(|found| &found.looked);
        let missing = looked.filter(|looked| {
            looked.what.starts_with("games") && !matches!(looked.found, Found::Yes)
        });
        missing.map(|looked| looked.path.clone()).collect()
    }

    /// The game that was found at that path by that name.
    pub fn game(&self, path: &Path, stem: &str) -> Option<&Game> {
        let mut games = self.library.games();
        games.find(|game| game.path == path && game.stem == stem)
    }
}

/// The same games, those that a change is about with each of their places.
fn look_everywhere(
    library: &Library,
    pending: &[Pending],
    machine: &Machine,
    added: &[Added],
) -> Library {
    let others = pending.iter().map(|one| one.layouts.others().count());
    let depth = others.max().unwrap_or(0);
    let nth = |index: usize| {
        let layout = |one: &Pending| {
            // Past the last of the others is the one of now, whose root the settings name.
            let now = || Layout {
                root: None,
                ..one.layouts.current.clone()
            };
            let layout = one.layouts.others().nth(index).cloned();
            (one.laid.config.clone(), layout.unwrap_or_else(now))
        };
        Library::find(
            &machine.laid_out(pending.iter().map(layout).collect()),
            added,
        )
    };
    let finds: Vec<Library> = (0..=depth).map(nth).collect();
    let finds: Vec<HashMap<Key<'_>, &Game>> = finds.iter().map(by_key).collect();
    let mut library = library.clone();
    for game in library
        .installations
        .iter_mut()
        .flat_map(|found| &mut found.games)
    {
        let place = |found: &HashMap<Key<'_>, &Game>| Some(found.get(&key(game))?.save.clone());
        let places = finds.iter().filter_map(place).collect();
        let (save, moving) = places_of(&game.save, places);
        (game.save, game.moving) = (save, moving);
    }
    library
}

/// Whether the games were all seen to have nothing anywhere but where it belongs.
fn nothing_is_left(library: &Library) -> bool {
    let is_left = |place: &SavePlace| !place.files.is_empty() || place.stopped.is_some();
    let mut moving = library.games().filter(|game| game.is_moving()).peekable();
    moving.peek().is_some() && moving.all(|game| !game.moving.iter().rev().skip(1).any(is_left))
}

/// By which a game is known again when it is found anew.
type Key<'a> = (&'a str, &'a Path, &'a str);

fn key(game: &Game) -> Key<'_> {
    (&game.installation, &game.path, &game.stem)
}

fn by_key(library: &Library) -> HashMap<Key<'_>, &Game> {
    library.games().map(|game| (key(game), game)).collect()
}

/// Where a save is read, and every place where it may stand. `found` is where it was looked for by
/// the settings of now, and wherever else it might be; `places` are where each layout puts it, the
/// layout of now last.
fn places_of(found: &SavePlace, mut places: Vec<SavePlace>) -> (SavePlace, Vec<SavePlace>) {
    let Some(now) = places.pop() else {
        return (found.clone(), Vec::new());
    };
    let mut moving: Vec<SavePlace> = Vec::new();
    for place in places {
        let is_same = |other: &SavePlace| {
            other.directory == place.directory
                || main_file(other).is_some() && main_file(other) == main_file(&place)
        };
        if may_hold_a_save(&place) && !is_same(&now) && !moving.iter().any(is_same) {
            moving.push(place);
        }
    }
    if moving.is_empty() {
        return (found.clone(), moving);
    }
    moving.push(now);
    // A place that is out of reach may hold anything.
    let is_out_of_reach = |place: &&SavePlace| place.stopped.is_some() && may_hold_a_save(place);
    let out_of_reach = moving.iter().find(is_out_of_reach);
    let with_files = moving.iter().find(|place| !place.files.is_empty());
    let read = out_of_reach.or(with_files).or(moving.last());
    let mut save = read.cloned().unwrap_or_default();
    let known: Vec<&PathBuf> = moving.iter().filter_map(main_file).collect();
    let strict = moving.iter().flat_map(|place| &place.elsewhere);
    let anywhere = main_file(found).into_iter().chain(&found.elsewhere);
    let strays = anywhere.chain(strict).filter(|path| !known.contains(path));
    save.states.clone_from(&found.states);
    save.elsewhere = strays.cloned().collect();
    save.elsewhere.sort();
    save.elsewhere.dedup();
    (save, moving)
}

fn main_file(place: &SavePlace) -> Option<&PathBuf> {
    place.files.first().map(|file| &file.path)
}

/// Whether a save of the game may stand there that could be synced.
fn may_hold_a_save(place: &SavePlace) -> bool {
    match &place.stopped {
        None | Some(Stopped::RootMissing { .. } | Stopped::Unreadable { .. }) => true,
        Some(
            Stopped::Folder { .. }
            | Stopped::SameFile { .. }
            | Stopped::OnlyShared { .. }
            | Stopped::OwnNames { .. },
        ) => false,
    }
}
