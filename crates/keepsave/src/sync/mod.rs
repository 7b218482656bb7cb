//! `keepsave sync`: the saves of this machine, and those of a server.

mod device;
mod games;
mod plan;
mod push_pull;
pub mod run;
mod sessions;

use clap::{Args, Subcommand};
use keepsave_device::engine::line::{Found, Line};
use keepsave_device::engine::plan::Plan;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::Reach;
use crate::terminal::note;

/// Syncs the saves of this machine with a server
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  keepsave sync
  keepsave sync --game \"Metroid Fusion\"
  keepsave sync --dry-run

Without a subcommand every game that is found on this machine is synced; `keepsave games` shows
which those are. The subcommands sync what a manifest lists, for scripts."
)]
pub struct Sync {
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    games: games::SyncGames,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Plan(plan::PlanCommand),
    Run(run::RunCommand),
    Device(device::Devices),
    Sessions(sessions::Sessions),
    PushPull(push_pull::PushPull),
}

impl Sync {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        match &self.command {
            None => self.games.run(&self.reach, shared),
            Some(command) => command.run(&self.reach, shared),
        }
    }
}

impl Command {
    fn run(&self, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
        match self {
            Self::Plan(plan) => plan.run(reach, shared),
            Self::Run(run) => run.run(reach, shared),
            Self::Device(devices) => devices.run(reach, shared),
            Self::Sessions(sessions) => sessions.run(reach, shared),
            Self::PushPull(push_pull) => push_pull.run(reach, shared),
        }
    }
}

/// Says what cannot be synced, and what else a person should know.
fn tell(plan: &Plan) {
    for unsyncable in &plan.unsyncable {
        note(&unsyncable.why);
    }
    for said in &plan.notes {
        note(said);
    }
    // Without a slot nothing comes down, so it does not matter what the server has.
    let nowhere = |line: &&Line| {
        let item = line.item.map(|index| &plan.items[index]);
        let is_missing = item.is_some_and(|item| matches!(item.found, Found::Nothing));
        is_missing && line.save.is_none() && line.slot.is_some()
    };
    let mut nowhere = plan.lines.iter().filter(nowhere);
    if let Some(first) = nowhere.next() {
        let others = match nowhere.count() {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        let name = plan.name_of(first);
        note(&format!(
            "{name}{others}: neither here nor on the server yet"
        ));
    }
}
