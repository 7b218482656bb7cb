//! How `RetroArch` names the content that it is given, and where it takes it to be.
//!
//! All of it comes from the path as text: an archive's delimiter first, then the last dot of the
//! whole path, even one in a directory's name.

use std::path::{Path, PathBuf};

use crate::library::machine::Machine;

/// What is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The file on the disk: the archive where it is in one.
    pub file: PathBuf,
    /// The directory that it counts as being in.
    pub directory: PathBuf,
    /// That directory's name; empty where it has none.
    pub parent: String,
    /// By which its saves are named.
    pub stem: String,
    /// The name of the file on the disk, without its extension.
    pub rom_stem: String,
}

impl Content {
    /// The content at `path`, a real path, which may end in an archive's `#` and a name within it.
    /// None where its saves would have no name, or one that is no text.
    pub fn of(machine: &Machine, path: &Path) -> Option<Self> {
        Self::of_file(machine, &launched(path))
    }

    /// The same of what is known to be no directory that stands for a file in it.
    pub fn of_file(machine: &Machine, path: &Path) -> Option<Self> {
        let called = machine.called(path);
        let called = called.to_str()?;
        let delimiter = archive_delimiter(called);
        let on_disk = delimiter.map_or(called, |at| &called[..at]);
        let directory = &on_disk[..=on_disk.rfind('/')?];
        let name = match delimiter {
            Some(at) => &called[at + 1..],
            None => &called[directory.len()..],
        };
        let basename = format!("{directory}{name}");
        let end = basename.rfind('.').filter(|dot| *dot > 0);
        let basename = &basename[..end.unwrap_or(basename.len())];
        let (directory, stem) = basename.rsplit_once('/')?;
        if stem.is_empty() {
            return None;
        }
        let parent = directory.rsplit('/').next().unwrap_or_default();
        Some(Self {
            file: machine.at(Path::new(on_disk)),
            directory: machine.at(Path::new(&format!("/{directory}"))),
            parent: parent.to_owned(),
            stem: stem.to_owned(),
            rom_stem: Path::new(on_disk).file_stem()?.to_str()?.to_owned(),
        })
    }

    /// The same content, played without naming what is inside its archive: then its saves are
    /// called after the archive.
    pub fn unopened(&self, machine: &Machine) -> Option<Self> {
        Self::of(machine, &self.file)
    }

    /// Whether it is played from a disc's image or a list of them.
    pub fn is_disc(&self) -> bool {
        let extension = self
            .file
            .extension()
            .and_then(|extension| extension.to_str());
        let discs = [
            "cue", "chd", "m3u", "iso", "ccd", "toc", "pbp", "gdi", "cdi",
        ];
        extension.is_some_and(|is| discs.iter().any(|disc| disc.eq_ignore_ascii_case(is)))
    }
}

/// What a frontend hands over for `path`: of a directory that is named like a file, the file in it
/// that has its name.
fn launched(path: &Path) -> PathBuf {
    let Some(name) = path.file_name().filter(|_| path.extension().is_some()) else {
        return path.to_owned();
    };
    let within = path.join(name);
    if path.is_dir() && within.is_file() {
        within
    } else {
        path.to_owned()
    }
}

