//! Where something was written, as the system tells. A hint only: some file systems tell nothing,
//! and what is told may be lost.

use std::collections::HashMap;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use keepsave_core::limits;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;

/// What matters of a directory of saves: reading one is none of it.
const WRITTEN: WatchFlags = WatchFlags::CLOSE_WRITE
    .union(WatchFlags::CREATE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::MOVED_FROM);
/// How much is read at once.
const PIECE: usize = 4096;

/// Is told of writes.
pub struct Hints {
    told: AsyncFd<OwnedFd>,
    directories: HashMap<i32, PathBuf>,
}

impl Hints {
    /// Of nothing yet.
    pub fn new() -> io::Result<Self> {
        let flags = CreateFlags::CLOEXEC | CreateFlags::NONBLOCK;
        Ok(Self {
            told: register(inotify::init(flags)?)?,
            directories: HashMap::new(),
        })
    }

    /// Of what is written in these directories, and no others. What cannot be watched is looked at
    /// now and then all the same.
    pub fn watch<'a>(&mut self, directories: impl Iterator<Item = &'a Path>) {
        let fd = self.told.get_ref();
        let mut watched = HashMap::new();
        for directory in directories.take(limits::AGENT_DIRECTORIES) {
            match inotify::add_watch(fd, directory, WRITTEN | WatchFlags::ONLYDIR) {
                Ok(number) => drop(watched.insert(number, directory.to_owned())),
                Err(error) => {
                    tracing::debug!(directory = %directory.display(), %error, "is not watched");
                }
            }
        }
        for number in self.directories.keys() {
            if !watched.contains_key(number) {
                // It may be gone, and its watch with it.
                let _gone = inotify::remove_watch(fd, *number);
            }
        }
        self.directories = watched;
    }

    /// Waits until something was written, and says in which directories.
    pub async fn next(&mut self) -> io::Result<Vec<PathBuf>> {
        loop {
            let mut ready = self.told.readable().await?;
            let read = ready.try_io(|fd| numbers(fd.get_ref()));
            let Ok(read) = read else {
                continue;
            };
            let mut written: Vec<PathBuf> = read?
                .iter()
                .filter_map(|number| self.directories.get(number).cloned())
                .collect();
            written.sort();
            written.dedup();
            if !written.is_empty() {
                return Ok(written);
            }
        }
    }
}

#[expect(
    unsafe_code,
    reason = "what is registered must stay open, which the compiler cannot see"
)]
fn register(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: it owns the descriptor, which is closed with it and always the same.
    unsafe { AsyncFd::register(fd) }.map_err(io::Error::from)
}

/// The directories of all events that wait.
fn numbers(fd: &OwnedFd) -> io::Result<Vec<i32>> {
    let mut buffer = [MaybeUninit::uninit(); PIECE];
    let mut reader = inotify::Reader::new(fd, &mut buffer);
    let mut numbers = Vec::new();
    loop {
        match reader.next() {
            Ok(event) if event.events().contains(ReadFlags::QUEUE_OVERFLOW) => {}
            Ok(event) => numbers.push(event.wd()),
            Err(Errno::WOULDBLOCK) if numbers.is_empty() => {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Err(Errno::WOULDBLOCK) => return Ok(numbers),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn what_is_written_is_told_and_what_is_read_is_not() {
        let room = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| room.path().join(name));
        for directory in [&one, &other] {
            fs::create_dir(directory).unwrap();
            fs::write(directory.join("a.srm"), "a").unwrap();
        }
        let missing = room.path().join("missing");
        let mut hints = Hints::new().unwrap();
        let all = [&one, &other, &missing];
        hints.watch(all.into_iter().map(PathBuf::as_path));
        fs::read(one.join("a.srm")).unwrap();
        fs::write(other.join("a.srm"), "b").unwrap();
        let written = hints.next().await.unwrap();
        assert_eq!(written, std::slice::from_ref(&other));
        fs::rename(other.join("a.srm"), one.join("b.srm")).unwrap();
        assert_eq!(hints.next().await.unwrap(), [one.clone(), other.clone()]);
        hints.watch([one.as_path()].into_iter());
        fs::write(other.join("a.srm"), "c").unwrap();
        fs::remove_file(one.join("b.srm")).unwrap();
        assert_eq!(hints.next().await.unwrap(), [one]);
    }
}
