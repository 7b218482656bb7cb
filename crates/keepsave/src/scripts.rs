//! Files that others run: whether they are there, and shown, asked about and written.

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};

use keepsave_device::session::hooks::{Change, Hooks, Refused, Standing};
use serde_json::{Value, json};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::terminal::{confirm, note, print, print_json, table};

/// This program, where it stays.
pub fn program() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(Failure::failed)
}

/// What things are called.
pub struct Words {
    /// What each of them is: a heading, and a name in JSON.
    pub each: &'static str,
    /// What is there or not: the same.
    pub standing: &'static str,
    /// What to do where something is missing.
    pub completes: &'static str,
}

impl Words {
    /// Shows whether they are there.
    pub fn show(&self, all: &[Hooks], shared: &Shared) -> Result<Exit, Failure> {
        let standings = all.iter().map(|hooks| (hooks, self.of(&hooks.standing())));
        let standings: Vec<(&Hooks, (&str, Option<String>))> = standings.collect();
        if shared.json {
            let hooks = standings.iter().map(|(hooks, (word, why))| {
                json!({
                    self.each: hooks.name,
                    "status": word.replace(' ', "_"),
                    "why": why,
                    "files": hooks.places().map(Path::to_string_lossy).collect::<Vec<_>>(),
                    "notes": hooks.notes,
                })
            });
            print_json(&json!({ self.standing: hooks.collect::<Vec<Value>>() }))?;
            return Ok(Exit::Done);
        }
        let rows = standings
            .iter()
            .map(|(hooks, (word, _))| [hooks.name, hooks.title, word].map(str::to_owned));
        let rows: Vec<[String; 3]> = rows.collect();
        if !rows.is_empty() {
            print(&table([self.each, "name", self.standing], &rows));
        }
        for (hooks, (_, why)) in &standings {
            for said in why.iter().chain(&hooks.notes) {
                note(&format!("{}: {said}", hooks.name));
            }
        }
        Ok(Exit::Done)
    }

    fn of(&self, standing: &Result<Standing, Refused>) -> (&'static str, Option<String>) {
        match standing {
            Ok(Standing::Installed) => ("installed", None),
            Ok(Standing::Partly) => ("not complete", Some(self.completes.to_owned())),
            Ok(Standing::Absent) => ("none", None),
            Ok(Standing::ByHand) => ("by hand", None),
            Err(refused) => ("not ours", Some(refused.to_string())),
        }
    }
}

/// Shows what would be changed, asks, and does it.
pub fn change(
    all: &[Hooks],
    yes: bool,
    shared: &Shared,
    wanted: impl Fn(&Hooks) -> Result<Vec<Change>, Refused>,
) -> Result<Exit, Failure> {
    let mut changes = Vec::new();
    let mut exit = Exit::Done;
    for hooks in all {
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
    } else if !may(yes)? {
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

fn may(yes: bool) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    if !stdin().is_terminal() {
        return Err(Failure::usage(
            "without a terminal to ask on, --yes must say that this may be changed; nothing was",
        ));
    }
    confirm("Do this?")
}
