//! Which games of the server are on this machine.
//!
//! The library says what is here, the server what it has, core which is which. What a person said
//! counts before that. Nothing here moves a save.

mod content;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::ids::RomId;
use keepsave_core::matching::{By, Catalogue, Doubt, LocalGame, Match, ServerGame};

use crate::engine::{Engine, EngineError};
use crate::layout::Located;
use crate::library::{Game, Installation, Library};
use crate::server::seen::SeenGame;
use crate::state::{self, MatchedBy, State, StateError};
use crate::threads::elsewhere;

/// A game on this machine, and which of the server's it is. There is none of which it was not seen
/// first how its saves are laid out: only [`Located`] games become present.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Present {
    /// The game.
    pub game: Arc<Game>,
    /// Which it is.
    pub standing: Standing,
}

/// Which game of the server a game is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// This one.
    Known {
        /// Its id.
        rom: RomId,
        /// Who said so.
        by: MatchedBy,
    },
    /// One of these, or none: a person must say.
    Unsure {
        /// Which.
        roms: Vec<RomId>,
        /// Why it is not known.
        reason: Doubt,
    },
    /// The server does not have it.
    Unknown,
}

impl Present {
    /// Its id, if it is known.
    pub const fn rom(&self) -> Option<RomId> {
        match self.standing {
            Standing::Known { rom, .. } => Some(rom),
            Standing::Unsure { .. } | Standing::Unknown => None,
        }
    }

    /// Its id where nothing may come down for it: its layout changed.
    pub(crate) fn up_only(&self) -> HashSet<RomId> {
        let moving = self.rom().filter(|_| self.game.is_moving());
        moving.into_iter().collect()
    }
}

/// The games that are here, and what a person should know beside them.
#[derive(Debug, Default)]
pub struct Roll {
    /// In the order of the library.
    pub present: Vec<Present>,
    /// What the server told that could not be read.
    pub notes: Vec<String>,
}

impl Engine {
    /// Calls the roll: which games are here, and which of the server's each is.
    pub async fn roll(&self, located: Located) -> Result<Roll, EngineError> {
        self.roll_of_all(located.into_library()).await
    }

    async fn roll_of_all(&self, library: Library) -> Result<Roll, EngineError> {
        let told = self.server.games().await?;
        let notes = told.unreadable.iter().map(ToString::to_string).collect();
        let engine = self.clone();
        let call = move || -> Result<Vec<Present>, StateError> {
            let games = one_for_each_save(library);
            let present = stand(games, &told.rows, &engine.state)?;
            engine.remember(&present)?;
            Ok(present)
        };
        Ok(Roll {
            present: elsewhere(call).await??,
            notes,
        })
    }

    /// The same for the game at that path by that name. Which it is, is asked only where it is not
    /// known yet.
    pub async fn roll_of(
        &self,
        located: &Located,
        path: &Path,
        stem: &str,
    ) -> Result<Roll, EngineError> {
        let Some(game) = located.game(path, stem).cloned() else {
            return Ok(Roll::default());
        };
        let (state, at) = (self.state.clone(), game.path.clone());
        let known = elsewhere(move || state.match_at(&at)).await??;
        let Some(state::Match { rom, by, .. }) = known else {
            return self.roll_of_all(library_of(game)).await;
        };
        let standing = Standing::Known { rom, by };
        Ok(Roll {
            present: vec![Present {
                game: Arc::new(game),
                standing,
            }],
            notes: Vec::new(),
        })
    }

    /// Which of the server's games these are by now, whatever is remembered of them.
    pub(crate) async fn meet_again(
        &self,
        present: Vec<Present>,
    ) -> Result<Vec<Present>, EngineError> {
        let mut met = Vec::with_capacity(present.len());
        for Present { game, .. } in present {
            let (state, path) = (self.state.clone(), game.path.clone());
            elsewhere(move || state.forget_match(&path)).await??;
            let library = library_of(Arc::unwrap_or_clone(game));
            met.extend(self.roll_of_all(library).await?.present);
        }
        Ok(met)
    }

    /// Says which game of the server a game is, as a person does.
    pub fn match_game(&self, game: &Game, rom: RomId) -> Result<(), StateError> {
        let matched = self.matched(game, rom, MatchedBy::Person);
        self.state.remember_matches(&[matched])
    }

    /// Makes a game known to the server, which keeps no file of it.
    pub async fn register_game(&self, game: &Game) -> Result<RomId, EngineError> {
        let platform = game.platforms.first().unwrap_or(&game.folder);
        let name = file_name(game);
        let rom = self.server.register_game(platform, &name).await?.seen.id;
        self.match_game(game, rom)?;
        Ok(rom)
    }

    /// Writes down what is new, so that it is known where the server cannot be asked.
    fn remember(&self, present: &[Present]) -> Result<(), StateError> {
        let known = self.state.matches()?.into_iter();
        let known: HashMap<PathBuf, (RomId, MatchedBy)> = known
            .map(|known| (known.path, (known.rom, known.by)))
            .collect();
        let new = |present: &Present| match present.standing {
            Standing::Known { rom, by } if known.get(&present.game.path) != Some(&(rom, by)) => {
                Some(self.matched(&present.game, rom, by))
            }
            _ => None,
        };
        let news: Vec<state::Match> = present.iter().filter_map(new).collect();
        if news.is_empty() {
            return Ok(());
        }
        self.state.remember_matches(&news)
    }

    fn matched(&self, game: &Game, rom: RomId, by: MatchedBy) -> state::Match {
        state::Match {
            path: game.path.clone(),
            platform: game.folder.clone(),
            stem: game.stem.clone(),
            rom,
            by,
            at: self.clock.now(),
        }
    }
}

