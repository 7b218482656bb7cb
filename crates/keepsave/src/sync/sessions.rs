//! `keepsave sync sessions`: the syncs that the server remembers.

use clap::{Args, Subcommand};
use keepsave_core::ids::{DeviceId, SessionId};
use keepsave_device::server::seen::SeenSession;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::{Reach, report};
use crate::terminal::{moment, or_dash, print, print_json, table};

/// The syncs that the server remembers
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave sync sessions list
  keepsave sync sessions list --device-id 3f0c7e52-… --limit 5
  keepsave sync sessions get 12"
)]
pub struct Sessions {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lists sessions, newest first
    #[command(after_help = "\
Examples:
  keepsave sync sessions list
  keepsave sync sessions list --device-id 3f0c7e52-… --limit 5")]
    List {
        /// Of this device only
        #[arg(long, value_name = "ID")]
        device_id: Option<String>,
        /// At most so many
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
    },
    /// Shows one session
    #[command(after_help = "\
Examples:
  keepsave sync sessions get 12")]
    Get {
        /// Its id, as `list` shows it
        id: i64,
    },
}

impl Sessions {
    pub fn run(&self, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
        let reached = reach.open(shared)?;
        reached.greet()?;
        match &self.command {
            Command::List { device_id, limit } => {
                let device = device_id.clone().map(DeviceId);
                let told = reached.wait(reached.server.sessions(device.as_ref(), *limit))?;
                if shared.json {
                    print_json(&told.json())?;
                    return Ok(Exit::Done);
                }
                show(&told.seen.rows);
                Ok(report(&told.seen.unreadable))
            }
            Command::Get { id } => {
                let told = reached.wait(reached.server.session(SessionId(*id)))?;
                if shared.json {
                    print_json(&told.json())?;
                } else {
                    show(&[told.seen]);
                }
                Ok(Exit::Done)
            }
        }
    }
}

/// Sessions as a table.
pub fn show(sessions: &[SeenSession]) {
    let rows: Vec<_> = sessions
        .iter()
        .map(|session| {
            [
                session.id.to_string(),
                or_dash(session.device_id.as_deref()),
                or_dash(Some(&session.status)),
                moment(session.initiated_at),
                moment(session.completed_at),
                session.operations_planned.to_string(),
                session.operations_completed.to_string(),
                session.operations_failed.to_string(),
                or_dash(session.error_message.as_deref()),
            ]
        })
        .collect();
    let headings = [
        "id", "device", "status", "started", "ended", "planned", "done", "failed", "error",
    ];
    print(&table(headings, &rows));
}
