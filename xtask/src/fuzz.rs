//! `cargo xtask fuzz --minutes N`: runs every target of the fuzzer in turn and writes down for how long.
//!
//! Needs cargo-fuzz (`cargo install cargo-fuzz`). The stable compiler will do: what coverage needs is
//! asked of it with `RUSTC_BOOTSTRAP`, and no sanitizer is used, for the code under test has no `unsafe`.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use serde_json::json;

use crate::runs::Run;

const FILE: &str = "docs/runs/fuzz.jsonl";

/// Runs all targets, or those whose name contains `only`, for so many minutes together.
pub fn run(root: &Path, minutes: u64, only: &str) -> anyhow::Result<()> {
    let targets = targets(root)?;
    let targets: Vec<&String> = targets.iter().filter(|name| name.contains(only)).collect();
    if targets.is_empty() {
        bail!("no target is called {only}");
    }
    let each = (minutes * 60 / targets.len() as u64).max(1);
    let run = Run::begun(root)?;
    let mut failed = Vec::new();
    for target in targets {
        let outcome = fuzz(root, target, each)?;
        println!(
            "{target}: {} inputs in {} s",
            outcome.inputs, outcome.seconds
        );
        let figures = json!({
            "target": target,
            "seconds": outcome.seconds,
            "inputs": outcome.inputs,
            "found": outcome.found,
        });
        let figures = serde_json::from_value(figures)?;
        run.append(root, FILE, figures)?;
        if outcome.found {
            failed.push(target.as_str());
        }
    }
    if !failed.is_empty() {
        bail!(
            "what does not hold was found in: {}. The bytes are below fuzz/artifacts: mend it, and keep \
             them below fuzz/corpus",
            failed.join(", ")
        );
    }
    Ok(())
}

fn targets(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str());
        names.push(name.context("a target has no name")?.to_owned());
    }
    names.sort();
    Ok(names)
}

struct Outcome {
    seconds: u64,
    inputs: u64,
    found: bool,
}

/// What is learnt goes beside the build; the corpus that is checked in is only read.
fn fuzz(root: &Path, target: &str, seconds: u64) -> anyhow::Result<Outcome> {
    let learnt = format!("fuzz/target/learnt/{target}");
    std::fs::create_dir_all(root.join(&learnt))?;
    let build = ["fuzz", "build", "--sanitizer=none", target];
    if !cargo(root).args(build).status()?.success() {
        bail!("the target {target} could not be built: is cargo-fuzz installed?");
    }
    let begun = Instant::now();
    let output = cargo(root)
        .args(["fuzz", "run", "--sanitizer=none", target])
        .args([&learnt, &format!("fuzz/corpus/{target}")])
        .arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .args(["-print_final_stats=1", "-rss_limit_mb=1024", "-timeout=20"])
        .stderr(Stdio::piped())
        .output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    let found = !output.status.success();
    if found {
        eprintln!("{told}");
    }
    let inputs = told
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    Ok(Outcome {
        seconds: begun.elapsed().as_secs(),
        inputs: inputs
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0),
        found,
    })
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    command
        .current_dir(root)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", root.join("fuzz/target"));
    command
}
