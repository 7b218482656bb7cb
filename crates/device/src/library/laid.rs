//! How an installation of `RetroArch` lays out its saves: what its own settings say, whatever
//! overrides say about single games.
//!
//! Values only. Nothing here knows what it was before, or what a change of it means.

use std::path::PathBuf;

/// How saves are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The directory that they are below; none where that is not the settings' to say.
    pub root: Option<PathBuf>,
    /// In folders named after the ROM's folder.
    pub sort_by_content: bool,
    /// In folders named after the core.
    pub sort_by_core: bool,
    /// Beside the ROMs instead.
    pub in_content_directory: bool,
}

/// An installation of `RetroArch`, and how it lays out its saves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// As its people call it.
    pub name: String,
    /// Its settings, by which it is known: several may go by one name.
    pub config: PathBuf,
    /// How it does.
    pub layout: Layout,
}

impl Layout {
    /// In words for people.
    pub fn told(&self) -> String {
        let sorted = match (self.sort_by_content, self.sort_by_core) {
            (false, false) => "not sorted",
            (true, false) => "sorted by the game's folder",
            (false, true) => "sorted by core",
            (true, true) => "sorted by the game's folder and core",
        };
        match (&self.root, self.in_content_directory) {
            (_, true) => format!("beside the games, {sorted}"),
            (Some(root), false) => format!("in {}, {sorted}", root.display()),
            (None, false) => sorted.to_owned(),
        }
    }
}
