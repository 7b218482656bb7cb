//! `keepsave restore`: goes back to a save of a game's slot, here and for every other device.

use std::sync::Arc;

use clap::Args;
use keepsave_core::ids::SaveId;
use keepsave_device::engine::restore::Switched;
use keepsave_device::engine::run::OnConflict;

use keepsave_device::engine::wishes::Only;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::Here;
use crate::reach::Reach;
use crate::sync::run::Progress;
use crate::terminal::{note, print_json};

/// Goes back to an earlier save of a game, here and on every other device
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave versions \"Metroid Fusion\"
  keepsave restore \"Metroid Fusion\" 57

What is here is synced first, so nothing is lost, and stays in the journal besides.")]
pub struct Restore {
    /// The game: its name or a part of it, its file, or its id on the server
    game: String,
    /// The save, as `keepsave versions` shows it
    save: i64,
    #[command(flatten)]
    reach: Reach,
}

impl Restore {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let here = Here::open_as_device(&self.reach, shared)?;
        let present = here.one(&self.game)?;
        let errand = here.errand(Only::Both, OnConflict::Fail);
        let (seat, watch) = (&here.seat, Arc::new(Progress::default()));
        let save = SaveId(self.save);
        let switch = seat
            .engine
            .restore(&present, &errand, save, watch, seat.stop());
        let switched = seat.wait(switch)?;
        if shared.json {
            print_json(&switched)?;
        }
        note(&told(&switched, &present.game.stem, self.save));
        Ok(match switched {
            Switched::Restored { .. } => Exit::Done,
            _ => Exit::Found,
        })
    }
}

fn told(switched: &Switched, game: &str, save: i64) -> String {
    match switched {
        Switched::Restored { journal } if journal.is_empty() => {
            format!("{game} is back at save {save}")
        }
        Switched::Restored { journal } => format!(
            "{game} is back at save {save}; what was here is in the journal: `keepsave journal \
             restore {}` brings it back",
            journal.join(" ")
        ),
        Switched::ConflictBlocked => format!(
            "conflict_blocked: {game} changed here and on the server. Nothing was changed. Settle \
             that first with `keepsave resolve`"
        ),
        Switched::PreflightFailed { errors } => format!(
            "preflight_failed: what is here could not be synced first, so nothing was changed: {}",
            errors.join("; ")
        ),
        Switched::NotFound => format!(
            "not_found: the slot has no save {save}. Nothing was changed. See `keepsave versions`"
        ),
        Switched::DownloadFailed { error } => {
            format!("download_failed: save {save} did not come, so nothing was changed: {error}")
        }
        Switched::PutFailed { error } => format!(
            "put_failed: save {save} is not the newest for other devices yet ({error}). Run it \
             again: that is safe"
        ),
        Switched::NotHereYet { error } => format!(
            "not_here_yet: save {save} is the newest of its slot now and has not come here \
             ({error}). `keepsave sync` brings it"
        ),
    }
}
