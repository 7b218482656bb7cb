//! `keepsave states take`: puts a state of the server in its place here.

use std::sync::Arc;

use clap::Args;
use keepsave_core::ids::StateId;
use keepsave_core::states::Ending;
use keepsave_device::engine::states::{Going, Taking};
use serde_json::json;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::Here;
use crate::reach::Reach;
use crate::sync::run::Progress;
use crate::terminal::{note, print_json};

/// Puts a state of the server in its place here; what is there goes into the journal
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave states take \"Metroid Fusion\" 57
  keepsave states take \"Metroid Fusion\" 57 --as 9

Close the game before. With --as a state takes the place of another number, or of `auto`, which is
loaded when the game is started.")]
pub struct Take {
    /// The game: its name or a part of it, its file, or its id on the server
    game: String,
    /// The state, as `keepsave states offered` shows it
    state: i64,
    /// As which state of the game: a number, or `auto`
    #[arg(long = "as", value_name = "NUMBER", value_parser = ending)]
    onto: Option<Ending>,
    /// Takes it though it is not known to load here
    #[arg(long)]
    anyway: bool,
}

fn ending(text: &str) -> Result<Ending, String> {
    match text {
        "auto" => Ok(Ending::Auto),
        number => number
            .parse()
            .map(Ending::Numbered)
            .map_err(|_| format!("{number} is neither a number nor `auto`")),
    }
}

impl Take {
    pub fn run(&self, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
        let here = Here::open_for_states(reach, shared)?;
        let present = here.one(&self.game)?;
        let taking = Taking {
            state: StateId(self.state),
            onto: self.onto,
            anyway: self.anyway,
        };
        let going = Going {
            watch: Arc::new(Progress::default()),
            stop: here.seat.stop(),
        };
        let taken = here
            .seat
            .wait(here.seat.engine.take_state(&present, taking, &going))
            .map_err(Failure::failed)?;
        drop(going);
        for said in &taken.notes {
            note(said);
        }
        let journal = taken.kept.as_ref().map(|kept| &kept.id);
        if shared.json {
            print_json(&json!({
                "state_id": self.state,
                "path": taken.path.to_string_lossy(),
                "journal_id": journal,
            }))?;
            return Ok(Exit::Done);
        }
        let path = taken.path.display();
        note(&match journal {
            None => format!("state {} is {path}", self.state),
            Some(id) => format!(
                "state {} is {path}; what was there is in the journal: `keepsave journal restore \
                 {id}` brings it back",
                self.state
            ),
        });
        Ok(Exit::Done)
    }
}
