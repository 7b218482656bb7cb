//! Makes the asset tree show what the rows say, whatever happened to it.
//!
//! A file that Keepsave does not know stays where it is: it may be someone's only copy.

use std::io;
use std::path::Path;

use keepsave_core::content::BlobHash;
use keepsave_core::names::AssetKind;
use serde::Serialize;

use crate::app::App;
use crate::vault::tree::{self, Kind};
use crate::vault::{Blobs, Fault, contents};

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
    let assets = app.assets();
    let mut differences = Vec::new();
    for kind in [AssetKind::Save, AssetKind::State, AssetKind::Screenshot] {
        wrong_files(app, &assets, kind, &mut differences)?;
    }
    each_file(&assets.join("users"), &mut |file| {
        let path = file.strip_prefix(&assets).ok().and_then(Path::to_str);
        if let Some(path) = path
            && app.vault.read(|tx| contents::shown_at(tx, path))?.is_none()
            && is_ours(app, file, path)?
        {
            differences.push(Difference::Stray(path.to_owned()));
        }
        Ok(())
    })?;
    let mut confirmed = Vec::new();
    for difference in differences {
        let (Difference::Wrong(path) | Difference::Stray(path)) = &difference;
        let file = assets.join(path);
        let differs = match app.vault.read(|tx| contents::shown_at(tx, path))? {
            Some(blob) => is_wrong(&file, app.vault.blobs(), &blob)?,
            None => file.exists(),
        };
        confirmed.extend(differs.then_some(difference));
    }
    Ok(confirmed)
}

fn wrong_files(
    app: &App,
    assets: &Path,
    kind: AssetKind,
    differences: &mut Vec<Difference>,
) -> Result<(), Fault> {
    let mut last = 0;
    loop {
        let rows = app.vault.read(|tx| contents::shown_after(tx, kind, last))?;
        let Some(end) = rows.last() else {
            return Ok(());
        };
        last = end.id;
        for row in rows {
            if is_wrong(&assets.join(&row.path), app.vault.blobs(), &row.blob)? {
                differences.push(Difference::Wrong(row.path));
            }
        }
    }
}

/// A content that is gone cannot be shown; that is another finding.
fn is_wrong(file: &Path, blobs: &Blobs, blob: &BlobHash) -> Result<bool, Fault> {
    Ok(!tree::shows(file, blobs, blob)? && blobs.contains(blob)?)
}

/// Puts every difference right.
pub fn reconcile(app: &App) -> Result<Reconciled, Fault> {
    let mut reconciled = Reconciled::default();
    for difference in differences(app)? {
        let (Difference::Wrong(path) | Difference::Stray(path)) = difference;
        if tree::settle(&app.assets(), &app.vault, &path)? {
            reconciled.placed += 1;
        } else {
            reconciled.withdrawn += 1;
        }
    }
    Ok(reconciled)
}

/// Whether a file that no row names was put there by Keepsave: it is a blob under another name, or
/// where there are no links, a copy of one in the place of a row that is hidden by now. Whoever
/// copies a save for themselves makes a file that is neither.
fn is_ours(app: &App, file: &Path, path: &str) -> Result<bool, Fault> {
    match tree::kind_of(file, app.vault.blobs())? {
        Kind::Beside | Kind::Link => Ok(true),
        Kind::Copy => app.vault.read(|tx| contents::was_shown_at(tx, path)),
        Kind::Other => Ok(false),
    }
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