fn library_of(game: Game) -> Library {
    let installation = Installation {
        games: vec![game],
        ..Installation::default()
    };
    Library {
        installations: vec![installation],
        ..Library::default()
    }
}

/// Files that would have one and the same save are one game: a ROM beside its archive, a game that
/// a playlist names, too.
fn one_for_each_save(library: Library) -> Vec<Game> {
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let installations = library.installations.into_iter();
    let mut games: Vec<Game> = installations.flat_map(|found| found.games).collect();
    // Of a game that cannot be synced no place is known.
    games.retain(|game| match game.save.stopped {
        Some(_) => seen.insert(game.path.clone()),
        None => seen.insert(game.save.path()),
    });
    games
}

/// Which of the server's games each is: as a person said, else as core finds it.
fn stand(games: Vec<Game>, told: &[SeenGame], state: &State) -> Result<Vec<Present>, StateError> {
    let there: Vec<ServerGame> = told.iter().map(of_server).collect();
    let ids: HashSet<RomId> = there.iter().map(|game| game.id).collect();
    let said = state.matches()?.into_iter();
    let said: HashMap<PathBuf, RomId> = said
        .filter(|known| known.by == MatchedBy::Person && ids.contains(&known.rom))
        .map(|known| (known.path, known.rom))
        .collect();
    let said_of = |game: &Game| said.get(&game.path).copied();
    let taken: HashSet<RomId> = games.iter().filter_map(said_of).collect();
    let catalogue = Catalogue::of(&there);
    let mut locals: Vec<LocalGame> = games.iter().map(local).collect();
    let mut found = catalogue.find(&locals);
    let mut learnt = false;
    for ((game, local), found) in games.iter().zip(&mut locals).zip(&found) {
        let is_open = !matches!(found, Match::Sure { .. }) && said_of(game).is_none();
        if is_open {
            let hashes = content::hashes(&game.path, state).into_iter();
            local.hashes.extend(hashes.map(|hash| hash.to_string()));
            learnt |= !local.hashes.is_empty();
        }
    }
    if learnt {
        found = catalogue.find(&locals);
    }
    let stand = |(game, found): (Game, Match)| {
        let standing = match (said_of(&game), found) {
            (Some(rom), _) => Standing::Known {
                rom,
                by: MatchedBy::Person,
            },
            (None, Match::Sure { rom, .. }) if taken.contains(&rom) => Standing::Unsure {
                roms: vec![rom],
                reason: Doubt::Shared,
            },
            (None, Match::Sure { rom, by }) => Standing::Known { rom, by: by.into() },
            (None, Match::Unsure { roms, reason }) => Standing::Unsure { roms, reason },
            (None, Match::Unknown) => Standing::Unknown,
        };
        Present {
            game: Arc::new(game),
            standing,
        }
    };
    Ok(games.into_iter().zip(found).map(stand).collect())
}

fn of_server(game: &SeenGame) -> ServerGame {
    let hashes = game.md5_hash.iter().filter(|hash| !hash.is_empty());
    ServerGame {
        id: game.id,
        platforms: vec![game.platform_slug.clone(), game.platform_fs_slug.clone()],
        file_name: game.fs_name.clone(),
        hashes: hashes.cloned().collect(),
    }
}

fn local(game: &Game) -> LocalGame {
    let mut platforms = game.platforms.clone();
    platforms.push(game.folder.clone());
    LocalGame {
        platforms,
        file_name: file_name(game),
        hashes: Vec::new(),
    }
}

fn file_name(game: &Game) -> String {
    let name = game.path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

impl From<By> for MatchedBy {
    fn from(by: By) -> Self {
        match by {
            By::Hash => Self::Hash,
            By::Name => Self::Name,
            By::Title => Self::Title,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};
    use std::sync::Arc;

    use keepsave_core::content::Digest;
    use keepsave_core::ids::UserId;

    use super::*;
    use crate::environment::SystemClock;
    use crate::library::Added;
    use crate::library::tree::Tree;
    use crate::state::Identity;

    #[test]
    fn a_zip_that_was_renamed_is_the_game_that_is_in_it() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("Golden Sun (USA).gba", options).unwrap();
        zip.write_all(&[7; 4096]).unwrap();
        let zip = zip.finish().unwrap().into_inner();
        let tree = Tree::new();
        tree.file("/games/gba/my favourite.zip", &zip);
        let added = Added {
            games: "/games".into(),
            platform: None,
            saves: None,
        };
        let identity = Identity {
            origin: "http://127.0.0.1".to_owned(),
            user: UserId(1),
        };
        let state = State::open(&tree.at("/state"), &identity, Arc::new(SystemClock)).unwrap();
        let found = |md5: String| {
            let library = Library::find(&tree.machine(), std::slice::from_ref(&added));
            let told = serde_json::json!({
                "id": 7, "platform_slug": "gba", "platform_fs_slug": "gba",
                "fs_name": "Golden Sun (USA).zip", "md5_hash": md5,
            });
            let told: SeenGame = serde_json::from_value(told).unwrap();
            let present = stand(one_for_each_save(library), &[told], &state).unwrap();
            present[0].standing.clone()
        };
        let known = Standing::Known {
            rom: RomId(7),
            by: MatchedBy::Hash,
        };
        // As a RomM hashes it, and as a Keepsave does.
        assert_eq!(found(Digest::of(&[7; 4096]).md5.to_string()), known);
        assert_eq!(found(Digest::of(&zip).md5.to_string()), known);
        assert_eq!(
            found(Digest::of(b"another").md5.to_string()),
            Standing::Unknown
        );
    }
}
