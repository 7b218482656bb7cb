//! What stands in which directory: each is read once, however many games ask.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The directories that were read so far. Names that are no UTF-8 are left out: no game has one.
#[derive(Debug, Default)]
pub struct Folders {
    read: RefCell<HashMap<PathBuf, Rc<Folder>>>,
}

/// What stands in one directory.
#[derive(Debug, Default)]
pub struct Folder {
    /// Whether it is a directory that can be read.
    pub is_there: bool,
    names: BTreeSet<String>,
    /// The same in small letters.
    small: HashSet<String>,
}

impl Folders {
    /// What stands in `directory`.
    pub fn of(&self, directory: &Path) -> Rc<Folder> {
        let known = self.read.borrow().get(directory).cloned();
        known.unwrap_or_else(|| {
            let folder = Rc::new(Folder::read(directory));
            let mut read = self.read.borrow_mut();
            read.insert(directory.to_owned(), folder.clone());
            folder
        })
    }

    /// Whether something of this name stands there.
    pub fn has(&self, path: &Path) -> bool {
        match (
            path.parent(),
            path.file_name().and_then(|name| name.to_str()),
        ) {
            (Some(directory), Some(name)) => {
                let folder = self.of(directory);
                // Cards do not tell capitals from small letters. Only they know.
                folder.has(name) || folder.has_nearly(name) && path.symlink_metadata().is_ok()
            }
            _ => false,
        }
    }
}

impl Folder {
    fn read(directory: &Path) -> Self {
        let Ok(entries) = std::fs::read_dir(directory) else {
            return Self::default();
        };
        let name =
            |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
        let names: BTreeSet<String> = entries.filter_map(name).collect();
        Self {
            is_there: true,
            small: names.iter().map(|name| name.to_lowercase()).collect(),
            names,
        }
    }

    /// Whether something of this name stands in it.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether something stands in it that has this name but for capitals.
    fn has_nearly(&self, name: &str) -> bool {
        self.small.contains(&name.to_lowercase())
    }

    /// Every name, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::tree::Tree;

    #[test]
    fn a_directory_is_read_once() {
        let tree = Tree::new();
        let file = tree.file("~/saves/a.srm", b"a");
        let folders = Folders::default();
        assert!(folders.has(&file));
        assert!(!folders.has(&tree.at("~/saves/b.srm")));
        tree.file("~/saves/b.srm", b"b");
        assert!(!folders.has(&tree.at("~/saves/b.srm")), "as it was");
        let saves = folders.of(&tree.at("~/saves"));
        assert!(saves.is_there);
        assert_eq!(saves.names().collect::<Vec<_>>(), ["a.srm"]);
        assert!(!folders.of(&tree.at("~/states")).is_there);
        assert!(!folders.has(Path::new("/")));
    }
}
