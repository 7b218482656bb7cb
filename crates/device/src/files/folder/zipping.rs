//! Makes one zip of folders while it is read.
//!
//! The same files give the same bytes on every machine: in the order of their names, each folder
//! before what is in it, nothing compressed (what games save is packed or encrypted already), and no
//! time but the first that a zip can name. Takes constant memory for the files, and a line for each.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use keepsave_core::content::{Blank, ContentHash, Digester, zip_hash_of};

use super::super::form::Form;
use super::super::reading;
use super::super::snapshot::Stamp;
use super::tree::{Node, Tree, find};

const HEADER_BYTES: u64 = 30;
const ENTRY_BYTES: u64 = 46;
const END_BYTES: u64 = 22;
/// The version of the format that is needed to read it: the first with folders.
const VERSION: u16 = 20;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// The first day that a zip can name.
const FIRST_DAY: u16 = 1 << 5 | 1;
/// By which readers of all times know a folder.
const FOLDER: u32 = 0x10;

/// The zip, as it is read.
pub(crate) struct Zipping {
    nodes: std::vec::IntoIter<Node>,
    /// Made, and not handed out yet.
    ready: Vec<u8>,
    handed_out: usize,
    /// The file whose bytes come next.
    file: Option<Open>,
    written: u64,
    directory: Vec<u8>,
    entries: u16,
    is_ended: bool,
    /// What each file turned out to hold.
    read: Vec<(String, ContentHash, Option<Blank>)>,
}

/// A file that was read once, and has to hold the same the second time.
struct Open {
    file: File,
    left: u64,
    crc: u32,
    seen: crc32fast::Hasher,
}

/// How large the zip of these is.
pub(super) fn size_of(nodes: &[Node]) -> u64 {
    let size = |node: &Node| {
        let data = if node.is_folder() { 0 } else { node.stamp.size };
        HEADER_BYTES + ENTRY_BYTES + 2 * node.name.len() as u64 + data
    };
    END_BYTES + nodes.iter().map(size).sum::<u64>()
}

/// The folder is not what it was when it was looked at.
fn change() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Changed)
}

#[derive(Debug, thiserror::Error)]
#[error("it changes while it is read")]
struct Changed;

/// Whether an error says that, or that a file is gone.
pub(crate) fn is_change(error: &io::Error) -> bool {
    let inner = error.get_ref();
    error.kind() == io::ErrorKind::NotFound || inner.is_some_and(|inner| inner.is::<Changed>())
}

impl Zipping {
    /// Begins the zip of the folders at `path`.
    pub fn begin(path: &Path, form: Form) -> io::Result<Self> {
        let place = find(path, form).map_err(io::Error::other)?;
        let tree = Tree::of(&place.roots, path).map_err(io::Error::other)?;
        Ok(Self::of(tree))
    }

    /// The zip of what is in the tree.
    pub(super) fn of(tree: Tree) -> Self {
        Self {
            nodes: tree.nodes.into_iter(),
            ready: Vec::new(),
            handed_out: 0,
            file: None,
            written: 0,
            directory: Vec::new(),
            entries: 0,
            is_ended: false,
            read: Vec::new(),
        }
    }

    /// Its content hash, once all of it was read.
    pub(super) fn hash(&self) -> ContentHash {
        let files = self.read.iter();
        zip_hash_of(files.map(|(name, hash, _)| (name.clone(), *hash)))
    }

    /// Whether all files are blank alike, once all of it was read.
    pub(super) fn blank(&self) -> Option<Blank> {
        let blanks = self.read.iter().map(|(_, _, blank)| *blank);
        // A file without a byte is like any other.
        let mut filled = blanks.filter(|blank| *blank != Some(Blank::Empty));
        let Some(first) = filled.next() else {
            return Some(Blank::Empty);
        };
        first.filter(|_| filled.all(|blank| blank == first))
    }

