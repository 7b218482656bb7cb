//! Moves saves to where they belong since their layout changed: first what would be done for each
//! game and why, then, when a person said so, that.
//!
//! Needs no server. Where several copies of a save stand the newest stays, by what was last in sync
//! and else by the files' own times; all of them are in the journal before one is replaced. Where
//! the saves themselves were moved to another directory, a person says which stays.

use std::path::{Path, PathBuf};

use keepsave_core::ids::{DeviceId, RomId};
use keepsave_core::split::{Newer, Reason};
use keepsave_core::time::Clock;
use serde::Serialize;

use super::located::{Located, Pending};
use super::moving::{MoveError, Mover};
use super::reading::{Chosen, Known, Unread, compare, newest};
use crate::journal::{Journal, Kept};
use crate::library::{Game, SavePlace, Stopped};
use crate::lock::{LockError, Locks};
use crate::state::{State, StateError};

/// What saves are moved with.
pub struct Movers<'a> {
    /// What was last in sync.
    pub state: &'a State,
    /// What is replaced or removed.
    pub journal: &'a Journal,
    /// One run per game at a time.
    pub locks: &'a Locks,
    /// The account, in words for the journal.
    pub account: &'a str,
    /// This device, where it is one.
    pub device: Option<&'a DeviceId>,
    /// Now.
    pub clock: &'a dyn Clock,
}

/// How a person wants them moved.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// What to do where the directory of saves is another one and both have a save.
    pub on_conflict: Option<OnBoth>,
    /// Places that are not there any more never come back.
    pub forget: bool,
}

/// What to do where a save stands in the directory that saves are moved to, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnBoth {
    /// What comes takes its place, which the journal keeps.
    Overwrite,
    /// Both stay where they are.
    Skip,
}

/// What is to be moved.
#[derive(Debug)]
pub struct Migration {
    /// Which changes it settles.
    pub pending: Vec<Pending>,
    /// Each game that they are about, in the order of the library.
    pub games: Vec<Relaid>,
    /// Directories of games that are not there: saves of theirs may be left behind.
    pub missing_games: Vec<PathBuf>,
}

/// A game, and what is to be done about its save.
#[derive(Debug)]
pub struct Relaid {
    /// The game.
    pub game: Game,
    /// Which of the server's it is, where that is known.
    pub rom: Option<RomId>,
    /// What is to be done.
    pub todo: Todo,
}

/// What is to be done about a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Todo {
    /// Nothing stands but at its place.
    Nothing,
    /// The files go to their place; nothing stands there.
    Move(Step),
    /// Several copies stand, and one of them stays, at its place.
    Keep {
        /// Which.
        step: Step,
        /// Why that one.
        reason: Reason,
    },
    /// Both directories of saves have one: a person must say which stays.
    Ask(Step),
    /// Both stay where they are.
    Leave,
    /// It cannot be moved.
    Blocked {
        /// Why.
        why: String,
    },
}

/// From where to where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which of the game's places has what stays.
    pub from: usize,
    /// Its main file.
    pub file: PathBuf,
    /// The directory where it belongs.
    pub to: PathBuf,
}

/// What became of a save.
#[derive(Debug)]
pub enum Moved {
    /// It is at its place, and no copy is left elsewhere.
    Done {
        /// What was replaced or removed.
        kept: Vec<Kept>,
    },
    /// Nothing was to be done.
    Nothing,
    /// It was not touched.
    Left {
        /// Why.
        why: String,
        /// Whether that is how it is to be.
        wanted: bool,
    },
    /// It could not be moved. What was replaced until then is in the journal.
    Failed {
        /// Why.
        error: String,
        /// What the journal keeps.
        kept: Vec<Kept>,
    },
}

/// The word for it in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Nothing was or is to be done.
    Nothing,
    /// It goes to its place.
    Move,
    /// One of several copies stays.
    Keep,
    /// A person must say which stays.
    Ask,
    /// Both stay.
    Leave,
    /// It cannot be moved.
    Blocked,
}

impl Word {
    /// The word, for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Move => "move",
            Self::Keep => "keep",
            Self::Ask => "ask",
            Self::Leave => "leave",
            Self::Blocked => "blocked",
        }
    }
}

