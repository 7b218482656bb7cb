//! `keepsave status`: how the games of this machine stand.

use clap::Args;
use keepsave_device::engine::run::OnConflict;
use keepsave_device::engine::wishes::Only;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::{Here, Which, show_status};
use crate::reach::Reach;

/// Says how the saves of this machine stand, and moves nothing
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave status
  keepsave status --game \"Metroid Fusion\" --json
  keepsave status -v

Synced means: what is here has the content of the newest version on the server, by its hash.")]
pub struct StatusCommand {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    reach: Reach,
}

impl StatusCommand {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let mut here = Here::open(&self.reach, shared)?;
        let errand = here.errand(Only::Both, OnConflict::Fail);
        let present = here.present(self.which.game.as_deref())?;
        let synced = here.status(&present, &errand)?;
        show_status(&synced, shared)
    }
}
