//! Searches every history of two and three devices, and says how much that was: a line for each
//! number of devices, for people or as the ledger of runs has them.

use std::io::{self, Write as _};
use std::time::Instant;

use clap::Parser;
use keepsave_model::{Figures, every_history_from_both_beginnings, sets_of_kinds};

/// Searches every history of two and three devices of every kind of client.
#[derive(Parser)]
struct Arguments {
    /// Events in a history of two devices
    #[arg(long, default_value_t = keepsave_model::EVENTS_OF_TWO)]
    two: usize,
    /// Events in a history of three devices
    #[arg(long, default_value_t = keepsave_model::EVENTS_OF_THREE)]
    three: usize,
    /// Print the figures as JSON, one line for each number of devices
    #[arg(long)]
    json: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    search::<2>(arguments.two, arguments.json)?;
    search::<3>(arguments.three, arguments.json)
}

fn search<const N: usize>(events: usize, json: bool) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut sum = Figures::default();
    let sets = sets_of_kinds::<N>();
    for kinds in &sets {
        let figures = every_history_from_both_beginnings(*kinds, events)?;
        writeln!(io::stderr(), "{kinds:?}: {figures}")?;
        sum += figures;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let searches = sets.len();
    let Figures {
        states,
        transitions,
    } = sum;
    if json {
        let line = serde_json::json!({
            "devices": N,
            "events": events,
            "searches": searches,
            "states": states,
            "transitions": transitions,
            "seconds": begun.elapsed().as_secs(),
        });
        writeln!(io::stdout(), "{line}")?;
    } else {
        let line = format!("{N} devices, {events} events, {searches} sets of clients: {sum}");
        writeln!(io::stdout(), "{line}, {seconds:.1} s")?;
    }
    Ok(())
}
