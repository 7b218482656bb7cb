//! Files that are being written and have no name of their own yet.
//!
//! They stand beside what they are to become, so that they get there by a rename. Each is locked
//! for as long as the process lives that writes it: one that is not locked was left behind by a
//! process that died, and only those are ever cleaned away.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::limits;
use rustix::fs::{FlockOperation, OFlags, flock};

use super::disk::{Disk, random_digits};
use super::snapshot::Stamp;

const MARK: &[u8] = b".keepsave-";
/// Ends the name of what was swapped out of its place and is yet to be looked at.
pub(super) const SWAPPED: &[u8] = b".out";
/// Ends the name of a plan: which files take which places together.
const PLAN: &[u8] = b".set";
const RANDOM_DIGITS: usize = 12;
/// Whether a name is free is up to chance, so a few are tried.
pub(super) const TRIES: usize = 16;

/// What a scratch file may be by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Something of ours that is still coming in.
    Coming,
    /// Perhaps something that was swapped out of its place, and not ours.
    Swapped,
    /// A plan.
    Plan,
}

/// A file that is removed again unless it gets a name.
pub(crate) struct Scratch {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    pub file: File,
    stays: bool,
}

impl Scratch {
    /// Makes one in `directory`, to become `name`.
    pub fn create(
        disk: &Arc<dyn Disk>,
        directory: &Path,
        name: &OsStr,
        mode: u32,
    ) -> io::Result<Self> {
        let mut last = None;
        for _ in 0..TRIES {
            let path = directory.join(scratch_name(name));
            match disk.create(&path, mode) {
                Ok(file) if claim(&file, &path) => {
                    return Ok(Self {
                        disk: Arc::clone(disk),
                        path,
                        file,
                        stays: false,
                    });
                }
                Ok(_cleaned_away) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(last.unwrap_or_else(|| io::ErrorKind::AlreadyExists.into()))
    }

    /// Where it is now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Marks its name as one under which another file may come to stand.
    pub fn mark_swapped(&mut self) -> io::Result<()> {
        self.mark(SWAPPED)
    }

    /// Marks its name as that of a plan.
    pub fn mark_plan(&mut self) -> io::Result<()> {
        self.mark(PLAN)
    }

    fn mark(&mut self, mark: &[u8]) -> io::Result<()> {
        let mut marked = self.path.clone().into_os_string();
        marked.push(OsStr::from_bytes(mark));
        self.disk.rename(&self.path, marked.as_ref())?;
        self.path = marked.into();
        Ok(())
    }

    /// What stands under its name now is not removed: it got another name, or is not ours.
    pub fn stay(&mut self) {
        self.stays = true;
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.stays {
            // What cannot be removed now is found later, by its name.
            let _later = self.disk.remove(&self.path);
        }
    }
}

pub(super) fn scratch_name(name: &OsStr) -> OsString {
    let random = random_digits();
    let room = limits::PATH_COMPONENT_BYTES - 1 - MARK.len() - RANDOM_DIGITS - SWAPPED.len();
    let mut scratch = b".".to_vec();
    scratch.extend_from_slice(beginning(name, room));
    scratch.extend_from_slice(MARK);
    scratch.extend_from_slice(&random.as_bytes()[..RANDOM_DIGITS]);
    OsString::from_vec(scratch)
}

/// As much of a name as there is room for, up to the end of a character.
fn beginning(name: &OsStr, room: usize) -> &[u8] {
    let bytes = name.as_bytes();
    let mut end = bytes.len().min(room);
    while end < bytes.len() && end > 0 && bytes[end] & 0xC0 == 0x80 {
        end -= 1;
    }
    &bytes[..end]
}

/// Whether a name is one that only we give.
pub(crate) fn is_scratch(name: &OsStr) -> bool {
    taken_apart(name).is_some()
}

/// What a scratch file is to become (or the beginning of that name), and what it may be.
pub(super) fn taken_apart(name: &OsStr) -> Option<(&OsStr, Mark)> {
    let bytes = name.as_bytes().strip_prefix(b".")?;
    let marked = [(SWAPPED, Mark::Swapped), (PLAN, Mark::Plan)]
        .into_iter()
        .find_map(|(end, mark)| Some((bytes.strip_suffix(end)?, mark)));
    let (bytes, mark) = marked.unwrap_or((bytes, Mark::Coming));
    let (bytes, random) = bytes.split_at_checked(bytes.len().checked_sub(RANDOM_DIGITS)?)?;
    let hexadecimal = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let name = bytes.strip_suffix(MARK)?;
    random
        .iter()
        .all(hexadecimal)
        .then_some((OsStr::from_bytes(name), mark))
}

/// Locks a file that was just made. False when someone cleaned it away before it was locked.
pub(super) fn claim(file: &File, path: &Path) -> bool {
    lock(file) != Claim::Others && is_still(file, path)
}

pub(super) fn is_still(file: &File, path: &Path) -> bool {
    let stamp = |metadata| Stamp::of(&metadata);
    let named = path.symlink_metadata().map(stamp);
    let opened = file.metadata().map(stamp);
    matches!((named, opened), (Ok(named), Ok(opened))
        if (named.inode, named.device) == (opened.inode, opened.device))
}

#[derive(PartialEq, Eq)]
pub(super) enum Claim {
    Ours,
    Others,
    /// The file system knows no locks.
    Unknown,
}

pub(super) fn lock(file: &File) -> Claim {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Claim::Ours,
        Err(rustix::io::Errno::WOULDBLOCK) => Claim::Others,
        Err(_) => Claim::Unknown,
    }
}

/// Keeps others from cleaning a file away for as long as the handle lives.
pub(crate) fn protect(file: &File) {
    let _as_far_as_the_file_system_knows_locks = lock(file);
}

/// A file that a process left behind when it died.
pub(crate) struct Abandoned {
    pub path: PathBuf,
    /// The name of what it was to become, or the beginning of it.
    pub name: OsString,
    /// What it may be.
    pub mark: Mark,
    /// Locked: whoever else cleans leaves it alone.
    _claimed: File,
}

/// Finds what was left behind in `directory`. What a living process writes is not.
pub(crate) fn abandoned(directory: &Path) -> io::Result<Vec<Abandoned>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let file_name = entry.file_name();
        let Some((name, mark)) = taken_apart(&file_name) else {
            continue;
        };
        let path = entry.path();
        let Some(claimed) = claim_abandoned(&path) else {
            continue;
        };
        found.push(Abandoned {
            path,
            name: name.to_owned(),
            mark,
            _claimed: claimed,
        });
    }
    Ok(found)
}

