//! `keepsave watch install`, `remove` and `status`: an agent that starts with the machine.

use std::process::Command;

use clap::Args;
use keepsave_device::session::hooks::{Hooks, Standing, starters};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::machine;
use crate::scripts::{Words, change, program};
use crate::terminal::note;

const STARTERS: [&str; 3] = ["systemd", "muos", "onion"];
const WORDS: Words = Words {
    each: "starter",
    standing: "agent",
    completes: "`keepsave watch install` completes it",
};

/// By what an agent is started.
#[derive(Args)]
pub struct Named {
    /// Only by this; by default by each that is here
    #[arg(value_name = "STARTER", value_parser = STARTERS)]
    starter: Option<String>,
}

/// What is to be changed.
#[derive(Args)]
pub struct Changing {
    #[command(flatten)]
    named: Named,
    /// Does it without asking
    #[arg(long)]
    yes: bool,
}

impl Named {
    pub fn status(&self, shared: &Shared) -> Result<Exit, Failure> {
        WORDS.show(&self.here()?, shared)
    }

    fn here(&self) -> Result<Vec<Hooks>, Failure> {
        let mut all = starters(&machine(), &program()?);
        if let Some(named) = &self.starter {
            all.retain(|starter| starter.name == named);
        }
        if all.is_empty() {
            note(
                "nothing was found on this machine that could start an agent: have `keepsave watch` \
                 run in the background in any way",
            );
        }
        Ok(all)
    }
}

impl Changing {
    pub fn install(&self, shared: &Shared) -> Result<Exit, Failure> {
        let all = self.named.here()?;
        let exit = change(&all, self.yes, shared, |starter| {
            starter.install(&machine())
        })?;
        for starter in &all {
            if is_installed(starter) {
                begin(starter);
            }
        }
        Ok(exit)
    }

    pub fn remove(&self, shared: &Shared) -> Result<Exit, Failure> {
        let all = self.named.here()?;
        let were: Vec<&Hooks> = all.iter().filter(|starter| is_installed(starter)).collect();
        let exit = change(&all, self.yes, shared, |starter| starter.remove(&machine()))?;
        for starter in were {
            if !is_installed(starter) && starter.name == "systemd" {
                tell_systemd(&["disable", "--now", UNIT]);
                tell_systemd(&["daemon-reload"]);
            }
        }
        Ok(exit)
    }
}

const UNIT: &str = "keepsave.service";

fn is_installed(starter: &Hooks) -> bool {
    matches!(starter.standing(), Ok(Standing::Installed))
}

/// It runs from now on, and not from the next start of the machine.
fn begin(starter: &Hooks) {
    if starter.name == "systemd" {
        tell_systemd(&["daemon-reload"]);
        tell_systemd(&["enable", "--now", UNIT]);
    } else {
        note(&format!(
            "{}: the agent runs from the next start of the machine",
            starter.title
        ));
    }
}

/// What systemd says goes to the person.
fn tell_systemd(what: &[&str]) {
    let mut command = Command::new("systemctl");
    let ran = command.arg("--user").args(what).status();
    let done = format!("systemctl --user {}", what.join(" "));
    match ran {
        Ok(status) if status.success() => note(&format!("did `{done}`")),
        Ok(_) => note(&format!("`{done}` did not work: try it by hand")),
        Err(error) => note(&format!("`{done}` could not be run ({error})")),
    }
}
