//! Contents by their BLAKE3 hash: written once, never changed, stored once however often held.
//!
//! A blob is durable before its hash is given out. Nothing here knows what a blob is for.

mod disk;
mod lately;
mod memory;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use keepsave_core::content::{BlobHash, Content, Digest, Digester, ZipVerdict, zip_content_hash};
use keepsave_disk::Disk;

use super::Fault;
use super::unfinished::Unfinished;

/// Uploads up to this size never touch the disk before they are complete.
const HELD_IN_MEMORY: usize = 256 * 1024;
/// How much of a blob is examined in one piece.
const EXAMINED_AT_ONCE: usize = 128 * 1024;
/// Blobs are never changed, so no one may write to them by accident, through a link either.
pub(super) const READ_ONLY: u32 = 0o444;

/// Where contents are.
#[derive(Clone)]
pub enum Blobs {
    /// Files under the data directory.
    Disk(Arc<disk::Files>),
    /// A map: for tests and simulations.
    Memory(Arc<memory::Memory>),
}

/// A blob that is durable, and what its bytes are.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    /// Its hashes, with RomM's rule for zip archives applied.
    pub content: Content,
    /// How many bytes it has.
    pub size: u64,
    /// Whether there is no progress in it.
    pub blank: bool,
}

impl Blobs {
    pub(super) fn on_disk(disk: Arc<dyn Disk>, data: &Path) -> Result<Self, Fault> {
        Ok(Self::Disk(Arc::new(disk::Files::open(disk, data)?)))
    }

    pub(super) fn in_memory() -> Self {
        Self::Memory(Arc::new(memory::Memory::with_room(None)))
    }

    pub(super) fn in_memory_with_room(bytes: u64) -> Self {
        Self::Memory(Arc::new(memory::Memory::with_room(Some(bytes))))
    }

    /// Forgets what was on its way in when the last run ended: it was never acknowledged. Only for
    /// the process that serves; what others receive would be lost.
    pub fn discard_unfinished(&self) -> Result<(), Fault> {
        match self {
            Self::Disk(disk) => disk.discard_unfinished(),
            Self::Memory(_) => Ok(()),
        }
    }

    /// Begins to receive a content of unknown length.
    pub fn receive(&self) -> Receiver {
        Receiver {
            blobs: self.clone(),
            digester: Digester::new(),
            held: Held::Memory(Vec::new()),
        }
    }

    /// Stores bytes that are at hand.
    pub async fn put(&self, bytes: &[u8]) -> Result<Stored, Fault> {
        let mut receiver = self.receive();
        receiver.write(bytes).await?;
        receiver.finish().await
    }

    /// Opens a blob for reading.
    pub fn open(&self, hash: &BlobHash) -> Result<Reader, Fault> {
        match self {
            Self::Disk(disk) => disk.open_blob(hash),
            Self::Memory(memory) => memory.open_blob(hash),
        }
    }

    /// Whether a blob is there.
    pub fn contains(&self, hash: &BlobHash) -> Result<bool, Fault> {
        match self {
            Self::Disk(disk) => disk.contains(hash),
            Self::Memory(memory) => Ok(memory.contains(hash)),
        }
    }

    /// Removes a blob that no row names any more, unless the same content came in lately: a row that
    /// names it may be about to be written. Whether it is gone now. Only for the process that
    /// serves, which knows what came in.
    pub fn remove(&self, hash: &BlobHash) -> Result<bool, Fault> {
        match self {
            Self::Disk(disk) => disk.remove(hash),
            Self::Memory(memory) => Ok(memory.remove(hash)),
        }
    }

    /// Lets all that came in be long ago: for tests, which cannot wait.
    pub fn as_after_a_restart(&self) {
        match self {
            Self::Disk(disk) => disk.lately.forget(),
            Self::Memory(memory) => memory.lately.forget(),
        }
    }

    /// Takes a blob whose bytes are not its own any more out of the way, so that the next upload of
    /// the content stores it again; where it is now.
    pub fn quarantine(&self, hash: &BlobHash) -> Result<Option<PathBuf>, Fault> {
        match self {
            Self::Disk(disk) => disk.quarantine(hash).map(Some),
            Self::Memory(memory) => {
                memory.set_aside(hash);
                Ok(None)
            }
        }
    }

    /// Reads a blob from its beginning to its end and says what its bytes are now.
    pub fn examine(&self, hash: &BlobHash) -> Result<Stored, Fault> {
        let mut reader = self.open(hash)?;
        let mut digester = Digester::new();
        let mut piece = vec![0; EXAMINED_AT_ONCE];
        loop {
            match reader.read(&mut piece)? {
                0 => break,
                count => digester.update(&piece[..count]),
            }
        }
        reader.rewind()?;
        Ok(stored(digester.finish(), zip_content_hash(reader)))
    }

