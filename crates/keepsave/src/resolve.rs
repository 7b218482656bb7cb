//! `keepsave resolve`: a person chooses where both sides changed.

use std::io::{IsTerminal, stdin};

use clap::{Args, ValueEnum};
use keepsave_core::ids::SaveId;
use keepsave_device::engine::run::OnConflict;
use keepsave_device::engine::status::Status;
use keepsave_device::engine::sync::Errand;
use keepsave_device::engine::wishes::Only;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::{Here, show_report};
use crate::reach::Reach;
use crate::terminal::note;

/// Settles a conflict: keeps what is here, what is on the server, or both
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave resolve \"Metroid Fusion\" --keep local
  keepsave resolve 42 --keep server --head 57

Nothing is lost either way: what is here goes into the journal before it is replaced, and what is
on the server stays a version there. Without a terminal, --head must say which save of the server
the choice was made about; where the slot shows another by now, nothing is done.")]
pub struct Resolve {
    /// The game: its name or a part of it, its file, or its id on the server
    game: String,
    /// What becomes the newest version
    #[arg(long, value_enum)]
    keep: Keep,
    /// The server's save that the choice is about, as `keepsave conflicts` shows it
    #[arg(long, value_name = "ID")]
    head: Option<i64>,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Clone, Copy, ValueEnum)]
enum Keep {
    /// What is here
    Local,
    /// What is on the server
    Server,
    /// What is here goes to a slot of its own, what is on the server takes its place
    Both,
}

impl Resolve {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        if self.head.is_none() && !stdin().is_terminal() {
            return Err(Failure::usage(
                "without a terminal, --head must say which save of the server the choice is \
                 about: `keepsave conflicts` shows it",
            ));
        }
        let mut here = Here::open(&self.reach, shared)?;
        let errand = Errand {
            looked_at: self.head.map(SaveId),
            ..here.errand(Only::Both, self.keep.into())
        };
        let present = here.present(Some(&self.game))?;
        let open = here.status(&present, &errand)?;
        if open
            .statuses()
            .iter()
            .all(|status| status.status != Status::Conflict)
        {
            note("there is no conflict to settle");
            return Ok(Exit::Done);
        }
        let synced = here.sync(&present, &errand)?;
        show_report(&synced, shared)
    }
}

impl From<Keep> for OnConflict {
    fn from(keep: Keep) -> Self {
        match keep {
            Keep::Local => Self::KeepLocal,
            Keep::Server => Self::KeepServer,
            Keep::Both => Self::KeepBoth,
        }
    }
}
