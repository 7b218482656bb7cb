//! `keepsave push`: sends what changed here.

use clap::Args;
use keepsave_device::engine::run::OnConflict;
use keepsave_device::engine::wishes::Only;
use keepsave_device::environment::moment;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::{Here, Which, show_report};
use crate::launched::{Launched, Side};
use crate::played;
use crate::reach::Reach;

/// Sends what changed here, and brings nothing down
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave push
  keepsave push --game \"Metroid Fusion\"
  keepsave push --hook --game \"/roms/gba/Metroid Fusion.gba\"

Where both sides changed, both stay as they are: see `keepsave conflicts`.")]
pub struct Push {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    launched: Launched,
    #[command(flatten)]
    reach: Reach,
}

impl Push {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let game = self.which.game.as_deref();
        if let Some(game) = self.launched.is_hook().then_some(game).flatten() {
            played::hook_ends(&self.reach, shared, game, moment());
        }
        let Some(patience) = self.launched.patience(Side::After, game, shared)? else {
            return Ok(Exit::Done);
        };
        let mut here = Here::open_with(&self.reach, shared, patience, None)?;
        let errand = here.errand(Only::Up, OnConflict::Fail);
        let present = here.present(game)?;
        let synced = here.sync(&present, &errand)?;
        here.tell_played();
        show_report(&synced, shared)
    }
}
