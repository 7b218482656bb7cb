//! `keepsave states`: the save states on the server, those that this machine may take, and each by
//! hand.

mod offered;
mod take;
pub mod told;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use keepsave_core::ids::{RomId, StateId};
use keepsave_device::server::seen::SeenState;
use serde_json::json;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::{Reach, Reached, report};
use crate::saves::listed;
use crate::saves::transfer::{Drawn, Place, by_hand, tell};
use crate::terminal::{bytes, moment, note, or_dash, print, print_json, table};

/// The save states on the server: which may be taken here, and each by hand
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave states offered
  keepsave states take \"Metroid Fusion\" 57
  keepsave states list --rom-id 12
  keepsave states get 7 --json
  keepsave states download 7 --output states/
  keepsave states upload zelda.state --rom-id 12 --emulator mgba
  keepsave states publish 7
  keepsave states delete 7"
)]
pub struct States {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Offered(offered::Offered),
    Take(take::Take),
    #[command(flatten)]
    OneByOne(OneByOne),
}

#[derive(Subcommand)]
enum OneByOne {
    /// Lists states
    #[command(after_help = "\
Examples:
  keepsave states list --rom-id 12")]
    List {
        /// Of this game only
        #[arg(long, value_name = "ID")]
        rom_id: Option<i64>,
    },
    /// Shows one state
    #[command(after_help = "\
Examples:
  keepsave states get 7 --json")]
    Get {
        /// Its id, as `list` shows it
        id: i64,
    },
    /// Fetches a state
    #[command(after_help = "\
Examples:
  keepsave states download 7
  keepsave states download 7 --output states/")]
    Download {
        /// Its id, as `list` shows it
        id: i64,
        #[command(flatten)]
        place: Place,
    },
    /// Sends a file as a state; one of that name is replaced
    #[command(after_help = "\
Examples:
  keepsave states upload zelda.state --rom-id 12 --emulator mgba")]
    Upload {
        /// The file
        file: PathBuf,
        /// The game that it belongs to
        #[arg(long, value_name = "ID")]
        rom_id: i64,
        /// The emulator that wrote it
        #[arg(long)]
        emulator: Option<String>,
    },
    /// Deletes states on the server
    #[command(after_help = "\
Examples:
  keepsave states delete 7")]
    Delete {
        /// Their ids, as `list` shows them
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Lets the other users of the server see a state
    #[command(after_help = "\
Examples:
  keepsave states publish 7
  keepsave states publish 7 --off")]
    Publish {
        /// Its id, as `list` shows it
        id: i64,
        /// Hides it from them again
        #[arg(long)]
        off: bool,
    },
}

impl States {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        match &self.command {
            Command::Offered(offered) => offered.run(&self.reach, shared),
            Command::Take(take) => take.run(&self.reach, shared),
            Command::OneByOne(one) => {
                let reached = self.reach.open(shared)?;
                reached.greet()?;
                one.run(&reached, shared.json)
            }
        }
    }
}

impl OneByOne {
    fn run(&self, reached: &Reached, json: bool) -> Result<Exit, Failure> {
        match self {
            Self::List { rom_id } => list(reached, rom_id.map(RomId), json),
            Self::Get { id } => {
                let told = reached.wait(reached.server.state(StateId(*id)))?;
                if json {
                    print_json(&told.json())?;
                } else {
                    show(&[told.seen]);
                }
                Ok(Exit::Done)
            }
            Self::Download { id, place } => {
                let (by_hand, output) = (by_hand(reached)?, place.output());
                let bar = Drawn::new("downloading");
                let placed = reached.wait(by_hand.download_state(StateId(*id), &output, &bar));
                drop(bar);
                tell(*id, &placed?, json)
            }
            Self::Upload {
                file,
                rom_id,
                emulator,
            } => upload(reached, file, (RomId(*rom_id), emulator.as_deref()), json),
            Self::Delete { ids } => delete(reached, ids, json),
            Self::Publish { id, off } => publish(reached, StateId(*id), !off, json),
        }
    }
}

fn list(reached: &Reached, rom: Option<RomId>, json: bool) -> Result<Exit, Failure> {
    let told = reached.wait(reached.server.states(rom))?;
    if json {
        print_json(&told.json())?;
        return Ok(Exit::Done);
    }
    show(&told.seen.rows);
    Ok(report(&told.seen.unreadable))
}

fn show(states: &[SeenState]) {
    let rows: Vec<_> = states
        .iter()
        .map(|state| {
            [
                state.id.to_string(),
                state.rom_id.to_string(),
                or_dash(state.emulator.as_deref()),
                or_dash(Some(&state.file_name)),
                state.file_size_bytes.map_or_else(|| "-".to_owned(), bytes),
                moment(state.updated_at),
            ]
        })
        .collect();
    let headings = ["id", "game", "emulator", "file", "size", "updated"];
    print(&table(headings, &rows));
}

fn upload(
    reached: &Reached,
    file: &Path,
    of: (RomId, Option<&str>),
    json: bool,
) -> Result<Exit, Failure> {
    let by_hand = by_hand(reached)?;
    let bar = Arc::new(Drawn::new("uploading"));
    let told = reached.wait(by_hand.upload_state(file, of, bar.clone()));
    drop(bar);
    let told = told?;
    if json {
        print_json(&told.json())?;
    } else {
        print(&told.seen.id.to_string());
        note(&format!("{} is state {}", file.display(), told.seen.id));
    }
    Ok(Exit::Done)
}

fn delete(reached: &Reached, ids: &[i64], json: bool) -> Result<Exit, Failure> {
    let states: Vec<StateId> = ids.iter().copied().map(StateId).collect();
    reached.wait(reached.server.delete_states(&states))?;
    if json {
        print_json(&json!({ "deleted": ids }))?;
    } else {
        note(&format!("deleted: {}", listed(ids)));
    }
    Ok(Exit::Done)
}

fn publish(reached: &Reached, id: StateId, is_public: bool, json: bool) -> Result<Exit, Failure> {
    let told = reached.wait(reached.server.publish_state(id, is_public))?;
    if json {
        print_json(&told.json())?;
    } else if is_public {
        note(&format!(
            "state {id} can be seen by the other users of the server"
        ));
    } else {
        note(&format!("state {id} is yours alone"));
    }
    Ok(Exit::Done)
}
