//! Why a file was not replaced, and where everything is that was there.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::snapshot::ReadError;
use crate::journal::{JournalError, Kept};

/// A file that was not put in its place.
#[derive(Debug)]
pub struct PlaceError {
    /// Where it was to be.
    pub path: PathBuf,
    /// What is wrong.
    pub problem: Problem,
    /// What was kept safe.
    pub safe: Safe,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// No room, or no more of it for this user.
    #[error("the disk is full")]
    Full,
    /// The file system takes no changes.
    #[error("the disk is read-only")]
    ReadOnly,
    /// This user may not write there.
    #[error("writing there is not allowed")]
    Denied,
    /// The directory is not there, or not any more.
    #[error("its directory is not there")]
    DirectoryGone,
    /// The file system cannot have a file with this name.
    #[error("a file cannot have this name there")]
    Name,
    /// What is there is not what was looked at.
    #[error("it changed meanwhile")]
    Changed,
    /// Not all of the bytes came, or too many.
    #[error("{got} bytes came instead of {expected}")]
    WrongSize {
        /// How many there should have been.
        expected: u64,
        /// How many there were.
        got: u64,
    },
    /// Other bytes came than were announced.
    #[error("the bytes that came have hash {got} instead of {expected}")]
    WrongContent {
        /// The content hash that was announced.
        expected: String,
        /// The content hash of what came.
        got: String,
    },
    /// What came is a zip that cannot be what was asked for.
    #[error("what came is no such folder: {0}")]
    Refused(String),
    /// What stands there is no file that can be replaced.
    #[error(transparent)]
    Target(ReadError),
    /// What is there could not be kept, so it was not replaced.
    #[error(transparent)]
    Journal(JournalError),
    /// Anything else that the system says.
    #[error("{0}")]
    Other(io::Error),
}

/// Where everything is that was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Safe {
    /// What was there is still there, as it was.
    Untouched,
    /// It is in the journal; whether it is still in its place, too, is not certain.
    Kept(Box<Kept>),
}

impl std::error::Error for PlaceError {}

impl fmt::Display for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            problem,
            safe,
        } = self;
        match problem {
            // These say themselves where, and what to do.
            Problem::Target(_) => write!(f, "{safe}: {problem}"),
            Problem::Journal(_) => write!(f, "{}: {problem}", path.display()),
            _ => {
                let advice = problem.advice();
                write!(f, "{}: {problem}; {safe}{advice}", path.display())
            }
        }
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untouched => f.write_str("nothing there was replaced"),
            Self::Kept(kept) => write!(f, "what was there is kept as journal entry {}", kept.id),
        }
    }
}

impl Problem {
    fn advice(&self) -> &'static str {
        match self {
            Self::Full => ": make room and try again",
            Self::ReadOnly => ": make the disk writable (a card may have a switch) and try again",
            Self::Denied => ": see who may write to the directory",
            Self::DirectoryGone => ": if it is on a card or a share, mount it",
            Self::Name => ": give it another name on the server, or another place here",
            Self::Changed => ": it is looked at again the next time",
            Self::Refused(_) => ": take an older version, or save anew where that came from",
            Self::WrongSize { .. } | Self::WrongContent { .. } => ": try again",
            Self::Target(_) | Self::Journal(_) | Self::Other(_) => "",
        }
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        let is = |errno: Errno| error.raw_os_error() == Some(errno.raw_os_error());
        match () {
            () if is(Errno::NOSPC) || is(Errno::DQUOT) => Self::Full,
            () if is(Errno::ROFS) => Self::ReadOnly,
            () if is(Errno::ACCESS) || is(Errno::PERM) => Self::Denied,
            () if is(Errno::NOENT) || is(Errno::NOTDIR) => Self::DirectoryGone,
            () if is(Errno::INVAL) || is(Errno::NAMETOOLONG) || is(Errno::ILSEQ) => Self::Name,
            () => Self::Other(error),
        }
    }
}

impl Problem {
    /// An error at a time when nothing there had been touched.
    pub(crate) fn untouched(self, path: &Path) -> PlaceError {
        PlaceError {
            path: path.to_owned(),
            problem: self,
            safe: Safe::Untouched,
        }
    }

    /// An error after what was there had been kept.
    pub(crate) fn kept(self, path: &Path, kept: Kept) -> PlaceError {
        PlaceError {
            path: path.to_owned(),
            problem: self,
            safe: Safe::Kept(Box::new(kept)),
        }
    }
}
