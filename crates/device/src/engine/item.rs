//! Gathers what is here: each file that is synced, and what was last in sync there.

use std::path::Path;
use std::thread;

use keepsave_core::ids::RomId;
use keepsave_core::names::pairing_name;

use super::line::{Found, Item, ServerSave};
use super::selection::Selection;
use super::{Engine, EngineError};
use crate::files::{Form, Snapshot, content_at, snapshot};
use crate::manifest;
use crate::server::seen::SeenOperation;
use crate::state::{Baseline, Key, StateError};
use crate::threads::elsewhere;

impl Engine {
    /// The files that are selected, read on all cores.
    pub(super) async fn listed_items(
        &self,
        selection: &Selection,
    ) -> Result<Vec<Item>, EngineError> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let share = selection.entries.len().div_ceil(cores).max(1);
        let mut shares = Vec::new();
        for entries in selection.entries.chunks(share) {
            let engine = self.clone();
            let forms = selection.forms.as_ref();
            let entries: Vec<_> = entries
                .iter()
                .map(|entry| {
                    let form = forms.map(|forms| forms.get(&entry.path).copied());
                    let synced_at = selection.grew_from.get(&entry.path).cloned();
                    (
                        entry.clone(),
                        form.map(Option::unwrap_or_default),
                        synced_at,
                    )
                })
                .collect();
            shares.push(elsewhere(move || {
                let items = entries.into_iter();
                let items = items.map(|(entry, form, synced_at)| {
                    let item = engine.item(entry, true, form)?;
                    engine.as_of(item, synced_at.as_deref())
                });
                items.collect::<Result<Vec<_>, _>>()
            }));
        }
        let mut items = Vec::with_capacity(selection.entries.len());
        for share in shares {
            items.extend(share.await??);
        }
        Ok(items)
    }

    /// `form` says how the entry's place holds a save; none where files are the saves as they are.
    fn item(
        &self,
        entry: manifest::Entry,
        listed: bool,
        form: Option<Form>,
    ) -> Result<Item, StateError> {
        let found = match form {
            Some(form) => content_at(&entry.path, form, &*self.state),
            None => snapshot(&entry.path, &*self.state),
        };
        let found = match found {
            Ok(Some(file)) => Found::File(Box::new(file)),
            Ok(None) => Found::Nothing,
            Err(error) => Found::Unreadable(error),
        };
        let key = self.key(entry.rom, entry.slot.as_deref(), &entry.file_name);
        let baseline = self.state.baseline(&key, &entry.path)?;
        Ok(Item {
            entry,
            listed,
            found,
            baseline,
        })
    }

    /// The item with what was last in sync of the file that it went on from.
    fn as_of(&self, item: Item, synced_at: Option<&Path>) -> Result<Item, StateError> {
        let Some(synced_at) = synced_at else {
            return Ok(item);
        };
        let entry = &item.entry;
        let key = self.key(entry.rom, entry.slot.as_deref(), &entry.file_name);
        let baseline = self.state.baseline(&key, synced_at)?;
        Ok(Item { baseline, ..item })
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
                file_name: name,
                slot: key.slot.clone(),
                emulator,
            };
            Ok(Some(engine.item(entry, false, None)?)
                .filter(|item| !matches!(item.found, Found::Nothing)))
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

/// A path for people and for the wire's JSON.
pub(super) fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
