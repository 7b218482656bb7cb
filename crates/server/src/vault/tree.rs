//! RomM's predictable tree of assets: a view for people, made of links to the blobs.
//!
//! The blobs are the truth. What is here can be made again from them at any time.

use std::path::Path;

use keepsave_core::content::BlobHash;

use super::{Blobs, Fault};

/// What the asset tree must show once the change is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeStep {
    /// The file has this content.
    Place {
        /// Below the asset directory.
        path: String,
        /// The content.
        blob: BlobHash,
    },
    /// The file is gone.
    Withdraw {
        /// Below the asset directory.
        path: String,
    },
}

/// Takes the steps in order.
pub fn follow(assets: &Path, blobs: &Blobs, steps: &[TreeStep]) -> Result<(), Fault> {
    steps.iter().try_for_each(|step| match step {
        TreeStep::Place { path, blob } => place(&assets.join(path), blobs, blob),
        TreeStep::Withdraw { path } => withdraw(&assets.join(path)),
    })
}

/// Links are made beside the file and renamed onto it, so that it is never missing in between.
fn place(file: &Path, blobs: &Blobs, blob: &BlobHash) -> Result<(), Fault> {
    let Some(folder) = file.parent() else {
        return Ok(());
    };
    fs_err::create_dir_all(folder)?;
    let beside = tempfile::TempPath::try_from_path(folder.join(format!(".keepsave-{blob}")))?;
    let linked = match blobs.path(blob) {
        Some(source) => fs_err::hard_link(source, &beside).is_ok(),
        None => false,
    };
    if !linked {
        let mut target = fs_err::File::create(&beside)?;
        std::io::copy(&mut blobs.open(blob)?, &mut target)?;
    }
    beside.persist(file).map_err(|failed| failed.error)?;
    Ok(())
}

fn withdraw(file: &Path) -> Result<(), Fault> {
    match fs_err::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
