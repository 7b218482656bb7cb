//! The files of a disc: ISO 9660, as far as it takes to find one by its path.

use super::sectors::{SECTOR_BYTES, Sectors};

/// The largest directory that is looked through.
const DIRECTORY_BYTES: u32 = 1024 * 1024;

/// What stands somewhere on a disc.
#[derive(Clone, Copy)]
struct Extent {
    sector: u32,
    size: u32,
}

/// The first bytes of a file, at most so many.
pub(super) fn read_file(disc: &mut Sectors, path: &[&str], at_most: u32) -> Option<Vec<u8>> {
    let volume = disc.read(16, 190)?;
    if !volume.starts_with(b"\x01CD001") {
        return None;
    }
    let mut found = extent(&volume[156..])?;
    for name in path {
        let size = found.size.min(DIRECTORY_BYTES);
        let directory = disc.read(found.sector.into(), usize::try_from(size).ok()?)?;
        found = look_up(&directory, name)?;
    }
    let size = usize::try_from(found.size.min(at_most)).ok()?;
    disc.read(found.sector.into(), size)
}

fn look_up(directory: &[u8], name: &str) -> Option<Extent> {
    let sector = usize::try_from(SECTOR_BYTES).ok()?;
    let mut at = 0;
    while at < directory.len() {
        let length = usize::from(directory[at]);
        if length == 0 {
            // A record does not cross into the next sector.
            at = (at / sector + 1) * sector;
            continue;
        }
        let record = directory.get(at..at + length)?;
        let called = record.get(33..33 + usize::from(*record.get(32)?))?;
        let called = called
            .split(|&byte| byte == b';')
            .next()
            .unwrap_or_default();
        if called.eq_ignore_ascii_case(name.as_bytes()) {
            return extent(record);
        }
        at += length;
    }
    None
}

fn extent(record: &[u8]) -> Option<Extent> {
    let four = |at: usize| Some(u32::from_le_bytes(record.get(at..at + 4)?.try_into().ok()?));
    Some(Extent {
        sector: four(2)?,
        size: four(10)?,
    })
}