impl Moved {
    /// Whether nothing is left to be done.
    pub const fn is_settled(&self) -> bool {
        matches!(
            self,
            Self::Done { .. } | Self::Nothing | Self::Left { wanted: true, .. }
        )
    }
}

impl Todo {
    /// The word for it.
    pub const fn word(&self) -> Word {
        match self {
            Self::Nothing => Word::Nothing,
            Self::Move(_) => Word::Move,
            Self::Keep { .. } => Word::Keep,
            Self::Ask(_) => Word::Ask,
            Self::Leave => Word::Leave,
            Self::Blocked { .. } => Word::Blocked,
        }
    }

    /// From where to where, where something moves.
    pub const fn step(&self) -> Option<&Step> {
        match self {
            Self::Move(step) | Self::Keep { step, .. } | Self::Ask(step) => Some(step),
            Self::Nothing | Self::Leave | Self::Blocked { .. } => None,
        }
    }
}

impl Movers<'_> {
    /// What is to be done about every game that a change of layout is about. Touches no save.
    pub fn plan(&self, located: &Located, wish: Wish) -> Result<Migration, StateError> {
        let matches = self.state.matches()?;
        let rom_of = |path: &Path| matches.iter().find(|known| known.path == path);
        let mut games = Vec::new();
        for game in located.library().games().filter(|game| game.is_moving()) {
            let rom = rom_of(&game.path).map(|known| known.rom);
            let todo = self.todo(game, rom, located.pending(), wish)?;
            games.push(Relaid {
                game: game.clone(),
                rom,
                todo,
            });
        }
        Ok(Migration {
            pending: located.pending().to_vec(),
            games,
            missing_games: located.missing_games(),
        })
    }

    /// Does it for one game; what fails there is no reason not to go on with the next.
    pub fn relay(&self, relaid: &Relaid, pending: &[Pending], wish: Wish) -> Moved {
        let left = |why: String| Moved::Left { why, wanted: false };
        let _held = match relaid.rom.map(|rom| self.locks.try_game(rom)).transpose() {
            Ok(Some(None)) => return left("another keepsave works on it; run it again".to_owned()),
            Ok(held) => held,
            Err(error) => return left(LockError::to_string(&error)),
        };
        let now = match self.todo(&relaid.game, relaid.rom, pending, wish) {
            Ok(now) => now,
            Err(error) => return left(error.to_string()),
        };
        if now != relaid.todo {
            return left("its files changed meanwhile; run it again".to_owned());
        }
        let step = match now {
            Todo::Nothing => return Moved::Nothing,
            Todo::Leave => {
                let why = "both stay where they are, as was asked for".to_owned();
                return Moved::Left { why, wanted: true };
            }
            Todo::Ask(_) => return left("say which stays with --on-conflict".to_owned()),
            Todo::Blocked { why } => return left(why),
            Todo::Move(step) | Todo::Keep { step, .. } => step,
        };
        let mut mover = Mover::of(self, &relaid.game, relaid.rom);
        match mover.settle(&relaid.game.moving, step.from) {
            Ok(()) => Moved::Done { kept: mover.kept },
            Err(error) => Moved::Failed {
                error: MoveError::to_string(&error),
                kept: mover.kept,
            },
        }
    }

    /// All saves are where they belong: what was before does not matter any more. Whether that is
    /// so; a layout that changed again meanwhile is not settled.
    pub fn settle(&self, pending: &[Pending]) -> Result<bool, StateError> {
        let mut all = true;
        for one in pending {
            all &= self.state.layout_settled(&one.laid.config, &one.layouts)?;
        }
        Ok(all)
    }

    fn todo(
        &self,
        game: &Game,
        rom: Option<RomId>,
        pending: &[Pending],
        wish: Wish,
    ) -> Result<Todo, StateError> {
        if let Some(why) = blocked(game, wish) {
            return Ok(Todo::Blocked { why });
        }
        let known = rom.map(|rom| self.state.game(rom)).transpose()?.flatten();
        let slot = known.and_then(|known| known.active_slot);
        let synced = || Some((self.device?, rom?, slot.as_deref()?));
        let known = Known {
            state: self.state,
            synced: synced(),
        };
        let chosen = match newest(game, &known) {
            Ok(chosen) => chosen,
            Err(Unread::State(error)) => return Err(error),
            Err(Unread::Read(error)) => {
                let why = error.to_string();
                return Ok(Todo::Blocked { why });
            }
        };
        let todo = chosen.map(|chosen| decided(game, &chosen, pending, wish, &known));
        match todo.unwrap_or(Ok(Todo::Nothing)) {
            Err(Unread::State(error)) => Err(error),
            Err(Unread::Read(error)) => Ok(Todo::Blocked {
                why: error.to_string(),
            }),
            Ok(todo) => Ok(todo),
        }
    }
}

