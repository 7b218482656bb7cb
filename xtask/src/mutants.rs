//! `cargo xtask mutants`: breaks the product on purpose, one way after the other, and demands that a
//! test sees each.
//!
//! The breakages stand in `mutants/*.toml`, as a text to find and what to put in its place. Each is
//! made in a work tree of its own; what is checked out here is not touched.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;

const LISTS: &str = "mutants";
const TABLE: &str = "docs/runs/mutants.md";

#[derive(Deserialize)]
struct List {
    breakage: Vec<Breakage>,
}

/// One way to break the product.
#[derive(Deserialize)]
struct Breakage {
    what: String,
    file: String,
    find: String,
    replace: String,
    /// Which tests may see it, as nextest filters them.
    tests: String,
}

/// Makes every breakage whose description contains `only`. Of all of them the result is written down.
pub fn run(root: &Path, only: &str) -> anyhow::Result<()> {
    let breakages = read(root)?;
    let tree = scratch_tree(root)?;
    let mut rows = String::new();
    let mut missed = Vec::new();
    for breakage in breakages.iter().filter(|one| one.what.contains(only)) {
        let seen_by = seen_by(&tree, breakage)?;
        println!(
            "{}: {}",
            breakage.what,
            seen_by.as_deref().unwrap_or("NOT SEEN")
        );
        let file = breakage.file.trim_start_matches("crates/");
        let seen = seen_by
            .as_ref()
            .map_or("**none**".into(), |test| format!("`{test}`"));
        writeln!(rows, "| {} | `{file}` | {seen} |", breakage.what)?;
        if seen_by.is_none() {
            missed.push(breakage.what.as_str());
        }
    }
    remove_tree(root, &tree)?;
    if only.is_empty() {
        std::fs::write(root.join(TABLE), table(&rows))?;
    }
    if !missed.is_empty() {
        bail!("no test saw that {}", missed.join(", that "));
    }
    Ok(())
}

fn table(rows: &str) -> String {
    format!(
        "# Breakages, and which test sees each first\n\nWritten by `cargo xtask mutants`; the breakages \
         stand in [mutants](../../mutants).\n\n| what is broken | where | seen by |\n| --- | --- | --- |\n{rows}"
    )
}

fn read(root: &Path) -> anyhow::Result<Vec<Breakage>> {
    let mut lists: Vec<PathBuf> = std::fs::read_dir(root.join(LISTS))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    lists.sort();
    let mut breakages = Vec::new();
    for list in lists {
        let text = std::fs::read_to_string(&list)?;
        let list: List = toml::from_str(&text).with_context(|| list.display().to_string())?;
        breakages.extend(list.breakage);
    }
    Ok(breakages)
}

/// The name of the first test that fails; none when all pass. A breakage that does not compile breaks
/// nothing.
fn seen_by(tree: &Path, breakage: &Breakage) -> anyhow::Result<Option<String>> {
    let path = tree.join(&breakage.file);
    let sound = std::fs::read_to_string(&path)?;
    if sound.matches(&breakage.find).count() != 1 {
        bail!("{}: its text is not there once", breakage.what);
    }
    std::fs::write(&path, sound.replace(&breakage.find, &breakage.replace))?;
    let package = breakage.file.split('/').nth(1).unwrap_or_default();
    let output = Command::new("cargo")
        .args([
            "nextest",
            "run",
            "--locked",
            "--fail-fast",
            "--no-tests=fail",
        ])
        .args(["-p", &format!("keepsave-{package}"), "-E", &breakage.tests])
        .current_dir(tree)
        .output()
        .context("cargo nextest could not be started")?;
    std::fs::write(&path, sound)?;
    let told = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => Ok(None),
        Some(TESTS_FAILED) => Ok(Some(first_failed(&told))),
        _ => bail!("{} does not compile:\n{told}", breakage.what),
    }
}

/// What nextest ends with when a test fails.
const TESTS_FAILED: i32 = 100;

fn first_failed(told: &str) -> String {
    let failed = |line: &str| {
        let line = line.trim_start();
        ["FAIL", "TIMEOUT", "SIGABRT"]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let line = told.lines().find(|line| failed(line)).unwrap_or_default();
    line.split_whitespace()
        .last()
        .unwrap_or("a test")
        .to_owned()
}

fn scratch_tree(root: &Path) -> anyhow::Result<PathBuf> {
    let tree = std::env::temp_dir().join(format!("keepsave-mutants-{}", std::process::id()));
    let add = ["worktree", "add", "--quiet", "--detach"];
    let added = Command::new("git")
        .args(add)
        .arg(&tree)
        .current_dir(root)
        .status()?;
    if !added.success() {
        bail!("git could not make a work tree at {}", tree.display());
    }
    Ok(tree)
}

fn remove_tree(root: &Path, tree: &Path) -> anyhow::Result<()> {
    let remove = ["worktree", "remove", "--force"];
    Command::new("git")
        .args(remove)
        .arg(tree)
        .current_dir(root)
        .status()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_breakage_finds_its_place() {
        let root = crate::repository();
        let breakages = read(root).unwrap();
        assert!(breakages.len() >= 30);
        for Breakage {
            what,
            file,
            find,
            replace,
            ..
        } in breakages
        {
            let text = std::fs::read_to_string(root.join(&file)).unwrap();
            assert_eq!(text.matches(&find).count(), 1, "{what}: {find}");
            assert_ne!(find, replace, "{what}");
        }
    }

    #[test]
    fn the_first_test_that_fails_is_named() {
        let told = "        PASS [   0.1s] (1/2) keepsave-device a\n        FAIL [   0.2s] (2/2) keepsave-device files::b\n  FAIL [ 1s] c";
        assert_eq!(first_failed(told), "files::b");
    }
}
