//! A game that is played without having been synced: what it would load over its save is moved
//! aside all the same.

use keepsave_core::time::Clock as _;
use keepsave_device::engine::states::Guard;
use keepsave_device::environment::SystemClock;
use keepsave_device::journal::Journal;
use keepsave_device::library::Game;
use keepsave_device::session::which;

use crate::Shared;
use crate::exit::Failure;
use crate::here::library;
use crate::patience::Patience;
use crate::reach::{Reach, settings_of};
use crate::terminal::note;

/// Sees to it before the launch, and says what was done. Nothing keeps anyone from playing.
pub fn before_launch(reach: &Reach, shared: &Shared, game: &Game) {
    if game.save.states.is_none() {
        return;
    }
    let moved = moved_aside(reach, shared, game);
    let said = match moved {
        Ok(None) => return,
        Ok(Some(id)) => format!(
            "its save state was made with another save than the one that is here, and would be \
             loaded over it: it is in the journal, and `keepsave journal restore {id}` brings it \
             back"
        ),
        Err(why) => format!("its save states were not looked at: {}", why.message()),
    };
    note(&format!("{}: {said}", game.stem));
}

/// The same before a frontend launches the game of that file.
pub fn before_launch_of(reach: &Reach, shared: &Shared, named: &str) {
    // What is wrong with the settings was said before.
    let Ok(choices) = settings_of(shared).map(|settings| settings.choices) else {
        return;
    };
    if choices.save_sync_enabled && choices.sync_states {
        let library = library(&choices);
        let games: Vec<&Game> = library.games().collect();
        if let Some(game) = which::named(&games, named.as_ref()) {
            before_launch(reach, shared, game);
        }
    }
}

fn moved_aside(reach: &Reach, shared: &Shared, game: &Game) -> Result<Option<String>, Failure> {
    let reached = reach.open_with(shared, Patience::endless()?)?;
    // Without an account nothing was ever seen.
    let Some(state) = reached.state_unasked()? else {
        return Ok(None);
    };
    let journal = Journal::open(&reached.places.journal).map_err(Failure::failed)?;
    let account = reached.account.origin().to_string();
    let guard = Guard {
        state: &state,
        journal: &journal,
        account: &account,
    };
    let kept = guard
        .before_launch(game, SystemClock.now())
        .map_err(Failure::failed)?;
    Ok(kept.map(|kept| kept.id))
}
