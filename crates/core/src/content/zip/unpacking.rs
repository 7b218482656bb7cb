//! Takes the files out of a zip, one after the other.
//!
//! What counts as a zip and what its files are called is what the content hash says of it. Nothing
//! here knows where they go.

use std::io::{self, Read, Seek, Write};

use super::directory::{self, End, Entry};
use super::{ZipMember, unpack};
use crate::limits;

/// A zip whose files can be taken out.
pub struct Unzip<R> {
    reader: R,
    entries: Vec<Entry>,
}

/// Why a file did not come out of a zip.
#[derive(Debug, thiserror::Error)]
pub enum UnzipError {
    /// The archive does not hold what it says.
    #[error("the archive is damaged at {0:?}")]
    Damaged(String),
    /// What comes out could not be taken.
    #[error(transparent)]
    Sink(#[from] io::Error),
}

impl<R: Read + Seek> Unzip<R> {
    /// Opens a zip. None for what is none, cannot be read, or holds more than limits allow.
    pub fn open(mut reader: R) -> Option<Self> {
        let End::Found(record) = directory::find_end(&mut reader) else {
            return None;
        };
        let mut entries = directory::read(&mut reader, &record)?;
        entries.retain(|entry| !entry.is_directory());
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        // Of several with one name the last one counts.
        entries.reverse();
        entries.dedup_by(|one, other| one.name == other.name);
        entries.reverse();
        let size = entries
            .iter()
            .try_fold(0u64, |all, entry| all.checked_add(entry.size));
        let fits = size.is_some_and(|size| size <= limits::ZIP_INFLATED_BYTES);
        fits.then_some(Self { reader, entries })
    }

    /// Its files, by name.
    pub fn members(&self) -> Vec<ZipMember> {
        let members = self.entries.iter().map(|entry| ZipMember {
            name: entry.name.clone(),
            size: entry.size,
            crc: entry.crc,
        });
        members.collect()
    }

    /// The first that is no file but leads to one.
    pub fn link(&self) -> Option<&str> {
        let link = self.entries.iter().find(|entry| entry.is_link);
        link.map(|entry| entry.name.as_str())
    }

    /// Writes what the file at that place among the members holds.
    pub fn copy(&mut self, at: usize, sink: &mut impl Write) -> Result<(), UnzipError> {
        let Some(entry) = self.entries.get(at) else {
            return Ok(());
        };
        let mut checked = Checked {
            sink,
            crc: crc32fast::Hasher::new(),
            refused: None,
        };
        let unpacked = unpack(&mut self.reader, entry, &mut checked);
        if let Some(refused) = checked.refused {
            return Err(refused.into());
        }
        if unpacked.is_none() || checked.crc.finalize() != entry.crc {
            return Err(UnzipError::Damaged(entry.name.clone()));
        }
        Ok(())
    }
}

/// Passes on what comes, and knows whose fault it is when that fails.
struct Checked<'a, W> {
    sink: &'a mut W,
    crc: crc32fast::Hasher,
    refused: Option<io::Error>,
}

impl<W: Write> Write for Checked<'_, W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.sink.write_all(piece) {
            self.refused = Some(error);
            return Err(io::ErrorKind::Other.into());
        }
        self.crc.update(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}
