//! One lock for each game, across processes: two runs never work on one game at once.
//!
//! A game is one byte of a file, at the place of its number. A lock belongs to an open file, not to
//! a process, so it holds between threads, too, and is free when its owner is dropped or dies,
//! however it dies.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keepsave_core::ids::RomId;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

use crate::files::disk::{RealDisk, make_directory};
use crate::state::Identity;

/// How long the first pause is between two tries; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// How long the longest is: so much later than it could, a waiting run goes on.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Where the games of one account are locked.
#[derive(Clone, Debug)]
pub struct Locks {
    path: PathBuf,
}

/// Locked games. They are free when it is dropped.
#[derive(Debug)]
pub struct GameLock {
    file: File,
    path: PathBuf,
    roms: Vec<RomId>,
}

/// Why a game was not locked. Nothing was done to it.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run works on the game.
    #[error("game {rom} is being synced by another run: try again when that is done")]
    Busy {
        /// The game.
        rom: RomId,
    },
    /// The place cannot be used for locks.
    #[error(
        "{}: cannot be locked ({source}): give access there, or name another place with KEEPSAVE_STATE_DIR",
        path.display()
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl Locks {
    /// The locks of an account, in the directory where its state is.
    pub fn open(directory: &Path, identity: &Identity) -> Result<Self, LockError> {
        let path = directory.join(format!("{}.lock", identity.file_stem()));
        match make_directory(&RealDisk, directory, 0o700) {
            Ok(()) => Ok(Self { path }),
            Err(source) => Err(LockError::Unusable { path, source }),
        }
    }

    /// Locks a game, if it is free.
    pub fn try_game(&self, rom: RomId) -> Result<Option<GameLock>, LockError> {
        let mut lock = self.nothing_yet()?;
        Ok(lock.take(rom)?.then_some(lock))
    }

    /// Locks a game. Where another run works on it, `waiting` is called once, and then it is waited
    /// for, but not longer than `patience`.
    pub fn game(
        &self,
        rom: RomId,
        patience: Duration,
        waiting: &mut dyn FnMut(RomId),
    ) -> Result<GameLock, LockError> {
        self.games(&[rom], patience, waiting)
    }

    /// Locks many games: all of them or none. They are locked in one order by everyone, so no two
    /// runs wait for one another.
    pub fn games(
        &self,
        roms: &[RomId],
        patience: Duration,
        waiting: &mut dyn FnMut(RomId),
    ) -> Result<GameLock, LockError> {
        let mut roms = roms.to_vec();
        roms.sort_unstable();
        roms.dedup();
        let begun = Instant::now();
        let mut lock = self.nothing_yet()?;
        for rom in roms {
            let mut pause = Duration::ZERO;
            while !lock.take(rom)? {
                if pause.is_zero() {
                    waiting(rom);
                    pause = FIRST_PAUSE;
                }
                let Some(left) = patience.checked_sub(begun.elapsed()) else {
                    return Err(LockError::Busy { rom });
                };
                std::thread::sleep(pause.min(left));
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        Ok(lock)
    }

    fn nothing_yet(&self) -> Result<GameLock, LockError> {
        let mut options = File::options();
        options.write(true).create(true).truncate(false).mode(0o600);
        match options.open(&self.path) {
            Ok(file) => Ok(GameLock {
                file,
                path: self.path.clone(),
                roms: Vec::new(),
            }),
            Err(source) => Err(LockError::Unusable {
                path: self.path.clone(),
                source,
            }),
        }
    }
}

impl GameLock {
    /// The games that are locked.
    pub fn roms(&self) -> &[RomId] {
        &self.roms
    }

    /// Frees one of them.
    pub fn release(&mut self, rom: RomId) -> Result<(), LockError> {
        if let Some(place) = self.roms.iter().position(|held| *held == rom) {
            self.set(rom, libc::F_UNLCK)
                .map_err(|errno| self.unusable(errno))?;
            self.roms.swap_remove(place);
        }
        Ok(())
    }

    fn take(&mut self, rom: RomId) -> Result<bool, LockError> {
        match self.set(rom, libc::F_WRLCK) {
            Ok(()) => {
                self.roms.push(rom);
                Ok(true)
            }
            Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
            Err(errno) => Err(self.unusable(errno)),
        }
    }

    fn set(&self, rom: RomId, kind: i32) -> Result<(), Errno> {
        let lock = libc::flock {
            l_type: fit(kind)?,
            l_whence: fit(libc::SEEK_SET)?,
            l_start: fit(rom.0)?,
            l_len: 1,
            l_pid: 0,
        };
        fcntl(&self.file, FcntlArg::F_OFD_SETLK(&lock)).map(|_| ())
    }

    fn unusable(&self, errno: Errno) -> LockError {
        LockError::Unusable {
            path: self.path.clone(),
            source: errno.into(),
        }
    }
}

/// How wide these numbers are differs from machine to machine.
fn fit<T, U: TryFrom<T>>(number: T) -> Result<U, Errno> {
    U::try_from(number).map_err(|_| Errno::EINVAL)
}

#[cfg(test)]
mod tests;
