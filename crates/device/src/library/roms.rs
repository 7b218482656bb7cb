//! Which games are in a folder.
//!
//! Each directory is listed once, and no file is looked at that a listing already tells about.
//! Knows nothing of saves, except that they are no games.

use std::collections::HashSet;
use std::fs::{DirEntry, FileType};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use keepsave_core::limits;

use super::game::Found;
use super::looking::{Looking, read};

/// Which files of a folder are games.
#[derive(Clone, Copy, Debug)]
pub enum Counts<'a> {
    /// Those with one of these extensions, in small letters.
    Extensions(&'a [String]),
    /// All but those that are never a game: nothing says which extensions games have here.
    Anything,
}

/// The games in `folder`, by path. What is hidden is passed over, and so is what a list of discs
/// names: the list is the game.
pub fn scan(looking: &mut Looking, folder: &Path, counts: Counts) -> Vec<PathBuf> {
    let mut scan = Scan {
        looking,
        counts,
        visited: HashSet::new(),
        links: Vec::new(),
        games: Vec::new(),
        discs: HashSet::new(),
    };
    scan.directory(folder, 0);
    // A directory that several paths lead to is taken where it really is, and once.
    while let Some((link, depth)) = scan.links.pop() {
        scan.directory(&link, depth);
    }
    let Scan {
        mut games, discs, ..
    } = scan;
    games.retain(|game| !discs.contains(game));
    games.sort();
    games
}

struct Scan<'a> {
    looking: &'a mut Looking,
    counts: Counts<'a>,
    /// The directories that were listed, as the disk knows them.
    visited: HashSet<(u64, u64)>,
    /// Links to directories, which wait for those that are there themselves.
    links: Vec<(PathBuf, usize)>,
    games: Vec<PathBuf>,
    /// What lists of discs name.
    discs: HashSet<PathBuf>,
}

impl Scan<'_> {
    fn directory(&mut self, directory: &Path, depth: usize) {
        match self.entries(directory) {
            Ok(Some(entries)) => self.take(directory, entries, depth),
            Ok(None) => {}
            Err(why) => self
                .looking
                .note("games", directory, Found::Unreadable(why)),
        }
    }

    /// What is in a directory that was not listed yet.
    fn entries(&mut self, directory: &Path) -> Result<Option<Vec<DirEntry>>, String> {
        let said = |error: std::io::Error| error.to_string();
        let about = directory.metadata().map_err(said)?;
        if !about.is_dir() || !self.visited.insert((about.dev(), about.ino())) {
            return Ok(None);
        }
        let mut entries = Vec::new();
        for entry in directory.read_dir().map_err(said)? {
            entries.push(entry.map_err(said)?);
            if self.games.len() + entries.len() > limits::GAMES_OF_A_FOLDER {
                return Err("it holds more files than any library of games".to_owned());
            }
        }
        Ok(Some(entries))
    }

    fn take(&mut self, directory: &Path, entries: Vec<DirEntry>, depth: usize) {
        // ES-DE's way to keep a directory out of a library.
        if entries
            .iter()
            .any(|entry| entry.file_name() == "noload.txt")
        {
            return;
        }
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.path();
            let Some(kind) = kind(&entry, &path) else {
                continue;
            };
            if kind.is_file() {
                files.push(path);
            } else if kind.is_dir() && self.is_game(&path) {
                self.games.push(stands_for(&path));
            } else if kind.is_dir() && depth < limits::GAME_FOLDER_DEPTH {
                // The entry itself is a link when what it leads to is a directory.
                match entry.file_type() {
                    Ok(itself) if itself.is_symlink() => self.links.push((path, depth + 1)),
                    _ => self.directory(&path, depth + 1),
                }
            }
        }
        let sheets: Vec<String> = files.iter().filter_map(|file| sheet_stem(file)).collect();
        for file in files {
            if !self.is_game(&file) || belongs_to_a_sheet(&file, &sheets) {
                continue;
            }
            if extension(&file) == "m3u" {
                self.read_discs(directory, &file);
            }
            self.games.push(file);
        }
    }

    /// Whether a file, or a directory that stands for one, is a game by its name.
    fn is_game(&self, path: &Path) -> bool {
        let extension = extension(path);
        match self.counts {
            Counts::Extensions(list) => list.contains(&extension),
            Counts::Anything => !is_never_a_game(&extension),
        }
    }

    fn read_discs(&mut self, directory: &Path, list: &Path) {
        match read(list) {
            Ok(text) => self
                .discs
                .extend(discs(directory, &text.unwrap_or_default())),
            Err(why) => self.looking.fault("a list of discs", list, Some(why)),
        }
    }
}

/// What an entry is, or what it leads to. None when it is hidden, or leads nowhere.
fn kind(entry: &DirEntry, path: &Path) -> Option<FileType> {
    if entry.file_name().as_encoded_bytes().starts_with(b".") {
        return None;
    }
    let kind = entry.file_type().ok()?;
    if kind.is_symlink() {
        Some(path.metadata().ok()?.file_type())
    } else {
        Some(kind)
    }
}

