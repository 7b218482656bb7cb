//! The directory of a game's save: the algorithm of `RetroArch`, as it is and as it was.

use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::content::Content;

/// How saves are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sorting {
    /// Beside the content, rather than in a directory for saves.
    pub in_content_dir: bool,
    /// In a folder named after the content's.
    pub by_content: bool,
    /// In a folder named after the core.
    pub by_core: bool,
}

/// How the parts of a directory go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Content's folder, then core, wherever the base is: 1.18 and later.
    Stacked,
    /// The same, but never beside the content: before 1.18.
    ContentDirAlone,
    /// Core, then content's folder: what later versions may do.
    Swapped,
}

/// Every rule.
pub const RULES: [Rule; 3] = [Rule::Stacked, Rule::ContentDirAlone, Rule::Swapped];

/// Where the saves of `content` are kept beneath `base`, for a core whose folder is `core`.
pub fn directory(
    base: &Path,
    content: &Content,
    sorting: Sorting,
    core: Option<&str>,
    rule: Rule,
) -> PathBuf {
    if sorting.in_content_dir && rule == Rule::ContentDirAlone {
        return base.to_owned();
    }
    let by_content = sorting.by_content.then_some(content.parent.as_str());
    let by_core = core.filter(|_| sorting.by_core);
    let parts = match rule {
        Rule::Swapped => [by_core, by_content],
        Rule::Stacked | Rule::ContentDirAlone => [by_content, by_core],
    };
    let mut directory = base.to_owned();
    directory.extend(parts.into_iter().flatten().filter(|part| !part.is_empty()));
    directory
}

/// Whether `directory` is there or could be made. If not, saves are kept in the base instead.
pub fn can_be(directory: &Path) -> bool {
    let nearest = directory
        .ancestors()
        .find(|at| at.symlink_metadata().is_ok());
    match nearest {
        Some(at) if at == directory => at.is_dir(),
        Some(at) => at.is_dir() && access(at, Access::WRITE_OK).is_ok(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::tree::Tree;

    fn content() -> Content {
        let tree = Tree::new();
        Content::of(&tree.machine(), &tree.at("/roms/gba/Game.gba")).unwrap()
    }

    fn sorting(in_content_dir: bool, by_content: bool, by_core: bool) -> Sorting {
        Sorting {
            in_content_dir,
            by_content,
            by_core,
        }
    }

    #[test]
    fn every_combination_of_switches_has_its_directory_under_each_rule() {
        const T: bool = true;
        const F: bool = false;
        // In content's directory, by content, by core; since 1.18, before, swapped.
        for (in_content_dir, by_content, by_core, stacked, before, swapped) in [
            (F, F, F, "", "", ""),
            (F, T, F, "gba", "gba", "gba"),
            (F, F, T, "mGBA", "mGBA", "mGBA"),
            (F, T, T, "gba/mGBA", "gba/mGBA", "mGBA/gba"),
            (T, F, F, "", "", ""),
            (T, T, F, "gba", "", "gba"),
            (T, F, T, "mGBA", "", "mGBA"),
            (T, T, T, "gba/mGBA", "", "mGBA/gba"),
        ] {
            let sorting = sorting(in_content_dir, by_content, by_core);
            for (rule, below) in RULES.into_iter().zip([stacked, before, swapped]) {
                let directory =
                    directory(Path::new("base"), &content(), sorting, Some("mGBA"), rule);
                assert_eq!(
                    directory,
                    Path::new("base").join(below),
                    "{sorting:?} {rule:?}"
                );
            }
        }
    }

    #[test]
    fn a_core_without_a_known_name_and_content_at_the_root_have_no_folder() {
        let sorting = sorting(false, true, true);
        let content = Content {
            parent: String::new(),
            ..content()
        };
        let flat = directory(Path::new("base"), &content, sorting, None, Rule::Stacked);
        assert_eq!(flat, Path::new("base"));
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_seen() {
        let tree = Tree::new();
        let file = tree.file("/saves/gba", b"a file in its way");
        assert!(can_be(&tree.at("/saves")));
        assert!(can_be(&tree.at("/saves/snes/Snes9x")));
        assert!(!can_be(&file));
        assert!(!can_be(&file.join("mGBA")));
        std::os::unix::fs::symlink("/nowhere/at/all", tree.at("/saves/link")).unwrap();
        assert!(!can_be(&tree.at("/saves/link")));
    }
}