fn claim_abandoned(path: &Path) -> Option<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
    let opened = File::options().read(true).custom_flags(flags).open(path);
    let file = opened.ok()?;
    let ours = file.metadata().ok()?.is_file() && lock(&file) == Claim::Ours;
    (ours && is_still(&file, path)).then_some(file)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::disk::RealDisk;
    use super::*;

    fn disk() -> Arc<dyn Disk> {
        Arc::new(RealDisk)
    }

    #[test]
    fn a_scratch_file_goes_with_its_owner() {
        let room = tempfile::tempdir().unwrap();
        let scratch = Scratch::create(&disk(), room.path(), "a.srm".as_ref(), 0o600).unwrap();
        let path = scratch.path().to_owned();
        assert!(is_scratch(path.file_name().unwrap()));
        assert!(path.exists());
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_living_process_writes_is_not_abandoned() {
        let room = tempfile::tempdir().unwrap();
        let scratch = Scratch::create(&disk(), room.path(), "a.srm".as_ref(), 0o600).unwrap();
        assert!(abandoned(room.path()).unwrap().is_empty());
        let mut scratch = scratch;
        scratch.stay();
        drop(scratch);
        let found = abandoned(room.path()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "a.srm");
        assert_eq!(found[0].mark, Mark::Coming);
        assert!(
            abandoned(room.path()).unwrap().is_empty(),
            "two who clean do not meet"
        );
    }

    #[test]
    fn only_names_that_we_give_are_ours() {
        for name in [
            "a.srm",
            ".a.srm.keepsave-",
            ".a.srm.keepsave-0123456789a",
            ".a.srm.keepsave-0123456789aB",
            ".a.srm.keepsave-0123456789ab.tmp",
            "a.srm.keepsave-0123456789ab",
            "keepsave-0123456789ab",
            ".out",
        ] {
            assert!(!is_scratch(name.as_ref()), "{name}");
        }
        for (end, mark) in [("out", Mark::Swapped), ("set", Mark::Plan)] {
            let name = format!(".a.srm.keepsave-0123456789ab.{end}");
            assert_eq!(taken_apart(name.as_ref()), Some(("a.srm".as_ref(), mark)));
        }
    }

    #[test]
    fn a_link_or_a_directory_with_such_a_name_is_left_alone() {
        let room = tempfile::tempdir().unwrap();
        let outside = tempfile::NamedTempFile::new().unwrap();
        let link = room.path().join(".a.keepsave-0123456789ab");
        std::os::unix::fs::symlink(outside.path(), link).unwrap();
        std::fs::create_dir(room.path().join(".b.keepsave-0123456789ab")).unwrap();
        assert!(abandoned(room.path()).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn every_name_has_a_scratch_name_that_fits_and_is_known_again(name in "[^/\0]{1,255}") {
            let scratch = scratch_name(name.as_ref());
            prop_assert!(scratch.len() + SWAPPED.len() <= limits::PATH_COMPONENT_BYTES);
            prop_assert!(scratch.to_str().is_some(), "whole characters");
            let (beginning, mark) = taken_apart(&scratch).unwrap();
            prop_assert!(name.as_bytes().starts_with(beginning.as_bytes()));
            prop_assert_eq!(mark, Mark::Coming);
        }
    }
}
