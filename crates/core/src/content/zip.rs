//! RomM's content hash of a zip: of what is in it, not of how it is packed.
//!
//! The rule: entries by name, directories left out, one line `name:md5` each, joined by line
//! feeds, and the MD5 of that. What is a zip, what an entry is called and which archives cannot
//! be read is decided by Python's `zipfile`, which RomM and half of its clients use; the hash
//! must be the same everywhere, so its choices are followed here. (That is why the directory is
//! read here. The `zip` crate reads archives well, but makes other choices: it takes a name
//! without the UTF-8 flag for UTF-8 where it can, knows one entry of each name, and goes on to an
//! older end record when the last one is broken.)
//!
//! An archive past the limits is `Unreadable`, as a broken one is: it has no hash and is compared
//! by its bytes.

mod directory;
mod unpacking;

use std::io::{self, Read, Seek, SeekFrom, Write};

use bzip2::read::BzDecoder;
use flate2::read::DeflateDecoder;
use lzma_rust2::LzmaReader;
use md5::{Digest as _, Md5};

use self::directory::{End, Entry};
pub use self::unpacking::{Unzip, UnzipError};
use super::ContentHash;
use crate::limits;

/// What [`zip_content_hash`] has to say about some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZipVerdict {
    /// Not a zip: the content hash is the MD5 of the bytes.
    NotZip,
    /// A zip, and the hash of its entries.
    Hash(ContentHash),
    /// A zip that cannot be read, or is too large to be: there is no content hash.
    Unreadable,
}

/// Looks for a zip in the bytes of `reader`, wherever it stands, and hashes its entries.
///
/// Takes memory and time within [`limits`], whatever the bytes. A reader that fails makes the
/// verdict `Unreadable` or `NotZip`, as bytes that are missing would.
pub fn zip_content_hash(mut reader: impl Read + Seek) -> ZipVerdict {
    match directory::find_end(&mut reader) {
        End::Missing => ZipVerdict::NotZip,
        End::Broken => ZipVerdict::Unreadable,
        End::Found(record) => directory::read(&mut reader, &record)
            .and_then(|entries| hash_entries(&mut reader, entries))
            .map_or(ZipVerdict::Unreadable, ZipVerdict::Hash),
    }
}

/// A file in a zip, as its directory lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipMember {
    /// Its path within the archive.
    pub name: String,
    /// How many bytes it unpacks to.
    pub size: u64,
    /// Their CRC-32.
    pub crc: u32,
}

/// Lists the files of a zip by name, without unpacking any. None for bytes that are no zip, or one
/// that cannot be read.
pub fn zip_members(mut reader: impl Read + Seek) -> Option<Vec<ZipMember>> {
    let End::Found(record) = directory::find_end(&mut reader) else {
        return None;
    };
    let mut entries = directory::read(&mut reader, &record)?;
    entries.retain(|entry| !entry.is_directory());
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let members = entries.into_iter().map(|entry| ZipMember {
        name: entry.name,
        size: entry.size,
        crc: entry.crc,
    });
    Some(members.collect())
}

fn hash_entries(reader: &mut (impl Read + Seek), mut entries: Vec<Entry>) -> Option<ContentHash> {
    // Stable: of entries with one name the last in the directory stays last.
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let mut budget = limits::ZIP_INFLATED_BYTES;
    let mut lines = Lines::default();
    for same_name in entries.chunk_by(|one, other| one.name == other.name) {
        let Some(entry) = same_name.last().filter(|entry| !entry.is_directory()) else {
            continue;
        };
        budget = budget.checked_sub(entry.size)?;
        let hash = hash_entry(reader, entry)?;
        // Each of several entries with one name is listed, with what the last one holds.
        for _ in same_name {
            lines.add(&entry.name, hash);
        }
    }
    Some(lines.hash())
}

/// The content hash of a zip with these files, each named once.
pub fn zip_hash_of(files: impl IntoIterator<Item = (String, ContentHash)>) -> ContentHash {
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort_by(|one, other| one.0.cmp(&other.0));
    let mut lines = Lines::default();
    for (name, hash) in files {
        lines.add(&name, hash);
    }
    lines.hash()
}

/// What is hashed of the entries: a line for each.
#[derive(Default)]
struct Lines {
    md5: Md5,
    any: bool,
}

impl Lines {
    fn add(&mut self, name: &str, hash: ContentHash) {
        let separator = if self.any { "\n" } else { "" };
        self.md5.update(format!("{separator}{name}:{hash}"));
        self.any = true;
    }

    fn hash(self) -> ContentHash {
        ContentHash(self.md5.finalize().into())
    }
}

fn hash_entry(reader: &mut (impl Read + Seek), entry: &Entry) -> Option<ContentHash> {
    let mut hashes = Hashes::default();
    unpack(reader, entry, &mut hashes)?;
    (hashes.crc.finalize() == entry.crc).then(|| ContentHash(hashes.md5.finalize().into()))
}

/// Writes what an entry holds, and no more than it says. None for what cannot be unpacked; whether
/// all of it came, its CRC says.
fn unpack(reader: &mut (impl Read + Seek), entry: &Entry, sink: &mut impl Write) -> Option<()> {
    let start = directory::data_start(reader, entry)?;
    reader.seek(SeekFrom::Start(start)).ok()?;
    let packed = reader.take(entry.packed_size);
    let mut plain: Box<dyn Read + '_> = match entry.method {
        0 => Box::new(packed),
        8 => Box::new(DeflateDecoder::new(packed)),
        12 => Box::new(BzDecoder::new(packed)),
        14 => Box::new(lzma(packed, entry.size)?),
        _ => return None,
    };
    // A stream that breaks off leaves the CRC wrong.
    let _ = io::copy(&mut plain.as_mut().take(entry.size), sink);
    Some(())
}

/// Opens method 14: a version, the length of the properties, these, and raw LZMA.
fn lzma<R: Read>(mut packed: R, size: u64) -> Option<LzmaReader<R>> {
    let mut header = [0; 9];
    packed.read_exact(&mut header).ok()?;
    let [_, _, 5, 0, properties, dictionary @ ..] = header else {
        return None;
    };
    // No more than the whole output is ever looked back upon.
    let dictionary = u64::from(u32::from_le_bytes(dictionary)).min(size);
    if dictionary > limits::ZIP_DICTIONARY_BYTES {
        return None;
    }
    let dictionary = dictionary.try_into().ok()?;
    let until_marker = u64::MAX;
    LzmaReader::new_with_props(packed, until_marker, properties, dictionary, None).ok()
}

#[derive(Default)]
struct Hashes {
    md5: Md5,
    crc: crc32fast::Hasher,
}

impl Write for Hashes {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.md5.update(piece);
        self.crc.update(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
