//! `keepsave sync run`: syncs the saves that a manifest lists.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use clap::{Args, ValueEnum};
use keepsave_device::engine::outcome::Done;
use keepsave_device::engine::plan::Unsyncable;
use keepsave_device::engine::run::{OnConflict, Orders, Report, Watch};
use serde_json::{Value, json};

use super::plan::{What, rehearse};
use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::Reach;
use crate::seat::Seat;
use crate::terminal::{Bar, note, print, print_json, table};

/// Syncs the saves that a manifest lists
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave sync run --manifest saves.json
  keepsave sync run --manifest saves.json --conflict keep-both
  keepsave sync run --manifest saves.json --only-listed --json

The manifest:
  {\"saves\": [{\"rom_id\": 123, \"path\": \"saves/zelda.srm\", \"slot\": \"autosave\"}]}

A save that comes down goes onto the file that lists it, what was there is kept in the journal
first. Saves that the manifest does not list go into its directory, under the game's name.")]
pub struct RunCommand {
    #[command(flatten)]
    what: What,
    /// What to do where both sides changed
    #[arg(long, value_enum, default_value_t = Conflict::Fail)]
    conflict: Conflict,
    /// Puts everything that comes down here and leaves the listed files as they are
    #[arg(long, value_name = "DIR")]
    download_dir: Option<PathBuf>,
    /// Says what would be done, and moves nothing
    #[arg(long)]
    dry_run: bool,
    /// Lets the server keep only so many saves of a slot
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    autocleanup_limit: Option<u32>,
    /// How many games are worked on at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=32))]
    jobs: u16,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Conflict {
    /// Leaves both sides as they are; the run counts as failed
    Fail,
    /// Leaves both sides as they are
    Skip,
    /// The file here becomes the newest version
    KeepLocal,
    /// The server's save takes the file's place; the journal keeps what was here
    KeepServer,
    /// The file here goes to a slot of its own, the server's save takes its place
    KeepBoth,
}

impl From<Conflict> for OnConflict {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::Fail => Self::Fail,
            Conflict::Skip => Self::Skip,
            Conflict::KeepLocal => Self::KeepLocal,
            Conflict::KeepServer => Self::KeepServer,
            Conflict::KeepBoth => Self::KeepBoth,
        }
    }
}

impl RunCommand {
    pub fn run(&self, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
        if self.dry_run {
            return rehearse(&self.what, reach, shared);
        }
        let mut selection = self.what.selection()?;
        if let Some(directory) = &self.download_dir {
            selection.beside = selection.beside.map(|_| directory.clone());
            selection.roots = vec![directory.clone()];
        }
        let seat = Seat::take(reach, shared, self.what.device_id.as_deref())?;
        let orders = Orders {
            on_conflict: self.conflict.into(),
            download_dir: self.download_dir.clone(),
            autocleanup: self.autocleanup_limit,
            at_once: self.jobs.into(),
            looked_at: None,
        };
        let watch = Arc::new(Progress::default());
        let report = seat.wait(seat.engine.run(selection, &orders, watch, seat.stop()))?;
        super::tell(&report.plan);
        if shared.json {
            print_json(&as_json(&report))?;
        } else {
            show(&report);
        }
        Ok(exit(&report))
    }
}

fn exit(report: &Report) -> Exit {
    let settled = report
        .outcomes
        .iter()
        .all(|outcome| outcome.result.is_settled());
    if !settled || !report.plan.unsyncable.is_empty() || report.stopped {
        return Exit::Found;
    }
    match report.completion {
        Ok(_) => Exit::Done,
        Err(_) => Exit::Unusable,
    }
}

/// What RomM's own command line prints, and beside it what became of each operation.
fn as_json(report: &Report) -> Value {
    let completion = match &report.completion {
        Ok(completion) => json!(completion),
        Err(error) => json!({ "error": error.to_string() }),
    };
    let results = report.outcomes.iter();
    let results = results.map(|outcome| outcome.json(&report.plan));
    let results = results.chain(report.plan.unsyncable.iter().map(Unsyncable::json));
    json!({
        "negotiate": report.plan.json(),
        "counts": report.counts,
        "completion": completion,
        "results": results.collect::<Vec<_>>(),
    })
}

fn show(report: &Report) {
    let rows: Vec<[String; 4]> = report
        .outcomes
        .iter()
        .filter(|outcome| !matches!(outcome.result, Done::Nothing))
        .map(|outcome| {
            [
                outcome.result.word().replace('_', " "),
                outcome.line.rom.to_string(),
                match &outcome.result {
                    Done::Downloaded { path, .. } => path.display().to_string(),
                    _ => report.plan.name_of(&outcome.line),
                },
                outcome.said(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        print(&table(["result", "game", "file", "why"], &rows));
    }
    for outcome in &report.outcomes {
        for said in &outcome.notes {
            note(&format!("{}: {said}", report.plan.name_of(&outcome.line)));
        }
    }
    if let Err(error) = &report.completion {
        note(&format!("the session could not be completed: {error}"));
    }
    let counts = &report.counts;
    let session = report
        .plan
        .session
        .map_or("none".to_owned(), |session| session.to_string());
    note(&format!(
        "session={session} uploaded={} downloaded={} no_op={} conflicts_skipped={} completed={} \
         failed={} left_out={}",
        counts.uploaded,
        counts.downloaded,
        counts.no_op,
        counts.conflicts_skipped,
        counts.completed,
        counts.failed,
        counts.left_out
    ));
}

/// A bar on a terminal, and who is waited for.
#[derive(Default)]
pub struct Progress {
    bar: OnceLock<Bar>,
    all: AtomicU64,
    moved: AtomicU64,
}

impl Watch for Progress {
    fn waiting(&self) {
        note("another keepsave works on these games; waiting for it");
    }

    fn noted(&self, said: &str) {
        note(said);
    }

    fn expects(&self, bytes: u64) {
        self.all.fetch_add(bytes, Ordering::Relaxed);
        let _once = self.bar.set(Bar::new("syncing"));
    }

    fn moved(&self, bytes: u64) {
        let moved = self.moved.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if let Some(bar) = self.bar.get() {
            bar.at(moved, self.all.load(Ordering::Relaxed));
        }
    }
}
