//! A file that comes in: written beside its place, verified, and only then put there.
//!
//! Takes constant memory. What is dropped before it is in its place leaves nothing behind.

use std::fs::File;
use std::io::{self, BufReader, Seek};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::content::{BlobHash, ContentHash, Digester, ZipVerdict, zip_content_hash};
use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::disk::{Disk, RealDisk, make_directory, parent_of};
use super::folder;
use super::form::Form;
use super::known::{Fingerprint, Packed};
use super::place::{self, Place};
pub use super::place_error::{PlaceError, Problem, Safe};
pub use super::placing::{Placed, Replacing};
use super::reading;
use super::rzip::Packer;
use super::scratch::Scratch;
use super::snapshot::ReadError;

/// What new files and directories may be; the umask takes from it.
const FILE_MODE: u32 = 0o666;
const DIRECTORY_MODE: u32 = 0o777;

/// What to do about a directory that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parents {
    /// It has to be there: a missing one may be a card that is not mounted.
    MustExist,
    /// Make it.
    Create,
}

/// What the bytes should turn out to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// How many there are.
    pub size: Option<u64>,
    /// The content hash that the server says.
    pub hash: Option<ContentHash>,
}

/// A file of which bytes are still to come.
pub struct Incoming {
    pub(super) disk: Arc<dyn Disk>,
    /// As it was asked for.
    pub(super) path: PathBuf,
    /// The same, links followed.
    pub(super) target: PathBuf,
    pub(super) scratch: Scratch,
    digester: Digester,
    written: u64,
    /// Packs what comes, where the file is to hold it packed.
    packer: Option<Packer>,
    /// How it is to stand there.
    pub(super) form: Form,
}

/// A file whose bytes all came and are the right ones.
pub struct Verified {
    pub(super) incoming: Incoming,
    pub(super) fingerprint: Fingerprint,
}

impl Incoming {
    /// Begins what is to stand at `path` in that form. Of folders a zip comes.
    pub fn holding(form: Form, path: &Path, parents: Parents) -> Result<Self, PlaceError> {
        Self::holding_on(Arc::new(RealDisk), form, path, parents)
    }

    /// The same, on a given disk.
    pub fn holding_on(
        disk: Arc<dyn Disk>,
        form: Form,
        path: &Path,
        parents: Parents,
    ) -> Result<Self, PlaceError> {
        let begun = Self::begin(disk, path, parents, form);
        begun
            .map_err(|problem| problem.untouched(path))?
            .in_form(form)
    }

    /// Begins a file beside `target`, which may be there or not.
    pub fn beside(target: &Path, parents: Parents) -> Result<Self, PlaceError> {
        Self::on(Arc::new(RealDisk), target, parents)
    }

    /// The same, on a given disk.
    pub fn on(disk: Arc<dyn Disk>, path: &Path, parents: Parents) -> Result<Self, PlaceError> {
        Self::begin(disk, path, parents, Form::Raw).map_err(|problem| problem.untouched(path))
    }

    fn begin(
        disk: Arc<dyn Disk>,
        path: &Path,
        parents: Parents,
        form: Form,
    ) -> Result<Self, Problem> {
        let mut place = find(path, form)?;
        let parent = parent_of(path);
        if parents == Parents::Create && !parent.is_dir() {
            make_directory(&*disk, parent, DIRECTORY_MODE)?;
            place = find(path, form)?;
        }
        let Place { real, found } = place;
        if found.is_some() {
            // A rename would not ask. Who made a save read-only wants it to stay.
            accessat(CWD, &real, Access::WRITE_OK, AtFlags::EACCESS).map_err(io::Error::from)?;
        }
        // What replaces a file is never open to more people than it.
        let mode = found.map_or(FILE_MODE, |found| found.permissions().mode() & FILE_MODE);
        let name = real.file_name().ok_or(Problem::Name)?;
        let scratch = Scratch::create(&disk, parent_of(&real), name, mode)?;
        Ok(Self {
            disk,
            path: path.to_owned(),
            target: real,
            scratch,
            digester: Digester::new(),
            written: 0,
            packer: None,
            form,
        })
    }

    /// The file is to hold what comes in this form. Said before anything comes.
    pub fn in_form(mut self, form: Form) -> Result<Self, PlaceError> {
        if form == Form::Rzip {
            self.packer = Some(Packer::new());
            let begun = self.write_head(0);
            begun.map_err(|error| Problem::from(error).untouched(&self.path))?;
        }
        Ok(self)
    }

