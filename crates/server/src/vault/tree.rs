//! RomM's predictable tree of assets: a view for people, made of links to the blobs.
//!
//! The blobs are the truth. What is here can be made again from them at any time. What someone
//! else put here is never destroyed.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use keepsave_core::content::BlobHash;
use keepsave_core::ids::{RomId, UserId};
use keepsave_core::limits;
use keepsave_core::names::AssetKind;
use keepsave_disk::random_digits;

use super::blobs::READ_ONLY;
use super::unfinished::Unfinished;
use super::{Blobs, FOLDER, Fault, Tx, Vault, contents};
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

impl TreeStep {
    /// Below the asset directory.
    pub fn path(&self) -> &str {
        match self {
            Self::Place { path, .. } | Self::Withdraw { path } => path,
        }
    }

    /// What the rows say by now.
    fn by_now(tx: &Tx<'_>, path: &str) -> Result<Self, Fault> {
        let path = path.to_owned();
        Ok(match contents::shown_at(tx, &path)? {
            Some(blob) => Self::Place { path, blob },
            None => Self::Withdraw { path },
        })
    }
}

/// Takes every step that can be taken; the first failure, if there was one.
///
/// Two changes of one file may be followed in another order than they were made, so afterwards the
/// rows are asked, once for all steps, which of them are not right by now.
pub fn follow(assets: &Path, vault: &Vault, mut steps: Vec<TreeStep>) -> Result<(), Fault> {
    let mut followed = Ok(());
    while !steps.is_empty() {
        steps.retain(|step| {
            let taken = take(assets, vault, step);
            let is_taken = taken.is_ok();
            if let (Ok(()), Err(fault)) = (&followed, taken) {
                followed = Err(fault);
            }
            is_taken
        });
        steps = vault.read(|tx| outdated(tx, &steps))?;
    }
    followed
}

/// What is to be done in the place of those steps that the rows say otherwise of by now.
fn outdated(tx: &Tx<'_>, steps: &[TreeStep]) -> Result<Vec<TreeStep>, Fault> {
    let mut by_now = Vec::new();
    for step in steps {
        let now = TreeStep::by_now(tx, step.path())?;
        by_now.extend((now != *step).then_some(now));
    }
    Ok(by_now)
}

/// Makes one file show what the rows say by now; whether that is anything.
pub fn settle(assets: &Path, vault: &Vault, path: &str) -> Result<bool, Fault> {
    let step = vault.read(|tx| TreeStep::by_now(tx, path))?;
    let is_shown = matches!(step, TreeStep::Place { .. });
    follow(assets, vault, vec![step])?;
    Ok(is_shown)
}

fn take(assets: &Path, vault: &Vault, step: &TreeStep) -> Result<(), Fault> {
    let path = Path::new(step.path());
    if !path
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        return Err(outside(path).into());
    }
    let file = assets.join(path);
    match step {
        TreeStep::Place { blob, .. } => match place(&file, vault, blob) {
            // What stood beside the file was taken for one that a crash had left behind.
            Err(Fault::File(error)) if error.kind() == io::ErrorKind::NotFound => {
                place(&file, vault, blob)
            }
            placed => placed,
        },
        TreeStep::Withdraw { .. } => withdraw(&file, vault),
    }
}

fn outside(path: &Path) -> io::Error {
    let sentence = format!("{} leads out of the asset tree", path.display());
    io::Error::new(io::ErrorKind::InvalidInput, sentence)
}

/// Whether a file shows a content. A link shows it for certain; a copy is read.
pub fn shows(file: &Path, blobs: &Blobs, blob: &BlobHash) -> Result<bool, Fault> {
    if is_link_to(file, blobs, blob) {
        return Ok(true);
    }
    match file.symlink_metadata() {
        // A link to another content need not be read.
        Ok(found) if !found.is_file() || found.nlink() > 1 => Ok(false),
        Ok(_) => Ok(hash_of(file)? == Some(*blob)),
        Err(_) => Ok(false),
    }
}

/// What a file of the tree is, by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On its way to its place, or left behind on it.
    Beside,
    /// A blob under another name.
    Link,
    /// As copies of blobs are; or someone made one of such a file.
    Copy,
    /// Not Keepsave's.
    Other,
}

/// Says what a file is.
pub fn kind_of(file: &Path, blobs: &Blobs) -> Result<Kind, Fault> {
    if is_beside(file) {
        return Ok(Kind::Beside);
    }
    let is_read_only = |found: Metadata| found.mode() & 0o777 == READ_ONLY;
    if !file.symlink_metadata().is_ok_and(is_read_only) {
        return Ok(Kind::Other);
    }
    Ok(match hash_of(file)? {
        Some(hash) if is_link_to(file, blobs, &hash) => Kind::Link,
        Some(hash) if blobs.contains(&hash)? => Kind::Copy,
        Some(_) | None => Kind::Other,
    })
}

