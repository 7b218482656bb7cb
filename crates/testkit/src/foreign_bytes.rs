//! What must hold of any bytes, tried for moments: on the corpus of the fuzzer and on what comes of
//! changing it.

use std::path::{Path, PathBuf};

use crate::world::Dice;

/// How many changes of the corpus are tried, unless `KEEPSAVE_FOREIGN_BYTES` says otherwise.
const CHANGES: u64 = 400;

/// Runs `body` on everything in the corpus of that name, and on changes of it that are always the same.
pub fn hold(name: &str, body: fn(&[u8])) {
    let corpus = corpus(name);
    assert!(!corpus.is_empty(), "fuzz/corpus/{name} is empty");
    for bytes in &corpus {
        run(body, bytes);
    }
    run(body, b"");
    let changes = std::env::var("KEEPSAVE_FOREIGN_BYTES").ok();
    let changes = changes.map_or(CHANGES, |text| text.parse().unwrap());
    for seed in 0..changes {
        let dice = Dice::of(seed);
        let mut bytes = dice.one_of(&corpus).clone();
        for _ in 0..=dice.below(4) {
            change(&dice, &mut bytes, &corpus);
        }
        run(body, &bytes);
    }
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let directory = crates.parent().unwrap().join("fuzz/corpus").join(name);
    let entries = std::fs::read_dir(&directory).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// One change: a bit, a byte that means something somewhere, a piece that goes, comes twice, or is
/// another's.
fn change(dice: &Dice, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    const MEANINGFUL: &[u8] = b"\0\x01\x7f\x80\xff\"'<>&=/\\.[]{}:;,#%\n\r 09-PK";
    let from = dice.index(bytes.len() + 1);
    let to = from + dice.index((bytes.len() - from).min(64) + 1);
    match dice.below(6) {
        0 if from < bytes.len() => bytes[from] ^= 1 << dice.below(8),
        1 if from < bytes.len() => bytes[from] = *dice.one_of(MEANINGFUL),
        2 => drop(bytes.drain(from..to)),
        3 => {
            let piece = bytes[from..to].to_vec();
            bytes.splice(from..from, piece);
        }
        4 => {
            let other = dice.one_of(corpus);
            let begin = dice.index(other.len() + 1);
            bytes.splice(from..to, other[begin..].iter().copied());
        }
        _ => bytes.insert(from, *dice.one_of(MEANINGFUL)),
    }
}

fn run(body: fn(&[u8]), bytes: &[u8]) {
    let shown = Shown(bytes);
    body(bytes);
    drop(shown);
}

/// Says on which bytes a body fails.
struct Shown<'a>(&'a [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("on these bytes: b\"{}\"", self.0.escape_ascii());
        }
    }
}
