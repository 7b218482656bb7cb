//! How an installation lays out its saves: as its settings say, or as they said before.

use super::RetroArch;
use super::cfg::Cfg;
use super::directory::Sorting;
use super::install::Install;
use super::overrides::{Layers, Named};
use crate::library::{Laid, Layout};

impl RetroArch {
    /// How it lays out saves by its own settings; none where they cannot be read, or do not decide
    /// that.
    pub fn laid(&self) -> Option<Laid> {
        if self.unreadable.is_some() || !self.install.decided.is_empty() {
            return None;
        }
        let layers = Layers::plain(&self.settings);
        let Sorting {
            in_content_dir,
            by_content,
            by_core,
        } = self.sorting(&layers);
        let root = self.root(&layers);
        Some(Laid {
            name: self.install.name.clone(),
            config: self.install.config.clone(),
            layout: Layout {
                // A card that is not in changes nothing about what the settings say.
                root: Some(root.refused.unwrap_or(root.directory)),
                sort_by_content: by_content,
                sort_by_core: by_core,
                in_content_directory: in_content_dir,
            },
        })
    }

    /// How saves are sorted, by these settings.
    pub(super) fn sorting(&self, layers: &Layers<'_>) -> Sorting {
        let flag = |key| layers.flag(key);
        Sorting {
            in_content_dir: flag("savefiles_in_content_dir").unwrap_or(false),
            by_content: flag("sort_savefiles_by_content_enable").unwrap_or(false),
            by_core: flag("sort_savefiles_enable").unwrap_or_else(|| self.sorts_by_core()),
        }
    }

    /// Before 1.16 saves and states were not sorted by core unless told to.
    pub(super) fn sorts_by_core(&self) -> bool {
        self.install
            .version
            .is_none_or(|version| version >= (1, 16))
    }

    /// Where saves are kept when they are not beside the content.
    pub(super) fn root(&self, layers: &Layers<'_>) -> Named {
        if let Some(root) = &self.install.root {
            let is_there = self.folders.of(root).is_there || root.is_dir();
            return Named {
                directory: root.clone(),
                refused: (!is_there).then(|| root.clone()),
            };
        }
        let default = self.install.tree.join("saves");
        layers.directory("savefile_directory", &self.install.spelling, &default)
    }
}

/// Has saves laid out so, whatever the settings say. Overrides still hold over it.
pub(super) fn lay_out(install: &mut Install, settings: &mut Cfg, layout: &Layout) {
    for (key, value) in [
        ("savefiles_in_content_dir", layout.in_content_directory),
        ("sort_savefiles_by_content_enable", layout.sort_by_content),
        ("sort_savefiles_enable", layout.sort_by_core),
    ] {
        settings.put(key, value.to_string());
    }
    match (&layout.root, &mut install.root) {
        (Some(root), Some(own)) => own.clone_from(root),
        (Some(root), None) => {
            let called = install.spelling.machine().called(root);
            settings.put("savefile_directory", called.to_string_lossy().into_owned());
        }
        (None, _) => {}
    }
}
