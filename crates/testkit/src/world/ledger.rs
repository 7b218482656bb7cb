//! The ledger: what long runs were made, each written down by the run itself, and the figures of
//! `docs/reliability.md` that are made from it.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::tally::Tally;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// On which day: `2026-12-01`.
    pub day: String,
    /// Which seeds.
    pub seeds: Range<u64>,
    /// How many machines each history had.
    pub machines: usize,
    /// What they amounted to.
    pub tally: Tally,
}

const BEGIN: &str = "<!-- figures, written by `cargo xtask world` from the ledger -->\n";
const END: &str = "<!-- end of the figures -->\n";

/// Where the ledger is, in the repository at `root`.
pub fn ledger(root: &Path) -> PathBuf {
    root.join("docs/runs/world.jsonl")
}

/// Where the figures are shown.
pub fn document(root: &Path) -> PathBuf {
    root.join("docs/reliability.md")
}

/// All runs, oldest first.
pub fn runs(root: &Path) -> io::Result<Vec<Run>> {
    let text = fs::read_to_string(ledger(root))?;
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// Writes down a run, and shows it.
pub fn record(root: &Path, run: &Run) -> io::Result<()> {
    let mut text = fs::read_to_string(ledger(root)).unwrap_or_default();
    text.push_str(&serde_json::to_string(run)?);
    text.push('\n');
    fs::write(ledger(root), text)?;
    let shown = shown(&fs::read_to_string(document(root))?, &runs(root)?);
    fs::write(document(root), shown)
}

/// The document with the figures of these runs.
pub fn shown(document: &str, runs: &[Run]) -> String {
    let (before, rest) = document.split_once(BEGIN).unwrap_or((document, END));
    let after = rest.split_once(END).map_or("", |(_, after)| after);
    format!("{before}{BEGIN}{}{END}{after}", figures(runs))
}

fn figures(runs: &[Run]) -> String {
    let mut all = Tally::default();
    for run in runs {
        all.add(&run.tally);
    }
    let counts = [
        ("runs", runs.len() as u64),
        ("histories", all.histories),
        ("events", all.events),
        ("simulated hours", all.minutes / 60),
        ("conflicts that a person was asked about", all.conflicts),
        (
            "histories that broke a law, each mended since",
            all.failures,
        ),
    ];
    let counts = counts
        .map(|(what, count)| (what.to_owned(), count))
        .into_iter();
    let faults = all.faults.iter();
    let faults = faults.map(|(kind, times)| (format!("fault: {kind}"), *times));
    let rows = counts.chain(faults);
    let rows = rows.map(|(what, count)| format!("| {what} | {} |", spaced(count)));
    let rows: Vec<String> = rows.collect();
    format!(
        "\n| what | how much |\n| --- | ---: |\n{}\n\n",
        rows.join("\n")
    )
}

/// `1 234 567`
fn spaced(count: u64) -> String {
    let digits = count.to_string();
    let mut spaced = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            spaced.push(' ');
        }
        spaced.push(digit);
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_document_shows_is_what_the_ledger_holds() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let document = fs::read_to_string(document(&root)).unwrap();
        assert_eq!(shown(&document, &runs(&root).unwrap()), document);
    }

    #[test]
    fn figures_are_readable() {
        for (count, text) in [(7, "7"), (1_000, "1 000"), (12_345_678, "12 345 678")] {
            assert_eq!(spaced(count), text);
        }
    }
}