    /// The blobs whose hash begins with this byte, with their sizes, in order.
    pub fn beginning_with(&self, first: u8) -> Result<Vec<(BlobHash, u64)>, Fault> {
        let mut found = match self {
            Self::Disk(disk) => disk.beginning_with(first)?,
            Self::Memory(memory) => memory.beginning_with(first),
        };
        found.sort_unstable();
        Ok(found)
    }

    /// Visits every blob with its size, in order.
    pub fn each(
        &self,
        visit: &mut dyn FnMut(BlobHash, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for first in 0..=u8::MAX {
            for (hash, size) in self.beginning_with(first)? {
                visit(hash, size)?;
            }
        }
        Ok(())
    }

    /// The file that holds a blob, where blobs are files.
    pub fn path(&self, hash: &BlobHash) -> Option<PathBuf> {
        match self {
            Self::Disk(disk) => Some(disk.blob_path(hash)),
            Self::Memory(_) => None,
        }
    }

    fn keep_small(&self, hash: &BlobHash, bytes: Vec<u8>) -> Result<(), Fault> {
        match self {
            Self::Disk(disk) => disk.keep_bytes(hash, &bytes),
            Self::Memory(memory) => memory.keep(hash, bytes),
        }
    }
}

/// A content on its way in. Dropped before [`Receiver::finish`], it leaves nothing behind.
pub struct Receiver {
    blobs: Blobs,
    digester: Digester,
    held: Held,
}

enum Held {
    Memory(Vec<u8>),
    File(Unfinished),
}

impl Receiver {
    /// Takes the next piece.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), Fault> {
        self.digester.update(piece);
        match &mut self.held {
            Held::Memory(bytes) => {
                bytes.extend_from_slice(piece);
                if bytes.len() > HELD_IN_MEMORY
                    && let Blobs::Disk(disk) = &self.blobs
                {
                    let file = disk.stage(bytes)?;
                    self.held = Held::File(file);
                }
            }
            Held::File(file) => std::io::Write::write_all(file, piece)?,
        }
        // A long upload shares its thread with others.
        tokio::task::yield_now().await;
        Ok(())
    }

    /// Makes the content durable.
    pub async fn finish(self) -> Result<Stored, Fault> {
        in_background(move || self.finish_here()).await
    }

    fn finish_here(self) -> Result<Stored, Fault> {
        let digest: Digest = self.digester.finish();
        let zip = match &self.held {
            Held::Memory(bytes) => zip_content_hash(std::io::Cursor::new(bytes)),
            Held::File(file) => zip_content_hash(file.reopen()?),
        };
        match self.held {
            Held::Memory(bytes) => self.blobs.keep_small(&digest.blob, bytes)?,
            Held::File(file) => {
                if let Blobs::Disk(disk) = &self.blobs {
                    disk.keep_file(&digest.blob, file)?;
                }
            }
        }
        Ok(stored(digest, zip))
    }
}

fn stored(digest: Digest, zip: ZipVerdict) -> Stored {
    Stored {
        size: digest.size,
        blank: digest.blank.is_some(),
        content: digest.content(zip),
    }
}

/// Runs work that waits for a disk off the threads that answer requests. Without a runtime of
/// several threads (a simulation) it runs in place.
pub(crate) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    if has_several_threads() {
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| Fault::Stopped)?
    } else {
        work()
    }
}

/// Whether work can be left to another thread of the runtime.
pub(crate) fn has_several_threads() -> bool {
    tokio::runtime::Handle::try_current()
        .is_ok_and(|handle| handle.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread)
}

/// An open blob.
pub enum Reader {
    /// A file.
    File {
        /// The open file.
        file: File,
        /// Its length.
        size: u64,
    },
    /// Bytes in memory.
    Bytes {
        /// The whole content.
        bytes: Bytes,
        /// Where the next read begins.
        at: u64,
    },
}

impl Reader {
    /// How many bytes the blob has.
    pub fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } => *size,
            Self::Bytes { bytes, .. } => bytes.len() as u64,
        }
    }
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File { file, .. } => file.read(into),
            Self::Bytes { bytes, at } => {
                let start = usize::try_from(*at).unwrap_or(usize::MAX).min(bytes.len());
                let count = into.len().min(bytes.len() - start);
                into[..count].copy_from_slice(&bytes[start..start + count]);
                *at += count as u64;
                Ok(count)
            }
        }
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match self {
            Self::File { file, .. } => file.seek(to),
            Self::Bytes { bytes, at } => {
                let mut cursor = std::io::Cursor::new(bytes);
                cursor.set_position(*at);
                *at = cursor.seek(to)?;
                Ok(*at)
            }
        }
    }
}

#[cfg(test)]
mod tests;
