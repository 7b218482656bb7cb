//! RomM's predictable tree of assets: a view for people, made of links to the blobs.
//!
//! The blobs are the truth. What is here can be made again from them at any time.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use keepsave_core::content::BlobHash;
use keepsave_core::ids::{RomId, UserId};
use keepsave_core::names::AssetKind;

use super::blobs::READ_ONLY;
use super::{Blobs, Fault, Tx};
use crate::bind;

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

/// The folder of a game's assets, below the asset directory: `users/557365723a31/saves/gba/3/mgba`.
/// The game is known to exist.
pub fn folder(
    tx: &Tx<'_>,
    kind: AssetKind,
    user: UserId,
    rom: RomId,
    emulator: Option<&str>,
) -> Result<String, Fault> {
    let platform: String = tx.one(
        "SELECT p.fs_slug FROM roms r JOIN platforms p ON p.id = r.platform_id WHERE r.id = $1",
        bind![rom],
        |row| row.get(),
    )?;
    let owner = hex::encode(format!("User:{user}"));
    let assets = match kind {
        AssetKind::Save => "saves",
        AssetKind::State => "states",
        AssetKind::Screenshot => "screenshots",
    };
    let folder = format!("users/{owner}/{assets}/{platform}/{rom}");
    Ok(match emulator {
        Some(emulator) if !emulator.is_empty() => format!("{folder}/{emulator}"),
        _ => folder,
    })
}

/// Takes the steps in order.
pub fn follow(assets: &Path, blobs: &Blobs, steps: &[TreeStep]) -> Result<(), Fault> {
    steps.iter().try_for_each(|step| match step {
        TreeStep::Place { path, blob } => place(&assets.join(path), blobs, blob),
        TreeStep::Withdraw { path } => withdraw(&assets.join(path)),
    })
}

/// Whether a file shows a content. A link shows it for certain; a copy is read.
pub fn shows(file: &Path, blobs: &Blobs, blob: &BlobHash) -> Result<bool, Fault> {
    if blobs
        .path(blob)
        .is_some_and(|source| same_file(&source, file))
    {
        return Ok(true);
    }
    let mut hasher = blake3::Hasher::new();
    match fs_err::File::open(file) {
        // A link to another content need not be read.
        Ok(copy) if copy.metadata()?.nlink() > 1 => return Ok(false),
        Ok(mut copy) => std::io::copy(&mut copy, &mut hasher)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    Ok(*hasher.finalize().as_bytes() == blob.0)
}

/// What stands in a folder of the tree only until it is renamed onto its file.
pub const BESIDE: &str = ".keepsave-";

/// Links are made beside the file and renamed onto it, so that it is never missing in between.
///
/// The name beside it is new every time: writing to one that a crash left behind would write
/// through the link into the blob itself.
fn place(file: &Path, blobs: &Blobs, blob: &BlobHash) -> Result<(), Fault> {
    let Some(folder) = file.parent() else {
        return Ok(());
    };
    fs_err::create_dir_all(folder)?;
    let beside = |made| {
        tempfile::Builder::new()
            .prefix(BESIDE)
            .make_in(folder, made)
    };
    if let Some(source) = blobs.path(blob) {
        // Renaming a link onto another of the same file does nothing, and would leave it behind.
        if same_file(&source, file) {
            return Ok(());
        }
        if let Ok(link) = beside(&mut |path: &Path| std::fs::hard_link(&source, path)) {
            link.persist(file).map_err(|failed| failed.error)?;
            return Ok(());
        }
    }
    let mut copy = tempfile::Builder::new()
        .prefix(BESIDE)
        .tempfile_in(folder)?;
    std::io::copy(&mut blobs.open(blob)?, &mut copy)?;
    copy.as_file()
        .set_permissions(Permissions::from_mode(READ_ONLY))?;
    copy.persist(file).map_err(|failed| failed.error)?;
    Ok(())
}

fn same_file(one: &Path, other: &Path) -> bool {
    let id = |path: &Path| path.symlink_metadata().map(|file| (file.dev(), file.ino()));
    matches!((id(one), id(other)), (Ok(one), Ok(other)) if one == other)
}

fn withdraw(file: &Path) -> Result<(), Fault> {
    match fs_err::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::Vault;

    fn files(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn a_file_shows_what_was_placed_last_and_nothing_stands_beside_it() {
        for on_disk in [true, false] {
            let data = tempfile::tempdir().unwrap();
            let vault = if on_disk {
                Vault::open(data.path()).unwrap()
            } else {
                Vault::in_memory().unwrap()
            };
            let one = vault.blobs().put(b"one").await.unwrap().content.blob;
            let two = vault.blobs().put(b"two").await.unwrap().content.blob;
            let assets = data.path().join("assets");
            let place = |blob| TreeStep::Place {
                path: "users/a/save.srm".to_owned(),
                blob,
            };
            // What a crash may have left behind, a link to the blob itself, is never written to.
            std::fs::create_dir_all(assets.join("users/a")).unwrap();
            if let Some(source) = vault.blobs().path(&one) {
                let left = assets.join("users/a").join(format!("{BESIDE}{one}"));
                std::fs::hard_link(source, &left).unwrap();
                follow(&assets, vault.blobs(), &[place(one)]).unwrap();
                std::fs::remove_file(left).unwrap();
            }
            for (blob, content) in [(one, "one"), (one, "one"), (two, "two"), (one, "one")] {
                follow(&assets, vault.blobs(), &[place(blob)]).unwrap();
                let file = assets.join("users/a/save.srm");
                assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
                assert!(std::fs::metadata(&file).unwrap().permissions().readonly());
                assert_eq!(files(&assets.join("users/a")), ["save.srm"]);
            }
        }
    }
}
