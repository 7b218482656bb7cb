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
    /// Print devices,events,searches,states,transitions,seconds
    #[arg(long)]
    csv: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    search::<2>(arguments.two, arguments.csv)?;
    search::<3>(arguments.three, arguments.csv)
}

fn search<const N: usize>(events: usize, csv: bool) -> anyhow::Result<()> {
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
    if csv {
        writeln!(
            io::stdout(),
            "{N},{events},{searches},{states},{transitions},{seconds:.1}"
        )?;
    } else {
        let line = format!("{N} devices, {events} events, {searches} sets of clients: {sum}");
        writeln!(io::stdout(), "{line}, {seconds:.1} s")?;
    }
    Ok(())
}
