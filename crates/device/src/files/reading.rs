//! Reads a file from end to end, again if it changed meanwhile: what is handed on was there at one
//! moment.
//!
//! Takes constant memory, whatever the size.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use keepsave_core::content::{Content, Digest, Digester, zip_content_hash};
use keepsave_core::limits;

use super::place;
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
    let unreadable = |source| ReadError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let opened = File::options().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(place::not_a_file(path, &metadata));
    }
    Ok((file, metadata))
}

/// Reads all of the file at `path`.
pub(crate) fn read_whole(path: &Path, sink: &mut dyn Sink) -> Result<Whole, Broken> {
    for _ in 0..limits::READS_OF_A_CHANGING_FILE {
        let (mut file, metadata) = open(path)?;
        let before = Stamp::of(&metadata);
        let unreadable = |source| ReadError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let digest = read_once(&mut file, sink, unreadable)?;
        let content = digest.content(zip_content_hash(io::BufReader::new(&file)));
        let after = Stamp::of(&file.metadata().map_err(unreadable)?);
        // By its name, too: a program that saves by renaming leaves the open file as it was.
        if after == before && digest.size == before.size && Stamp::at(path) == Some(before) {
            file.rewind().map_err(unreadable)?;
            return Ok(Whole {
                file,
                stamp: before,
                digest,
                content,
            });
        }
    }
    Err(Broken::Read(ReadError::Changing {
        path: path.to_owned(),
    }))
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
