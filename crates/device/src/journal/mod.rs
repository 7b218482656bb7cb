//! The journal: a durable copy of every content that was about to be replaced.
//!
//! A content stands once, under its BLAKE3, in `objects/ab/<hash>`; what it was and why it was
//! replaced says one small file in `entries/`. Each is written beside its place, flushed and
//! renamed, the object before the entry that names it: at no moment is anything torn, and an entry
//! never names what is not there. Nothing here knows a server or when to replace what.

mod entry;
mod prune;

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::content::BlobHash;
use keepsave_core::time::Time;
use rustix::fs::{FlockOperation, flock};

pub use self::entry::{About, Kept};
pub use self::prune::{Policy, Pruned};
use crate::files::disk::{Disk, RealDisk, is_unsupported, make_directory};
use crate::files::folder::{self, Tree};
use crate::files::reading::{self, Broken, Sink, Whole};
use crate::files::scratch::{self, Scratch};
use crate::files::{
    Form, Incoming, NothingKnown, Parents, PlaceError, ReadError, Verified, unpacked,
};

/// Saves may be anyone's secret.
const DIRECTORY_MODE: u32 = 0o700;
/// What was kept does not change.
const CONTENT_MODE: u32 = 0o400;
const ENTRY_MODE: u32 = 0o600;

/// The journal in one directory. Any number of processes may use it at once.
#[derive(Clone)]
pub struct Journal {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
}