/// A directory that is named like a game stands for the file in it that has its name.
fn stands_for(directory: &Path) -> PathBuf {
    let within = directory.file_name().map(|name| directory.join(name));
    let within = within.filter(|file| file.is_file());
    within.unwrap_or_else(|| directory.to_owned())
}

/// What a list of discs names, each beside the list unless it says otherwise.
fn discs(directory: &Path, text: &str) -> Vec<PathBuf> {
    let lines = text.lines().map(str::trim);
    let named = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    named
        .map(|line| {
            // A label may follow the name.
            let name = line.split('|').next().unwrap_or(line);
            let name = name.trim_matches('"').replace('\\', "/");
            let mut path = directory.to_owned();
            for part in Path::new(&name).components() {
                match part {
                    std::path::Component::ParentDir => {
                        path.pop();
                    }
                    std::path::Component::CurDir => {}
                    part => path.push(part),
                }
            }
            path
        })
        .collect()
}

/// By which the tracks of a disc are named, if the file describes a disc.
fn sheet_stem(file: &Path) -> Option<String> {
    let describes = ["cue", "gdi", "ccd", "mds", "toc"];
    describes
        .contains(&extension(file).as_str())
        .then(|| stem(file))
}

/// Whether a file is a track of a disc that another file beside it describes: `Game (Track 2).bin`
/// beside `Game.cue`.
fn belongs_to_a_sheet(file: &Path, sheets: &[String]) -> bool {
    const TRACKS: [&str; 9] = [
        "bin", "img", "sub", "mdf", "raw", "iso", "wav", "ogg", "flac",
    ];
    if sheets.is_empty() || !TRACKS.contains(&extension(file).as_str()) {
        return false;
    }
    let stem = stem(file);
    // The tracks of a `.gdi` have names of their own.
    let is_numbered = stem.strip_prefix("track").is_some_and(|number| {
        !number.is_empty() && number.chars().all(|character| character.is_ascii_digit())
    });
    is_numbered
        || sheets.iter().any(|sheet| {
            let rest = stem.strip_prefix(sheet.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" (track"))
        })
}

fn stem(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default();
    stem.to_string_lossy().to_lowercase()
}

/// The extension in small letters, empty when there is none.
fn extension(file: &Path) -> String {
    let extension = file.extension().unwrap_or_default();
    extension.to_string_lossy().to_lowercase()
}

