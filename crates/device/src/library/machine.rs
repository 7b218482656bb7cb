//! The machine that is looked at: where its files really are, and what its environment says.
//!
//! Programs write paths into their settings as they see them. Everything else in the library works
//! with real paths, so each path that a machine speaks of goes through [`Machine::at`] once, where
//! it is read. In a test a fixture tree is a machine.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::laid::Layout;

/// A machine.
#[derive(Clone, Debug)]
pub struct Machine {
    root: PathBuf,
    home: PathBuf,
    variables: HashMap<String, String>,
    states: bool,
    laid_out: Arc<HashMap<PathBuf, Layout>>,
}

impl Machine {
    /// A machine whose `/` is the directory `root`, with a home as the machine itself calls it, and
    /// its environment.
    pub fn new(
        root: impl Into<PathBuf>,
        home: impl Into<PathBuf>,
        variables: HashMap<String, String>,
    ) -> Self {
        Self {
            root: root.into(),
            home: home.into(),
            variables,
            states: false,
            laid_out: Arc::default(),
        }
    }

    /// The same, on which save states are looked for too.
    #[must_use]
    pub fn with_states(self, states: bool) -> Self {
        Self { states, ..self }
    }

    /// Whether save states are looked for.
    pub fn has_states(&self) -> bool {
        self.states
    }

    /// The same machine as it would be if saves were laid out so, by the settings of each
    /// `RetroArch`: they are looked for there and under no other layout.
    #[must_use]
    pub fn laid_out(&self, layouts: HashMap<PathBuf, Layout>) -> Self {
        Self {
            laid_out: Arc::new(layouts),
            ..self.clone()
        }
    }

    /// How the saves of the `RetroArch` with those settings are to be taken to be laid out, instead
    /// of how the settings say.
    pub fn layout_of(&self, config: &Path) -> Option<&Layout> {
        self.laid_out.get(config)
    }

    /// Where `path`, as the machine calls it, really is. A path that climbs above `/` stays there.
    pub fn at(&self, path: &Path) -> PathBuf {
        let mut real = self.root.clone();
        let mut depth = 0_usize;
        for component in path.components() {
            match component {
                Component::Normal(name) => {
                    real.push(name);
                    depth += 1;
                }
                Component::ParentDir if depth > 0 => {
                    real.pop();
                    depth -= 1;
                }
                Component::ParentDir
                | Component::CurDir
                | Component::RootDir
                | Component::Prefix(_) => {}
            }
        }
        real
    }

    /// What the machine itself calls the real path `real`.
    pub fn called(&self, real: &Path) -> PathBuf {
        match real.strip_prefix(&self.root) {
            Ok(below) => Path::new("/").join(below),
            Err(_) => real.to_owned(),
        }
    }

    /// The home directory, as the machine calls it.
    pub fn home_name(&self) -> &Path {
        &self.home
    }

    /// Where what lies `below` the home directory really is.
    pub fn home(&self, below: impl AsRef<Path>) -> PathBuf {
        self.at(&self.home.join(below))
    }

    /// What a variable of the environment says, if it says something.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// Where the directory really is that a variable names, else what lies `below` the home: as XDG
    /// wants it, which ignores what is not absolute.
    pub fn named_or_home(&self, variable: &str, below: impl AsRef<Path>) -> PathBuf {
        let named = self.variable(variable).map(Path::new);
        match named.filter(|path| path.is_absolute()) {
            Some(path) => self.at(path),
            None => self.home(below),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::tree::{HOME, Tree};

    #[test]
    fn a_path_of_the_machine_lies_beneath_its_root_and_never_above() {
        let tree = Tree::new();
        let machine = tree.machine();
        let file = tree.file("/userdata/saves/a.srm", b"a");
        for called in [
            "/userdata/saves/a.srm",
            "userdata/saves/a.srm",
            "/userdata/./roms/../saves/a.srm",
            "/../../userdata/saves/a.srm",
        ] {
            assert_eq!(machine.at(Path::new(called)), file, "{called}");
        }
        assert_eq!(machine.called(&file), Path::new("/userdata/saves/a.srm"));
        assert_eq!(machine.at(Path::new("/..")), tree.at("/"));
        assert_eq!(machine.home_name(), Path::new(HOME));
        assert_eq!(machine.home("ROMs"), tree.directory("~/ROMs"));
    }

    #[test]
    fn a_variable_that_says_nothing_absolute_is_not_followed() {
        for (value, real) in [
            (Some("/elsewhere"), "/elsewhere"),
            (Some("relative"), "~/.config"),
            (Some(""), "~/.config"),
            (None, "~/.config"),
        ] {
            let mut tree = Tree::new();
            if let Some(value) = value {
                tree.variable("XDG_CONFIG_HOME", value);
            }
            let directory = tree.machine().named_or_home("XDG_CONFIG_HOME", ".config");
            assert_eq!(directory, tree.at(real), "{value:?}");
        }
    }
}
