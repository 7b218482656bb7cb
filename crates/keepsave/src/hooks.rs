//! `keepsave hooks`: lets a frontend sync a game's save before and after it.

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use keepsave_device::session::hooks::{Change, Hooks, Refused, Standing, found};
use serde_json::{Value, json};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::machine;
use crate::terminal::{confirm, note, print, print_json, table};

const EXAMPLES: &str = "\
Examples:
  keepsave hooks status
  keepsave hooks install
  keepsave hooks install es-de
  keepsave hooks remove --yes

Frontends: es-de, retrodeck, batocera (and Knulli), nextui, steam (as EmuDeck uses it). What the
hooks do is `keepsave pull --hook` before a game and `keepsave push --hook` after it; the settings
save_sync_enabled, sync_before_launch, sync_after_exit and launch_budget_seconds count for them.";

/// Lets a frontend sync a game's save before and after it
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = EXAMPLES
)]
pub struct HooksCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Shows which frontends are here, and whether they have hooks
    #[command(after_help = "\
Examples:
  keepsave hooks status
  keepsave hooks status retrodeck --json")]
    Status(Named),
    /// Shows what would be written, asks, and writes it
    #[command(after_help = "\
Examples:
  keepsave hooks install
  keepsave hooks install batocera --yes

No file that Keepsave did not write is changed, but for ES-DE's setting CustomEventScripts, without
which it runs no hooks.")]
    Install(Changing),
    /// Shows what would be removed, asks, and removes it
    #[command(after_help = "\
Examples:
  keepsave hooks remove
  keepsave hooks remove es-de --yes")]
    Remove(Changing),
}

#[derive(Args)]
struct Named {
    /// Only this frontend; by default each that is here
    #[arg(value_name = "FRONTEND", value_parser = FRONTENDS)]
    frontend: Option<String>,
}

#[derive(Args)]
struct Changing {
    #[command(flatten)]
    named: Named,
    /// Does it without asking
    #[arg(long)]
    yes: bool,
}

const FRONTENDS: [&str; 5] = ["es-de", "retrodeck", "batocera", "nextui", "steam"];

impl HooksCommand {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        match &self.command {
            Command::Status(named) => status(&named.here()?, shared),
            Command::Install(changing) => changing.run(shared, |hooks| hooks.install(&machine())),
            Command::Remove(changing) => changing.run(shared, |hooks| hooks.remove(&machine())),
        }
    }
}

impl Named {
    /// The frontends that are meant.
    fn here(&self) -> Result<Vec<Hooks>, Failure> {
        let mut all = found(&machine(), &program()?);
        if let Some(named) = &self.frontend {
            all.retain(|hooks| hooks.name == named);
            if all.is_empty() {
                return Err(Failure::usage(format!(
                    "{named} was not found on this machine"
                )));
            }
        }
        if all.is_empty() {
            note(
                "no frontend with hooks was found on this machine; `keepsave play -- COMMAND` works \
                 with any command",
            );
        }
        Ok(all)
    }
}

/// This program, where it stays.
fn program() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(Failure::failed)
}

fn status(all: &[Hooks], shared: &Shared) -> Result<Exit, Failure> {
    let standings = all.iter().map(|hooks| (hooks, word(&hooks.standing())));
    let standings: Vec<(&Hooks, (&str, Option<String>))> = standings.collect();
    if shared.json {
        let hooks = standings.iter().map(|(hooks, (word, why))| {
            json!({
                "frontend": hooks.name,
                "status": word.replace(' ', "_"),
                "why": why,
                "files": hooks.places().map(Path::to_string_lossy).collect::<Vec<_>>(),
                "notes": hooks.notes,
            })
        });
        print_json(&json!({ "hooks": hooks.collect::<Vec<Value>>() }))?;
        return Ok(Exit::Done);
    }
    let rows = standings
        .iter()
        .map(|(hooks, (word, _))| [hooks.name, hooks.title, word].map(str::to_owned));
    let rows: Vec<[String; 3]> = rows.collect();
    if !rows.is_empty() {
        print(&table(["FRONTEND", "NAME", "HOOKS"], &rows));
    }
    for (hooks, (_, why)) in &standings {
        for said in why.iter().chain(&hooks.notes) {
            note(&format!("{}: {said}", hooks.name));
        }
    }
    Ok(Exit::Done)
}

fn word(standing: &Result<Standing, Refused>) -> (&'static str, Option<String>) {
    match standing {
        Ok(Standing::Installed) => ("installed", None),
        Ok(Standing::Partly) => (
            "not complete",
            Some("`keepsave hooks install` completes them".to_owned()),
        ),
        Ok(Standing::Absent) => ("none", None),
        Ok(Standing::ByHand) => ("by hand", None),
        Err(refused) => ("not ours", Some(refused.to_string())),
    }
}

impl Changing {
    fn run(
        &self,
        shared: &Shared,
        wanted: impl Fn(&Hooks) -> Result<Vec<Change>, Refused>,
    ) -> Result<Exit, Failure> {
        let all = self.named.here()?;
        let mut changes = Vec::new();
        let mut exit = Exit::Done;
        for hooks in &all {
            for said in &hooks.notes {
                note(&format!("{}: {said}", hooks.name));
            }
            match wanted(hooks) {
                Ok(wanted) => changes.extend(wanted),
                Err(refused) => {
                    note(&format!("{}: {refused}", hooks.name));
                    exit = Exit::Found;
                }
            }
        }
        for change in &changes {
            note(&format!("will {}", change.told()));
        }
        if changes.is_empty() {
            note("there is nothing to change");
        } else if !self.may()? {
            note("nothing was changed");
            return Ok(Exit::Found);
        }
        for change in &changes {
            change.make().map_err(Failure::failed)?;
        }
        if shared.json {
            let made = changes.iter().map(|change| json!(change.told()));
            print_json(&json!({ "changes": made.collect::<Vec<Value>>() }))?;
        }
        Ok(exit)
    }

    fn may(&self) -> Result<bool, Failure> {
        if self.yes {
            return Ok(true);
        }
        if !stdin().is_terminal() {
            return Err(Failure::usage(
                "without a terminal to ask on, --yes must say that this may be changed; nothing was",
            ));
        }
        confirm("Do this?")
    }
}
