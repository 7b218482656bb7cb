//! Which game a launch is about: the one whose ROM its command names.
//!
//! Paths are compared, never names: a launch must not sync another game because it is called alike.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::library::Game;

/// The game that is played by a command with these arguments: the first of them that is a ROM.
pub fn played<'a>(games: &[&'a Game], arguments: &[OsString]) -> Option<&'a Game> {
    arguments.iter().find_map(|argument| named(games, argument))
}

/// The game whose ROM is meant: by its path, as a shell would have it written, with what is inside
/// an archive behind a `#`, as the value of an option (`--rom=/roms/a.gba`).
pub fn named<'a>(games: &[&'a Game], text: &OsStr) -> Option<&'a Game> {
    spellings(text).iter().find_map(|path| at(games, path))
}

/// The paths that text may mean, the plainest first: as it is written, and where that leads.
pub fn paths(text: &OsStr) -> Vec<PathBuf> {
    let written = spellings(text).into_iter();
    let written: Vec<PathBuf> = written
        .filter_map(|path| std::path::absolute(path).ok())
        .collect();
    let real: Vec<PathBuf> = written.iter().filter_map(|path| real(path)).collect();
    written.into_iter().chain(real).collect()
}

/// The game at that path, by whichever way it leads there.
fn at<'a>(games: &[&'a Game], path: &Path) -> Option<&'a Game> {
    let name = path.file_name()?;
    let path = std::path::absolute(path).ok()?;
    if let Some(game) = games.iter().find(|game| game.path == path) {
        return Some(*game);
    }
    let real = real(&path)?;
    let mut alike = games.iter().copied().filter(|game| {
        let file = game.path.file_name();
        file == Some(name) || file == real.file_name()
    });
    alike.find(|game| game.path.canonicalize().is_ok_and(|path| path == real))
}

/// Where a path leads.
pub(super) fn real(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    // A directory that a frontend takes for a file: `Game.m3u/Game.m3u`.
    let inner = real.is_dir().then(|| Some(real.join(path.file_name()?)));
    inner.unwrap_or(Some(real))
}

/// What an argument may mean as a path, the plainest first.
pub(super) fn spellings(text: &OsStr) -> Vec<PathBuf> {
    let bytes = text.as_bytes();
    let mut whole = vec![bytes.to_vec()];
    if bytes.starts_with(b"-")
        && let Some(equals) = bytes.iter().position(|byte| *byte == b'=')
    {
        whole.push(bytes[equals + 1..].to_vec());
    }
    if bytes.contains(&b'\\') {
        whole.push(unescaped(bytes));
    }
    let mut all = Vec::new();
    for text in whole {
        let inner = text.iter().enumerate().rev();
        let archives = inner.filter(|(_, byte)| **byte == b'#');
        let archives: Vec<Vec<u8>> = archives.map(|(at, _)| text[..at].to_vec()).collect();
        all.push(text);
        all.extend(archives);
    }
    let paths = all.into_iter().filter(|text| !text.is_empty());
    paths
        .map(|text| PathBuf::from(OsString::from_vec(text)))
        .collect()
}

/// Without the backslashes that a shell takes away.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        let meant = if *byte == b'\\' {
            bytes.next()
        } else {
            Some(byte)
        };
        plain.extend(meant);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::KnownBy;
    use crate::library::{SavePlace, tree::Tree};

    fn game(path: PathBuf) -> Game {
        Game {
            stem: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            path,
            folder: "gba".to_owned(),
            platforms: vec!["gba".to_owned()],
            installation: "a test".to_owned(),
            known_by: KnownBy::RomFolder,
            emulator: None,
            core: None,
            save: SavePlace::default(),
            moving: Vec::new(),
        }
    }

    #[test]
    fn the_rom_among_the_arguments_is_the_game() {
        let tree = Tree::new();
        let games: Vec<Game> = [
            "/roms/gba/Zelda (USA).gba",
            "/roms/gba/Pack #2.zip",
            "/roms/psx/FF7.m3u/FF7.m3u",
        ]
        .iter()
        .map(|rom| game(tree.file(rom, "rom")))
        .collect();
        let games: Vec<&Game> = games.iter().collect();
        tree.file("/elsewhere/Zelda (USA).gba", "another file of that name");
        std::os::unix::fs::symlink(tree.at("/roms"), tree.at("/linked")).unwrap();
        let path = |path: &str| tree.at(path).into_os_string();
        let with = |before: &str, at: &str, after: &str| {
            let mut text = OsString::from(before);
            text.push(path(at));
            text.push(after);
            text
        };
        let zelda = path("/roms/gba/Zelda (USA).gba");
        let escaped = zelda
            .to_str()
            .unwrap()
            .replace(' ', "\\ ")
            .replace('(', "\\(");
        for (argument, stem) in [
            (zelda, Some("Zelda (USA)")),
            (escaped.into(), Some("Zelda (USA)")),
            (path("/linked/gba/Zelda (USA).gba"), Some("Zelda (USA)")),
            (
                with("--rom=", "/roms/gba/Zelda (USA).gba", ""),
                Some("Zelda (USA)"),
            ),
            (path("/roms/gba/Pack #2.zip"), Some("Pack #2")),
            (
                with("", "/roms/gba/Pack #2.zip", "#in#side.gba"),
                Some("Pack #2"),
            ),
            (path("/roms/psx/FF7.m3u"), Some("FF7")),
            (path("/elsewhere/Zelda (USA).gba"), None),
            ("Zelda (USA).gba".into(), None),
            ("#".into(), None),
            ("".into(), None),
        ] {
            let arguments = ["retroarch".into(), "-L".into(), argument];
            let found = played(&games, &arguments).map(|game| game.stem.as_str());
            assert_eq!(found, stem, "{arguments:?}");
        }
    }
}
