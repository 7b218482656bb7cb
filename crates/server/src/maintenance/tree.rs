//! Makes the asset tree show what the rows say, whatever happened to it.
//!
//! A file that Keepsave does not know stays where it is: it may be someone's only copy.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use keepsave_core::content::BlobHash;
use serde::Serialize;

use crate::app::App;
use crate::vault::contents::{self, Shown};
use crate::vault::tree::{BESIDE, TreeStep, follow, shows};
use crate::vault::{Blobs, Fault};

/// A file of the tree that is not as the rows say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It is missing or shows something else.
    Wrong(String),
    /// It shows a content of ours where nothing should be.
    Stray(String),
}

/// What was put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// Files that show their content again.
    pub placed: u64,
    /// Files that should not have been there.
    pub withdrawn: u64,
}

/// Compares the tree with the rows. The rows change meanwhile and the tree follows them, so what
/// differed at first is looked at again.
pub fn differences(app: &App) -> Result<Vec<Difference>, Fault> {
    let (assets, blobs) = (app.assets(), app.vault.blobs());
    let shown = app.vault.read(contents::all_shown)?;
    let mut differences = Vec::new();
    for Shown { path, blob } in &shown {
        if is_wrong(&assets.join(path), blobs, blob)? {
            differences.push(Difference::Wrong(path.clone()));
        }
    }
    let shown: HashSet<PathBuf> = shown.into_iter().map(|it| it.path.into()).collect();
    each_file(&assets, &mut |file| {
        let path = file.strip_prefix(&assets).unwrap_or(file);
        if !shown.contains(path) && is_ours(file, blobs)? {
            differences.push(Difference::Stray(path.to_string_lossy().into_owned()));
        }
        Ok(())
    })?;
    let mut confirmed = Vec::new();
    for difference in differences {
        let (Difference::Wrong(path) | Difference::Stray(path)) = &difference;
        let file = assets.join(path);
        let differs = match app.vault.read(|tx| contents::shown_at(tx, path))? {
            Some(blob) => is_wrong(&file, blobs, &blob)?,
            None => file.exists(),
        };
        confirmed.extend(differs.then_some(difference));
    }
    Ok(confirmed)
}

/// A content that is gone cannot be shown; that is another finding.
fn is_wrong(file: &Path, blobs: &Blobs, blob: &BlobHash) -> Result<bool, Fault> {
    Ok(blobs.contains(blob)? && !shows(file, blobs, blob)?)
}

/// Puts every difference right.
pub fn reconcile(app: &App) -> Result<Reconciled, Fault> {
    let mut reconciled = Reconciled::default();
    for difference in differences(app)? {
        let (Difference::Wrong(path) | Difference::Stray(path)) = difference;
        match settle(app, &path)? {
            Some(_) => reconciled.placed += 1,
            None => reconciled.withdrawn += 1,
        }
    }
    Ok(reconciled)
}

/// Makes one file show what its row says by now: rows change while this runs.
fn settle(app: &App, path: &str) -> Result<Option<BlobHash>, Fault> {
    let now = || app.vault.read(|tx| contents::shown_at(tx, path));
    let mut wanted = now()?;
    loop {
        let step = match wanted {
            Some(blob) => TreeStep::Place {
                path: path.to_owned(),
                blob,
            },
            None => TreeStep::Withdraw {
                path: path.to_owned(),
            },
        };
        follow(&app.assets(), app.vault.blobs(), &[step])?;
        let by_now = now()?;
        if by_now == wanted {
            return Ok(wanted);
        }
        wanted = by_now;
    }
}

/// Whether a file that no row names was put there by Keepsave.
fn is_ours(file: &Path, blobs: &Blobs) -> Result<bool, Fault> {
    let name = file.file_name().unwrap_or_default();
    if name.to_string_lossy().starts_with(BESIDE) {
        return Ok(true);
    }
    let mut hasher = blake3::Hasher::new();
    match fs_err::File::open(file) {
        Ok(mut open) => io::copy(&mut open, &mut hasher)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    blobs.contains(&BlobHash(*hasher.finalize().as_bytes()))
}

/// Visits every file below a folder, which need not be there. Links are not followed.
fn each_file(
    folder: &Path,
    visit: &mut dyn FnMut(&Path) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let entries = match fs_err::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            each_file(&entry.path(), visit)?;
        } else if kind.is_file() {
            visit(&entry.path())?;
        }
    }
    Ok(())
}
