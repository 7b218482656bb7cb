//! `keepsave pull`: brings down what is newer on the server.

use clap::Args;
use keepsave_device::engine::run::OnConflict;
use keepsave_device::engine::wishes::Only;
use keepsave_device::environment::moment;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::guarded;
use crate::here::{Here, Which, show_report};
use crate::launched::{Launched, Side};
use crate::played;
use crate::reach::Reach;

/// Brings down what is newer on the server, and sends nothing
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave pull
  keepsave pull --game \"Metroid Fusion\"
  keepsave pull --hook --game \"/roms/gba/Metroid Fusion.gba\"
  keepsave pull --within 10

Where both sides changed, both stay as they are: see `keepsave conflicts`.")]
pub struct Pull {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    launched: Launched,
    #[command(flatten)]
    reach: Reach,
}

impl Pull {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let game = self.which.game.as_deref();
        let launched = self.launched.is_hook().then_some(game).flatten();
        let done = self.pull(game, launched, shared);
        // The game begins now, whatever became of its save.
        if let (Some(game), Ok(None) | Err(_)) = (launched, &done) {
            guarded::before_launch_of(&self.reach, shared, game);
            if let Some(state) = played::state(&self.reach, shared) {
                played::hook_begins(&state, game, moment());
            }
        }
        done.map(|exit| exit.unwrap_or(Exit::Done))
    }

    /// None where the settings say that nothing is to be done.
    fn pull(
        &self,
        game: Option<&str>,
        launched: Option<&str>,
        shared: &Shared,
    ) -> Result<Option<Exit>, Failure> {
        let Some(patience) = self.launched.patience(Side::Before, game, shared)? else {
            return Ok(None);
        };
        let mut here = Here::open_with(&self.reach, shared, patience, None)?;
        let errand = here.errand(Only::Down, OnConflict::Fail);
        let present = here.present(game)?;
        let synced = here.sync(&present, &errand)?;
        match launched {
            // Who waits for a game does not want to wait for what else there is to tell.
            Some(game) => played::hook_begins(&here.seat.engine.state, game, moment()),
            None => here.tell_played(),
        }
        show_report(&synced, shared).map(Some)
    }
}
