//! `keepsave sync plan`: says what a run would do, and moves nothing.

use std::path::PathBuf;

use clap::Args;
use keepsave_device::engine::plan::Plan;
use keepsave_device::engine::run::Rehearsal;
use keepsave_device::engine::selection::Selection;
use keepsave_device::manifest::Manifest;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::Reach;
use crate::seat::Seat;
use crate::terminal::{note, print, print_json, table};

/// Says what a run would do, and moves nothing
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave sync plan --manifest saves.json
  keepsave sync plan --manifest saves.json --device-id 3f0c… --json

The plan is what the server says, and where this device knows better, what it decided and why.
The session that the server opens for it is completed with nothing done.")]
pub struct PlanCommand {
    #[command(flatten)]
    pub what: What,
}

/// Which files of which device.
#[derive(Args)]
pub struct What {
    /// This device, as `sync device list` shows it; by default the one that signed in
    #[arg(long, value_name = "ID")]
    pub device_id: Option<String>,
    /// The file that lists the saves
    #[arg(long, value_name = "FILE")]
    pub manifest: PathBuf,
    /// Leaves out the saves of the account that the manifest does not list
    #[arg(long)]
    pub only_listed: bool,
}

impl What {
    /// The files that the manifest lists, and where the others go.
    pub fn selection(&self) -> Result<Selection, Failure> {
        let manifest = Manifest::read(&self.manifest).map_err(Failure::usage)?;
        let mut selection = Selection::from(manifest);
        if self.only_listed {
            selection.beside = None;
        }
        Ok(selection)
    }
}

impl PlanCommand {
    pub fn run(&self, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
        rehearse(&self.what, reach, shared)
    }
}

/// Plans and shows it.
pub fn rehearse(what: &What, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
    let selection = what.selection()?;
    let seat = Seat::take(reach, shared, what.device_id.as_deref())?;
    let Rehearsal { plan, completion } = seat.wait(seat.engine.rehearse(selection))?;
    if shared.json {
        print_json(&plan.json())?;
    } else {
        show(&plan);
    }
    super::tell(&plan);
    if let Err(error) = &completion {
        note(&format!("the session could not be completed: {error}"));
    }
    let totals = plan.totals();
    let settled = totals.conflict == 0 && plan.lines.iter().all(|line| line.step().is_some());
    if !settled || !plan.unsyncable.is_empty() {
        return Ok(Exit::Found);
    }
    Ok(match completion {
        Ok(_) => Exit::Done,
        Err(_) => Exit::Unusable,
    })
}

/// The lines that move something or need someone, and how many need nothing.
fn show(plan: &Plan) {
    let rows: Vec<[String; 5]> = plan
        .lines
        .iter()
        .filter(|line| line.todo.word() != "no_op" || line.step().is_none())
        .map(|line| {
            [
                line.todo.word().to_owned(),
                line.rom.to_string(),
                line.slot.clone().unwrap_or_else(|| "-".to_owned()),
                plan.name_of(line),
                line.reason.clone(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        print(&table(["action", "game", "slot", "file", "why"], &rows));
    }
    let totals = plan.totals();
    note(&format!(
        "{} to upload, {} to download, {} in conflict, {} with nothing to do",
        totals.upload, totals.download, totals.conflict, totals.no_op
    ));
}
