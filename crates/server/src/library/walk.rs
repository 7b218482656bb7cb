//! What is on the disk: platforms, games and their files, in either of RomM's layouts.
//!
//! Reads names, sizes and times, never contents. What cannot be read is reported and left as it
//! was known; a broken disk must not look like a deletion.

use std::collections::HashSet;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use keepsave_core::limits;
use keepsave_core::time::Time;
use keepsave_wire::library::ScanProblem;
use rustix::io::Errno;

use super::exclusions::{leaves_out_file, leaves_out_folder};

/// RomM's two ways to arrange a library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// `roms/<platform>/<game>`
    #[default]
    RomsFirst,
    /// `<platform>/roms/<game>`
    PlatformFirst,
}

impl Layout {
    /// The folder of a platform's games, relative to the library.
    pub fn games_of(self, platform: &str) -> String {
        match self {
            Self::RomsFirst => format!("roms/{platform}"),
            Self::PlatformFirst => format!("{platform}/roms"),
        }
    }
}

/// A library as it is on the disk.
#[derive(Debug, Default)]
pub struct Walk {
    /// How it is arranged.
    pub layout: Layout,
    /// Every platform that has a folder, by name.
    pub platforms: Vec<SeenPlatform>,
    /// The library itself could not be read: nothing is known of any platform.
    pub unreadable: bool,
    /// What could not be read.
    pub problems: Vec<ScanProblem>,
}

/// A platform's folder.
#[derive(Debug)]
pub struct SeenPlatform {
    /// The folder's name.
    pub fs_slug: String,
    /// Its games, by name.
    pub games: Vec<SeenGame>,
    /// Entries that could not be read, by name: they may be what they were.
    pub unread: HashSet<String>,
    /// The list of entries itself could not be read to its end.
    pub unreadable: bool,
}

/// A game's file or folder.
#[derive(Clone, Debug)]
pub struct SeenGame {
    /// The name of the file or folder.
    pub fs_name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Its files, by name.
    pub files: Vec<SeenFile>,
}

/// One file of a game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFile {
    /// The folders between the game's folder and the file; empty for most.
    pub within: String,
    /// The file's name.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// When it was last written.
    pub modified_at: Time,
    /// Its number in the file system. Not every file system keeps it when it is mounted again.
    pub inode: i64,
    /// Whether another file has its size and time: then these do not tell which it is.
    pub has_twin: bool,
}

const NOTHING: &str = "a link that leads to nothing; it is left out";

/// Looks at a library.
pub fn walk(library: &Path) -> Walk {
    let mut walk = Walk::default();
    match find_layout(library) {
        Ok(layout) => walk.layout = layout,
        Err(error) => {
            walk.unreadable = true;
            walk.problem("", &error);
            return walk;
        }
    }
    let root = match walk.layout {
        Layout::RomsFirst => library.join("roms"),
        Layout::PlatformFirst => library.to_owned(),
    };
    let Some(entries) = walk.entries(library, &root) else {
        walk.unreadable = true;
        return walk;
    };
    for (name, _) in entries {
        if leaves_out_folder(&name) {
            continue;
        }
        let games = library.join(walk.layout.games_of(&name));
        match is_folder(&games) {
            Ok(true) => {
                let platform = walk.platform(library, name, &games);
                walk.platforms.push(platform);
            }
            Ok(false) => {}
            Err(error) => {
                walk.problem(&relative(library, &games), &error);
                walk.platforms.push(SeenPlatform {
                    unreadable: true,
                    ..SeenPlatform::named(name)
                });
            }
        }
    }
    walk
}

/// RomM's rule: a `roms` folder at the top decides.
fn find_layout(library: &Path) -> io::Result<Layout> {
    if is_folder(&library.join("roms"))? {
        return Ok(Layout::RomsFirst);
    }
    let entries = match fs_err::read_dir(library) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Layout::default()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        if is_folder(&entry?.path().join("roms"))? {
            return Ok(Layout::PlatformFirst);
        }
    }
    Ok(Layout::default())
}

/// What is at a path, links followed. A link to nothing, or to itself, is nothing.
fn look(path: &Path) -> io::Result<Option<std::fs::Metadata>> {
    match std::fs::metadata(path) {
        Ok(about) => Ok(Some(about)),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            _ if Errno::from_io_error(&error) == Some(Errno::LOOP) => Ok(None),
            _ => Err(error),
        },
    }
}

/// Whether a folder is there; that it cannot be said is an error, never a no.
fn is_folder(path: &Path) -> io::Result<bool> {
    Ok(look(path)?.is_some_and(|about| about.is_dir()))
}

impl SeenPlatform {
    fn named(fs_slug: String) -> Self {
        Self {
            fs_slug,
            games: Vec::new(),
            unread: HashSet::new(),
            unreadable: false,
        }
    }
}

