//! What is done to a disk, step by step: the seam at which a step can be made to fail, a process to
//! die, or the power to go.
//!
//! Only what changes something goes through it; looking is done directly. Nothing here knows what
//! a file is for.

use std::fs::{File, Permissions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

/// The steps. The defaults do them on the machine's own disk.
pub trait Disk: Send + Sync {
    /// Makes a file that was not there, for reading and writing.
    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        let mut options = File::options();
        options.read(true).write(true).create_new(true).mode(mode);
        options.open(path)
    }

    /// Writes all of a piece.
    fn write(&self, file: &mut File, piece: &[u8]) -> io::Result<()> {
        file.write_all(piece)
    }

    /// Says who may read and write a file.
    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        file.set_permissions(Permissions::from_mode(mode))
    }

    /// Returns when a file's bytes would survive a power cut.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    /// Returns when a directory's names would survive a power cut, where its file system can say so.
    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        match File::open(directory)?.sync_all() {
            Err(error) if is_unsupported(&error) => Ok(()),
            result => result,
        }
    }

    /// Makes a directory and those above it that are missing; what was there stays as it was.
    fn create_directory(&self, directory: &Path, mode: u32) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(mode).create(directory)
    }

    /// Gives a file a second name, if nothing has it.
    fn link(&self, file: &Path, name: &Path) -> io::Result<()> {
        std::fs::hard_link(file, name)
    }

    /// Gives a file another name. What had that name is gone.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    /// Gives a file another name, if nothing has it.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        Ok(rustix::fs::renameat_with(
            CWD,
            from,
            CWD,
            to,
            RenameFlags::NOREPLACE,
        )?)
    }

    /// Lets two files exchange their names in one step.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        Ok(rustix::fs::renameat_with(
            CWD,
            one,
            CWD,
            other,
            RenameFlags::EXCHANGE,
        )?)
    }

    /// Removes a directory with all that is in it.
    fn remove_all(&self, directory: &Path) -> io::Result<()> {
        std::fs::remove_dir_all(directory)
    }

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    /// A database on this disk is about to commit. What it does to its own files passes by here, and
    /// is its own affair; that it commits is a step like any other.
    fn commit(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes a directory and those above it that are missing, so that they would survive a power cut.
pub fn make_directory(disk: &dyn Disk, directory: &Path, mode: u32) -> io::Result<()> {
    let missing: Vec<&Path> = directory
        .ancestors()
        .take_while(|at| !at.as_os_str().is_empty() && !at.exists())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    disk.create_directory(directory, mode)?;
    for made in missing {
        disk.sync_directory(parent_of(made))?;
    }
    Ok(())
}

/// The machine's own disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {}

/// Whether the file system does not know how to do what it was asked.
pub fn is_unsupported(error: &io::Error) -> bool {
    [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Hexadecimal digits that most likely nothing has in its name.
pub fn random_digits() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// The directory that a file is in.
pub fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}
