//! Where a game's save states are: computed as the directory of its save is, from settings of
//! their own. Looked for only where they are to be synced.

use std::path::{Path, PathBuf};

use keepsave_core::states::{Ending, Loader, Stamp};

use super::RetroArch;
use super::content::Content;
use super::cores::file_of;
use super::directory::{self, RULES, Rule, Sorting, can_be};
use super::overrides::Layers;
use crate::files::Form;
use crate::library::game::{StateFile, StatePlace, Stopped};

/// Where a distribution keeps states, if it decides that and the settings do not.
#[derive(Clone, Debug)]
pub struct StatesRoot {
    /// The directory that they are below.
    pub directory: PathBuf,
    /// Whether each folder of games has one of its own there, named after it.
    pub by_folder: bool,
    /// What is there as long as no card is missing.
    pub always_there: PathBuf,
}

impl RetroArch {
    /// Where the states of `content` are when `core` plays it.
    pub fn states(&self, content: &Content, core: Option<&str>) -> StatePlace {
        let cores = core
            .map(|core| self.cores.folders(core))
            .unwrap_or_default();
        let layers = self.layers(content, &cores);
        let sorting = Sorting {
            in_content_dir: layers.flag("savestates_in_content_dir").unwrap_or(false),
            by_content: layers
                .flag("sort_savestates_by_content_enable")
                .unwrap_or(false),
            by_core: layers
                .flag("sort_savestates_enable")
                .unwrap_or_else(|| self.sorts_by_core()),
        };
        let (root, missing) = self.states_root(content, &layers);
        let missing = missing.filter(|_| !sorting.in_content_dir);
        let base = if sorting.in_content_dir {
            &content.directory
        } else {
            &root
        };
        let directory = self.states_directory(base, content, sorting, &cores);
        let unreadable = self.unreadable.clone().or_else(|| layers.stopped.clone());
        let packs = layers.flag("savestate_file_compression").unwrap_or(false);
        StatePlace {
            files: self.states_in(&directory, &content.stem),
            directory,
            stem: content.stem.clone(),
            loader: core.map(|core| Loader {
                core: Stamp::word(&file_of(core).to_lowercase()),
                version: self.cores.version(core),
            }),
            form: if packs { Form::Rzip } else { Form::Raw },
            // What cannot be seen may be so.
            loads_by_itself: layers.flag("savestate_auto_load").unwrap_or(true),
            stopped: unreadable.or(missing.map(|root| Stopped::RootMissing { root })),
        }
    }

    /// The directory that states are below, and the one that is missing although it was named.
    fn states_root(&self, content: &Content, layers: &Layers<'_>) -> (PathBuf, Option<PathBuf>) {
        if let Some(root) = &self.install.states {
            let directory = if root.by_folder {
                root.directory.join(&content.parent)
            } else {
                root.directory.clone()
            };
            let missing = !root.always_there.is_dir();
            return (directory, missing.then(|| root.always_there.clone()));
        }
        let default = self.install.tree.join("states");
        let named = layers.directory("savestate_directory", &self.install.spelling, &default);
        (named.directory, named.refused)
    }

    /// Where `RetroArch` would look; where an older version would have, if only that holds states
    /// and which version it is is not known.
    fn states_directory(
        &self,
        base: &Path,
        content: &Content,
        sorting: Sorting,
        cores: &[String],
    ) -> PathBuf {
        let of = |core: Option<&String>, rule| {
            directory::directory(base, content, sorting, core.map(String::as_str), rule)
        };
        let usual = match self.install.version {
            Some(version) if version < (1, 18) => Rule::ContentDirAlone,
            _ => Rule::Stacked,
        };
        let folders = cores.iter().map(Some);
        let folders: Vec<_> = folders
            .chain([None].repeat(usize::from(cores.is_empty())))
            .collect();
        let computed = folders.iter().map(|core| of(*core, usual));
        let computed: Vec<PathBuf> = computed.collect();
        let is_there = |directory: &&PathBuf| self.folders.of(directory).is_there;
        let first = computed.iter().find(is_there).or(computed.first());
        let first = first.cloned().unwrap_or_else(|| base.to_owned());
        let has_some = |directory: &PathBuf| !self.states_in(directory, &content.stem).is_empty();
        if !has_some(&first) {
            let others = folders
                .iter()
                .flat_map(|core| RULES.map(|rule| of(*core, rule)));
            if let Some(other) = others.into_iter().find(has_some) {
                return other;
            }
        }
        if self.folders.of(&first).is_there || can_be(&first) {
            first
        } else {
            base.to_owned()
        }
    }

    fn states_in(&self, directory: &Path, stem: &str) -> Vec<StateFile> {
        let folder = self.folders.of(directory);
        let state = |name: &str| {
            Some(StateFile {
                ending: Ending::of_file(name, stem)?,
                path: directory.join(name),
            })
        };
        let files = folder.names().filter_map(state);
        let mut files: Vec<StateFile> = files.filter(|file| file.path.is_file()).collect();
        files.sort_by_key(|file| file.ending);
        files
    }
}

#[cfg(test)]
mod tests;
