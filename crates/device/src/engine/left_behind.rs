//! Clears away what runs left behind that were killed, before anything new is decided.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::ids::RomId;

use super::item::shown;
use super::run::Watch;
use super::stop::Stop;
use super::{Engine, EngineError};
use crate::files::clean;
use crate::games::Present;
use crate::journal::About;
use crate::library::SaveFile;
use crate::lock::GameLock;
use crate::manifest;
use crate::threads::elsewhere;

/// What the journal notes about a file that a killed run had swapped out.
const SWAPPED_OUT: &str = "swapped out by a run that was killed";

impl Engine {
    /// Holds a game that something is to be done with, and puts in order what a run left behind
    /// that was killed.
    pub(super) async fn hold_in_order(
        &self,
        present: &Present,
        watch: &Arc<dyn Watch>,
        stop: &Stop,
    ) -> Result<GameLock, EngineError> {
        let rom = present.rom().into_iter().collect();
        let held = self.hold(&rom, watch, stop).await?;
        for said in self.put_in_order(std::slice::from_ref(present)).await? {
            watch.noted(&said);
        }
        Ok(held)
    }

    /// Clears the places of these games, whatever stands in the way of syncing them. Gives what a
    /// person should know of it.
    pub(super) async fn put_in_order(
        &self,
        present: &[Present],
    ) -> Result<Vec<String>, EngineError> {
        let (mut entries, mut others) = (Vec::new(), Vec::new());
        for present in present {
            let game = &present.game;
            for place in game.moving.iter().chain([&game.save]) {
                let would_be = place.would_be.iter().flatten();
                let entry = |file: &SaveFile| manifest::Entry {
                    rom: present.rom().unwrap_or(RomId(0)),
                    path: file.path.clone(),
                    outside: None,
                    file_name: file.wire_name.clone(),
                    slot: None,
                    emulator: game.emulator.clone(),
                };
                entries.extend(place.files.iter().chain(would_be).map(entry));
                others.push(place.directory.clone());
            }
        }
        self.clear_away(entries, others).await
    }

    /// Clears the directories of these files, and `others`. Gives what a person should know of it.
    pub(super) async fn clear_away(
        &self,
        entries: Vec<manifest::Entry>,
        others: Vec<PathBuf>,
    ) -> Result<Vec<String>, EngineError> {
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
        let put_back = cleaned.put_back.iter().map(|path| {
            format!(
                "{}: put back as it was, for a run was killed before all files of the save were in \
                 their places",
                shown(path)
            )
        });
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
        put_back.chain(kept).chain(left).collect()
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
