//! `cargo xtask model`: every history of two and three devices, as deep as the promise goes, written
//! down as a run.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::runs::Run;

const FILE: &str = "docs/runs/model.jsonl";

/// Searches, with these arguments for the search, and appends a line for each number of devices.
pub fn search(root: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--locked", "-p", "keepsave-model", "--", "--json"])
        .args(arguments)
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo could not be started")?;
    if !output.status.success() {
        bail!("the search found a history after which something does not hold");
    }
    let run = Run::begun(root)?;
    for line in String::from_utf8(output.stdout)?.lines() {
        println!("{line}");
        run.append(root, FILE, serde_json::from_str(line)?)?;
    }
    Ok(())
}
