//! A new data directory from a backup.
//!
//! Everything is unpacked below a folder of its own and checked before it takes its place, so a
//! restore that breaks off never looks like a store.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use keepsave_core::content::BlobHash;
use keepsave_disk::{Disk, RealDisk, make_directory};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Progress;
use super::backup::{ABOUT, About, BLOBS, DATABASE, FORMAT, WRITTEN, Written};
use crate::vault::{FOLDER, Fault, StoreCopy, contents};

/// The folder that a restore works in.
pub const UNFINISHED: &str = "restoring";
/// For the database: password hashes are for its owner's eyes.
const PRIVATE: u32 = 0o600;
/// For contents, which never change.
const READ_ONLY: u32 = 0o444;
/// How much is copied in one piece.
const COPIED_AT_ONCE: usize = 128 * 1024;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// What the backup says about itself.
    #[serde(flatten)]
    pub about: About,
    /// What was in it. Contents that were left out were gone or damaged when it was made.
    #[serde(flatten)]
    pub written: Written,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum NotRestored {
    /// There is something in the way.
    #[error(
        "{} is not empty; a restore replaces nothing. Name a directory that is new or empty.",
        .0.display()
    )]
    NotEmpty(PathBuf),
    /// The file is not a whole backup.
    #[error("{0}. Nothing was restored.")]
    NotABackup(String),
    /// A file could not be read or written.
    #[error("the backup could not be restored: {0}. What was begun was removed.")]
    File(#[from] io::Error),
    /// The store in the backup cannot be read.
    #[error("the backup holds a store that cannot be used: {0}. Nothing was restored.")]
    Store(#[from] Fault),
}

/// Restores a backup into a directory that is new or empty.
pub fn restore(from: &Path, data: &Path, progress: Progress<'_>) -> Result<Restored, NotRestored> {
    restore_on(from, (&RealDisk, data), progress)
}

/// The same on another disk than the machine's own.
pub fn restore_on(
    from: &Path,
    (disk, data): (&dyn Disk, &Path),
    progress: Progress<'_>,
) -> Result<Restored, NotRestored> {
    let backup = fs_err::File::open(from)?;
    let is_new = !data.try_exists()?;
    make_directory(disk, data, FOLDER)?;
    if fs_err::read_dir(data)?.next().is_some() {
        return Err(NotRestored::NotEmpty(data.to_owned()));
    }
    let room = data.join(UNFINISHED);
    // Durable before anything else: where it is, there is no store yet.
    make_directory(disk, &room, FOLDER)?;
    let unpacked = unpack(backup, (disk, &room), progress).and_then(|restored| {
        disk.rename(&room.join(BLOBS), &data.join(BLOBS))?;
        disk.sync_directory(data)?;
        // Last: with the database it is a store.
        disk.rename(&room.join(DATABASE), &data.join(DATABASE))?;
        disk.sync_directory(data)?;
        Ok(restored)
    });
    let removed = disk.remove_all(&room);
    if unpacked.is_err() {
        // The directory was empty. Whatever cannot be removed is below the folder of its own.
        let _left = disk.remove_all(&data.join(BLOBS));
        let _left = is_new.then(|| disk.remove_all(data));
    } else {
        removed?;
        disk.sync_directory(data)?;
    }
    unpacked
}

fn unpack(
    file: fs_err::File,
    (disk, room): (&dyn Disk, &Path),
    progress: Progress<'_>,
) -> Result<Restored, NotRestored> {
    let whole = file.metadata()?.len();
    let mut archive = tar::Archive::new(file);
    let mut entries = archive.entries()?;
    let about = read_about(&mut entries)?;

    let mut database = next(&mut entries, DATABASE)?;
    copy(&mut database, (disk, &room.join(DATABASE)), PRIVATE)?;
    let blobs = room.join(BLOBS);
    let written = unpack_contents(entries, (disk, &blobs), &|at| progress(at, whole))?;
    progress(whole, whole);
    let missing = missing(room)?;
    if missing == written.left_out {
        Ok(Restored { about, written })
    } else {
        Err(not_a_backup(
            "the backup does not hold every content that its database needs",
        ))
    }
}

fn unpack_contents(
    entries: Entries<'_>,
    (disk, blobs): (&dyn Disk, &Path),
    at: &dyn Fn(u64),
) -> Result<Written, NotRestored> {
    disk.create_directory(blobs, FOLDER)?;
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    let (mut contents, mut bytes) = (0, 0);
    for entry in entries {
        let mut entry = entry.map_err(|error| broken(&error))?;
        at(entry.raw_file_position());
        if entry.path_bytes() == WRITTEN.as_bytes() {
            let written: Written = read_json(&mut entry)?;
            if (written.contents, written.bytes) != (contents, bytes) {
                return Err(not_a_backup("the backup lacks some of its contents"));
            }
            for folder in &folders {
                disk.sync_directory(folder)?;
            }
            disk.sync_directory(blobs)?;
            return Ok(written);
        }
        let blob = blob_of(&entry.path().map_err(|error| broken(&error))?)?;
        let folder = blobs.join(format!("{:02x}", blob.0[0]));
        let to = folder.join(blob.to_string());
        if folders.insert(folder.clone()) {
            disk.create_directory(&folder, FOLDER)?;
        }
        let (hash, size) = copy(&mut entry, (disk, &to), READ_ONLY)?;
        if hash != blob {
            let sentence = format!("the backup is damaged: the content {blob} is not what it was");
            return Err(not_a_backup(&sentence));
        }
        contents += 1;
        bytes += size;
    }
    Err(not_a_backup("the backup ends early"))
}

type Entries<'a> = tar::Entries<'a, fs_err::File>;

fn next<'a>(
    entries: &mut Entries<'a>,
    name: &str,
) -> Result<tar::Entry<'a, fs_err::File>, NotRestored> {
    let entry = entries.next().transpose().map_err(|error| broken(&error))?;
    entry
        .filter(|entry| entry.path_bytes() == name.as_bytes())
        .ok_or_else(|| not_a_backup(&format!("the backup has no {name} where it should")))
}

