//! Gathers what is here: each file that is synced, and what was last in sync there.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use keepsave_core::ids::RomId;
use keepsave_core::names::pairing_name;

use super::line::{Found, Item, ServerSave};
use super::selection::Selection;
use super::{Engine, EngineError};
use crate::files::{Form, Known, Snapshot, content_at, snapshot};
use crate::manifest;
use crate::server::seen::SeenOperation;
use crate::state::{Baseline, Key, LookedUp, StateError};
use crate::threads::elsewhere;

impl Engine {
    /// The files that are selected, read on all cores.
    pub(super) async fn listed_items(
        &self,
        selection: &Selection,
    ) -> Result<Vec<Item>, EngineError> {
        let (known, baselines) = self.looked_up(selection).await?;
        let known = Arc::new(known);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let share = selection.entries.len().div_ceil(cores).max(1);
        let mut shares = Vec::new();
        for entries in selection.entries.chunks(share) {
            let form = |entry: &manifest::Entry| {
                let forms = selection.forms.as_ref()?;
                Some(forms.get(&entry.path).copied().unwrap_or_default())
            };
            let places = entries.iter();
            let places: Vec<_> = places
                .map(|entry| (entry.path.clone(), form(entry)))
                .collect();
            let known = known.clone();
            shares.push(elsewhere(move || {
                let found = places
                    .iter()
                    .map(|(path, form)| found(path, *form, &*known));
                found.collect::<Vec<_>>()
            }));
        }
        let mut all = Vec::with_capacity(selection.entries.len());
        for share in shares {
            all.extend(share.await?);
        }
        let all = selection.entries.iter().zip(all).zip(baselines);
        let item = |((entry, found), baseline): ((&manifest::Entry, _), _)| Item {
            entry: entry.clone(),
            listed: true,
            found,
            baseline,
        };
        Ok(all.map(item).collect())
    }

    /// What the state knows of the files that are selected, and of each what was last in sync: there,
    /// or where the file stood that it went on from.
    async fn looked_up(
        &self,
        selection: &Selection,
    ) -> Result<(LookedUp, Vec<Option<Baseline>>), EngineError> {
        let asked = selection.entries.iter().map(|entry| {
            let key = self.key(entry.rom, entry.slot.as_deref(), &entry.file_name);
            let synced_at = selection.grew_from.get(&entry.path);
            (key, synced_at.unwrap_or(&entry.path).clone())
        });
        let paths = selection.entries.iter().map(|entry| entry.path.clone());
        let (asked, paths): (Vec<_>, Vec<_>) = (asked.collect(), paths.collect());
        let state = self.state.clone();
        let look = move || Ok((state.look_up(paths), state.baselines(&asked)?));
        let looked_up: Result<_, StateError> = elsewhere(look).await?;
        Ok(looked_up?)
    }

    /// The file that an earlier run fetched for a save that the manifest does not list.
    pub(super) async fn fetched_item(
        &self,
        told: &SeenOperation,
    ) -> Result<Option<Item>, EngineError> {
        let name = pairing_name(&told.file_name);
        let key = self.key(told.rom_id, told.slot.as_deref(), &name);
        let (engine, emulator) = (self.clone(), told.emulator.clone());
        let look = move || -> Result<Option<Item>, StateError> {
            let Some(path) = engine.state.path_of(&key)? else {
                return Ok(None);
            };
            let entry = manifest::Entry {
                rom: key.rom,
                outside: None,
                path,
                file_name: key.file_name.clone(),
                slot: key.slot.clone(),
                emulator,
            };
            let found = found(&entry.path, None, &*engine.state);
            let baseline = engine.state.baseline(&key, &entry.path)?;
            let item = Item {
                entry,
                listed: false,
                found,
                baseline,
            };
            Ok(Some(item).filter(|item| !matches!(item.found, Found::Nothing)))
        };
        Ok(elsewhere(look).await??)
    }

    /// What a file and a save have in common from now on.
    pub(super) fn baseline_of(&self, file: &Snapshot, save: &ServerSave) -> Baseline {
        Baseline {
            hash: file.content.hash,
            blob: Some(file.content.blob),
            size: Some(file.size),
            mtime_ns: Some(file.stamp.mtime_ns),
            save: Some(save.id),
            tracked: Some(save.id),
            server_hash: save.hash.or(file.content.hash),
            server_size: save.size.or(Some(file.size)),
            server_updated_at: save.updated_at,
            path: Some(file.path.clone()),
            at: Some(self.clock.now()),
        }
    }

    /// Under which a file's baseline is kept.
    pub(super) fn key(&self, rom: RomId, slot: Option<&str>, file_name: &str) -> Key {
        Key {
            device: self.device.clone(),
            rom,
            slot: slot.map(str::to_owned),
            file_name: file_name.to_owned(),
        }
    }
}

/// `form` says how the place holds a save; none where files are the saves as they are.
fn found(path: &Path, form: Option<Form>, known: &dyn Known) -> Found {
    let found = match form {
        Some(form) => content_at(path, form, known),
        None => snapshot(path, known),
    };
    match found {
        Ok(Some(file)) => Found::File(Box::new(file)),
        Ok(None) => Found::Nothing,
        Err(error) => Found::Unreadable(error),
    }
}

/// A path for people and for the wire's JSON.
pub(super) fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