/// Why the save of a game cannot be moved.
fn blocked(game: &Game, wish: Wish) -> Option<String> {
    let (now, before) = game.moving.split_last()?;
    if let Some(stopped) = &now.stopped {
        return Some(stopped.to_string());
    }
    let out_of_reach = before.iter().find_map(|place| match &place.stopped {
        Some(Stopped::RootMissing { .. }) if wish.forget => None,
        stopped => stopped.as_ref(),
    });
    if let Some(stopped) = out_of_reach {
        let advice = match stopped {
            Stopped::RootMissing { .. } => {
                ". If it is gone for good: `keepsave layout migrate --forget`"
            }
            _ => "",
        };
        return Some(format!("{stopped}{advice}"));
    }
    let stray = game.save.elsewhere.first()?;
    Some(format!(
        "a save of it stands in {}, too, where no layout that was seen would have it: move it away, \
         or to where the game is played",
        stray.display()
    ))
}

/// What is done about a game of which a place holds a save.
fn decided(
    game: &Game,
    chosen: &Chosen<'_>,
    pending: &[Pending],
    wish: Wish,
    known: &Known<'_>,
) -> Result<Todo, Unread> {
    let last = game.moving.len() - 1;
    let now = &game.moving[last];
    let holds = |place: &&SavePlace| !place.files.is_empty();
    let others = game.moving[..last].iter().filter(holds);
    if others.clone().next().is_none() {
        return Ok(Todo::Nothing);
    }
    let mut place = chosen.place;
    // Of two that are the same the one at its place stays.
    if !now.files.is_empty() && compare(place, now, known)?.newer == Newer::Neither {
        place = now;
    }
    let from = game.moving.iter().position(|one| std::ptr::eq(one, place));
    let step = Step {
        from: from.unwrap_or(last),
        file: place.files[0].path.clone(),
        to: now.directory.components().collect(),
    };
    if now.files.is_empty() && others.count() == 1 {
        return Ok(Todo::Move(step));
    }
    let reason = chosen
        .verdict
        .map_or(Reason::Same, |verdict| verdict.reason);
    let is_same = reason == Reason::Same;
    let was_elsewhere = game.moving[..last].iter().rev().filter(holds);
    let mut was_elsewhere = was_elsewhere.filter(|before| is_path_move(before, now, pending));
    let Some(before) = was_elsewhere
        .next()
        .filter(|_| !is_same && !now.files.is_empty())
    else {
        return Ok(Todo::Keep { step, reason });
    };
    let position = game.moving.iter().position(|one| std::ptr::eq(one, before));
    let comes = Step {
        from: position.unwrap_or(last),
        file: before.files[0].path.clone(),
        to: now.directory.components().collect(),
    };
    Ok(match wish.on_conflict {
        None => Todo::Ask(comes),
        Some(OnBoth::Skip) => Todo::Leave,
        Some(OnBoth::Overwrite) => Todo::Keep {
            step: comes,
            reason: Reason::Chosen,
        },
    })
}

/// Whether the directory of saves is another one now, and not only how they are sorted in it.
fn is_path_move(before: &SavePlace, now: &SavePlace, pending: &[Pending]) -> bool {
    let roots = pending.iter().flat_map(|one| {
        let current = &one.layouts.current;
        let other = one.layouts.others().filter(|other| {
            other.root != current.root
                && !other.in_content_directory
                && !current.in_content_directory
        });
        other.filter_map(|other| Some((other.root.as_ref()?, current.root.as_ref()?)))
    });
    let mut roots = roots;
    roots.any(|(was, is)| before.directory.starts_with(was) && now.directory.starts_with(is))
}
