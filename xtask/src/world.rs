//! `cargo xtask world`: runs the simulated World, which lives in the testkit.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context as _;

/// Builds the World as it is fast, and hands it the rest of the line.
pub fn run(root: &Path, arguments: &[&str]) -> anyhow::Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "run",
            "--quiet",
            "--profile",
            "world",
            "-p",
            "keepsave-testkit",
        ])
        .args(["--bin", "world", "--"])
        .args(arguments)
        .current_dir(root)
        .status()
        .context("cargo could not be started")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
