//! `keepsave hooks`: lets a frontend sync a game's save before and after it.

use clap::{Args, Subcommand};
use keepsave_device::session::hooks::{Hooks, found};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::machine;
use crate::scripts::{Words, change, program};
use crate::terminal::note;

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

const HOOKS: Words = Words {
    each: "frontend",
    standing: "hooks",
    completes: "`keepsave hooks install` completes them",
};

const FRONTENDS: [&str; 5] = ["es-de", "retrodeck", "batocera", "nextui", "steam"];

impl HooksCommand {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        match &self.command {
            Command::Status(named) => HOOKS.show(&named.here()?, shared),
            Command::Install(Changing { named, yes }) => {
                let all = named.here()?;
                change(&all, *yes, shared, |hooks| hooks.install(&machine()))
            }
            Command::Remove(Changing { named, yes }) => {
                let all = named.here()?;
                change(&all, *yes, shared, |hooks| hooks.remove(&machine()))
            }
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
