//! The sectors of a disc's image, 2,048 bytes of data each, however the image holds them: one after
//! the other, each with its head and sums, or packed as CSO.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::DeflateDecoder;

/// How many bytes of data a sector has.
pub(super) const SECTOR_BYTES: u64 = 2048;
/// How many it has with its head and sums.
const RAW_BYTES: u64 = 2352;
/// How every such sector begins.
const SYNC: [u8; 12] = [0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0];
/// How large the pieces of a CSO may be: as large as any program makes them.
const LARGEST_BLOCK: u32 = 1024 * 1024;

/// An image that was opened.
pub(super) struct Sectors {
    file: File,
    kind: Kind,
}

enum Kind {
    Plain,
    /// Where the data stands in a sector.
    Raw(u64),
    Packed {
        block: u32,
        align: u8,
        index: u64,
    },
}

impl Sectors {
    /// Opens a disc's image.
    pub fn open(path: &Path) -> Option<Self> {
        let (mut file, _) = crate::files::reading::open(path).ok()?;
        let mut head = [0; 24];
        file.read_exact(&mut head).ok()?;
        let kind = if head.starts_with(&SYNC) {
            // A sector of the second mode has eight more bytes before its data.
            Kind::Raw(if head[15] == 2 { 24 } else { 16 })
        } else if head.starts_with(b"CISO") {
            packed(&head)?
        } else {
            Kind::Plain
        };
        Some(Self { file, kind })
    }

    /// So many bytes from the start of a sector on.
    pub fn read(&mut self, sector: u64, length: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut at = sector;
        while bytes.len() < length {
            bytes.extend(self.sector(at)?);
            at += 1;
        }
        bytes.truncate(length);
        Some(bytes)
    }

    fn sector(&mut self, sector: u64) -> Option<Vec<u8>> {
        match self.kind {
            Kind::Plain => self.at(sector.checked_mul(SECTOR_BYTES)?, SECTOR_BYTES),
            Kind::Raw(data) => self.at(sector.checked_mul(RAW_BYTES)? + data, SECTOR_BYTES),
            Kind::Packed {
                block,
                align,
                index,
            } => {
                let byte = sector.checked_mul(SECTOR_BYTES)?;
                let number = byte / u64::from(block);
                let unpacked = self.block(number, block, align, index)?;
                let within = usize::try_from(byte % u64::from(block)).ok()?;
                let end = within + usize::try_from(SECTOR_BYTES).ok()?;
                Some(unpacked.get(within..end)?.to_vec())
            }
        }
    }

    fn block(&mut self, number: u64, block: u32, align: u8, index: u64) -> Option<Vec<u8>> {
        let entries = self.at(index + number.checked_mul(4)?, 8)?;
        let entry = |bytes: &[u8]| Some(u32::from_le_bytes(bytes.try_into().ok()?));
        let (this, next) = (entry(&entries[..4])?, entry(&entries[4..])?);
        let place = |entry: u32| u64::from(entry & 0x7FFF_FFFF) << align;
        let is_plain = this & 0x8000_0000 != 0;
        let packed = self.at(place(this), place(next).checked_sub(place(this))?)?;
        let mut unpacked = Vec::new();
        if is_plain {
            unpacked = packed;
        } else {
            let inflated = DeflateDecoder::new(packed.as_slice()).take(block.into());
            { inflated }.read_to_end(&mut unpacked).ok()?;
        }
        unpacked.truncate(usize::try_from(block).ok()?);
        Some(unpacked)
    }

    fn at(&mut self, place: u64, length: u64) -> Option<Vec<u8>> {
        if length > 2 * u64::from(LARGEST_BLOCK) {
            return None;
        }
        self.file.seek(SeekFrom::Start(place)).ok()?;
        let mut bytes = Vec::new();
        let got = (&self.file).take(length).read_to_end(&mut bytes).ok()?;
        (got as u64 == length).then_some(bytes)
    }
}

/// What the head of a CSO of the first version says.
fn packed(head: &[u8; 24]) -> Option<Kind> {
    let four = |at: usize| Some(u32::from_le_bytes(head[at..at + 4].try_into().ok()?));
    let (block, version, align) = (four(16)?, head[20], head[21]);
    let is_usual = (2048..=LARGEST_BLOCK).contains(&block) && block % 2048 == 0;
    (is_usual && version <= 1 && align < 16).then_some(Kind::Packed {
        block,
        align,
        index: 24,
    })
}