impl Walk {
    fn platform(&mut self, library: &Path, fs_slug: String, folder: &Path) -> SeenPlatform {
        let mut platform = SeenPlatform::named(fs_slug);
        let Some(entries) = self.entries(library, folder) else {
            platform.unreadable = true;
            return platform;
        };
        for (name, path) in entries {
            match self.game(library, &name, &path) {
                Ok(Some(game)) => platform.games.push(game),
                Ok(None) => {}
                Err(error) => {
                    self.problem(&relative(library, &path), &error);
                    platform.unread.insert(name);
                }
            }
        }
        platform
    }

    fn game(&mut self, library: &Path, name: &str, path: &Path) -> io::Result<Option<SeenGame>> {
        let Some(about) = look(path)? else {
            self.say(library, path, NOTHING);
            return Ok(None);
        };
        if about.is_dir() {
            if leaves_out_folder(name) {
                return Ok(None);
            }
            let mut files = Vec::new();
            let mut above = vec![path.parent().unwrap_or(path).canonicalize()?];
            self.folder(library, path, "", &mut above, &mut files)?;
            files.sort_by(|one, other| (&one.name, &one.within).cmp(&(&other.name, &other.within)));
            Ok((!files.is_empty()).then(|| SeenGame {
                fs_name: name.to_owned(),
                is_folder: true,
                files,
            }))
        } else if about.is_file() && !leaves_out_file(name) {
            Ok(Some(SeenGame {
                fs_name: name.to_owned(),
                is_folder: false,
                files: vec![seen_file("", name, &about)],
            }))
        } else {
            Ok(None)
        }
    }

    /// Collects the files of a game's folder. `above` are the real folders that are being walked:
    /// a link to one of them, or to what contains it, leads in a circle.
    fn folder(
        &mut self,
        library: &Path,
        folder: &Path,
        within: &str,
        above: &mut Vec<PathBuf>,
        files: &mut Vec<SeenFile>,
    ) -> io::Result<()> {
        let real = folder.canonicalize()?;
        if above.iter().any(|above| above.starts_with(&real)) {
            self.say(
                library,
                folder,
                "a link that leads in a circle; it is left out",
            );
            return Ok(());
        }
        if above.len() > limits::LIBRARY_DEPTH {
            self.say(
                library,
                folder,
                "folders too deep in one another; they are left out",
            );
            return Ok(());
        }
        above.push(real);
        for (name, path) in self.entries_or_error(library, folder)? {
            let Some(about) = look(&path)? else {
                self.say(library, &path, NOTHING);
                continue;
            };
            if about.is_dir() && !leaves_out_folder(&name) {
                let within = if within.is_empty() {
                    name
                } else {
                    format!("{within}/{name}")
                };
                self.folder(library, &path, &within, above, files)?;
            } else if about.is_file() && !leaves_out_file(&name) {
                files.push(seen_file(within, &name, &about));
            }
        }
        above.pop();
        Ok(())
    }

    /// The entries of a folder by name; none when it cannot be read.
    fn entries(&mut self, library: &Path, folder: &Path) -> Option<Vec<(String, PathBuf)>> {
        match self.entries_or_error(library, folder) {
            Ok(entries) => Some(entries),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Vec::new()),
            Err(error) => {
                self.problem(&relative(library, folder), &error);
                None
            }
        }
    }

    fn entries_or_error(
        &mut self,
        library: &Path,
        folder: &Path,
    ) -> io::Result<Vec<(String, PathBuf)>> {
        let mut entries = Vec::new();
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            match path.file_name().and_then(|name| name.to_str()) {
                Some(name) => entries.push((name.to_owned(), path)),
                None => self.say(library, &path, "its name is not UTF-8; it is left out"),
            }
        }
        entries.sort_unstable();
        Ok(entries)
    }

    fn problem(&mut self, path: &str, error: &io::Error) {
        self.problems.push(ScanProblem {
            path: path.to_owned(),
            what: format!("it cannot be read ({error}); what was known of it stays as it was"),
        });
    }

    fn say(&mut self, library: &Path, path: &Path, what: &str) {
        self.problems.push(ScanProblem {
            path: relative(library, path),
            what: what.to_owned(),
        });
    }
}

fn seen_file(within: &str, name: &str, about: &std::fs::Metadata) -> SeenFile {
    SeenFile {
        within: within.to_owned(),
        name: name.to_owned(),
        size: about.len(),
        modified_at: modified_at(about),
        inode: about.ino().cast_signed(),
        has_twin: false,
    }
}

/// When a file was last written; the start of 1970 where the file system does not say.
pub(super) fn modified_at(about: &std::fs::Metadata) -> Time {
    let since_1970 = about
        .modified()
        .ok()
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_micros()).ok());
    Time::from_micros(since_1970.unwrap_or_default())
}

fn relative(library: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(library).unwrap_or(path);
    relative.to_string_lossy().into_owned()
}
