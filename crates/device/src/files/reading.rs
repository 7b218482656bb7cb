//! Reads a file from end to end, again if it changed meanwhile: what is handed on was there at one
//! moment.
//!
//! Takes constant memory, whatever the size.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use keepsave_core::content::{Content, Digest, Digester, ZipVerdict, zip_content_hash};
use keepsave_core::limits;

use super::form::Form;
use super::known::{Fingerprint, Packed};
use super::place;
use super::rzip::{Damage, HEAD_BYTES, Unpacker};
use super::snapshot::{ReadError, Stamp};

/// How much is read at once.
const PIECE_BYTES: usize = 128 * 1024;

/// Takes the bytes while they are read.
pub(crate) trait Sink {
    /// What came so far is void: the file is read from its start.
    fn begin(&mut self) -> io::Result<()>;
    /// The next piece.
    fn piece(&mut self, piece: &[u8]) -> io::Result<()>;
}

/// Wants to know the digests only.
impl Sink for () {
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn piece(&mut self, _piece: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Whole {
    pub file: File,
    pub stamp: Stamp,
    pub digest: Digest,
    pub content: Content,
}

/// Why there is nothing whole.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The file could not be read.
    Read(ReadError),
    /// What was read could not be taken.
    Sink(io::Error),
}

impl From<ReadError> for Broken {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

/// Opens a regular file for reading; does not wait for the other end of a pipe.
pub(crate) fn open(path: &Path) -> Result<(File, Metadata), ReadError> {
    let unreadable = |source| unreadable(path, source);
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let opened = File::options().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(place::not_a_file(path, &metadata));
    }
    Ok((file, metadata))
}

impl Whole {
    /// What is known of the file's bytes.
    pub fn known(&self) -> (Stamp, Fingerprint) {
        let fingerprint = Fingerprint {
            content: self.content,
            blank: self.digest.blank,
            packed: None,
        };
        (self.stamp, fingerprint)
    }
}

/// Reads all of the file at `path`.
pub(crate) fn read_whole(path: &Path, sink: &mut dyn Sink) -> Result<Whole, Broken> {
    let (mut file, stamp, (digest, content)) = steady(path, |file| {
        let digest = read_once(file, sink, |source| unreadable(path, source))?;
        let content = digest.content(zip_content_hash(io::BufReader::new(&*file)));
        Ok((digest.size, (digest, content)))
    })?;
    file.rewind().map_err(|source| unreadable(path, source))?;
    Ok(Whole {
        file,
        stamp,
        digest,
        content,
    })
}

/// Reads all of the file at `path` to know the content that it holds.
pub(crate) fn read_content(path: &Path) -> Result<(Stamp, Fingerprint), Broken> {
    let (_, stamp, read) = steady(path, |file| {
        let size = file.metadata().map_or(0, |file| file.len());
        match fingerprint(file) {
            Ok((size, fingerprint)) => Ok((size, Ok(fingerprint))),
            Err(error) => match Damage::of(&error) {
                Some(damage) => Ok((size, Err(damage))),
                None => Err(unreadable(path, error).into()),
            },
        }
    })?;
    let damaged = |damage| ReadError::Damaged {
        path: path.to_owned(),
        damage,
    };
    Ok((stamp, read.map_err(damaged)?))
}

/// The size of a file, and what is known of its content.
fn fingerprint(file: &mut File) -> io::Result<(u64, Fingerprint)> {
    let mut head = Vec::new();
    (&mut *file)
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)?;
    file.rewind()?;
    match Form::of_head(&head) {
        Form::Rzip => unpack(file),
        Form::Raw | Form::Folder | Form::Folders => {
            let mut own = Digester::new();
            digest_all(&mut *file, &mut own)?;
            let digest = own.finish();
            let fingerprint = Fingerprint {
                content: digest.content(zip_content_hash(io::BufReader::new(&*file))),
                blank: digest.blank,
                packed: None,
            };
            Ok((digest.size, fingerprint))
        }
    }
}

fn unpack(file: &mut File) -> io::Result<(u64, Fingerprint)> {
    let mut own = Digester::new();
    let mut unpacker = Unpacker::begin(Digesting(&mut *file, &mut own))?;
    let mut content = Digester::new();
    digest_all(&mut unpacker, &mut content)?;
    // What follows the content belongs to the file all the same.
    io::copy(&mut unpacker.into_inner(), &mut io::sink())?;
    let (own, content) = (own.finish(), content.finish());
    let fingerprint = Fingerprint {
        content: content.content(ZipVerdict::NotZip),
        blank: content.blank,
        packed: Some(Packed {
            size: content.size,
            file: own.blob,
        }),
    };
    Ok((own.size, fingerprint))
}

/// Digests all that is still to be read.
pub(crate) fn digest_all(mut source: impl Read, digester: &mut Digester) -> io::Result<()> {
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => digester.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads, and digests what is read.
struct Digesting<'a>(&'a mut File, &'a mut Digester);

impl Read for Digesting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.0.read(buffer)?;
        self.1.update(&buffer[..length]);
        Ok(length)
    }
}

/// Reads a file until nothing changed meanwhile. `once` says how much it read, too.
fn steady<T>(
    path: &Path,
    mut once: impl FnMut(&mut File) -> Result<(u64, T), Broken>,
) -> Result<(File, Stamp, T), Broken> {
    for _ in 0..limits::READS_OF_A_CHANGING_FILE {
        let (mut file, metadata) = open(path)?;
        let before = Stamp::of(&metadata);
        let (size, read) = once(&mut file)?;
        let metadata = file.metadata();
        let after = Stamp::of(&metadata.map_err(|source| unreadable(path, source))?);
        // By its name, too: a program that saves by renaming leaves the open file as it was.
        if after == before && size == before.size && Stamp::at(path) == Some(before) {
            return Ok((file, before, read));
        }
    }
    Err(Broken::Read(ReadError::Changing {
        path: path.to_owned(),
    }))
}

fn unreadable(path: &Path, source: io::Error) -> ReadError {
    ReadError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

fn read_once(
    file: &mut File,
    sink: &mut dyn Sink,
    unreadable: impl Fn(io::Error) -> ReadError,
) -> Result<Digest, Broken> {
    sink.begin().map_err(Broken::Sink)?;
    let mut digester = Digester::new();
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        let length = match file.read(&mut buffer) {
            Ok(0) => return Ok(digester.finish()),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(error).into()),
        };
        digester.update(&buffer[..length]);
        sink.piece(&buffer[..length]).map_err(Broken::Sink)?;
    }
}
