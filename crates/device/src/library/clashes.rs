//! Games that would keep their saves in one file: `Sonic` of two platforms, where all saves lie in
//! one directory.
//!
//! What such a file holds is one game's progress and not the other's, and nothing here can tell
//! whose. Two copies of one game are no clash: they share their save.

use std::collections::HashMap;
use std::path::PathBuf;

use keepsave_core::names::NameParts;
use keepsave_core::states::Ending;

use super::Installation;
use super::game::{Game, Stopped};

/// Stops games whose saves are, or would be, in the same file as those of a game of another platform.
pub fn stop(installations: &mut [Installation]) {
    stop_states(installations);
    let mut games: Vec<&mut Game> = installations
        .iter_mut()
        .flat_map(|installation| &mut installation.games)
        .filter(|game| game.save.stopped.is_none())
        .collect();
    let mut claims: HashMap<PathBuf, Vec<usize>> = HashMap::new();
    for (at, game) in games.iter().enumerate() {
        claims.entry(claim(game)).or_default().push(at);
    }
    for (file, all) in claims.into_iter().filter(|(_, all)| all.len() > 1) {
        // A save that stands where one game keeps it is that game's, whoever else would take it.
        let at_its_place = |at: &usize| games[*at].save.path() == file;
        let own: Vec<usize> = all.iter().copied().filter(at_its_place).collect();
        let keepers = if own.is_empty() { &all } else { &own };
        let differ = |one: usize, other: usize| !may_be_the_same(games[one], games[other]);
        let one_keeps_it = !keepers.iter().any(|&at| differ(at, keepers[0]));
        let mut stopped = Vec::new();
        for &at in &all {
            let other = keepers.iter().find(|&&other| differ(at, other));
            let is_stopped = !one_keeps_it || !keepers.contains(&at);
            if let Some(&other) = other.filter(|_| is_stopped) {
                stopped.push((at, games[other].path.clone()));
            }
        }
        for (at, other) in stopped {
            games[at].save.stopped = Some(Stopped::SameFile { other });
        }
    }
}

/// Stops the states of games that would be in the same files as those of a game of another platform.
fn stop_states(installations: &mut [Installation]) {
    let games = installations
        .iter_mut()
        .flat_map(|installation| &mut installation.games);
    let mut games: Vec<&mut Game> = games.filter(|game| game.save.states.is_some()).collect();
    let mut claims: HashMap<PathBuf, Vec<usize>> = HashMap::new();
    for (at, game) in games.iter().enumerate() {
        if let Some(states) = &game.save.states {
            claims
                .entry(states.path(Ending::Auto))
                .or_default()
                .push(at);
        }
    }
    let mut stopped = Vec::new();
    for all in claims.values().filter(|all| all.len() > 1) {
        for &at in all {
            let differs = |other: &&usize| !may_be_the_same(games[at], games[**other]);
            if let Some(&other) = all.iter().find(differs) {
                stopped.push((at, games[other].path.clone()));
            }
        }
    }
    for (at, other) in stopped {
        if let Some(states) = &mut games[at].save.states {
            states.stopped = Some(Stopped::SameFile { other });
        }
    }
}

/// The file that a game's save is in, or would be.
fn claim(game: &Game) -> PathBuf {
    let save = game.save.files.first();
    save.map_or_else(|| game.save.path(), |file| file.path.clone())
}

/// Copies of one game go by one title, whatever their tags: of a save that is named after what a disc
/// says of itself that is all there is to tell them from a game that was made of another.
fn may_be_the_same(one: &Game, other: &Game) -> bool {
    let title = |game: &Game| NameParts::of(&format!("{}.x", game.stem)).no_tags;
    let mut platforms = one.platforms.iter();
    platforms.any(|slug| other.platforms.contains(slug)) && title(one) == title(other)
}