    /// Makes what comes next: an entry's header, or the directory at the end.
    fn advance(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.handed_out = 0;
        let Some(node) = self.nodes.next() else {
            self.end();
            return Ok(());
        };
        let (crc, size) = if node.is_folder() {
            (0, 0)
        } else {
            self.open(&node)?
        };
        let offset = narrow(self.written)?;
        self.written += HEADER_BYTES + node.name.len() as u64 + u64::from(size);
        let name = node.name.as_bytes();
        let length = u16::try_from(name.len()).map_err(io::Error::other)?;
        let ready = &mut self.ready;
        ready.extend_from_slice(b"PK\x03\x04");
        facts(ready, crc, size, length);
        ready.extend_from_slice(name);
        let directory = &mut self.directory;
        directory.extend_from_slice(b"PK\x01\x02");
        directory.extend_from_slice(&VERSION.to_le_bytes());
        facts(directory, crc, size, length);
        // No comment, on the first disk, of no kind.
        directory.extend_from_slice(&[0; 6]);
        let attributes = if node.is_folder() { FOLDER } else { 0 };
        directory.extend_from_slice(&attributes.to_le_bytes());
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name);
        self.entries += 1;
        Ok(())
    }

    /// Reads a file a first time: its sum has to stand before its bytes.
    fn open(&mut self, node: &Node) -> io::Result<(u32, u32)> {
        let opened = reading::open(&node.path);
        let (mut file, metadata) = opened.map_err(|error| match error {
            super::ReadError::Unreadable { source, .. } => source,
            _ => change(),
        })?;
        if Stamp::of(&metadata) != node.stamp {
            return Err(change());
        }
        let mut digester = Digester::new();
        let mut crc = crc32fast::Hasher::new();
        let mut buffer = vec![0; super::PIECE_BYTES];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    digester.update(&buffer[..length]);
                    crc.update(&buffer[..length]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let digest = digester.finish();
        if digest.size != node.stamp.size {
            return Err(change());
        }
        file.rewind()?;
        let crc = crc.finalize();
        self.read
            .push((node.name.clone(), digest.md5, digest.blank));
        self.file = Some(Open {
            file,
            left: digest.size,
            crc,
            seen: crc32fast::Hasher::new(),
        });
        Ok((crc, narrow(digest.size)?))
    }

    fn end(&mut self) {
        if std::mem::replace(&mut self.is_ended, true) {
            return;
        }
        let size = self.directory.len() as u64;
        self.ready = std::mem::take(&mut self.directory);
        let ready = &mut self.ready;
        ready.extend_from_slice(b"PK\x05\x06");
        ready.extend_from_slice(&[0; 4]);
        ready.extend_from_slice(&self.entries.to_le_bytes());
        ready.extend_from_slice(&self.entries.to_le_bytes());
        // Limits keep both far below what does not fit.
        for number in [size, self.written] {
            ready.extend_from_slice(&narrow(number).unwrap_or(u32::MAX).to_le_bytes());
        }
        ready.extend_from_slice(&[0; 2]);
    }
}

/// What header and directory say alike, up to the name's length and that nothing follows it.
fn facts(into: &mut Vec<u8>, crc: u32, size: u32, name: u16) {
    let stored_at_midnight = 0u32;
    into.extend_from_slice(&VERSION.to_le_bytes());
    into.extend_from_slice(&UTF8.to_le_bytes());
    into.extend_from_slice(&stored_at_midnight.to_le_bytes());
    into.extend_from_slice(&FIRST_DAY.to_le_bytes());
    for number in [crc, size, size] {
        into.extend_from_slice(&number.to_le_bytes());
    }
    into.extend_from_slice(&name.to_le_bytes());
    into.extend_from_slice(&[0; 2]);
}

fn narrow(number: u64) -> io::Result<u32> {
    u32::try_from(number).map_err(io::Error::other)
}

impl Read for Zipping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let ready = &self.ready[self.handed_out..];
            if !ready.is_empty() {
                let length = ready.len().min(buffer.len());
                buffer[..length].copy_from_slice(&ready[..length]);
                self.handed_out += length;
                return Ok(length);
            }
            if let Some(open) = &mut self.file {
                match open.read(buffer)? {
                    0 => self.file = None,
                    length => return Ok(length),
                }
            }
            if self.is_ended {
                return Ok(0);
            }
            self.advance()?;
        }
    }
}

impl Read for Open {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let seen = std::mem::take(&mut self.seen);
            return if seen.finalize() == self.crc {
                Ok(0)
            } else {
                Err(change())
            };
        }
        let length = (&mut self.file).take(self.left).read(buffer)?;
        if length == 0 {
            return Err(change());
        }
        self.seen.update(&buffer[..length]);
        self.left -= length as u64;
        Ok(length)
    }
}
