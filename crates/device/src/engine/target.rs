//! Where a save that comes down goes.
//!
//! A selected file's own place, unless a directory for downloads was named; for the rest one
//! directory, under the game's name, where every later run finds it again.

use std::path::{Path, PathBuf};

use keepsave_core::names::{NameParts, pairing_name};
use keepsave_core::slots;

use super::error::LineError;
use super::line::Item;
use super::run::Run;
use crate::files::names::local_name;
use crate::files::{Form, Parents, Snapshot, snapshot};
use crate::server::seen::SeenSave;
use crate::threads::elsewhere;

/// A place for a save.
#[derive(Debug)]
pub struct Target {
    /// The file.
    pub path: PathBuf,
    /// What to do when its directory is not there.
    pub parents: Parents,
    /// What stands there.
    pub found: Option<Snapshot>,
    /// How the file is to hold the save: as what stands there does.
    pub form: Form,
    /// The name under which its baseline is kept.
    pub key_name: String,
    /// Whether this device has the save once it is there: not so where a listed file stays as it
    /// is and its save is put elsewhere.
    pub counts: bool,
}

impl Run<'_> {
    /// Where the save goes.
    pub(super) async fn target(
        &self,
        item: Option<&Item>,
        save: &SeenSave,
    ) -> Result<Target, LineError> {
        match item {
            Some(item)
                if item.listed
                    && let Some(directory) = &self.orders.download_dir =>
            {
                let path = directory.join(local_name(&item.entry.file_name)?.as_str());
                let found = self.look(&path).await?;
                Ok(Target {
                    path,
                    parents: Parents::Create,
                    found,
                    form: Form::Raw,
                    key_name: item.entry.file_name.clone(),
                    counts: false,
                })
            }
            Some(item) => Ok(Target {
                path: item.entry.path.clone(),
                parents: self.parents_of(&item.entry.path),
                found: item.file().cloned(),
                form: self.form_at(&item.entry.path, item.file()),
                key_name: item.entry.file_name.clone(),
                counts: true,
            }),
            None => {
                let directory = self.beside.ok_or(LineError::Nowhere)?;
                self.place_beside(directory, save).await
            }
        }
    }

    fn form_at(&self, path: &Path, found: Option<&Snapshot>) -> Form {
        let new = || self.forms.and_then(|forms| forms.get(path)).copied();
        found.map_or_else(|| new().unwrap_or_default(), |found| found.form)
    }

    /// A directory that is missing is made beneath a root that is there. Elsewhere it may be a card
    /// that is not in.
    fn parents_of(&self, path: &Path) -> Parents {
        let is_beneath = |root: &PathBuf| path.starts_with(root) && root.is_dir();
        if self.roots.iter().any(is_beneath) {
            Parents::Create
        } else {
            Parents::MustExist
        }
    }

    /// The place of a save that no run put anywhere yet: `<game>.<extension>`, or where the slot
    /// is not the usual one or that name is taken, `<game> (<slot>).<extension>`.
    async fn place_beside(&self, directory: &Path, save: &SeenSave) -> Result<Target, LineError> {
        let game = self.engine.server.game(save.rom_id).await?.seen;
        let game = game.fs_name_no_ext.or(game.name);
        let game = game.unwrap_or_else(|| format!("game {}", save.rom_id));
        let name = pairing_name(&save.file_name);
        let extension = match NameParts::of(&name).extension.as_str() {
            "" => String::new(),
            extension => format!(".{extension}"),
        };
        let slot = save.slot.as_deref().unwrap_or_default();
        let plain = format!("{game}{extension}");
        let with_slot = format!("{game} ({slot}){extension}");
        let candidates = if slot == slots::DEFAULT {
            vec![plain, with_slot]
        } else {
            vec![with_slot]
        };
        for candidate in &candidates {
            let path = directory.join(local_name(candidate)?.as_str());
            if self.look(&path).await?.is_none() {
                return Ok(Target {
                    path,
                    parents: Parents::Create,
                    found: None,
                    form: Form::Raw,
                    key_name: name,
                    counts: true,
                });
            }
        }
        Err(LineError::Taken {
            path: directory.join(&candidates[candidates.len() - 1]),
            slot: slot.to_owned(),
        })
    }

    async fn look(&self, path: &Path) -> Result<Option<Snapshot>, LineError> {
        let (path, state) = (path.to_owned(), self.engine.state.clone());
        Ok(elsewhere(move || snapshot(&path, &*state)).await??)
    }
}
