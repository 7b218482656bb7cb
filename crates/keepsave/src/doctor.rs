//! `keepsave doctor`: what was looked for on this machine, and what was found.

use std::collections::HashSet;

use clap::Args;
use keepsave_device::library::{Found, Looked};
use serde_json::{Value, json};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::library;
use crate::reach::settings_of;
use crate::terminal::{note, print, print_json, table};

/// Says what was looked for on this machine, what was found, and what stands in the way
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave doctor
  keepsave doctor --json

Asks no server and changes nothing.")]
pub struct Doctor {}

impl Doctor {
    #[expect(clippy::unused_self, reason = "each command is run alike")]
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let choices = settings_of(shared)?.choices;
        let library = library(&choices);
        let everywhere = ("this machine".to_owned(), &library.looked);
        let parts = library.installations.iter();
        let parts = parts.map(|part| (part.name.clone(), &part.looked));
        let parts: Vec<(String, &Vec<Looked>)> = std::iter::once(everywhere).chain(parts).collect();
        let troubles: Vec<String> = library.games().flat_map(troubles).collect();
        if shared.json {
            let looked = parts
                .iter()
                .flat_map(|(name, looked)| looked.iter().map(move |looked| as_json(name, looked)));
            print_json(&json!({
                "looked": looked.collect::<Vec<Value>>(),
                "games": library.games().count(),
                "troubles": troubles,
            }))?;
        } else {
            let rows = parts.iter().flat_map(|(name, looked)| {
                looked.iter().map(move |looked| {
                    [
                        name.clone(),
                        looked.what.clone(),
                        looked.path.display().to_string(),
                        told(&looked.found),
                    ]
                })
            });
            let mut rows: Vec<[String; 4]> = rows.collect();
            // Two installations look at one file.
            let mut seen = HashSet::new();
            rows.retain(|row| seen.insert(row.clone()));
            print(&table(["IN", "WHAT", "WHERE", "FOUND"], &rows));
            for trouble in &troubles {
                note(trouble);
            }
            for installation in &library.installations {
                note(&format!(
                    "{}: {} games",
                    installation.name,
                    installation.games.len()
                ));
            }
            if library.games().next().is_none() {
                note(
                    "no games were found: name the folder they are in with `keepsave settings set \
                     added_folders DIR`",
                );
            }
        }
        Ok(if troubles.is_empty() {
            Exit::Done
        } else {
            Exit::Found
        })
    }
}

/// What keeps the save of a game from being synced, or from being played.
fn troubles(game: &keepsave_device::library::Game) -> Vec<String> {
    let name = game.path.display();
    let stopped = game.save.stopped.iter().map(|why| format!("{name}: {why}"));
    let untouched = game.save.untouched().map(|path| {
        format!(
            "{name}: {} syncs, but the emulator does not look for it there: move it to {}",
            path.display(),
            game.save.path().display()
        )
    });
    let elsewhere = game.save.elsewhere.iter().map(|path| {
        format!(
            "{name}: a save of it stands at {}, too, where it is not played from",
            path.display()
        )
    });
    let shared = game.save.shared.iter().map(|file| {
        format!(
            "{name}: {} is not synced: {}",
            file.path.display(),
            file.why
        )
    });
    let standing = stopped.chain(untouched).chain(elsewhere);
    standing.chain(shared).collect()
}

fn told(found: &Found) -> String {
    match found {
        Found::Yes => "yes".to_owned(),
        Found::No => "no".to_owned(),
        Found::Unreadable(why) => format!("unreadable: {why}"),
    }
}

fn as_json(name: &str, looked: &Looked) -> Value {
    json!({
        "in": name,
        "what": looked.what,
        "path": looked.path.to_string_lossy(),
        "found": matches!(looked.found, Found::Yes),
        "unreadable": match &looked.found {
            Found::Unreadable(why) => Some(why),
            Found::Yes | Found::No => None,
        },
    })
}
