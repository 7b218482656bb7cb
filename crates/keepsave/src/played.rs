//! How long games are played: noted where a launch begins and ends, told to the server where there
//! is contact.
//!
//! It counts whatever the settings say of saves, and stands in the way of none: what goes wrong is
//! said, and the game goes on.

use std::ffi::OsStr;

use keepsave_core::ids::RomId;
use keepsave_core::playtime::Moment;
use keepsave_device::library::Game;
use keepsave_device::playtime::record;
use keepsave_device::session::which;
use keepsave_device::state::{State, StateError};

use crate::Shared;
use crate::patience::Patience;
use crate::reach::Reach;
use crate::terminal::note;

/// A game that is being played, from its launch on.
pub struct Session<'a> {
    game: &'a Game,
    began: Moment,
    is_noted: bool,
}

impl<'a> Session<'a> {
    /// The game is launched.
    pub fn begin(game: &'a Game, state: Option<&State>, began: Moment) -> Self {
        let noted = state.map(|state| begin(state, of(state, game)?, began));
        Self {
            game,
            began,
            is_noted: said(noted.transpose()).flatten().is_some(),
        }
    }

    /// It ended. Whether that is settled: it is not where it is not known yet which game of whom it
    /// is.
    pub fn end(&self, state: Option<&State>, ended: Moment, shared: &Shared) -> bool {
        let Some(state) = state else {
            return false;
        };
        let counted = || {
            let Some(rom) = of(state, self.game)? else {
                return Ok(false);
            };
            if !self.is_noted {
                record::begin(state, rom, self.began)?;
            }
            end(state, rom, ended, shared)?;
            Ok(true)
        };
        said(counted()).unwrap_or(true)
    }
}

/// A frontend launches the game of that file.
pub fn hook_begins(state: &State, rom: &str, at: Moment) {
    said(at_path(state, rom).and_then(|rom| begin(state, rom, at)));
}

/// The game of that file has ended.
pub fn hook_ends(reach: &Reach, shared: &Shared, rom: &str, at: Moment) {
    let noted = state(reach, shared).map(|state| match at_path(&state, rom)? {
        Some(rom) => end(&state, rom, at, shared),
        None => Ok(()),
    });
    said(noted.transpose());
}

/// What this device knows, where it can be told without asking whose that is.
pub fn state(reach: &Reach, shared: &Shared) -> Option<State> {
    let opened = || {
        let reached = reach.open_with(shared, Patience::endless()?)?;
        reached.state_unasked()
    };
    // Who has no account is told so where something is synced.
    opened().ok().flatten()
}

fn begin(state: &State, rom: Option<RomId>, at: Moment) -> Result<Option<RomId>, StateError> {
    if let Some(rom) = rom {
        record::begin(state, rom, at)?;
    }
    Ok(rom)
}

fn end(state: &State, rom: RomId, at: Moment, shared: &Shared) -> Result<(), StateError> {
    let game = state.game(rom)?.filter(|game| game.slot_confirmed);
    let slot = game.and_then(|game| game.active_slot);
    let played = record::end(state, rom, slot.as_deref(), at)?;
    if let Some(played) = played.filter(|_| shared.verbose > 0) {
        note(&format!("game {rom}: played for {} s", played.seconds()));
    }
    Ok(())
}

fn of(state: &State, game: &Game) -> Result<Option<RomId>, StateError> {
    let matched = state.matched(&game.path, &game.folder, &game.stem)?;
    Ok(matched.map(|matched| matched.rom))
}

/// The game of the server that the ROM is which a frontend names.
fn at_path(state: &State, named: &str) -> Result<Option<RomId>, StateError> {
    for path in which::paths(OsStr::new(named)) {
        if let Some(matched) = state.match_at(&path)? {
            return Ok(Some(matched.rom));
        }
    }
    Ok(None)
}

fn said<T>(noted: Result<T, StateError>) -> Option<T> {
    noted
        .inspect_err(|error| note(&format!("how long it was played is not counted: {error}")))
        .ok()
}
