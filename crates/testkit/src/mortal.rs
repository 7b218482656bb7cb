//! A disk whose process dies at a chosen step: neither that step nor any after it takes place. Then
//! one may look at what is left, with the power on or cut.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use keepsave_disk::{Disk, RealDisk};

use crate::durability::Durability;

/// The disk.
#[derive(Debug)]
pub struct MortalDisk {
    life: Mutex<Life>,
}

#[derive(Debug)]
struct Life {
    durability: Durability,
    steps: Vec<String>,
    dies_at: usize,
}

impl MortalDisk {
    /// A disk below this directory, whose process dies at the step of that number.
    pub fn dying_at(root: &Path, step: usize) -> Self {
        Self {
            life: Mutex::new(Life {
                durability: Durability::of(root),
                steps: Vec::new(),
                dies_at: step,
            }),
        }
    }

    /// One whose process does not die.
    pub fn sound(root: &Path) -> Self {
        Self::dying_at(root, usize::MAX)
    }

    /// The steps that were taken, the last of which may not have taken place.
    pub fn steps(&self) -> Vec<String> {
        self.life().steps.clone()
    }

    /// Whether the process died.
    pub fn died(&self) -> bool {
        self.life().is_over()
    }

    /// Looks at what would be left.
    pub fn left<T>(&self, look: impl FnOnce(&Durability) -> T) -> T {
        look(&self.life().durability)
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a step, of which the one who knows what is durable is told before or after.
    fn take<T>(
        &self,
        (step, path): (&str, &Path),
        before: impl FnOnce(&mut Durability),
        act: impl FnOnce() -> io::Result<T>,
        after: impl FnOnce(&mut Durability),
    ) -> io::Result<T> {
        let mut life = self.life();
        life.step(step, path)?;
        before(&mut life.durability);
        let done = act()?;
        after(&mut life.durability);
        Ok(done)
    }
}

impl Life {
    fn is_over(&self) -> bool {
        self.steps.len() > self.dies_at
    }

    fn step(&mut self, step: &str, path: &Path) -> io::Result<()> {
        if !self.is_over() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            self.steps.push(format!("{step} {name}"));
        }
        if self.is_over() {
            return Err(io::Error::other("the process is dead"));
        }
        Ok(())
    }
}

fn nothing(_: &mut Durability) {}

impl Disk for MortalDisk {
    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        let act = || RealDisk.create(path, mode);
        self.take(("create", path), nothing, act, |it| it.created(path))
    }

    /// The last one gets half-way.
    fn write(&self, file: &mut File, piece: &[u8]) -> io::Result<()> {
        let path = path_of(file);
        let mut life = self.life();
        let was_over = life.is_over();
        let taken = life.step("write", &path);
        life.durability.writes(&path);
        match taken {
            Ok(()) => RealDisk.write(file, piece),
            Err(_) if was_over => taken,
            Err(_) => RealDisk.write(file, &piece[..piece.len() / 2]).and(taken),
        }
    }

    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        let act = || RealDisk.set_mode(file, mode);
        self.take(("set mode", &path_of(file)), nothing, act, nothing)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        let path = path_of(file);
        self.take(("sync", &path), nothing, || Ok(()), |it| it.synced(&path))
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let step = ("sync directory", directory);
        let act = || File::open(directory).map(drop);
        self.take(step, nothing, act, |it| it.synced_directory(directory))
    }

    fn create_directory(&self, directory: &Path, mode: u32) -> io::Result<()> {
        let act = || RealDisk.create_directory(directory, mode);
        let step = ("create directory", directory);
        self.take(step, nothing, act, |it| it.made_directory(directory))
    }

    fn link(&self, file: &Path, name: &Path) -> io::Result<()> {
        let act = || RealDisk.link(file, name);
        self.take(("link", name), nothing, act, |it| it.linked(file, name))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let act = || RealDisk.rename(from, to);
        self.take(("rename", to), |it| it.renames(from, to), act, nothing)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        if to.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let act = || RealDisk.rename_new(from, to);
        self.take(("rename new", to), |it| it.renames(from, to), act, nothing)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        let act = || RealDisk.exchange(one, other);
        let step = ("exchange", other);
        self.take(step, |it| it.exchanges(one, other), act, nothing)
    }

    fn remove_all(&self, directory: &Path) -> io::Result<()> {
        let act = || RealDisk.remove_all(directory);
        let step = ("remove all", directory);
        self.take(step, |it| it.removes_all(directory), act, nothing)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let act = || RealDisk.remove(path);
        self.take(("remove", path), |it| it.removes(path), act, nothing)
    }

    fn commit(&self) -> io::Result<()> {
        let step = ("commit", Path::new("keepsave.db"));
        self.take(step, nothing, || Ok(()), nothing)
    }
}

fn path_of(file: &File) -> PathBuf {
    let link = format!("/proc/self/fd/{}", file.as_raw_fd());
    std::fs::read_link(link).unwrap_or_default()
}