/// Why the journal did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Nothing was kept, so nothing may be replaced.
    #[error(
        "the journal in {} cannot be written ({source}), so nothing was replaced: make room or \
         give access there, or choose another place with KEEPSAVE_JOURNAL_DIR",
        directory.display()
    )]
    Unwritable {
        /// Where the journal is.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file that was to be kept cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The journal itself cannot be read.
    #[error("{}: a part of the journal cannot be read ({source})", path.display())]
    Unreadable {
        /// Which file or directory of it.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// An entry's content is not there.
    #[error("{}: the content of journal entry {id} is missing", path.display())]
    Missing {
        /// The entry.
        id: String,
        /// Where it should be.
        path: PathBuf,
    },
}

/// What is in the journal.
#[derive(Debug, Default)]
pub struct Listing {
    /// Newest first.
    pub kept: Vec<Kept>,
    /// Files that are no entries, with what is wrong about them. They are left as they are.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// A content that was copied and flushed, and has no entry yet.
pub(crate) struct Staged {
    scratch: Scratch,
    pub whole: Whole,
    form: Form,
    /// While it is held, no pruning takes place.
    _lock: Option<File>,
}

impl Journal {
    /// Opens the journal in `directory`, which is made if it is missing.
    pub fn open(directory: &Path) -> Result<Self, JournalError> {
        Self::on(Arc::new(RealDisk), directory)
    }

    /// The same, on a given disk.
    pub fn on(disk: Arc<dyn Disk>, directory: &Path) -> Result<Self, JournalError> {
        let journal = Self {
            disk,
            directory: directory.to_owned(),
        };
        for part in [journal.objects(), journal.entries(), journal.staging()] {
            make_directory(&*journal.disk, &part, DIRECTORY_MODE)
                .map_err(|error| journal.unwritable(error))?;
        }
        for part in [journal.entries(), journal.staging()] {
            for left in scratch::abandoned(&part).map_err(|error| unreadable(&part, error))? {
                // It was never named. If it cannot be removed now, it is the next time.
                let _next_time = journal.disk.remove(&left.path);
            }
        }
        Ok(journal)
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The disk that it is on, which is the machine's.
    pub(crate) const fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// Keeps what the file holds now. When this returns it would survive a power cut.
    pub fn keep(&self, file: &Path, about: &About, now: Time) -> Result<Kept, JournalError> {
        let staged = self.stage(file)?;
        let (kept, _) = self.enter(staged, file, about, now)?;
        Ok(kept)
    }

    /// The same for what stands there in that form. None where nothing does.
    pub fn keep_content(
        &self,
        path: &Path,
        form: Form,
        about: &About,
        now: Time,
    ) -> Result<Option<Kept>, JournalError> {
        let staged = if form.is_folder() {
            let mut look = || Tree::of(&folder::find(path, form)?.roots, path);
            self.stage_folders(path, form, &mut look)?
        } else if path.symlink_metadata().is_ok() {
            Some(self.stage(path)?)
        } else {
            None
        };
        let enter = |staged| Ok(self.enter(staged, path, about, now)?.0);
        staged.map(enter).transpose()
    }

    /// A file that comes in to be kept here, and has no place of its own.
    pub(crate) fn incoming(&self) -> Result<Incoming, PlaceError> {
        let beside = self.staging().join("content");
        Incoming::on(self.disk.clone(), &beside, Parents::MustExist)
    }

    /// Keeps what came in, as what `path` holds elsewhere.
    pub(crate) fn keep_incoming(
        &self,
        came: &Verified,
        path: &Path,
        about: &About,
        now: Time,
    ) -> Result<Kept, JournalError> {
        let staged = self.stage(came.path())?;
        let (kept, _) = self.enter(staged, path, about, now)?;
        Ok(kept)
    }

    /// Copies what the file holds now, without an entry that names it.
    pub(crate) fn stage(&self, file: &Path) -> Result<Staged, JournalError> {
        let staged =
            self.stage_with(Form::Raw, |copy| reading::read_whole(file, copy).map(Some))?;
        staged.ok_or_else(|| self.unwritable(io::ErrorKind::NotFound.into()))
    }

    /// Copies what folders hold now, as one zip. None where they hold no file.
    pub(crate) fn stage_folders(
        &self,
        path: &Path,
        form: Form,
        look: &mut dyn FnMut() -> Result<Tree, ReadError>,
    ) -> Result<Option<Staged>, JournalError> {
        self.stage_with(form, |copy| folder::whole(path, look, copy))
    }

    fn stage_with(
        &self,
        form: Form,
        read: impl FnOnce(&mut dyn Sink) -> Result<Option<Whole>, Broken>,
    ) -> Result<Option<Staged>, JournalError> {
        let failed = |error| self.unwritable(error);
        let lock = self.lock(FlockOperation::LockShared).map_err(failed)?;
        let name = OsStr::new("content");
        let mut scratch =
            Scratch::create(&self.disk, &self.staging(), name, CONTENT_MODE).map_err(failed)?;
        let mut copy = Copy {
            disk: &*self.disk,
            file: &mut scratch.file,
        };
        let whole = read(&mut copy).map_err(|broken| match broken {
            Broken::Read(error) => JournalError::Read(error),
            Broken::Sink(error) => failed(error),
        })?;
        let Some(whole) = whole else { return Ok(None) };
        self.disk.sync(&scratch.file).map_err(failed)?;
        Ok(Some(Staged {
            scratch,
            whole,
            form,
            _lock: lock,
        }))
    }

    /// Names what was copied: it was what `path` held.
    pub(crate) fn enter(
        &self,
        mut staged: Staged,
        path: &Path,
        about: &About,
        now: Time,
    ) -> Result<(Kept, Whole), JournalError> {
        let kept = Kept {
            id: entry::new_id(now),
            at: now,
            path: path.to_owned(),
            form: staged.form,
            content: staged.whole.content,
            size: staged.whole.digest.size,
            mtime: staged.whole.stamp.mtime(),
            about: about.clone(),
        };
        self.place(&mut staged.scratch, &kept.content.blob)
            .and_then(|()| self.write_entry(&kept))
            .map_err(|error| self.unwritable(error))?;
        Ok((kept, staged.whole))
    }

    /// A content that is there already is replaced by its fresh copy, so that it need not be
    /// trusted.
    fn place(&self, scratch: &mut Scratch, blob: &BlobHash) -> io::Result<()> {
        let path = self.object(blob);
        let shelf = crate::files::disk::parent_of(&path);
        make_directory(&*self.disk, shelf, DIRECTORY_MODE)?;
        self.disk.rename(scratch.path(), &path)?;
        scratch.stay();
        self.disk.sync_directory(shelf)
    }

    fn write_entry(&self, kept: &Kept) -> io::Result<()> {
        let name = format!("{}.json", kept.id);
        let entries = self.entries();
        let mut scratch = Scratch::create(&self.disk, &entries, name.as_ref(), ENTRY_MODE)?;
        let json = kept.to_json()?;
        self.disk.write(&mut scratch.file, &json)?;
        self.disk.sync(&scratch.file)?;
        let to = entries.join(name);
        match self.disk.rename_new(scratch.path(), &to) {
            // Its name holds a random number; what has it would have to be this one.
            Err(error) if is_unsupported(&error) => self.disk.rename(scratch.path(), &to)?,
            result => result?,
        }
        scratch.stay();
        self.disk.sync_directory(&entries)
    }

    /// What is in the journal, newest first. A file that cannot be read is reported and no reason
    /// not to see the others.
    pub fn list(&self) -> Result<Listing, JournalError> {
        let entries = self.entries();
        let failed = |error| unreadable(&entries, error);
        let mut listing = Listing::default();
        for file in std::fs::read_dir(&entries).map_err(failed)? {
            let path = file.map_err(failed)?.path();
            if path.file_name().is_some_and(scratch::is_scratch) {
                continue;
            }
            match Kept::read(&path) {
                Ok(kept) => listing.kept.push(kept),
                Err(reason) => listing.unreadable.push((path, reason)),
            }
        }
        listing
            .kept
            .sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
        listing.unreadable.sort();
        Ok(listing)
    }

    /// Opens what an entry keeps.
    pub fn open_content(&self, kept: &Kept) -> Result<File, JournalError> {
        let path = self.object(&kept.content.blob);
        match File::open(&path) {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(JournalError::Missing {
                id: kept.id.clone(),
                path,
            }),
            Err(error) => Err(unreadable(&path, error)),
        }
    }

    /// The bytes that an entry keeps, unpacked if they are packed; none where they cannot be read.
    pub fn unpacked(&self, kept: &Kept) -> Option<BlobHash> {
        let path = self.object(&kept.content.blob);
        let found = unpacked(&path, &NothingKnown).ok()??;
        Some(found.content.blob)
    }

    /// Whether an entry names this content.
    pub(crate) fn names(&self, blob: &BlobHash) -> Result<bool, JournalError> {
        let listing = self.list()?;
        Ok(listing.kept.iter().any(|kept| kept.content.blob == *blob)
            && self.object(blob).is_file())
    }

    fn lock(&self, operation: FlockOperation) -> io::Result<Option<File>> {
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, ENTRY_MODE);
        let file = options.open(self.directory.join("lock"))?;
        match flock(&file, operation) {
            Ok(()) => Ok(Some(file)),
            // Without locks one process at a time has to do.
            Err(errno) if is_unsupported(&errno.into()) => Ok(None),
            Err(rustix::io::Errno::NOLCK) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    fn objects(&self) -> PathBuf {
        self.directory.join("objects")
    }

    fn object(&self, blob: &BlobHash) -> PathBuf {
        let name = blob.to_string();
        self.objects().join(&name[..2]).join(name)
    }

    fn entries(&self) -> PathBuf {
        self.directory.join("entries")
    }

    fn staging(&self) -> PathBuf {
        self.directory.join("staging")
    }

    fn unwritable(&self, source: io::Error) -> JournalError {
        JournalError::Unwritable {
            directory: self.directory.clone(),
            source,
        }
    }
}

fn unreadable(path: &Path, source: io::Error) -> JournalError {
    JournalError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

/// Writes what is read; starts over when the reading does.
struct Copy<'a> {
    disk: &'a dyn Disk,
    file: &'a mut File,
}

impl Sink for Copy<'_> {
    fn begin(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        io::Seek::rewind(self.file)
    }

    fn piece(&mut self, piece: &[u8]) -> io::Result<()> {
        self.disk.write(self.file, piece)
    }
}

#[cfg(test)]
mod tests;
