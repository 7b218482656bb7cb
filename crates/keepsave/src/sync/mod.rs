//! `keepsave sync`: the saves of this machine, and those of a server.

mod device;
mod plan;
mod push_pull;
mod run;
mod seat;
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
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave sync device register --name \"My handheld\"
  keepsave sync plan --manifest saves.json
  keepsave sync run --manifest saves.json"
)]
pub struct Sync {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: Command,
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
            Command::Plan(plan) => plan.run(&self.reach, shared),
            Command::Run(run) => run.run(&self.reach, shared),
            Command::Device(devices) => devices.run(&self.reach, shared),
            Command::Sessions(sessions) => sessions.run(&self.reach, shared),
            Command::PushPull(push_pull) => push_pull.run(&self.reach, shared),
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
