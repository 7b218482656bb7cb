//! The ledger of runs under `docs/runs`: one file for each kind of proof, one line of JSON for each run,
//! in the order in which they were made. A line begins with the day and the commit that was proved.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

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

    /// Appends what came of it to a file of the ledger.
    pub fn append(
        &self,
        root: &Path,
        file: &str,
        figures: Map<String, Value>,
    ) -> anyhow::Result<()> {
        let mut line = Map::new();
        line.insert("day".into(), self.day.as_str().into());
        line.insert("commit".into(), self.commit.as_str().into());
        line.extend(figures);
        let path = root.join(file);
        let mut ledger = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(writeln!(ledger, "{}", Value::Object(line))?)
    }
}

/// What a program says, in one line.
fn told(program: &str, arguments: &[&str], root: &Path) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .with_context(|| format!("{program} could not be started"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        bail!("{program} failed: {}", why.trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
