//! `keepsave sync` without a subcommand: syncs the games of this machine.

use clap::Args;
use keepsave_device::engine::wishes::Only;

use super::run::Conflict;
use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::{Here, Which, show_report, show_status};
use crate::reach::Reach;

/// Which games, and how.
#[derive(Args)]
pub struct SyncGames {
    #[command(flatten)]
    which: Which,
    /// What to do where both sides changed
    #[arg(long, value_enum, default_value_t = Conflict::Fail)]
    conflict: Conflict,
    /// Says what would be done, and moves nothing
    #[arg(long)]
    dry_run: bool,
}

impl SyncGames {
    pub fn run(&self, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
        let mut here = Here::open(reach, shared)?;
        let errand = here.errand(Only::Both, self.conflict.into());
        let present = here.present(self.which.game.as_deref())?;
        if self.dry_run {
            let synced = here.status(&present, &errand)?;
            return show_status(&synced, shared);
        }
        let synced = here.sync(&present, &errand)?;
        here.tell_played();
        show_report(&synced, shared)
    }
}
