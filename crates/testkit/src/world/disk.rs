//! The disk of a machine: a directory in memory that is changed step by step, each of which may be
//! the last one of the process that takes it.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::time::Clock as _;
use keepsave_device::files::disk::{Disk, RealDisk};

use super::clock::MachineClock;
use super::death::Life;
use super::trace::Trace;

/// A disk. Looking at it is done directly.
pub struct MachineDisk {
    machine: String,
    clock: Arc<MachineClock>,
    life: Arc<Life>,
    trace: Trace,
}

impl MachineDisk {
    pub(super) fn new(
        machine: &str,
        clock: Arc<MachineClock>,
        (life, trace): (Arc<Life>, Trace),
    ) -> Self {
        Self {
            machine: machine.to_owned(),
            clock,
            life,
            trace,
        }
    }

    /// Writes a file where it stands, as many emulators and clients do: emptied first, then filled.
    /// Directories that are missing are made. Nothing is flushed.
    pub fn write_in_place(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step("empties", path)?;
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        let mut file = File::create(path)?;
        self.step("fills", path)?;
        file.write_all(bytes)?;
        self.stamp(&file)
    }

    /// Writes a file beside its place and gives it its name then, as more careful ones do. Nothing
    /// is flushed.
    pub fn write_beside(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".tmp");
        let beside = PathBuf::from(beside);
        self.write_in_place(&beside, bytes)?;
        self.rename(&beside, path)
    }

    /// The file was written now, by the machine's clock.
    fn stamp(&self, file: &File) -> io::Result<()> {
        let micros = self.clock.now().micros();
        let since = std::time::Duration::from_micros(micros.unsigned_abs());
        let epoch = std::time::SystemTime::UNIX_EPOCH;
        let at = if micros < 0 {
            epoch - since
        } else {
            epoch + since
        };
        file.set_modified(at)
    }

    fn step(&self, step: &str, path: &Path) -> io::Result<()> {
        if self.life.is_over() {
            return Err(io::Error::other("the process is dead"));
        }
        self.life.step();
        self.trace.step(&self.machine, step, path);
        Ok(())
    }
}

impl Disk for MachineDisk {
    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.step("creates", path)?;
        RealDisk.create(path, mode)
    }

    fn write(&self, file: &mut File, piece: &[u8]) -> io::Result<()> {
        self.step("writes", &path_of(file))?;
        RealDisk.write(file, piece)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.step("syncs", &path_of(file))
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        self.step("syncs directory", directory)
    }

    fn create_directory(&self, directory: &Path, mode: u32) -> io::Result<()> {
        self.step("creates directory", directory)?;
        RealDisk.create_directory(directory, mode)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("renames", to)?;
        RealDisk.rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("renames anew", to)?;
        RealDisk.rename_new(from, to)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.step("exchanges", other)?;
        RealDisk.exchange(one, other)
    }

    fn remove_all(&self, directory: &Path) -> io::Result<()> {
        self.step("removes all", directory)?;
        RealDisk.remove_all(directory)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step("removes", path)?;
        RealDisk.remove(path)
    }
}

/// A directory of the World: in memory where there is such a place, for there are many of them.
pub(super) fn room() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

fn path_of(file: &File) -> PathBuf {
    let link = format!("/proc/self/fd/{}", file.as_raw_fd());
    std::fs::read_link(link).unwrap_or_default()
}