/// Whether a file is the blob itself under another name.
fn is_link_to(file: &Path, blobs: &Blobs, blob: &BlobHash) -> bool {
    let source = blobs.path(blob);
    source.is_some_and(|source| same_file(&source, file))
}

/// The hash of what is in a file; none when it is no file.
fn hash_of(file: &Path) -> Result<Option<BlobHash>, Fault> {
    let is_file = file.symlink_metadata().is_ok_and(|found| found.is_file());
    if !is_file {
        return Ok(None);
    }
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut fs_err::File::open(file)?, &mut hasher)?;
    Ok(Some(BlobHash(*hasher.finalize().as_bytes())))
}

/// What stands in a folder of the tree only until it is renamed onto its file.
const BESIDE: &str = ".keepsave-";

fn is_beside(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().starts_with(BESIDE)
}

/// Where nothing stands yet, as nearly always, a link is all it takes.
fn place(file: &Path, vault: &Vault, blob: &BlobHash) -> Result<(), Fault> {
    let linked = |source: PathBuf| vault.disk().link(&source, file).is_ok();
    if vault.blobs().path(blob).is_some_and(linked) {
        return Ok(());
    }
    replace(file, vault, blob)
}

/// Links are made beside the file and renamed onto it, so that it is never missing in between.
///
/// The name beside it is new every time: writing to one that a crash left behind would write
/// through the link into the blob itself.
fn replace(file: &Path, vault: &Vault, blob: &BlobHash) -> Result<(), Fault> {
    let (blobs, disk) = (vault.blobs(), vault.disk());
    // Renaming a link onto another of the same file does nothing, and would leave it behind.
    if is_link_to(file, blobs, blob) {
        return Ok(());
    }
    let Some(folder) = file.parent() else {
        return Ok(());
    };
    disk.create_directory(folder, FOLDER)?;
    set_aside(file, vault)?;
    let link = folder.join(format!("{BESIDE}{}", random_digits()));
    if let Some(source) = blobs.path(blob)
        && disk.link(&source, &link).is_ok()
    {
        let placed = disk.rename(&link, file);
        if placed.is_err() {
            // What cannot be removed now is taken away by the next reconciliation.
            let _later = disk.remove(&link);
        }
        return Ok(placed?);
    }
    let mut copy = Unfinished::begin(disk, folder, BESIDE)?;
    io::copy(&mut blobs.open(blob)?, &mut copy)?;
    copy.set_mode(READ_ONLY)?;
    Ok(copy.place(file)?)
}

fn same_file(one: &Path, other: &Path) -> bool {
    let id = |path: &Path| path.symlink_metadata().map(|file| (file.dev(), file.ino()));
    matches!((id(one), id(other)), (Ok(one), Ok(other)) if one == other)
}

/// Gives what stands in a file's place another name, unless the store has its bytes: someone put
/// it there, and it may be their only copy.
fn set_aside(file: &Path, vault: &Vault) -> Result<(), Fault> {
    if file.symlink_metadata().is_err() || is_in_store(file, vault.blobs())? {
        return Ok(());
    }
    let aside = |count| {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{count}.kept"));
        PathBuf::from(name)
    };
    let kept = (1..=limits::FILES_SET_ASIDE)
        .map(aside)
        .find(|path| path.symlink_metadata().is_err())
        .ok_or(io::ErrorKind::AlreadyExists)
        .map_err(io::Error::from)?;
    vault.disk().rename(file, &kept)?;
    tracing::warn!(kept = %kept.display(), "a file that Keepsave did not place was set aside");
    Ok(())
}

/// A file that someone else put there stays.
fn withdraw(file: &Path, vault: &Vault) -> Result<(), Fault> {
    if !is_beside(file) && !is_in_store(file, vault.blobs())? {
        return Ok(());
    }
    match vault.disk().remove(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether the store has what is in a file: then nothing is lost with it.
fn is_in_store(file: &Path, blobs: &Blobs) -> Result<bool, Fault> {
    match hash_of(file)? {
        Some(hash) => blobs.contains(&hash),
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
                take(&assets, &vault, &place(one)).unwrap();
                std::fs::remove_file(left).unwrap();
            }
            for (blob, content) in [(one, "one"), (one, "one"), (two, "two"), (one, "one")] {
                take(&assets, &vault, &place(blob)).unwrap();
                let file = assets.join("users/a/save.srm");
                assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
                assert!(std::fs::metadata(&file).unwrap().permissions().readonly());
                assert_eq!(files(&assets.join("users/a")), ["save.srm"]);
            }
        }
    }
}
