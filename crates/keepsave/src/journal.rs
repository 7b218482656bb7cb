//! `keepsave journal`: what was replaced on this machine, and the way back to it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use keepsave_core::time::Clock as _;
use keepsave_device::environment::SystemClock;
use keepsave_device::giving_up::give_up;
use keepsave_device::journal::{Journal, Kept, Policy};
use keepsave_device::settings::Choices;
use keepsave_device::undo::bring_back;
use serde_json::{Value, json};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::{Reach, places, settings_of};
use crate::terminal::{bytes, counted, moment, note, or_dash, print, print_json, table};

/// What was replaced on this machine, and the way back to it
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave journal list
  keepsave journal restore 20261120-072830-3f0c
  keepsave journal prune"
)]
pub struct JournalCommand {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lists what was replaced, the newest first
    #[command(after_help = "\
Examples:
  keepsave journal list
  keepsave journal list --json")]
    List,
    Restore(Restore),
    /// Gives up old entries, as the settings say, of which the server has the content
    #[command(after_help = "\
Examples:
  keepsave journal prune
  keepsave settings set journal_mebibytes 256

The newest entries of each file stay (journal_newest_of_each_file); beyond them the oldest go until
the journal takes no more than journal_mebibytes. What the server does not have is never given up.
A sync that replaced something does the same by itself.")]
    Prune,
}

/// What the journal may take, as was chosen.
pub fn policy(choices: &Choices) -> Policy {
    let newest = usize::try_from(choices.journal_newest_of_each_file).unwrap_or(usize::MAX);
    Policy {
        newest_of_each_file: newest,
        bytes: choices.journal_mebibytes.saturating_mul(1024 * 1024),
    }
}

/// Brings an entry back: onto the file that held it, or another
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave journal restore 20261120-072830-3f0c
  keepsave journal restore 20261120-072830-3f0c --to ~/zelda.srm

What stands in its place goes into the journal before.")]
struct Restore {
    /// The entries, as `list` shows them
    #[arg(required = true)]
    ids: Vec<String>,
    /// Onto this file instead
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

impl JournalCommand {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let journal = Journal::open(&places()?.journal).map_err(Failure::failed)?;
        match &self.command {
            Command::List => list(&journal, shared),
            Command::Restore(restore) => restore.run(&journal, shared),
            Command::Prune => self.prune(&journal, shared),
        }
    }

    fn prune(&self, journal: &Journal, shared: &Shared) -> Result<Exit, Failure> {
        let choices = settings_of(shared)?.choices;
        let reached = self.reach.open(shared)?;
        let pruned = reached.wait(give_up(
            journal,
            &reached.server,
            policy(&choices),
            choices.sync_states,
        ))?;
        if shared.json {
            let removed: Vec<&str> = pruned.removed.iter().map(|kept| kept.id.as_str()).collect();
            print_json(&json!({
                "removed": removed,
                "freed": pruned.freed,
                "left": pruned.left,
            }))?;
        }
        for (path, why) in &pruned.unreadable {
            note(&format!(
                "{}: is no entry ({why}), so nothing was given up",
                path.display()
            ));
        }
        note(&format!(
            "{} given up, {} freed, {} left",
            counted(pruned.removed.len() as u64, "entry"),
            bytes(pruned.freed),
            bytes(pruned.left)
        ));
        Ok(if pruned.unreadable.is_empty() {
            Exit::Done
        } else {
            Exit::Found
        })
    }
}

impl Restore {
    fn run(&self, journal: &Journal, shared: &Shared) -> Result<Exit, Failure> {
        if self.to.is_some() && self.ids.len() > 1 {
            return Err(Failure::usage(
                "--to takes one entry: several would replace one another",
            ));
        }
        let listing = journal.list().map_err(Failure::failed)?;
        let mut restored = Vec::new();
        for id in &self.ids {
            let kept = listing.kept.iter().find(|kept| kept.id == *id);
            let kept = kept.ok_or_else(|| {
                Failure::usage(format!(
                    "the journal has no `{id}`: see `keepsave journal list`"
                ))
            })?;
            let onto = self.to.as_ref().unwrap_or(&kept.path);
            let placed = bring_back(journal, kept, onto, SystemClock.now());
            let placed = placed.map_err(Failure::failed)?;
            note(&match &placed.kept {
                Some(replaced) => format!(
                    "{} is back; what stood there is in the journal as {}",
                    onto.display(),
                    replaced.id
                ),
                None => format!("{} is back", onto.display()),
            });
            restored.push(json!({
                "id": kept.id,
                "path": onto.to_string_lossy(),
                "journal_id": placed.kept.map(|kept| kept.id),
            }));
        }
        if shared.json {
            print_json(&json!({ "restored": restored }))?;
        }
        Ok(Exit::Done)
    }
}

fn list(journal: &Journal, shared: &Shared) -> Result<Exit, Failure> {
    let listing = journal.list().map_err(Failure::failed)?;
    for (path, why) in &listing.unreadable {
        note(&format!(
            "{}: cannot be read as an entry ({why})",
            path.display()
        ));
    }
    if shared.json {
        let kept: Vec<Value> = listing.kept.iter().map(as_json).collect();
        print_json(&json!({ "entries": kept }))?;
    } else if listing.kept.is_empty() {
        note("nothing was replaced on this machine yet");
    } else {
        let rows = listing.kept.iter().map(|kept| {
            [
                kept.id.clone(),
                moment(Some(kept.at)),
                bytes(kept.size),
                kept.path.display().to_string(),
                or_dash(kept.about.slot.as_deref()),
                kept.about.reason.clone(),
            ]
        });
        let rows: Vec<[String; 6]> = rows.collect();
        print(&table(
            ["ENTRY", "KEPT", "SIZE", "FILE", "SLOT", "WHY"],
            &rows,
        ));
    }
    Ok(if listing.unreadable.is_empty() {
        Exit::Done
    } else {
        Exit::Found
    })
}

fn as_json(kept: &Kept) -> Value {
    json!({
        "id": kept.id,
        "at": kept.at,
        "path": kept.path.to_string_lossy(),
        "size": kept.size,
        "content_hash": kept.content.hash,
        "account": kept.about.account,
        "rom_id": kept.about.rom,
        "slot": kept.about.slot,
        "file_name": kept.about.file_name,
        "reason": kept.about.reason,
    })
}
