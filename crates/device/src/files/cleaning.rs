//! Cleans up after a run that was killed.
//!
//! What was still coming in goes: the server has it. What had been swapped out of its place and not
//! been looked at yet may be a save that exists nowhere else, so it goes into the journal first. Where
//! only some files of a save had taken their places, those are put back.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use keepsave_core::time::Time;

use super::folder;
use super::reading;
use super::scratch::{self, Abandoned, Mark};
use super::together::Plan;
use crate::journal::{About, Journal, JournalError, Kept};

/// What was found and done.
#[derive(Debug, Default)]
pub struct Cleaned {
    /// What was removed.
    pub removed: Vec<PathBuf>,
    /// What was put back into its place, for not all of its save had come.
    pub put_back: Vec<PathBuf>,
    /// What went into the journal before it was removed.
    pub kept: Vec<Kept>,
    /// What stays where it is: it could not be kept.
    pub left: Vec<(PathBuf, String)>,
}

/// Cleans `directory` of what runs left behind that are no more. `about` says what the journal is
/// to note of the file with a name (or with a name that so begins, if it is a very long one).
pub fn clean(
    directory: &Path,
    journal: &Journal,
    now: Time,
    about: &dyn Fn(&OsStr) -> About,
) -> io::Result<Cleaned> {
    let mut cleaned = Cleaned::default();
    let found = scratch::abandoned(directory)?;
    let (plans, found): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|found| found.mark == Mark::Plan);
    let needed = settle(&plans, journal, now, about, &mut cleaned);
    let is_free = |found: &&Abandoned| !needed.contains(&found.path) && found.path.exists();
    for found in found.iter().filter(is_free) {
        let secured = if found.mark == Mark::Swapped {
            secure(found, journal, now, about)
        } else {
            Ok(None)
        };
        let removed = match secured {
            Ok(kept) => {
                cleaned.kept.extend(kept);
                journal
                    .disk()
                    .remove(&found.path)
                    .map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        match removed {
            Ok(()) => cleaned.removed.push(found.path.clone()),
            Err(reason) => cleaned.left.push((found.path.clone(), reason)),
        }
    }
    folder::recovery::clean(directory, journal, now, about, &mut cleaned)?;
    Ok(cleaned)
}

/// Settles what was to be done together. Gives what is needed for those that could not be.
fn settle(
    plans: &[Abandoned],
    journal: &Journal,
    now: Time,
    about: &dyn Fn(&OsStr) -> About,
    cleaned: &mut Cleaned,
) -> HashSet<PathBuf> {
    let mut needed = HashSet::new();
    for found in plans {
        let settled = Plan::read(&found.path).and_then(|plan| {
            let settled = plan.settle(journal, now, about);
            settled.inspect_err(|_| needed.extend(plan.needs()))
        });
        match settled {
            Ok(put_back) => {
                cleaned.put_back.extend(put_back);
                cleaned.removed.push(found.path.clone());
            }
            Err(reason) => cleaned.left.push((found.path.clone(), reason)),
        }
    }
    needed
}

/// Sees to it that the journal has what was swapped out.
fn secure(
    found: &Abandoned,
    journal: &Journal,
    now: Time,
    about: &dyn Fn(&OsStr) -> About,
) -> Result<Option<Kept>, JournalError> {
    if let Ok(whole) = reading::read_whole(&found.path, &mut ())
        && journal.names(&whole.content.blob)?
    {
        return Ok(None);
    }
    let staged = journal.stage(&found.path)?;
    let path = found.path.with_file_name(&found.name);
    let (kept, _) = journal.enter(staged, &path, &about(&found.name), now)?;
    Ok(Some(kept))
}

#[cfg(test)]
mod tests;
