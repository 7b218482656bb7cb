//! Cleans up after a run that was killed.
//!
//! What was still coming in goes: the server has it. What had been swapped out of its place and not
//! been looked at yet may be a save that exists nowhere else, so it goes into the journal first.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use keepsave_core::time::Time;

use super::folder;
use super::reading;
use super::scratch::{self, Abandoned};
use crate::journal::{About, Journal, JournalError, Kept};

/// What was found and done.
#[derive(Debug, Default)]
pub struct Cleaned {
    /// What was removed.
    pub removed: Vec<PathBuf>,
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
    for found in scratch::abandoned(directory)? {
        let secured = if found.swapped {
            secure(&found, journal, now, about)
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
            Ok(()) => cleaned.removed.push(found.path),
            Err(reason) => cleaned.left.push((found.path, reason)),
        }
    }
    folder::recovery::clean(directory, journal, now, about, &mut cleaned)?;
    Ok(cleaned)
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