/// Where the `#` is that stands between an archive and a name within it. It is a letter like any
/// other elsewhere.
fn archive_delimiter(path: &str) -> Option<usize> {
    path.match_indices('#').map(|(at, _)| at).find(|&at| {
        let before = path[..at].to_ascii_lowercase();
        [".zip", ".7z", ".apk", ".zst"]
            .iter()
            .any(|ending| before.len() > ending.len() && before.ends_with(ending))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::tree::Tree;

    fn content(called: &str) -> Option<Content> {
        let tree = Tree::new();
        Content::of(&tree.machine(), &tree.at(called))
    }

    fn names(called: &str) -> Option<(String, String, String)> {
        let content = content(called)?;
        Some((content.parent, content.stem, content.rom_stem))
    }

    #[test]
    fn a_save_is_named_after_the_content_up_to_its_last_dot() {
        for (path, parent, stem, rom_stem) in [
            (
                "/roms/gba/Game (USA).gba",
                "gba",
                "Game (USA)",
                "Game (USA)",
            ),
            ("/roms/gba/Game v1.1.gba", "gba", "Game v1.1", "Game v1.1"),
            ("/roms/gba/Game v1.1", "gba", "Game v1", "Game v1"),
            ("/roms/gba/Game", "gba", "Game", "Game"),
            ("/roms/psx/FF7.m3u", "psx", "FF7", "FF7"),
            (
                "/roms/psx/FF7 (Disc 1).cue",
                "psx",
                "FF7 (Disc 1)",
                "FF7 (Disc 1)",
            ),
            ("/roms/psx/FF7.m3u/FF7.m3u", "FF7.m3u", "FF7", "FF7"),
            ("/roms/gba/Game #2.gba", "gba", "Game #2", "Game #2"),
            ("/rom.bin", "", "rom", "rom"),
        ] {
            let expected = (parent.to_owned(), stem.to_owned(), rom_stem.to_owned());
            assert_eq!(names(path), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_dot_in_a_directory_cuts_there_when_the_content_has_none() {
        let tree = Tree::new();
        let content = Content::of(&tree.machine(), &tree.at("/roms/My.Games/rom")).unwrap();
        assert_eq!(content.stem, "My");
        assert_eq!(content.directory, tree.at("/roms"));
        assert_eq!(content.rom_stem, "rom");
    }

    #[test]
    fn content_in_an_archive_is_named_after_what_is_in_it() {
        for (path, stem) in [
            ("/roms/gba/pack.zip#Inner (USA).gba", "Inner (USA)"),
            ("/roms/gba/pack.ZIP#Inner.gba", "Inner"),
            ("/roms/gba/pack.7z#Inner.gba", "Inner"),
            ("/roms/gba/pack.apk#Inner.gba", "Inner"),
            ("/roms/gba/pack.zst#Inner.gba", "Inner"),
            ("/roms/gba/pack.zip", "pack"),
            ("/roms/gba/pack.rar#Inner.gba", "pack.rar#Inner"),
            ("/roms/gba/a#b.zip#Inner.gba", "Inner"),
        ] {
            assert_eq!(
                names(path).map(|(_, stem, _)| stem).as_deref(),
                Some(stem),
                "{path}"
            );
        }
    }

    #[test]
    fn an_archives_directory_is_where_its_content_is_sorted() {
        let tree = Tree::new();
        let path = tree.at("/roms/gba/pack.zip#Inner.gba");
        let inner = Content::of(&tree.machine(), &path).unwrap();
        assert_eq!(inner.file, tree.at("/roms/gba/pack.zip"));
        assert_eq!(inner.directory, tree.at("/roms/gba"));
        assert_eq!(
            (inner.parent.as_str(), inner.rom_stem.as_str()),
            ("gba", "pack")
        );
        let outer = inner.unopened(&tree.machine()).unwrap();
        assert_eq!(outer.stem, "pack");
    }

    #[test]
    fn a_folder_in_an_archive_is_a_folder_of_its_saves_too() {
        let tree = Tree::new();
        let path = tree.at("/roms/gba/pack.zip#dir/Inner.gba");
        let inner = Content::of(&tree.machine(), &path).unwrap();
        assert_eq!(inner.stem, "Inner");
        assert_eq!(inner.file, tree.at("/roms/gba/pack.zip"));
    }

    #[test]
    fn a_directory_named_like_a_file_means_the_file_in_it() {
        let tree = Tree::new();
        tree.file("/roms/psx/FF7.m3u/FF7.m3u", b"FF7 (Disc 1).cue");
        let content = Content::of(&tree.machine(), &tree.at("/roms/psx/FF7.m3u")).unwrap();
        assert_eq!(content.parent, "FF7.m3u");
        assert_eq!(content.file, tree.at("/roms/psx/FF7.m3u/FF7.m3u"));
        assert!(content.is_disc());
    }

    #[test]
    fn what_has_no_name_is_no_content() {
        for path in ["/", "/roms/.gba"] {
            assert_eq!(content(path), None, "{path}");
        }
    }
}