fn read_about(entries: &mut Entries<'_>) -> Result<About, NotRestored> {
    let not_ours = |_| not_a_backup("the file is not a backup of Keepsave");
    let mut entry = next(entries, ABOUT).map_err(not_ours)?;
    let about: About = read_json(&mut entry).map_err(not_ours)?;
    if about.format == FORMAT {
        return Ok(about);
    }
    Err(not_a_backup(&format!(
        "the backup has form {}, this Keepsave reads form {FORMAT}: use that of version {}",
        about.format, about.keepsave
    )))
}

fn read_json<T: DeserializeOwned>(entry: &mut impl Read) -> Result<T, NotRestored> {
    let mut text = Vec::new();
    entry
        .read_to_end(&mut text)
        .map_err(|error| broken(&error))?;
    serde_json::from_slice(&text).map_err(|error| broken(&error.into()))
}

/// `blobs/ab/abcd…`, and nothing else.
fn blob_of(path: &Path) -> Result<BlobHash, NotRestored> {
    let parts: Vec<_> = path.components().collect();
    let blob = match parts[..] {
        [
            Component::Normal(folder),
            Component::Normal(_),
            Component::Normal(name),
        ] if folder == BLOBS => name.to_str().and_then(|name| name.parse().ok()),
        _ => None,
    };
    let strange = || format!("the backup holds something strange, {}", path.display());
    blob.ok_or_else(|| not_a_backup(&strange()))
}

fn copy(
    from: &mut impl Read,
    (disk, to): (&dyn Disk, &Path),
    mode: u32,
) -> Result<(BlobHash, u64), NotRestored> {
    let mut file = disk.create(to, PRIVATE)?;
    disk.set_mode(&file, mode)?;
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; COPIED_AT_ONCE];
    let mut size = 0;
    loop {
        let count = from.read(&mut piece).map_err(|error| broken(&error))?;
        if count == 0 {
            break;
        }
        hasher.update(&piece[..count]);
        disk.write(&mut file, &piece[..count])?;
        size += count as u64;
    }
    disk.sync(&file)?;
    Ok((BlobHash(*hasher.finalize().as_bytes()), size))
}

/// What rows need and is not there.
fn missing(room: &Path) -> Result<Vec<BlobHash>, NotRestored> {
    let store = StoreCopy::open(&room.join(DATABASE))?;
    let mut missing = Vec::new();
    for first in 0..=u8::MAX {
        for (blob, _) in store.read(|tx| contents::beginning_with(tx, first))? {
            let file = room
                .join(BLOBS)
                .join(format!("{first:02x}"))
                .join(blob.to_string());
            if missing.last() != Some(&blob) && !file.exists() {
                missing.push(blob);
            }
        }
    }
    Ok(missing)
}

fn broken(error: &io::Error) -> NotRestored {
    not_a_backup(&format!("the backup ends early or is damaged: {error}"))
}

fn not_a_backup(sentence: &str) -> NotRestored {
    NotRestored::NotABackup(sentence.to_owned())
}
