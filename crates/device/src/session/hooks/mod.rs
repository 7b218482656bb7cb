//! Hooks: what frontends run before and after a game. Which of them are here, what would be changed
//! for them, and the change itself.
//!
//! A file that another wrote is never changed, but for the one setting of ES-DE that lets it run
//! scripts at all. What a hook does is said by the commands that it calls.

mod agents;
mod change;
mod frontends;
mod scripts;
mod switch;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use self::agents::starters;
pub use self::change::Change;
pub use self::frontends::found;
use crate::library::Machine;

/// A frontend that is here, and its hooks.
#[derive(Clone, Debug)]
pub struct Hooks {
    /// What it is called in commands: `es-de`.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What a person should know or do.
    pub notes: Vec<String>,
    scripts: Vec<Script>,
    switch: Option<PathBuf>,
}

/// A file that a frontend runs.
#[derive(Clone, Debug)]
struct Script {
    path: PathBuf,
    text: String,
}

/// Whether hooks are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// All of them, and they are run.
    Installed,
    /// Something is missing, is not as it would be installed today, or is not run.
    Partly,
    /// None.
    Absent,
    /// There are no files to it: a person sets it by hand.
    ByHand,
}

/// Why nothing is changed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each says itself what it is")]
pub enum Refused {
    #[error(
        "{} is there and was not written by Keepsave: it stays as it is. Move it away, or call \
         Keepsave from it yourself: `keepsave pull` and `push`, or `watch`", .0.display()
    )]
    Foreign(PathBuf),
    #[error(
        "ES-DE is running and writes its settings anew when it ends: quit it, and try again. \
         Nothing was changed"
    )]
    Running,
    #[error("{} cannot be read ({why}); nothing was changed", path.display())]
    Unreadable { path: PathBuf, why: String },
}

impl Hooks {
    /// Whether they are there.
    pub fn standing(&self) -> Result<Standing, Refused> {
        if self.scripts.is_empty() {
            return Ok(Standing::ByHand);
        }
        let there = self.there()?;
        if there.iter().all(Option::is_none) {
            return Ok(Standing::Absent);
        }
        Ok(if self.changes()?.is_empty() {
            Standing::Installed
        } else {
            Standing::Partly
        })
    }

    /// Where they are, or would be.
    pub fn places(&self) -> impl Iterator<Item = &Path> {
        self.scripts.iter().map(|script| script.path.as_path())
    }

    /// What would have to be changed to install them: nothing where they are.
    pub fn install(&self, machine: &Machine) -> Result<Vec<Change>, Refused> {
        let changes = self.changes()?;
        refuse_while_running(&changes, machine)?;
        Ok(changes)
    }

    /// What would have to be changed to have them gone: nothing where there are none.
    pub fn remove(&self, machine: &Machine) -> Result<Vec<Change>, Refused> {
        let there = self.there()?;
        let was_off = there.iter().flatten().any(|text| scripts::was_off(text));
        let ours = self.scripts.iter().zip(&there);
        let mut changes: Vec<Change> = ours
            .filter_map(|(script, text)| {
                Some(Change::Remove {
                    path: script.path.clone(),
                    before: text.clone()?,
                })
            })
            .collect();
        if let Some(switch) = self
            .switch
            .as_ref()
            .filter(|_| was_off && !self.has_others())
        {
            changes.extend(switch::turned(switch, false)?);
        }
        refuse_while_running(&changes, machine)?;
        Ok(changes)
    }

    fn changes(&self) -> Result<Vec<Change>, Refused> {
        let there = self.there()?;
        let turned = match &self.switch {
            Some(switch) => switch::turned(switch, true)?,
            None => None,
        };
        // What was off before the first installation is off again after the hooks are removed.
        let was_off = turned.is_some() || there.iter().flatten().any(|text| scripts::was_off(text));
        let scripts = self.scripts.iter().zip(there);
        let mut changes: Vec<Change> = scripts
            .filter_map(|(script, before)| {
                let text = scripts::noting(&script.text, was_off);
                (before.as_ref() != Some(&text)).then(|| Change::Write {
                    path: script.path.clone(),
                    before,
                    text,
                })
            })
            .collect();
        changes.extend(turned);
        Ok(changes)
    }

    /// Our scripts as they are, none where there is none. One of another's is refused.
    fn there(&self) -> Result<Vec<Option<String>>, Refused> {
        let scripts = self.scripts.iter();
        scripts
            .map(|script| match change::read(&script.path)? {
                Some(text) if !scripts::is_ours(&text) => {
                    Err(Refused::Foreign(script.path.clone()))
                }
                text => Ok(text),
            })
            .collect()
    }

    /// Whether the frontend runs scripts of others, too.
    fn has_others(&self) -> bool {
        let Some(all) = self
            .places()
            .next()
            .and_then(|path| path.ancestors().nth(2))
        else {
            return false;
        };
        let events = std::fs::read_dir(all).into_iter().flatten().flatten();
        let scripts =
            events.flat_map(|event| std::fs::read_dir(event.path()).into_iter().flatten());
        let mut scripts = scripts.flatten().map(|script| script.path());
        scripts.any(|path| self.places().all(|ours| ours != path))
    }
}

/// ES-DE writes its settings when it ends, and would write over what is changed meanwhile.
fn refuse_while_running(changes: &[Change], machine: &Machine) -> Result<(), Refused> {
    let turns = changes
        .iter()
        .any(|change| matches!(change, Change::Set { .. }));
    if !turns {
        return Ok(());
    }
    let processes = std::fs::read_dir(machine.at(Path::new("/proc")));
    let runs = processes.into_iter().flatten().flatten().any(|process| {
        let name = std::fs::read_to_string(process.path().join("comm"));
        name.is_ok_and(|name| name.to_ascii_lowercase().starts_with("es-de"))
    });
    if runs { Err(Refused::Running) } else { Ok(()) }
}