/// Saves, states, pictures, notes, patches, and what is half there.
fn is_never_a_game(extension: &str) -> bool {
    #[rustfmt::skip]
    const NEVER: &[&str] = &[
        "", "srm", "sav", "rtc", "state", "auto", "replay", "entry", "mcr", "mcd", "mc", "bkr", "bcr", "brm", "smpc",
        "eep", "fla", "flash", "sra", "mpk", "nv", "nvr", "nvram", "dsv", "ngf", "ldci", "cht", "bak", "old", "tmp",
        "png", "jpg", "jpeg", "gif", "bmp", "webp", "svg", "mp3", "mp4", "mkv", "avi", "webm", "ogg", "flac", "wav",
        "txt", "nfo", "xml", "json", "cfg", "ini", "opt", "log", "lrtl", "dat", "db", "pdf", "htm", "html", "url",
        "ips", "bps", "ups", "xdelta", "part", "partial", "crdownload", "lpl", "sub", "sbi", "lsd", "miyoocmd",
    ];
    let numbered = |prefix: &str| {
        let rest = extension.strip_prefix(prefix);
        rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
    };
    NEVER.contains(&extension) || numbered("state") || numbered("st")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::tree::Tree;
    use super::*;

    fn found(tree: &Tree, counts: Counts) -> (Vec<String>, Vec<String>) {
        let folder = tree.at("/roms");
        let mut looking = Looking::default();
        let games = scan(&mut looking, &folder, counts);
        let below = |path: &Path| {
            path.strip_prefix(&folder)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        };
        let games = games.iter().map(|path| below(path)).collect();
        let told = looking
            .looked
            .iter()
            .map(|looked| below(&looked.path))
            .collect();
        (games, told)
    }

    fn extensions(list: &[&str]) -> Vec<String> {
        list.iter().map(|&extension| extension.to_owned()).collect()
    }

    #[test]
    fn games_are_what_has_an_extension_of_the_system() {
        let tree = Tree::new();
        for name in [
            "A.gba",
            "B.GBA",
            "B.zip",
            "B.srm",
            "A.gba.sav",
            ".hidden.gba",
            "._A.gba",
            "readme.txt",
            "sub/C.gba",
            "sub/deeper/A.gba",
            ".trash/D.gba",
            "kept out/noload.txt",
            "kept out/E.gba",
        ] {
            tree.file(&format!("/roms/{name}"), "x");
        }
        let list = extensions(&["gba", "zip"]);
        let (games, told) = found(&tree, Counts::Extensions(&list));
        assert_eq!(
            games,
            ["A.gba", "B.GBA", "B.zip", "sub/C.gba", "sub/deeper/A.gba"]
        );
        assert_eq!(told, [""; 0]);
    }

    #[test]
    fn where_nothing_says_which_all_but_what_is_never_a_game_is() {
        let tree = Tree::new();
        for name in [
            "A.gba",
            "A.srm",
            "A.gba.sav",
            "A.rtc",
            "A.state",
            "A.state1",
            "A.state.auto",
            "A.st0",
            "A.png",
            "Imgs/A.png",
            "gamelist.xml",
            "README",
            "A.ips",
            "A.gba.part",
            "B.v1.2.min",
            "C.nes",
            "D.zip",
        ] {
            tree.file(&format!("/roms/{name}"), "x");
        }
        let (games, _) = found(&tree, Counts::Anything);
        assert_eq!(games, ["A.gba", "B.v1.2.min", "C.nes", "D.zip"]);
    }

    #[test]
    fn a_list_of_discs_is_the_game_and_a_sheet_is_its_disc() {
        let tree = Tree::new();
        for name in [
            "FF7 (Disc 1).chd",
            "FF7 (Disc 2).chd",
            "discs/FF8 (Disc 1).cue",
            "discs/FF8 (Disc 1).bin",
            "Ridge.cue",
            "Ridge (Track 1).bin",
            "Ridge (Track 2).bin",
            "Ridge Revolution.bin",
            "Crazy/Crazy.gdi",
            "Crazy/track01.bin",
            "Crazy/track03.bin",
            "Single.bin",
            "Gap.ccd",
            "Gap.img",
            "Gap.sub",
        ] {
            tree.file(&format!("/roms/{name}"), "x");
        }
        tree.file(
            "/roms/FF7.m3u",
            "#EXTM3U\r\nFF7 (Disc 1).chd\r\n./FF7 (Disc 2).chd|second\r\n\r\n",
        );
        tree.file(
            "/roms/FF8.m3u",
            "discs\\FF8 (Disc 1).cue\n../../etc/passwd\n",
        );
        let list = extensions(&["bin", "ccd", "chd", "cue", "gdi", "img", "m3u", "sub"]);
        let (games, _) = found(&tree, Counts::Extensions(&list));
        let expected = [
            "Crazy/Crazy.gdi",
            "FF7.m3u",
            "FF8.m3u",
            "Gap.ccd",
            "Ridge Revolution.bin",
            "Ridge.cue",
            "Single.bin",
        ];
        assert_eq!(games, expected);
    }

    #[test]
    fn a_directory_that_is_named_like_a_game_stands_for_it() {
        let tree = Tree::new();
        for name in [
            "FF7.m3u/FF7.m3u",
            "FF7.m3u/FF7 (Disc 1).chd",
            "Game.ps3/USRDIR/EBOOT.BIN",
        ] {
            tree.file(&format!("/roms/{name}"), "x");
        }
        let list = extensions(&["chd", "m3u", "ps3"]);
        let (games, _) = found(&tree, Counts::Extensions(&list));
        assert_eq!(games, ["FF7.m3u/FF7.m3u", "Game.ps3"]);
    }

    #[test]
    fn links_are_followed_to_games_and_never_around_in_circles() {
        let tree = Tree::new();
        tree.file("/roms/a/A.gba", "x");
        tree.file("/card/C.gba", "x");
        let link = |to: &str, at: &str| symlink(to, tree.at(at)).unwrap();
        link("..", "/roms/a/up");
        link("../roms", "/card/back");
        link("../card", "/roms/card");
        link("a", "/roms/0 again");
        link("../../card/C.gba", "/roms/a/L.gba");
        link("nowhere", "/roms/a/N.gba");
        link("itself", "/roms/itself");
        let list = extensions(&["gba"]);
        let (games, told) = found(&tree, Counts::Extensions(&list));
        assert_eq!(games, ["a/A.gba", "a/L.gba", "card/C.gba"]);
        assert_eq!(told, [""; 0]);
    }

    #[test]
    fn what_stands_too_deep_or_is_not_there_is_left() {
        let tree = Tree::new();
        let deep = |depth: usize| format!("{}A.gba", "d/".repeat(depth));
        tree.file(&format!("/roms/{}", deep(limits::GAME_FOLDER_DEPTH)), "x");
        tree.file(
            &format!("/roms/{}", deep(limits::GAME_FOLDER_DEPTH + 1)),
            "x",
        );
        let list = extensions(&["gba"]);
        let (games, _) = found(&tree, Counts::Extensions(&list));
        assert_eq!(games, [deep(limits::GAME_FOLDER_DEPTH)]);

        let empty = Tree::new();
        let (games, told) = found(&empty, Counts::Extensions(&list));
        assert_eq!(
            (games.len(), told.len()),
            (0, 1),
            "a folder that is not there is said"
        );
    }
}
