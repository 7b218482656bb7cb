//! A machine made of a few files, for tests.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::machine::Machine;

/// The home directory in the tree, as its machine calls it.
pub(crate) const HOME: &str = "/players/deck";

/// Files beneath a directory of their own, which is gone afterwards.
pub(crate) struct Tree {
    directory: tempfile::TempDir,
    variables: HashMap<String, String>,
}

impl Tree {
    pub fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            variables: HashMap::new(),
        }
    }

    /// Puts a file there; directories are made as needed. `path` is what the machine calls it, or
    /// begins with `~/`.
    pub fn file(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let real = self.at(path);
        std::fs::create_dir_all(real.parent().unwrap()).unwrap();
        std::fs::write(&real, bytes).unwrap();
        real
    }

    /// Puts a directory there.
    pub fn directory(&self, path: &str) -> PathBuf {
        let real = self.at(path);
        std::fs::create_dir_all(&real).unwrap();
        real
    }

    /// Where that really is.
    pub fn at(&self, path: &str) -> PathBuf {
        let machine = self.machine();
        match path.strip_prefix("~/") {
            Some(below) => machine.home(below),
            None => machine.at(Path::new(path)),
        }
    }

    /// Sets a variable of the machine's environment.
    pub fn variable(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub fn machine(&self) -> Machine {
        Machine::new(self.directory.path(), HOME, self.variables.clone())
    }
}
