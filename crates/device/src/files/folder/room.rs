//! A directory of our own, beside the folders that it is for: what comes in is unpacked there, and
//! what it replaces comes to stand there.
//!
//! `new/` holds the folders that are to take their places, `old/` those that left theirs without
//! another taking it; where two exchanged their names the old one is in `new/`. Which of them are new
//! says `plan`, by what they hold: neither names nor times nor numbers of files tell that on every
//! file system. The room is locked while its process lives, as scratch files are.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::content::BlobHash;
use keepsave_core::limits;
use serde::{Deserialize, Serialize};

use super::super::disk::Disk;
use super::super::reading;
use super::super::scratch::{self, Claim, Mark};
use super::Tree;

const PRIVATE: u32 = 0o700;
const PLAN_MODE: u32 = 0o600;

/// What is to take which place.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Plan {
    /// What the folders hold that are to take their places, by name.
    pub new: BTreeMap<String, BlobHash>,
    /// Those whose places are to be free.
    pub gone: BTreeSet<String>,
}

/// The directory.
pub(super) struct Room {
    disk: Arc<dyn Disk>,
    pub path: PathBuf,
    _lock: File,
    stays: bool,
}

impl Room {
    /// Makes one in `container`, for what is called `name`.
    pub fn create(disk: &Arc<dyn Disk>, container: &Path, name: &OsStr) -> io::Result<Self> {
        for _ in 0..scratch::TRIES {
            let path = container.join(scratch::scratch_name(name));
            if path.symlink_metadata().is_ok() {
                continue;
            }
            disk.create_directory(&path, PRIVATE)?;
            let lock = File::open(&path)?;
            if !scratch::claim(&lock, &path) {
                continue;
            }
            let room = Self {
                disk: Arc::clone(disk),
                path,
                _lock: lock,
                stays: false,
            };
            for part in [room.coming(), room.going()] {
                disk.create_directory(&part, PRIVATE)?;
            }
            return Ok(room);
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    pub fn coming(&self) -> PathBuf {
        self.path.join("new")
    }

    pub fn going(&self) -> PathBuf {
        self.path.join("old")
    }

    /// Writes down what is to take which place, and says by its name that it may have begun.
    pub fn begin(&mut self, plan: &Plan) -> io::Result<()> {
        let mut file = self.disk.create(&self.plan(), PLAN_MODE)?;
        self.disk.write(&mut file, &serde_json::to_vec(plan)?)?;
        self.disk.sync(&file)?;
        self.disk.sync_directory(&self.path)?;
        let mut begun = self.path.clone().into_os_string();
        begun.push(OsStr::from_bytes(scratch::SWAPPED));
        self.disk.rename(&self.path, begun.as_ref())?;
        self.path = begun.into();
        Ok(())
    }

    /// What was written down.
    pub fn read_plan(&self) -> io::Result<Plan> {
        let (file, _) = reading::open(&self.plan()).map_err(io::Error::other)?;
        let mut text = Vec::new();
        io::Read::read_to_end(
            &mut io::Read::take(file, limits::FRONTEND_FILE_BYTES),
            &mut text,
        )?;
        Ok(serde_json::from_slice(&text)?)
    }

    fn plan(&self) -> PathBuf {
        self.path.join("plan")
    }

    /// What stands in it is not removed: it may be the only copy.
    pub fn stay(&mut self) {
        self.stays = true;
    }

    /// What stands in it is safe elsewhere.
    pub fn remove(mut self) -> io::Result<()> {
        self.stays = true;
        self.disk.remove_all(&self.path)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if !self.stays {
            // What cannot be removed now is found later, by its name.
            let _later = self.disk.remove_all(&self.path);
        }
    }
}

/// What a folder holds: two that hold the same are the same.
pub(super) fn held_in(folder: &Path) -> Option<BlobHash> {
    let mut look = || Tree::of(&[folder.to_owned()], folder);
    let read = super::steady(folder, &mut look, &mut ());
    read.ok()?.map(|(_, digest, _)| digest.blob)
}

/// A room that a process left behind when it died.
pub(super) struct LeftBehind {
    pub room: Room,
    /// What it was made for.
    pub name: std::ffi::OsString,
    /// Whether folders may have changed their places.
    pub has_begun: bool,
}

/// Finds the rooms that were left behind in `container`. That of a living process is not.
pub(super) fn left_behind(disk: &Arc<dyn Disk>, container: &Path) -> io::Result<Vec<LeftBehind>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(container)? {
        let entry = entry?;
        let file_name = entry.file_name();
        let Some((name, mark)) = scratch::taken_apart(&file_name) else {
            continue;
        };
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let path = entry.path();
        let Ok(lock) = File::open(&path) else {
            continue;
        };
        if scratch::lock(&lock) != Claim::Ours || !scratch::is_still(&lock, &path) {
            continue;
        }
        found.push(LeftBehind {
            room: Room {
                disk: Arc::clone(disk),
                path,
                _lock: lock,
                stays: true,
            },
            name: name.to_owned(),
            has_begun: mark == Mark::Swapped,
        });
    }
    Ok(found)
}
