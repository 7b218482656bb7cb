//! RZIP, the container in which `RetroArch` packs saves: a head, then pieces of zlib data, each
//! after its length.
//!
//! Both ways stream: memory is a few pieces, whatever the size, and nothing that a file claims of
//! itself is believed before its bytes have shown it. Nothing here knows a disk.

use std::io::{self, Read};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use keepsave_core::limits;

use super::form::RZIP_MAGIC;

/// The pieces that `RetroArch` packs.
const CHUNK_BYTES: u32 = 128 * 1024;
/// How hard it tries.
const LEVEL: u32 = 6;
/// How long a head is: the mark, the size of a piece, the size of the content.
pub(crate) const HEAD_BYTES: usize = 20;

/// What is wrong with a packed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It does not begin like one.
    #[error("it is not packed as RetroArch packs saves")]
    NotPacked,
    /// It ends before all that it announces has come.
    #[error("it ends too early")]
    Truncated,
    /// The sizes in its head are none that a save has.
    #[error("its head announces sizes that no save has")]
    Sizes,
    /// A piece is no zlib data, or not as much as it announces.
    #[error("its packed data is damaged")]
    Piece,
}

impl From<Damage> for io::Error {
    fn from(damage: Damage) -> Self {
        Self::new(io::ErrorKind::InvalidData, damage)
    }
}

impl Damage {
    /// The damage that an error tells of, if it does.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

/// Reads the content of a packed file.
pub(crate) struct Unpacker<R> {
    source: R,
    inflate: Decompress,
    chunk_size: usize,
    /// The content of the piece that is being handed out.
    chunk: Vec<u8>,
    at: usize,
    packed: Vec<u8>,
    /// How much of the content is still packed.
    left: u64,
}

impl<R: Read> Unpacker<R> {
    /// Reads the head.
    pub fn begin(mut source: R) -> io::Result<Self> {
        let mut head = [0; HEAD_BYTES];
        fill(&mut source, &mut head)?;
        let (mark, sizes) = head.split_at(RZIP_MAGIC.len());
        if mark != RZIP_MAGIC {
            return Err(Damage::NotPacked.into());
        }
        let (chunk_size, size) = sizes.split_at(4);
        let chunk_size = u32::from_le_bytes(chunk_size.try_into().unwrap_or_default());
        let size = u64::from_le_bytes(size.try_into().unwrap_or_default());
        let fits = (1..=limits::RZIP_CHUNK_BYTES).contains(&chunk_size);
        // While it is being written its size is still 0.
        if !fits || !(1..=limits::RZIP_BYTES).contains(&size) {
            return Err(Damage::Sizes.into());
        }
        Ok(Self {
            source,
            inflate: Decompress::new(true),
            chunk_size: chunk_size as usize,
            chunk: Vec::new(),
            at: 0,
            packed: Vec::new(),
            left: size,
        })
    }

    /// What is packed, read up to the end of the content.
    pub fn into_inner(self) -> R {
        self.source
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        let mut length = [0; 4];
        fill(&mut self.source, &mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        // Whoever packs well never makes a piece much longer.
        if length == 0 || length > 2 * self.chunk_size + 1024 {
            return Err(Damage::Piece.into());
        }
        self.packed.resize(length, 0);
        fill(&mut self.source, &mut self.packed)?;
        let room =
            usize::try_from(self.left).map_or(self.chunk_size, |left| left.min(self.chunk_size));
        // No more than there is room for is ever unpacked.
        self.chunk.resize(room, 0);
        self.at = 0;
        self.inflate.reset(true);
        let finish = FlushDecompress::Finish;
        let status = self
            .inflate
            .decompress(&self.packed, &mut self.chunk, finish);
        let got = usize::try_from(self.inflate.total_out()).unwrap_or_default();
        self.chunk.truncate(got);
        if !matches!(status, Ok(Status::StreamEnd)) || got == 0 {
            return Err(Damage::Piece.into());
        }
        self.left -= got as u64;
        Ok(())
    }
}

impl<R: Read> Read for Unpacker<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() && self.left > 0 && !buffer.is_empty() {
            self.next_chunk()?;
        }
        let mut rest = &self.chunk[self.at..];
        let length = rest.read(buffer)?;
        self.at += length;
        Ok(length)
    }
}

fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<()> {
    source
        .read_exact(buffer)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Damage::Truncated.into(),
            _ => error,
        })
}

/// Packs a content of any length that comes piece by piece.
pub(crate) struct Packer {
    chunk: Vec<u8>,
    size: u64,
}

impl Packer {
    pub fn new() -> Self {
        Self {
            chunk: Vec::new(),
            size: 0,
        }
    }

    /// What a packed file of this size begins with. It is known when all has come.
    pub fn head(size: u64) -> [u8; HEAD_BYTES] {
        let mut head = [0; HEAD_BYTES];
        head[..8].copy_from_slice(&RZIP_MAGIC);
        head[8..12].copy_from_slice(&CHUNK_BYTES.to_le_bytes());
        head[12..].copy_from_slice(&size.to_le_bytes());
        head
    }

    /// How much has come.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next bytes; what is to be written because of them is added to `packed`.
    pub fn push(&mut self, mut piece: &[u8], packed: &mut Vec<u8>) -> io::Result<()> {
        self.size += piece.len() as u64;
        while !piece.is_empty() {
            let room = CHUNK_BYTES as usize - self.chunk.len();
            let (now, later) = piece.split_at(room.min(piece.len()));
            self.chunk.extend_from_slice(now);
            piece = later;
            if self.chunk.len() == CHUNK_BYTES as usize {
                self.pack(packed)?;
            }
        }
        Ok(())
    }

    /// Everything has come.
    pub fn finish(&mut self, packed: &mut Vec<u8>) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        self.pack(packed)
    }

    fn pack(&mut self, packed: &mut Vec<u8>) -> io::Result<()> {
        let mut deflate = Compress::new(Compression::new(LEVEL), true);
        // Room for what cannot be packed at all.
        let mut piece = Vec::with_capacity(self.chunk.len() + self.chunk.len() / 8 + 64);
        let status = deflate.compress_vec(&self.chunk, &mut piece, FlushCompress::Finish);
        if !matches!(status, Ok(Status::StreamEnd)) {
            return Err(io::Error::other("it cannot be packed"));
        }
        let length = u32::try_from(piece.len()).map_err(io::Error::other)?;
        packed.extend_from_slice(&length.to_le_bytes());
        packed.append(&mut piece);
        self.chunk.clear();
        Ok(())
    }
}

#[cfg(any(test, fuzzing))]
#[cfg_attr(
    not(fuzzing),
    expect(clippy::unwrap_used, reason = "only tests and the fuzzer pack so")
)]
pub(crate) fn packed(content: &[u8]) -> Vec<u8> {
    let mut packed = Packer::head(content.len() as u64).to_vec();
    let mut packer = Packer::new();
    packer.push(content, &mut packed).unwrap();
    packer.finish(&mut packed).unwrap();
    packed
}

#[cfg(test)]
mod tests;
