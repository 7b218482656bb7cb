//! For tests: a disk on which steps fail, the power goes off, or others meddle, at a chosen step.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::io::Errno;

use super::disk::{Disk, RealDisk};

/// A kind of step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Create,
    Write,
    Sync,
    SyncDirectory,
    CreateDirectory,
    Rename,
    RenameNew,
    Exchange,
    Remove,
    RemoveAll,
}

/// On which side of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Before,
    After,
}

type Meddler = Box<dyn Fn(When, Step, &Path) -> io::Result<()> + Send + Sync>;

/// A disk with something wrong about it.
pub struct TrialDisk {
    meddler: Meddler,
    /// The number of the step at which everything stops.
    dies_at: usize,
    steps: AtomicUsize,
    dead: AtomicBool,
}

impl TrialDisk {
    /// Calls `meddler` around every step; its error becomes the step's.
    pub fn with(
        meddler: impl Fn(When, Step, &Path) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            meddler: Box::new(meddler),
            dies_at: usize::MAX,
            steps: AtomicUsize::new(0),
            dead: AtomicBool::new(false),
        }
    }

    /// Nothing is wrong but what follows.
    pub fn sound() -> Self {
        Self::with(|_, _, _| Ok(()))
    }

    /// Every step of this kind on a path that contains `part` fails.
    pub fn failing(step: Step, part: &'static str, errno: Errno) -> Arc<dyn Disk> {
        Arc::new(Self::with(move |when, at, path| {
            let hit = when == When::Before && at == step && path.to_string_lossy().contains(part);
            if hit { Err(errno.into()) } else { Ok(()) }
        }))
    }

    /// At step number `step` the process dies: neither that one nor any after it takes place. A
    /// write gets half-way.
    pub fn dying_at(mut self, step: usize) -> Self {
        self.dies_at = step;
        self
    }

    /// Whether it died.
    pub fn died(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    fn around<T>(
        &self,
        step: Step,
        path: &Path,
        act: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        if self.dies_now() {
            return Err(io::Error::other("the process is dead"));
        }
        (self.meddler)(When::Before, step, path)?;
        let result = act()?;
        (self.meddler)(When::After, step, path)?;
        Ok(result)
    }

    fn dies_now(&self) -> bool {
        let number = self.steps.fetch_add(1, Ordering::Relaxed);
        if number >= self.dies_at {
            self.dead.store(true, Ordering::Relaxed);
        }
        self.died()
    }
}

impl Disk for TrialDisk {
    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.around(Step::Create, path, || RealDisk.create(path, mode))
    }

    fn write(&self, file: &mut File, piece: &[u8]) -> io::Result<()> {
        if self.dies_now() {
            RealDisk.write(file, &piece[..piece.len() / 2])?;
            return Err(io::Error::other("the process is dead"));
        }
        (self.meddler)(When::Before, Step::Write, &path_of(file))?;
        RealDisk.write(file, piece)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.around(Step::Sync, &path_of(file), || RealDisk.sync(file))
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        self.around(Step::SyncDirectory, directory, || {
            RealDisk.sync_directory(directory)
        })
    }

    fn create_directory(&self, directory: &Path, mode: u32) -> io::Result<()> {
        self.around(Step::CreateDirectory, directory, || {
            RealDisk.create_directory(directory, mode)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.around(Step::Rename, to, || RealDisk.rename(from, to))
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.around(Step::RenameNew, to, || RealDisk.rename_new(from, to))
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.around(Step::Exchange, other, || RealDisk.exchange(one, other))
    }

    fn remove_all(&self, directory: &Path) -> io::Result<()> {
        self.around(Step::RemoveAll, directory, || {
            RealDisk.remove_all(directory)
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.around(Step::Remove, path, || RealDisk.remove(path))
    }
}

fn path_of(file: &File) -> std::path::PathBuf {
    use std::os::fd::AsRawFd;
    let link = format!("/proc/self/fd/{}", file.as_raw_fd());
    std::fs::read_link(link).unwrap_or_default()
}

/// Runs `act` as a user for whom modes count, in a thread of its own.
pub fn as_nobody<T: Send>(act: impl FnOnce() -> T + Send) -> T {
    use rustix::process::{Gid, Uid, getuid};
    use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if getuid().is_root() {
                let (user, group) = (Uid::from_raw(65534), Gid::from_raw(65534));
                set_thread_groups(&[]).unwrap();
                set_thread_res_gid(group, group, group).unwrap();
                set_thread_res_uid(user, user, user).unwrap();
            }
            act()
        });
        thread.join().unwrap()
    })
}
