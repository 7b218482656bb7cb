//! What a file held at one moment.
//!
//! A snapshot is a value: it does not hold the bytes, it knows them again.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use keepsave_core::content::{Blank, BlobHash, Content};
use keepsave_core::time::Time;

use super::folder;
use super::form::Form;
use super::known::{Fingerprint, Hashed, Known, Packed};
use super::place;
use super::reading::{self, Broken};
use super::rzip::Damage;

/// What the file system says of a file: another stamp means that it has to be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// In bytes.
    pub size: u64,
    /// When its bytes changed last, as it claims, in nanoseconds since 1970.
    pub mtime_ns: i64,
    /// When anything about it changed last, which no program can choose.
    pub ctime_ns: i64,
    /// Which file it is.
    pub inode: u64,
    /// On which file system.
    pub device: u64,
}

impl Stamp {
    /// The stamp that the file system gave.
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.size(),
            mtime_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            ctime_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }

    /// The stamp of the file that `path` leads to now, if there is one.
    pub fn at(path: &Path) -> Option<Self> {
        std::fs::metadata(path).ok().as_ref().map(Self::of)
    }

    /// The stamp of what stands at `path` in that form: of folders, one of all that is in them.
    pub fn in_form(path: &Path, form: Form) -> Option<Self> {
        if form.is_folder() {
            folder::stamp(path, form)
        } else {
            Self::at(path)
        }
    }

    /// The file's own time.
    pub fn mtime(&self) -> Time {
        Time::from_micros(self.mtime_ns.div_euclid(1_000))
    }
}

fn nanoseconds(seconds: i64, nanos: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}

/// What a file held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The path that was asked for.
    pub path: PathBuf,
    /// What it leads to, links followed.
    pub real: PathBuf,
    /// How large its content is, in bytes.
    pub size: u64,
    /// Its hashes.
    pub content: Content,
    /// Whether its bytes hold nothing.
    pub blank: Option<Blank>,
    /// How it holds its content.
    pub form: Form,
    /// When its content is packed, how: then size, hashes and blank are of the unpacked content.
    pub packed: Option<Packed>,
    /// The file's own time.
    pub mtime: Time,
    /// To see whether it is still the same.
    pub stamp: Stamp,
}

/// Why a file could not be read. None of them changed anything.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A directory stands where a file is meant.
    #[error("{}: is a directory, not a file: name the file itself", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
    },
    /// Something else stands where a file is meant.
    #[error("{}: is {kind}, not a file: name the file itself", path.display())]
    NotAFile {
        /// Which.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// A link leads into a directory that is not there.
    #[error(
        "{}: is a link to {}, whose directory is not there: if that is on a card or a share, mount it",
        path.display(), to.display()
    )]
    LeadsNowhere {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        to: PathBuf,
    },
    /// A folder holds what cannot be part of a save.
    #[error("{}: {why}. Nothing of the folder was taken: move it elsewhere, or give it another name", path.display())]
    Part {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The system refuses to read it.
    #[error("{}: cannot be read ({source}): see who may read it and whether its disk is well", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is packed, and that is damaged: perhaps because a program is writing it.
    #[error(
        "{}: {damage}. Try again when no program writes to it; if it stays so, take an older version",
        path.display()
    )]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },
    /// It was another each time it was read.
    #[error("{}: changes while it is read: try again when no program writes to it", path.display())]
    Changing {
        /// Which.
        path: PathBuf,
    },
}

impl ReadError {
    /// The path that it is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Directory { path }
            | Self::NotAFile { path, .. }
            | Self::LeadsNowhere { path, .. }
            | Self::Part { path, .. }
            | Self::Unreadable { path, .. }
            | Self::Damaged { path, .. }
            | Self::Changing { path } => path,
        }
    }
}

/// Reads the file at `path`, or knows it again from its stamp. None where there is no file.
pub fn snapshot(path: &Path, known: &dyn Known) -> Result<Option<Snapshot>, ReadError> {
    take(path, Hashed::File, known)
}

/// The same for a file that may be packed: what is known of it is its content, as servers know it.
pub fn unpacked(path: &Path, known: &dyn Known) -> Result<Option<Snapshot>, ReadError> {
    take(path, Hashed::Content, known)
}

/// What stands at `path` in that form, as servers know it.
pub fn content_at(
    path: &Path,
    form: Form,
    known: &dyn Known,
) -> Result<Option<Snapshot>, ReadError> {
    if form.is_folder() {
        folder::snapshot(path, form, known)
    } else {
        unpacked(path, known)
    }
}

fn take(path: &Path, hashed: Hashed, known: &dyn Known) -> Result<Option<Snapshot>, ReadError> {
    let place = place::find(path)?;
    let Some(metadata) = place.found else {
        return Ok(None);
    };
    let stamp = Stamp::of(&metadata);
    if let Some(fingerprint) = known.find(path, hashed, &stamp) {
        return Ok(Some(Snapshot::new(path, place.real, stamp, fingerprint)));
    }
    // Before the bytes: a change that comes after them must not look older than this.
    let now = known.now();
    let read = match hashed {
        Hashed::Content => reading::read_content(path),
        _ => reading::read_whole(path, &mut ()).map(|whole| whole.known()),
    };
    match read {
        Ok((stamp, fingerprint)) => {
            known.remember(path, hashed, &stamp, &fingerprint, now);
            let snapshot = Snapshot::new(path, place.real, stamp, fingerprint);
            Ok(Some(snapshot))
        }
        Err(Broken::Read(ReadError::Unreadable { source, .. })) if is_gone(&source) => Ok(None),
        Err(Broken::Read(error)) => Err(error),
        Err(Broken::Sink(source)) => Err(ReadError::Unreadable {
            path: path.to_owned(),
            source,
        }),
    }
}

fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

impl Snapshot {
    pub(crate) fn new(path: &Path, real: PathBuf, stamp: Stamp, fingerprint: Fingerprint) -> Self {
        Self {
            path: path.to_owned(),
            real,
            size: fingerprint.packed.map_or(stamp.size, |packed| packed.size),
            content: fingerprint.content,
            blank: fingerprint.blank,
            form: fingerprint.packed.map_or(Form::Raw, |_| Form::Rzip),
            packed: fingerprint.packed,
            mtime: stamp.mtime(),
            stamp,
        }
    }

    /// The file's own bytes, packed if they are.
    pub fn file_blob(&self) -> BlobHash {
        self.packed.map_or(self.content.blob, |packed| packed.file)
    }

    /// Opens the file to read its own bytes. Whoever reads them looks at the end whether
    /// they still are ([`Self::is_current`]).
    pub fn open(&self) -> Result<File, ReadError> {
        let (file, metadata) = reading::open(&self.path)?;
        if Stamp::of(&metadata) == self.stamp {
            return Ok(file);
        }
        Err(ReadError::Changing {
            path: self.path.clone(),
        })
    }

    /// Whether the file is as it was.
    pub fn is_current(&self) -> bool {
        Stamp::in_form(&self.path, self.form) == Some(self.stamp)
    }
}

#[cfg(test)]
mod tests;