    fn write_head(&mut self, size: u64) -> io::Result<()> {
        self.scratch.file.rewind()?;
        let head = Packer::head(size);
        self.disk.write(&mut self.scratch.file, &head)
    }

    /// Takes the next bytes.
    pub fn write(&mut self, piece: &[u8]) -> Result<(), PlaceError> {
        let written = match &mut self.packer {
            None => self.disk.write(&mut self.scratch.file, piece),
            Some(packer) => {
                let mut packed = Vec::new();
                let pushed = packer.push(piece, &mut packed);
                pushed.and_then(|()| self.disk.write(&mut self.scratch.file, &packed))
            }
        };
        written.map_err(|error| Problem::from(error).untouched(&self.path))?;
        self.digester.update(piece);
        self.written += piece.len() as u64;
        Ok(())
    }

    /// How many bytes have come: where a transfer that broke off goes on.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Forgets what has come, for a transfer that has to begin again.
    pub fn restart(&mut self) -> Result<(), PlaceError> {
        let file = &mut self.scratch.file;
        let emptied = file.set_len(0).and_then(|()| file.rewind());
        emptied.map_err(|error| Problem::from(error).untouched(&self.path))?;
        self.digester = Digester::new();
        self.written = 0;
        if self.packer.is_some() {
            self.packer = Some(Packer::new());
            let begun = self.write_head(0);
            begun.map_err(|error| Problem::from(error).untouched(&self.path))?;
        }
        Ok(())
    }

    /// All bytes have come: are they the right ones? If not, they are gone.
    pub fn verify(mut self, expected: &Expected) -> Result<Verified, PlaceError> {
        match self.judge(expected) {
            Ok(fingerprint) => Ok(Verified {
                incoming: self,
                fingerprint,
            }),
            Err(problem) => Err(problem.untouched(&self.path)),
        }
    }

    fn judge(&mut self, expected: &Expected) -> Result<Fingerprint, Problem> {
        if let Some(expected) = expected.size.filter(|size| *size != self.written) {
            return Err(Problem::WrongSize {
                expected,
                got: self.written,
            });
        }
        let digest = std::mem::take(&mut self.digester).finish();
        let packed = self.seal()?;
        let file: &File = &self.scratch.file;
        // Nobody packs an archive.
        let zip = match packed {
            None => zip_content_hash(BufReader::new(file)),
            Some(_) => ZipVerdict::NotZip,
        };
        let content = digest.content(zip);
        // A server that does not look into archives says the hash of the bytes.
        let is = |expected: ContentHash| content.hash == Some(expected) || digest.md5 == expected;
        if let Some(expected) = expected.hash.filter(|expected| !is(*expected)) {
            return Err(Problem::WrongContent {
                expected: expected.to_string(),
                got: content.hash.unwrap_or(digest.md5).to_string(),
            });
        }
        Ok(Fingerprint {
            content,
            blank: digest.blank,
            packed,
        })
    }

    /// Writes what is still to be packed, and the head that says how much it was.
    fn seal(&mut self) -> io::Result<Option<Packed>> {
        let Some(mut packer) = self.packer.take() else {
            return Ok(None);
        };
        let size = packer.size();
        if size == 0 {
            // What holds nothing cannot be packed.
            self.scratch.file.set_len(0)?;
            return Ok(None);
        }
        let mut packed = Vec::new();
        packer.finish(&mut packed)?;
        self.disk.write(&mut self.scratch.file, &packed)?;
        self.write_head(size)?;
        self.scratch.file.rewind()?;
        let mut own = Digester::new();
        reading::digest_all(&self.scratch.file, &mut own)?;
        let file = own.finish().blob;
        Ok(Some(Packed { size, file }))
    }
}

impl Verified {
    /// What it holds: its content, however it is going to be written.
    pub(crate) const fn blob(&self) -> BlobHash {
        self.fingerprint.content.blob
    }

    /// Where its bytes are for now.
    pub(crate) fn path(&self) -> &Path {
        self.incoming.scratch.path()
    }
}

fn find(path: &Path, form: Form) -> Result<Place, Problem> {
    let place = if form.is_folder() {
        let found = None;
        folder::find(path, form).map(|folder::Place { real, .. }| Place { real, found })
    } else {
        place::find(path)
    };
    place.map_err(|error| match error {
        ReadError::Unreadable { source, .. } => source.into(),
        error => Problem::Target(error),
    })
}

#[cfg(test)]
mod tests;
