//! Puts a file that came in into its place.
//!
//! What is there must be what the caller looked at, and it is in the journal before anything else
//! happens. Then the two files exchange their names in one step, and what came out is looked at: a
//! program may have saved in the last moment. If so it is put back. Where a file system cannot
//! exchange names, the file is looked at once more and replaced by a rename.

use std::fs::{FileTimes, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;
use std::time::{Duration, SystemTime};

use keepsave_core::content::BlobHash;
use keepsave_core::time::Time;

use super::disk::{is_unsupported, parent_of};
use super::folder;
use super::incoming::{Incoming, PlaceError, Problem, Verified};
use super::reading::{self, Whole};
use super::scratch;
use super::snapshot::{ReadError, Snapshot, Stamp};
use crate::journal::{About, Journal, JournalError, Kept, Staged};

/// What a file may be replaced for, and how.
pub struct Replacing<'a> {
    /// What the decision to replace it was made on: None when nothing was there.
    pub found: Option<&'a Snapshot>,
    /// Where what is there is kept.
    pub journal: &'a Journal,
    /// What the journal notes about it.
    pub about: &'a About,
    /// The time that the file gets.
    pub mtime: Option<Time>,
    /// Now.
    pub now: Time,
}

/// A file that is in its place, and would be after a power cut.
#[derive(Debug)]
pub struct Placed {
    /// What it replaced.
    pub kept: Option<Kept>,
    /// What is there now.
    pub snapshot: Snapshot,
}

impl Verified {
    /// What came.
    pub fn fingerprint(&self) -> &super::known::Fingerprint {
        &self.fingerprint
    }

    /// Puts the file into its place.
    pub fn commit(mut self, replacing: &Replacing<'_>) -> Result<Placed, PlaceError> {
        if self.incoming.form.is_folder() {
            return folder::commit(&self.incoming, replacing);
        }
        let replaced = self.incoming.prepare(replacing)?;
        if replaced.is_some() {
            self.incoming.mark()?;
        }
        self.incoming.put(replaced.as_ref(), replacing)?;
        self.placed(replaced)
    }

    /// What is in its place now.
    pub(super) fn placed(self, replaced: Option<Replaced>) -> Result<Placed, PlaceError> {
        let kept = replaced.map(|replaced| replaced.kept);
        let path = &self.incoming.path;
        // The new file is in its place; only the file system's word on it is missing.
        let after = |problem: Problem, kept: Option<Kept>| match kept {
            Some(kept) => problem.kept(path, kept),
            None => problem.untouched(path),
        };
        match self.incoming.scratch.file.metadata() {
            Ok(metadata) => Ok(Placed {
                kept,
                snapshot: Snapshot::new(
                    path,
                    self.incoming.target.clone(),
                    Stamp::of(&metadata),
                    self.fingerprint,
                ),
            }),
            Err(error) => Err(after(error.into(), kept)),
        }
    }
}

/// What is to be replaced, and is in the journal.
pub(super) struct Replaced {
    pub kept: Kept,
    /// Open for as long as it may come to stand under our name: whoever cleans up must not take it
    /// for something left behind.
    whole: Whole,
}

impl Incoming {
    fn untouched(&self, problem: impl Into<Problem>) -> PlaceError {
        problem.into().untouched(&self.path)
    }

