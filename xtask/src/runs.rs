//! The ledger of runs under `docs/runs`: one CSV file for each kind of proof, one line for each run, in
//! the order in which they were made. A line begins with the day and the commit that was proved.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

/// What is proved, and when.
pub struct Run {
    day: String,
    commit: String,
}

impl Run {
    /// A run that begins now, of what is checked out.
    pub fn begun(root: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            day: told("date", &["-u", "+%F"], root)?,
            commit: told("git", &["rev-parse", "--short=10", "HEAD"], root)?,
        })
    }
}

/// Appends a run to a file, which begins with the names of its columns.
pub fn append(
    root: &Path,
    file: &str,
    columns: &str,
    run: &Run,
    figures: &str,
) -> anyhow::Result<()> {
    let path = root.join(file);
    let told = path.exists();
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut ledger: File = OpenOptions::new().append(true).create(true).open(&path)?;
    if !told {
        writeln!(ledger, "day,commit,{columns}")?;
    }
    writeln!(ledger, "{},{},{figures}", run.day, run.commit)?;
    Ok(())
}

/// What a program says, in one line.
fn told(program: &str, arguments: &[&str], root: &Path) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .with_context(|| format!("{program} could not be started"))?;
    if !output.status.success() {
        bail!(
            "{program} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
