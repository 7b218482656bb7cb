//! What is said of save states beside the saves of a game.

use keepsave_device::engine::states::States;
use keepsave_device::engine::status::GameStatus;
use serde_json::{Value, json};

use crate::terminal::{note, print, table};

/// Adds the states of each game to what is said of it.
pub fn add(told: &mut Value, statuses: &[GameStatus<'_>], states: &States) {
    if let Some(games) = told["games"].as_array_mut() {
        for (game, status) in games.iter_mut().zip(statuses) {
            let Some(rom) = status.game.present.rom() else {
                continue;
            };
            let lines: Vec<Value> = states.of(rom).map(|line| line.json()).collect();
            game["states"] = json!(lines);
            let mut waiting = states.waiting.iter();
            if let Some(waiting) = waiting.find(|waiting| waiting.rom == rom) {
                game["states_wait"] = json!(waiting.why);
            }
        }
    }
    if let Some(trouble) = &states.trouble {
        told["states_trouble"] = json!(trouble);
    }
}

/// One line for each state that something is to be said of.
pub fn show(statuses: &[GameStatus<'_>], states: &States, verbose: bool) {
    tell(statuses, states, verbose);
    let mut rows = Vec::new();
    for status in statuses {
        let game = &status.game.present;
        let lines = game.rom().into_iter().flat_map(|rom| states.of(rom));
        for line in lines.filter(|line| verbose || line.is_news()) {
            rows.push([
                line.word().replace('_', " "),
                game.game.stem.clone(),
                line.name(),
                line.said(),
            ]);
        }
    }
    if !rows.is_empty() {
        print(&table(["STATE", "GAME", "FILE", "WHY"], &rows));
    }
}

/// The same where stdout is another's.
pub fn note_all(statuses: &[GameStatus<'_>], states: &States) {
    tell(statuses, states, false);
    for line in states.lines.iter().filter(|line| line.is_news()) {
        let (word, why) = (line.word().replace('_', " "), line.said());
        note(&format!("{}: {word}: {why}", line.name()));
    }
}

fn tell(statuses: &[GameStatus<'_>], states: &States, verbose: bool) {
    for said in &states.notes {
        note(said);
    }
    if let Some(trouble) = &states.trouble {
        note(&format!("save states were not synced: {trouble}"));
    }
    for waiting in states.waiting.iter().filter(|_| verbose) {
        let mut games = statuses.iter().map(|status| &status.game.present);
        let game = games.find(|game| game.rom() == Some(waiting.rom));
        if let Some(game) = game {
            let stem = &game.game.stem;
            note(&format!("{stem}: its save states wait: {}", waiting.why));
        }
    }
    for line in &states.lines {
        for said in &line.notes {
            note(&format!("{}: {said}", line.name()));
        }
    }
}
