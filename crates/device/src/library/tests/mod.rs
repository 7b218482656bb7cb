//! Machines with one distribution each, and what is expected to be found on them.

mod arkos;
mod batocera;
mod desktop;
mod emudeck;
mod es_de_desktop;
pub(crate) mod handhelds;
mod retrodeck;
mod states;
mod systems;
pub(crate) mod traps;

use std::path::Path;

use super::tree::Tree;
use super::*;

/// What is found on a machine.
pub(crate) fn library(tree: &Tree) -> Library {
    Library::find(&tree.machine(), &[])
}

/// The one installation of that name.
pub(crate) fn installation(tree: &Tree, name: &str) -> Installation {
    let mut found = library(tree).installations;
    found.retain(|installation| installation.name == name);
    assert_eq!(found.len(), 1, "{name}: {found:#?}");
    found.remove(0)
}

/// Each game as `folder/stem emulator -> path [names on the wire]`, and why it must not be touched.
fn told(tree: &Tree, installation: &Installation) -> Vec<String> {
    let machine = tree.machine();
    let called = |path: &Path| machine.called(path).display().to_string();
    let game = |game: &Game| {
        let emulator = game.emulator.as_deref().unwrap_or("-");
        let wire: Vec<&str> = game
            .save
            .files
            .iter()
            .map(|file| file.wire_name.as_str())
            .collect();
        let place = called(&game.save.path());
        let stopped = match &game.save.stopped {
            None => String::new(),
            Some(Stopped::RootMissing { root }) => format!(" missing {}", called(root)),
            Some(Stopped::Unreadable { path, .. }) => format!(" unreadable {}", called(path)),
            Some(Stopped::Folder { .. }) => " folder".to_owned(),
            Some(Stopped::SameFile { other }) => format!(" same as {}", called(other)),
            Some(Stopped::OnlyShared { .. }) => " only shared".to_owned(),
            Some(Stopped::OwnNames { .. }) => " own names".to_owned(),
        };
        let (folder, stem) = (&game.folder, &game.stem);
        format!("{folder}/{stem} {emulator} -> {place} {wire:?}{stopped}")
    };
    installation.games.iter().map(game).collect()
}

/// The one game of that stem.
fn game<'a>(installation: &'a Installation, stem: &str) -> &'a Game {
    let mut games = installation.games.iter().filter(|game| game.stem == stem);
    let game = games
        .next()
        .unwrap_or_else(|| panic!("no {stem} among {:#?}", installation.games));
    assert!(games.next().is_none(), "several {stem}");
    game
}

/// Makes a link at `at` that leads `to`.
pub(crate) fn link(tree: &Tree, to: &str, at: &str) {
    let at = tree.at(at);
    std::fs::create_dir_all(at.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(to, at).unwrap();
}

/// A system of ES-DE, played by cores; a name in capitals is an emulator of its own.
pub(crate) fn system(name: &str, extensions: &str, players: &[&str]) -> String {
    let command = |player: &&str| {
        if player.chars().all(|c| !c.is_lowercase()) {
            format!("<command label=\"{player} (Standalone)\">%EMULATOR_{player}% %ROM%</command>")
        } else {
            format!(
                "<command label=\"{player}\">%EMULATOR_RETROARCH% -L %CORE_RETROARCH%/{player}_libretro.so %ROM%</command>"
            )
        }
    };
    let commands: String = players.iter().map(command).collect();
    format!(
        "<system><name>{name}</name><path>%ROMPATH%/{name}</path><extension>{extensions}</extension>{commands}</system>"
    )
}

pub(crate) fn systems(list: &[String]) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<systemList>{}</systemList>",
        list.concat()
    )
}
