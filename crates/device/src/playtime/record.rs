//! A session of play, from its start to its end. Whoever launches a game or is told of a launch
//! calls these; they need no server.

use keepsave_core::ids::RomId;
use keepsave_core::playtime::{Moment, Played, Running};
use keepsave_core::time::Time;

use crate::state::{State, StateError};

/// A game is launched. A session that never ended is given up: nobody knows how long it was.
pub fn begin(state: &State, rom: RomId, at: Moment) -> Result<(), StateError> {
    let begin = |running: &mut Option<Running>| *running = Some(Running::begin(at));
    change(state, rom, begin)
}

/// The machine goes to sleep while the game runs.
pub fn suspend(state: &State, rom: RomId, at: Time) -> Result<(), StateError> {
    let suspend = |running: &mut Option<Running>| *running = running.map(|one| one.suspend(at));
    change(state, rom, suspend)
}

/// The machine woke up, and the game runs on.
pub fn resume(state: &State, rom: RomId, at: Time) -> Result<(), StateError> {
    let resume = |running: &mut Option<Running>| *running = running.map(|one| one.resume(at));
    change(state, rom, resume)
}

/// The game ended. None when it never began.
pub fn end(
    state: &State,
    rom: RomId,
    slot: Option<&str>,
    at: Moment,
) -> Result<Option<Played>, StateError> {
    state.end_session(rom, slot, at)
}

fn change(
    state: &State,
    rom: RomId,
    change: impl Fn(&mut Option<Running>),
) -> Result<(), StateError> {
    state.change_playtime(rom, |playtime| change(&mut playtime.running))?;
    Ok(())
}
