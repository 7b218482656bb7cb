//! `keepsave saves`: the saves on the server, one by one.

mod show;
mod tracking;
pub mod transfer;

use clap::{Args, Subcommand};
use keepsave_core::ids::SaveId;
use serde_json::json;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::{Reach, Reached};
use crate::terminal::{note, print_json};

/// The saves on the server, one by one
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave saves list --rom-id 12
  keepsave saves get 345 --json
  keepsave saves download 345 --output saves/
  keepsave saves upload zelda.srm --rom-id 12 --slot autosave
  keepsave saves untrack 345
  keepsave saves publish 345 --off
  keepsave saves delete 345 346"
)]
pub struct Saves {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(show::List),
    Get(show::Get),
    Download(transfer::Download),
    Upload(transfer::Upload),
    /// Deletes saves on the server
    #[command(after_help = "\
Examples:
  keepsave saves delete 345 346")]
    Delete {
        /// Their ids, as `list` shows them
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Lets a device sync a save again
    #[command(after_help = "\
Examples:
  keepsave saves track 345
  keepsave saves track 345 --device-id 3f0c7e52-…")]
    Track(tracking::Tracked),
    /// Leaves a save out of a device's syncs
    #[command(after_help = "\
Examples:
  keepsave saves untrack 345
  keepsave saves untrack 345 --device-id 3f0c7e52-…")]
    Untrack(tracking::Tracked),
    /// Lets the other users of the server see a save
    #[command(after_help = "\
Examples:
  keepsave saves publish 345
  keepsave saves publish 345 --off")]
    Publish {
        /// Its id, as `list` shows it
        id: i64,
        /// Hides it from them again
        #[arg(long)]
        off: bool,
    },
}

impl Saves {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let reached = self.reach.open(shared)?;
        reached.greet()?;
        let json = shared.json;
        match &self.command {
            Command::List(list) => list.run(&reached, json),
            Command::Get(get) => get.run(&reached, json),
            Command::Download(download) => download.run(&reached, json),
            Command::Upload(upload) => upload.run(&reached, json),
            Command::Delete { ids } => delete(&reached, ids, json),
            Command::Track(save) => save.run(&reached, true, json),
            Command::Untrack(save) => save.run(&reached, false, json),
            Command::Publish { id, off } => publish(&reached, SaveId(*id), !off, json),
        }
    }
}

fn delete(reached: &Reached, ids: &[i64], json: bool) -> Result<Exit, Failure> {
    let saves: Vec<SaveId> = ids.iter().copied().map(SaveId).collect();
    reached.wait(reached.server.delete_saves(&saves))?;
    if json {
        print_json(&json!({ "deleted": ids }))?;
    } else {
        note(&format!("deleted: {}", listed(ids)));
    }
    Ok(Exit::Done)
}

fn publish(reached: &Reached, id: SaveId, is_public: bool, json: bool) -> Result<Exit, Failure> {
    let told = reached.wait(reached.server.publish_save(id, is_public))?;
    if json {
        print_json(&told.json())?;
    } else if is_public {
        note(&format!(
            "save {id} can be seen by the other users of the server"
        ));
    } else {
        note(&format!("save {id} is yours alone"));
    }
    Ok(Exit::Done)
}

/// `3, 4`.
pub fn listed(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.join(", ")
}
