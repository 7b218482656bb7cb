//! Clears away what runs left behind that were killed, before anything new is decided.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use keepsave_core::ids::RomId;

use super::item::shown;
use super::selection::Selection;
use super::{Engine, EngineError};
use crate::files::clean;
use crate::journal::About;
use crate::manifest;
use crate::threads::elsewhere;

/// What the journal notes about a file that a killed run had swapped out.
const SWAPPED_OUT: &str = "swapped out by a run that was killed";

impl Engine {
    /// Clears the directories of the selected files, and `others`. Gives what a person should know
    /// of it.
    pub(super) async fn clear_away(
        &self,
        selection: &Selection,
        others: Vec<PathBuf>,
    ) -> Result<Vec<String>, EngineError> {
        let entries = selection.entries.clone();
        let engine = self.clone();
        let clear = move || {
            let mut directories: BTreeSet<PathBuf> =
                entries.iter().map(|entry| home_of(&entry.path)).collect();
            let real = |directory: PathBuf| directory.canonicalize().unwrap_or(directory);
            directories.extend(others.into_iter().map(real));
            let notes = directories
                .iter()
                .flat_map(|directory| engine.clear(directory, &entries));
            notes.collect()
        };
        Ok(elsewhere(clear).await?)
    }

    /// Clears one directory.
    pub(super) fn clear(&self, directory: &Path, entries: &[manifest::Entry]) -> Vec<String> {
        let about = |name: &OsStr| {
            let is_it = |entry: &&manifest::Entry| {
                entry.path.file_name() == Some(name) && home_of(&entry.path) == directory
            };
            let entry = entries.iter().find(is_it);
            About {
                account: self.account.clone(),
                rom: entry.map_or(RomId(0), |entry| entry.rom),
                slot: entry.and_then(|entry| entry.slot.clone()),
                file_name: entry.map_or_else(
                    || name.to_string_lossy().into_owned(),
                    |entry| entry.file_name.clone(),
                ),
                reason: SWAPPED_OUT.to_owned(),
            }
        };
        // A directory that is not there holds nothing; one that cannot be read says so when its
        // files are.
        let Ok(cleaned) = clean(directory, &self.journal, self.clock.now(), &about) else {
            return Vec::new();
        };
        let kept = cleaned.kept.iter().map(|kept| {
            format!(
                "{}: what a run that was killed had taken out of there is in the journal as {}",
                kept.path.display(),
                kept.id
            )
        });
        let left = cleaned.left.iter().map(|(path, why)| {
            format!(
                "{}: left behind by a run that was killed, and stays there, for it cannot be kept \
                 in the journal ({why})",
                shown(path)
            )
        });
        kept.chain(left).collect()
    }
}

/// The directory in which a file really stands: what comes in for it is written there.
fn home_of(path: &Path) -> PathBuf {
    let real = path.canonicalize();
    let home = real.as_deref().unwrap_or(path).parent();
    match home {
        Some(home) if !home.as_os_str().is_empty() => home.to_owned(),
        _ => PathBuf::from("."),
    }
}