    /// Gives the file the looks of the one it replaces, and makes its bytes durable.
    fn finish(&self, old: Option<&Metadata>, mtime: Option<Time>) -> Result<(), PlaceError> {
        let file = &self.scratch.file;
        let dress = || -> io::Result<()> {
            if let Some(old) = old {
                let new = file.metadata()?;
                if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
                    tolerate(fchown(file, Some(old.uid()), Some(old.gid())))?;
                }
                let mode = Permissions::from_mode(old.mode() & 0o777);
                tolerate(file.set_permissions(mode))?;
            }
            if let Some(mtime) = mtime {
                let times = FileTimes::new().set_modified(system_time(mtime));
                tolerate(file.set_times(times))?;
            }
            self.disk.sync(file)
        };
        dress().map_err(|error| self.untouched(error))
    }

    fn place_new(&mut self) -> Result<(), PlaceError> {
        let renamed = match self.disk.rename_new(self.scratch.path(), &self.target) {
            Err(error) if is_unsupported(&error) => match self.target.symlink_metadata() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.disk.rename(self.scratch.path(), &self.target)
                }
                _ => Err(io::ErrorKind::AlreadyExists.into()),
            },
            result => result,
        };
        match renamed {
            Ok(()) => self.scratch.stay(),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(self.untouched(Problem::Changed));
            }
            Err(error) => return Err(self.untouched(error)),
        }
        self.sync_directory().map_err(|error| self.untouched(error))
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.disk.sync_directory(parent_of(&self.target))
    }

    /// Has what is there in the journal, and what came ready to take its place.
    pub(super) fn prepare(
        &self,
        replacing: &Replacing<'_>,
    ) -> Result<Option<Replaced>, PlaceError> {
        let Some(found) = replacing.found else {
            self.finish(None, replacing.mtime)?;
            return Ok(None);
        };
        let staged = self.stage(found, replacing.journal)?;
        scratch::protect(&staged.whole.file);
        let old = staged.whole.file.metadata();
        let old = old.map_err(|error| self.untouched(error))?;
        self.finish(Some(&old), replacing.mtime)?;
        let (kept, whole) = replacing
            .journal
            .enter(staged, &self.path, replacing.about, replacing.now)
            .map_err(|error| self.untouched(Problem::Journal(error)))?;
        Ok(Some(Replaced { kept, whole }))
    }

    /// Says by its name that another file may come to stand under that.
    pub(super) fn mark(&mut self) -> Result<(), PlaceError> {
        let marked = self.scratch.mark_swapped();
        marked.map_err(|error| self.untouched(error))
    }

    /// Takes its place, once it is prepared and marked.
    pub(super) fn put(
        &mut self,
        replaced: Option<&Replaced>,
        replacing: &Replacing<'_>,
    ) -> Result<(), PlaceError> {
        match replaced {
            Some(replaced) => self.swap(&replaced.whole.stamp, &replaced.kept, replacing),
            None => self.place_new(),
        }
    }

    /// Copies what is there, if it is what was found.
    fn stage(&self, found: &Snapshot, journal: &Journal) -> Result<Staged, PlaceError> {
        if found.real != self.target {
            return Err(self.untouched(Problem::Changed));
        }
        let staged = match journal.stage(&self.target) {
            Ok(staged) => staged,
            Err(JournalError::Read(ReadError::Unreadable { source, .. }))
                if source.kind() == io::ErrorKind::NotFound =>
            {
                return Err(self.untouched(Problem::Changed));
            }
            Err(JournalError::Read(error)) => return Err(self.untouched(Problem::Target(error))),
            Err(error) => return Err(self.untouched(Problem::Journal(error))),
        };
        if staged.whole.content.blob == found.file_blob() {
            Ok(staged)
        } else {
            Err(self.untouched(Problem::Changed))
        }
    }

    /// Puts the new file in and looks at what came out.
    fn swap(
        &mut self,
        old: &Stamp,
        kept: &Kept,
        replacing: &Replacing<'_>,
    ) -> Result<(), PlaceError> {
        let failed = |path: &Path, problem: Problem| problem.kept(path, kept.clone());
        match self.disk.exchange(self.scratch.path(), &self.target) {
            Ok(()) => {
                let came_out = self.came_out(&kept.content.blob);
                let synced = self.sync_directory();
                // It may be that a program that had it open wrote to it until now.
                if came_out.is_none() || lies_at(self.scratch.path()) != came_out {
                    return Err(self.put_back(kept, replacing));
                }
                synced.map_err(|error| failed(&self.path, error.into()))
            }
            Err(error) if is_unsupported(&error) => {
                if lies_at(&self.target) != Some(*old) {
                    return Err(failed(&self.path, Problem::Changed));
                }
                let renamed = self.disk.rename(self.scratch.path(), &self.target);
                renamed.map_err(|error| failed(&self.path, error.into()))?;
                self.scratch.stay();
                let synced = self.sync_directory();
                synced.map_err(|error| failed(&self.path, error.into()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(failed(&self.path, Problem::Changed))
            }
            Err(error) => Err(failed(&self.path, error.into())),
        }
    }

    /// The stamp of what came out of the target, if it is the file that was journalled.
    fn came_out(&self, blob: &BlobHash) -> Option<Stamp> {
        let path = self.scratch.path();
        let is_file = path.symlink_metadata().ok()?.is_file();
        let whole = is_file.then(|| reading::read_whole(path, &mut ()))?.ok()?;
        (whole.content.blob == *blob).then_some(whole.stamp)
    }

    /// What came out is newer than what was journalled: it goes back to its place, and into the
    /// journal, too, for until it is back there it has no name of its own.
    fn put_back(&mut self, kept: &Kept, replacing: &Replacing<'_>) -> PlaceError {
        // From here on nothing is removed unless it is ours, or in the journal.
        self.scratch.stay();
        let journal = replacing.journal;
        let newer = journal
            .stage(self.scratch.path())
            .and_then(|staged| journal.enter(staged, &self.path, replacing.about, replacing.now));
        let newer = newer.ok().map(|(newer, _)| newer);
        let back = match self.disk.exchange(self.scratch.path(), &self.target) {
            Ok(()) if !self.is_ours(self.scratch.path()) => {
                // Someone saved yet again, and that is the newest.
                self.disk.exchange(self.scratch.path(), &self.target)
            }
            // Someone removed what we had put there.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.disk.rename_new(self.scratch.path(), &self.target)
            }
            result => result,
        };
        let in_journal = |newer: &Kept| self.came_out(&newer.content.blob).is_some();
        if self.is_ours(self.scratch.path()) || newer.as_ref().is_some_and(in_journal) {
            // If not now, then when the next run cleans up.
            let _later = self.disk.remove(self.scratch.path());
        }
        let kept = newer.unwrap_or_else(|| kept.clone());
        match back.and_then(|()| self.sync_directory()) {
            Ok(()) => Problem::Changed.kept(&self.path, kept),
            Err(error) => Problem::from(error).kept(&self.path, kept),
        }
    }

    fn is_ours(&self, path: &Path) -> bool {
        let ours = self.scratch.file.metadata().ok();
        let same =
            |ours: &Stamp, there: &Stamp| (ours.inode, ours.device) == (there.inode, there.device);
        matches!((ours.as_ref().map(Stamp::of), lies_at(path)),
            (Some(ours), Some(there)) if same(&ours, &there))
    }
}

/// The stamp of what has this name, a link itself and not what it leads to.
fn lies_at(path: &Path) -> Option<Stamp> {
    path.symlink_metadata().ok().as_ref().map(Stamp::of)
}

/// Looks are worth no failure: not every file system has owners, modes and times, and not everyone
/// may set them.
pub(super) fn tolerate(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) if is_unsupported(&error) => Ok(()),
        result => result,
    }
}

pub(super) fn system_time(time: Time) -> SystemTime {
    let since = Duration::from_micros(time.micros().unsigned_abs());
    let shifted = if time >= Time::EPOCH {
        SystemTime::UNIX_EPOCH.checked_add(since)
    } else {
        SystemTime::UNIX_EPOCH.checked_sub(since)
    };
    shifted.unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
