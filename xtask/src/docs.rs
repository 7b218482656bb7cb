//! Writes the documents that the program generates from itself. A test of the program holds the
//! checked-in ones to it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

/// The document's name for the program, and its file.
const DOCUMENTS: [(&str, &str); 3] = [
    ("openapi", "docs/openapi.json"),
    ("commands", "docs/commands.md"),
    ("configuration", "docs/configuration.md"),
];

/// Writes every document.
pub fn write(root: &Path) -> anyhow::Result<()> {
    for (name, file) in DOCUMENTS {
        let program = [
            "run",
            "--quiet",
            "--package",
            "keepsave",
            "--",
            "docs",
            name,
        ];
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo).args(program).current_dir(root).output();
        let output = output.context("cargo cannot be run")?;
        let talk = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "`keepsave docs {name}` failed: {talk}"
        );
        std::fs::write(root.join(file), output.stdout).with_context(|| file.to_owned())?;
        eprintln!("docs: wrote {file}");
    }
    Ok(())
}
