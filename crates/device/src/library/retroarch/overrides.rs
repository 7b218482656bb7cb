//! Which settings hold for one game: those of the installation, and over them what core, folder and
//! game set for themselves.
//!
//! `RetroArch` merges all overrides into one and reads each setting from it once. What it refuses
//! there leaves what the installation's own settings said, never what another override did.

use std::path::{Path, PathBuf};

use super::cfg::Cfg;
use super::spelling::Spelling;
use crate::library::game::Stopped;

/// The settings that hold for a game.
#[derive(Debug)]
pub struct Layers<'a> {
    own: &'a Cfg,
    over: Cfg,
    /// The overrides that were found, in the order in which they are read.
    pub read: Vec<PathBuf>,
    /// Why it is not known what holds.
    pub stopped: Option<Stopped>,
}

/// A directory that a setting names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Where it is.
    pub directory: PathBuf,
    /// What a setting named after that and is no directory.
    pub refused: Option<PathBuf>,
}

impl<'a> Layers<'a> {
    /// Nothing is overridden.
    pub fn plain(own: &'a Cfg) -> Self {
        Self {
            own,
            over: Cfg::default(),
            read: Vec::new(),
            stopped: None,
        }
    }

    /// Takes one more override, over those taken before.
    pub fn take(&mut self, path: PathBuf, over: &Cfg) {
        self.over.append(over);
        self.read.push(path);
    }

    /// What a switch is set to.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.over.flag(key).or_else(|| self.own.flag(key))
    }

    /// The directory that `key` names, if it is one, else `default`.
    pub fn directory(&self, key: &str, spelling: &Spelling, default: &Path) -> Named {
        let mut named = Named {
            directory: default.to_owned(),
            refused: None,
        };
        for layer in [self.own, &self.over] {
            match layer.get(key) {
                None | Some("") => {}
                Some("default") => {
                    named = Named {
                        directory: default.to_owned(),
                        refused: None,
                    }
                }
                Some(spelled) => match spelling.real(spelled) {
                    Some(directory) if directory.is_dir() => {
                        named = Named {
                            directory,
                            refused: None,
                        }
                    }
                    real => named.refused = Some(real.unwrap_or_else(|| spelled.into())),
                },
            }
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::tree::Tree;

    const KEY: &str = "savefile_directory";

    fn named(tree: &Tree, own: &str, overrides: &[&str]) -> Named {
        let own = Cfg::parse(own);
        let mut layers = Layers::plain(&own);
        for over in overrides {
            layers.take("over.cfg".into(), &Cfg::parse(over));
        }
        let spelling = Spelling::plain(&tree.machine());
        layers.directory(KEY, &spelling, &tree.at("/default"))
    }

    fn setting(value: &str) -> String {
        format!("{KEY} = \"{value}\"")
    }

    #[test]
    fn the_last_override_that_says_something_wins() {
        let own = Cfg::parse("a = \"true\"\nb = \"true\"\nc = \"true\"\n");
        let mut layers = Layers::plain(&own);
        layers.take(
            "core.cfg".into(),
            &Cfg::parse("a = \"false\"\nb = \"false\"\n"),
        );
        layers.take("game.cfg".into(), &Cfg::parse("b = \"true\"\nc = \"no\"\n"));
        let flags = ["a", "b", "c", "d"].map(|key| layers.flag(key));
        let expected = [Some(false), Some(true), Some(true), None];
        assert_eq!(flags, expected, "what is no switch sets nothing");
        assert_eq!(layers.read, ["core.cfg", "game.cfg"].map(PathBuf::from));
    }

    #[test]
    fn a_blank_directory_or_the_word_default_is_the_platforms_own() {
        let tree = Tree::new();
        for own in ["", &setting(""), &setting("default")] {
            let named = named(&tree, own, &[]);
            assert_eq!(named.directory, tree.at("/default"), "{own}");
            assert_eq!(named.refused, None);
        }
    }

    #[test]
    fn a_blank_directory_in_an_override_changes_nothing_and_default_does() {
        let tree = Tree::new();
        let saves = tree.directory("/saves");
        let own = setting("/saves");
        assert_eq!(named(&tree, &own, &[&setting("")]).directory, saves);
        let reset = named(&tree, &own, &[&setting("default")]).directory;
        assert_eq!(reset, tree.at("/default"));
    }

    #[test]
    fn what_is_no_directory_is_refused_and_what_the_installation_said_stays() {
        let tree = Tree::new();
        let saves = tree.directory("/saves");
        tree.directory("/core");
        tree.file("/file", b"");
        let own = setting("/saves");
        for wrong in ["/card/saves", "/file", "relative"] {
            let named = named(&tree, &own, &[&setting("/core"), &setting(wrong)]);
            assert_eq!(named.directory, saves, "{wrong}: not what the core said");
            assert!(named.refused.is_some(), "{wrong}");
        }
        let named = named(&tree, &setting("/card/saves"), &[&setting("/core")]);
        assert_eq!((named.directory, named.refused), (tree.at("/core"), None));
    }
}
