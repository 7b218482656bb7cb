//! `keepsave server scan`: looks for games now.

use clap::Args;
use keepsave_server::library;

use super::store::Store;
use crate::exit::{Exit, Failure};
use crate::terminal::{counted, print, print_json};

/// Compares the library with what is known of it, now.
///
/// A game whose file is gone is marked missing and keeps its saves; one that was renamed or moved
/// keeps its id. The server does this at its start and when something changes.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave server scan
  keepsave server scan --library /srv/games --json")]
pub struct Scan {}

impl Scan {
    pub fn run(store: &Store, json: bool) -> Result<Exit, Failure> {
        let report = store
            .wait(library::scan(&store.app))
            .map_err(Failure::unusable)?;
        if json {
            print_json(&report)?;
        } else {
            for (count, what) in [
                (report.added, "new"),
                (report.moved, "renamed or moved"),
                (report.changed, "with other files"),
                (report.returned, "back again"),
                (report.missing, "missing"),
                (report.unchanged, "as they were"),
            ] {
                if count > 0 {
                    print(&format!("{}: {what}", counted(count, "game")));
                }
            }
            for problem in &report.problems {
                print(&format!("{}: {}", problem.path, problem.what));
            }
        }
        Ok(if report.problems.is_empty() {
            Exit::Done
        } else {
            Exit::Found
        })
    }
}
