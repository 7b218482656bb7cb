//! Chores of this repository, run as `cargo xtask <chore>`.
//!
//! Knows the repository as files and as cargo's metadata. Must not depend on a crate of the
//! product, so that it builds fast and still runs when the product does not compile.

mod docs;
mod fuzz;
mod model;
mod mutants;
mod runs;
mod tidy;
mod world;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask <chore>

Chores:
  docs      write the documents that are generated from the code
  fuzz      run every target of the fuzzer in turn, and record it (--minutes N [TARGET])
  model     search every history of two and three devices, and record it (--two EVENTS, --three EVENTS)
  mutants   break the product on purpose and demand that a test sees it ([WORDS])
  tidy      check the rules of the house that the compiler does not know
  world     run the simulated World: `cargo xtask world --seeds 0..1000 --minutes 5`";

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["docs"] => docs::write(repository()).map(|()| ExitCode::SUCCESS),
        ["fuzz", "--minutes", minutes] => fuzz(minutes, ""),
        ["fuzz", "--minutes", minutes, target] => fuzz(minutes, target),
        ["mutants"] => mutants::run(repository(), "").map(|()| ExitCode::SUCCESS),
        ["mutants", words] => mutants::run(repository(), words).map(|()| ExitCode::SUCCESS),
        ["model", ref depths @ ..] => {
            model::search(repository(), depths).map(|()| ExitCode::SUCCESS)
        }
        ["tidy"] => tidy(),
        ["world", ref rest @ ..] => world::run(repository(), rest),
        ["--help" | "-h" | "help"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprintln!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}

fn fuzz(minutes: &str, only: &str) -> anyhow::Result<ExitCode> {
    fuzz::run(repository(), minutes.parse()?, only).map(|()| ExitCode::SUCCESS)
}

fn tidy() -> anyhow::Result<ExitCode> {
    let findings = tidy::findings(repository())?;
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        eprintln!("tidy: everything in order");
        Ok(ExitCode::SUCCESS)
    } else {
        eprintln!("tidy: {} findings", findings.len());
        Ok(ExitCode::FAILURE)
    }
}

fn repository() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}
