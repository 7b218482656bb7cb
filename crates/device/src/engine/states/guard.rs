//! Before a game is started that could not be synced: no network is needed to see that a state
//! would be loaded over a save that it was not made with.

use keepsave_core::states::{Ending, Mark};
use keepsave_core::time::Time;

use super::act::put_aside;
use crate::engine::error::LineError;
use crate::engine::{Engine, EngineError};
use crate::files::{Snapshot, content_at, unpacked};
use crate::journal::{Journal, Kept};
use crate::library::Game;
use crate::state::{Sighting, State};
use crate::threads::elsewhere;

/// What is known on this machine, without any server.
pub struct Guard<'a> {
    /// What was seen of states.
    pub state: &'a State,
    /// Where what would be loaded goes.
    pub journal: &'a Journal,
    /// The account, in words for the journal.
    pub account: &'a str,
}

impl Engine {
    /// The same, when a person has just put another save in the place of the one that was here.
    /// Gives the journal's entry.
    pub(in crate::engine) async fn guard_chosen(
        &self,
        game: &Game,
    ) -> Result<Option<Kept>, EngineError> {
        let (engine, game) = (self.clone(), game.clone());
        let guard = move || {
            let guard = Guard {
                state: &engine.state,
                journal: &engine.journal,
                account: &engine.account,
            };
            guard.before_launch(&game, engine.clock.now())
        };
        // What cannot be looked at now is looked at before the next launch.
        Ok(elsewhere(guard).await?.unwrap_or_default())
    }
}

impl Guard<'_> {
    /// Moves the state aside that the game would load unasked, if it was made with another save than
    /// the one that is here.
    pub fn before_launch(&self, game: &Game, now: Time) -> Result<Option<Kept>, String> {
        let outdated = self.outdated(game).map_err(|error| error.to_string())?;
        let Some((seen, found)) = outdated else {
            return Ok(None);
        };
        let kept = put_aside(
            (self.state, self.journal),
            self.account,
            (seen.rom, &found),
            now,
        );
        kept.map(Some).map_err(|error| error.to_string())
    }

    fn outdated(&self, game: &Game) -> Result<Option<(Sighting, Snapshot)>, LineError> {
        let save = &game.save;
        let is_known = save.stopped.is_none() && save.elsewhere.is_empty();
        let states = save.states.as_ref();
        let states = states.filter(|states| states.loads_by_itself && states.stopped.is_none());
        let Some(states) = states.filter(|_| is_known) else {
            return Ok(None);
        };
        let path = states.path(Ending::Auto);
        let Some(found) = unpacked(&path, self.state)? else {
            return Ok(None);
        };
        let seen = self.state.sighting(&path)?;
        let Some(seen) = seen.filter(|seen| seen.content == found.content.blob) else {
            return Ok(None);
        };
        let now = content_at(&save.main(), save.form, self.state)?;
        let now = now.map(|save| Mark::of_save(&save.content));
        Ok((seen.save != now).then_some((seen, found)))
    }
}
