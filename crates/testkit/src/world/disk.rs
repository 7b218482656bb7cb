//! The disk of a machine: a directory in memory that is changed step by step, each of which may be
//! the last one of the process that takes it, or fail, or be forgotten when the power goes off.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use keepsave_core::time::Clock as _;
use keepsave_device::files::disk::{Disk, RealDisk};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::clock::MachineClock;
use super::death::Life;
use super::power::Unflushed;
use super::seed::Dice;
use super::trace::Trace;

/// A disk. Looking at it is done directly.
pub struct MachineDisk {
    machine: String,
    clock: Arc<MachineClock>,
    life: Arc<Life>,
    trace: Trace,
    unflushed: Mutex<Unflushed>,
    mood: Mutex<(Mood, Dice)>,
    failed: AtomicU64,
}

/// How a disk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mood {
    /// It does what it is told.
    #[default]
    Sound,
    /// There is no room on it for anything new.
    Full,
    /// Nothing on it can be changed.
    ReadOnly,
    /// So many of a thousand steps fail.
    Failing(u64),
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
            unflushed: Mutex::default(),
            mood: Mutex::new((Mood::Sound, Dice::of(0))),
            failed: AtomicU64::new(0),
        }
    }

    /// Writes a file where it stands, as many emulators and clients do: emptied first, then filled.
    /// Directories that are missing are made. Nothing is flushed.
    pub fn write_in_place(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Some(directory) = path.parent()
            && !directory.is_dir()
        {
            self.create_directory(directory, 0o755)?;
        }
        self.step("empties", path)?;
        let empty = || File::create(path);
        let mut file = if path.exists() {
            self.unflushed().bytes(path);
            empty()?
        } else {
            let file = self.unflushed().names(&[path], empty)?;
            self.unflushed().bytes(path);
            file
        };
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

    /// From now on it is like this, as these dice say.
    pub(super) fn becomes(&self, mood: Mood, dice: Dice) {
        *unpoisoned(&self.mood) = (mood, dice);
    }

    /// So much time passes that the system flushes everything by itself.
    pub(super) fn settles(&self) {
        *self.unflushed() = Unflushed::default();
    }

    /// Whether a power cut could change what stands at a path.
    pub(super) fn is_unflushed(&self, path: &Path) -> bool {
        self.unflushed().is_about(path)
    }

    /// The power goes off, and comes back.
    pub(super) fn loses_power(&self, dice: &Dice) {
        self.unflushed().cut(dice);
    }

    /// How many steps failed.
    pub(super) fn failed_steps(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// The file was written now, by the machine's clock.
    fn stamp(&self, file: &File) -> io::Result<()> {
        let micros = self.clock.now().micros();
        let since = Duration::from_micros(micros.unsigned_abs());
        let at = if micros < 0 {
            SystemTime::UNIX_EPOCH - since
        } else {
            SystemTime::UNIX_EPOCH + since
        };
        file.set_modified(at)
    }

    fn step(&self, step: &str, path: &Path) -> io::Result<()> {
        if self.life.is_over() {
            return Err(io::Error::other("the process is dead"));
        }
        self.life.step();
        self.trace.step(&self.machine, step, path);
        let mood = unpoisoned(&self.mood);
        let is_more = step.starts_with("creates") || step == "writes";
        let error = match mood.0 {
            Mood::Full if is_more => Errno::NOSPC,
            Mood::ReadOnly => Errno::ROFS,
            Mood::Failing(rate) if mood.1.happens(rate) => Errno::IO,
            _ => return Ok(()),
        };
        self.failed.fetch_add(1, Ordering::Relaxed);
        Err(error.into())
    }

    fn unflushed(&self) -> MutexGuard<'_, Unflushed> {
        unpoisoned(&self.unflushed)
    }
}

impl Disk for MachineDisk {
    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.step("creates", path)?;
        let create = || RealDisk.create(path, mode);
        let file = self.unflushed().names(&[path], create)?;
        self.stamp(&file)?;
        Ok(file)
    }

    fn write(&self, file: &mut File, piece: &[u8]) -> io::Result<()> {
        let path = path_of(file);
        if let Err(error) = self.step("writes", &path) {
            // Some of it may have got there.
            if !self.life.is_over() {
                RealDisk.write(file, &piece[..piece.len() / 2])?;
            }
            return Err(error);
        }
        self.unflushed().bytes(&path);
        RealDisk.write(file, piece)?;
        self.stamp(file)
    }

    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        self.step("sets the mode of", &path_of(file))?;
        RealDisk.set_mode(file, mode)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        let path = path_of(file);
        self.step("syncs", &path)?;
        self.unflushed().flushed(&path);
        Ok(())
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        self.step("syncs directory", directory)?;
        self.unflushed().directory_flushed(directory);
        Ok(())
    }

    fn create_directory(&self, directory: &Path, mode: u32) -> io::Result<()> {
        self.step("creates directory", directory)?;
        let missing = directory.ancestors().take_while(|at| !at.exists());
        let mut missing: Vec<&Path> = missing.collect();
        missing.reverse();
        for made in missing {
            let create = || RealDisk.create_directory(made, mode);
            self.unflushed().names(&[made], create)?;
        }
        Ok(())
    }

    fn link(&self, file: &Path, name: &Path) -> io::Result<()> {
        self.step("links", name)?;
        self.unflushed()
            .names(&[name], || RealDisk.link(file, name))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("renames", to)?;
        self.unflushed()
            .names(&[from, to], || RealDisk.rename(from, to))
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("renames anew", to)?;
        self.unflushed()
            .names(&[from, to], || RealDisk.rename_new(from, to))
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.step("exchanges", other)?;
        self.unflushed()
            .names(&[one, other], || RealDisk.exchange(one, other))
    }

    fn remove_all(&self, directory: &Path) -> io::Result<()> {
        self.step("removes all", directory)?;
        self.unflushed()
            .names(&[directory], || RealDisk.remove_all(directory))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step("removes", path)?;
        self.unflushed().names(&[path], || RealDisk.remove(path))
    }

    fn commit(&self) -> io::Result<()> {
        self.step("commits to", Path::new("the state"))
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

/// Death unwinds while it is held, and leaves nothing half done.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
