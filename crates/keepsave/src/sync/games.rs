//! `keepsave sync` without a subcommand: syncs the games of this machine.

use clap::Args;
use keepsave_device::engine::wishes::Only;

use super::run::Conflict;
use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::{Here, Which, exit, show_report, show_status};
use crate::reach::Reach;
use crate::wizard;

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
        if synced.report.has_replaced() {
            here.keep_journal_within();
        }
        let shown = show_report(&synced, shared)?;
        if shared.json || !wizard::is_possible() {
            return Ok(shown);
        }
        let settled = wizard::settle(&here, &synced)?;
        if settled.is_empty() {
            return Ok(shown);
        }
        let again = here.sync(&settled, &errand)?;
        let is_about = |rom| settled.iter().any(|present| present.rom() == rom);
        let others = synced.statuses().into_iter();
        let others = others.filter(|status| !is_about(status.game.present.rom()));
        Ok(worse(
            show_report(&again, shared)?,
            exit(&others.collect::<Vec<_>>(), synced.states.as_ref(), true),
        ))
    }
}

/// What a shell is told of two runs.
const fn worse(one: Exit, other: Exit) -> Exit {
    match one {
        Exit::Done => other,
        one => one,
    }
}
