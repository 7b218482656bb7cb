//! A game that is found in several ways is one game: a frontend knows its folder, and `RetroArch`
//! knows what it was played with.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::Installation;
use super::game::{Game, KnownBy};
use super::retroarch::cores::emulator_tag;

/// Leaves each game with each of its saves once, with all that is known of it.
pub fn name(installations: &mut [Installation]) {
    let listed = listed_with_cores(installations);
    for game in installations.iter_mut().flat_map(|found| &mut found.games) {
        if let Some(listed) = listed.get(&(game.path.clone(), game.stem.clone())) {
            adopt(game, listed);
        }
    }
    let (mut places, mut paths) = (HashSet::new(), HashSet::new());
    for installation in installations {
        installation.games.retain(|game| {
            // That it is there is known already.
            let says_less = is_listed(game) && game.core.is_none() && paths.contains(&game.path);
            !says_less && places.insert((game.path.clone(), game.save.path()))
        });
        paths.extend(installation.games.iter().map(|game| game.path.clone()));
    }
}

fn is_listed(game: &Game) -> bool {
    matches!(game.known_by, KnownBy::Playlist | KnownBy::History)
}

/// What lists of `RetroArch` say about games, by the game's path and what its save is called after.
fn listed_with_cores(installations: &[Installation]) -> HashMap<(PathBuf, String), Game> {
    let games = installations.iter().flat_map(|found| &found.games);
    let listed = games.filter(|game| is_listed(game) && game.core.is_some());
    listed
        .map(|game| ((game.path.clone(), game.stem.clone()), game.clone()))
        .collect()
}

/// Takes over with which core a game was played, where its frontend does not say it, if that was in
/// the same `RetroArch`: its saves are in the same directory then, or below it.
fn adopt(game: &mut Game, listed: &Game) {
    let is_unknown = game.core.is_none() && game.emulator == Some(emulator_tag(None));
    if is_unknown && listed.save.directory.starts_with(&game.save.directory) {
        game.core.clone_from(&listed.core);
        game.emulator.clone_from(&listed.emulator);
        game.save = listed.save.clone();
        let why = format!("it was played in {} with that core", listed.installation);
        game.save.why.insert(0, why);
    }
}
