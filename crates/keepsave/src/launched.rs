//! What `keepsave pull` and `push` do otherwise when a frontend calls them around a game.

use std::time::Duration;

use clap::Args;
use keepsave_core::limits;
use keepsave_device::library::Game;
use keepsave_device::session::{rest, which};
use keepsave_device::settings::Choices;

use crate::Shared;
use crate::exit::Failure;
use crate::here::library;
use crate::patience::Patience;
use crate::reach::settings_of;
use crate::terminal::note;

/// Who calls, and how long it may take.
#[derive(Args)]
pub struct Launched {
    /// As a hook of a frontend: does what the settings say of launches, and takes no longer
    #[arg(long, requires = "game")]
    hook: bool,
    /// Gives up after so many seconds; what is being put in its place is finished
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=limits::WITHIN_SECONDS))]
    within: Option<u64>,
}

/// On which side of a game.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The frontend waits.
    Before,
    /// Nobody waits, and the save may still be written.
    After,
}

impl Launched {
    /// Whether a frontend calls.
    pub const fn is_hook(&self) -> bool {
        self.hook
    }

    /// How long to wait for the server; none where the settings say that nothing is to be done.
    pub fn patience(
        &self,
        side: Side,
        game: Option<&str>,
        shared: &Shared,
    ) -> Result<Option<Patience>, Failure> {
        let patience = Patience::endless()?;
        let mut within = self.within;
        if self.hook {
            let choices = settings_of(shared)?.choices;
            let setting = match side {
                Side::Before => ("sync_before_launch", choices.sync_before_launch),
                Side::After => ("sync_after_exit", choices.sync_after_exit),
            };
            let settings = [("save_sync_enabled", choices.save_sync_enabled), setting];
            if let Some((name, _)) = settings.iter().find(|(_, is_on)| !is_on) {
                note(&format!("nothing is synced: the setting {name} is off"));
                return Ok(None);
            }
            if side == Side::Before {
                within = within.or(Some(choices.launch_budget_seconds));
                if within == Some(0) {
                    note("nothing is synced: the setting launch_budget_seconds is 0");
                    return Ok(None);
                }
            } else if let Some(game) = game {
                wait_for_rest(&choices, game, &patience)?;
            }
        }
        Ok(Some(match within {
            Some(seconds) => patience.within(Duration::from_secs(seconds)),
            None => patience,
        }))
    }
}

fn wait_for_rest(choices: &Choices, named: &str, patience: &Patience) -> Result<(), Failure> {
    let library = library(choices);
    let games: Vec<&Game> = library.games().collect();
    let Some(game) = which::named(&games, named.as_ref()) else {
        return Ok(());
    };
    if patience.wait(rest::until_at_rest(|| rest::look(&game.save))) {
        return Ok(());
    }
    Err(Failure::failed(format!(
        "{}: its save is still being written, so it is not sent yet; `keepsave sync` does it later",
        game.stem
    )))
}
