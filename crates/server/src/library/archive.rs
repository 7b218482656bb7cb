//! A zip of a game's files that is never made: where each of its bytes comes from is known, so it
//! is sent from any byte on, in constant memory and without a temporary file.
//!
//! Files are stored as they are. Their checksums come first in the format, so they must be known
//! beforehand.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use keepsave_core::content::BlobHash;
use keepsave_core::time::Time;

/// A file to be in an archive.
#[derive(Debug)]
pub struct Entry {
    /// Its path within the archive.
    pub name: String,
    /// Where its bytes are.
    pub content: Content,
    /// How many bytes it has.
    pub size: u64,
    /// Their CRC-32.
    pub crc: u32,
    /// When it was last written.
    pub modified_at: Time,
}

/// Where bytes are.
#[derive(Clone, Debug)]
pub enum Content {
    /// Here.
    Bytes(Bytes),
    /// In a file.
    File(PathBuf),
}

/// An archive.
#[derive(Debug)]
pub struct Archive {
    /// One after the other, without gaps.
    segments: Vec<Segment>,
    size: u64,
    fingerprint: BlobHash,
    modified_at: Time,
    /// The file that was read last: the next read mostly goes on in it.
    open: Mutex<Option<(usize, File)>>,
}

#[derive(Debug)]
struct Segment {
    start: u64,
    length: u64,
    content: Content,
}

impl Archive {
    /// An archive of these files, in this order.
    pub fn of(entries: Vec<Entry>) -> Self {
        let mut layout = Layout::default();
        let modified_at = entries.iter().map(|entry| entry.modified_at).max();
        let mut directory = Vec::new();
        let count = entries.len() as u64;
        for entry in entries {
            let header = layout.size;
            layout.push(Content::Bytes(local_header(&entry).into()), None);
            directory.extend(directory_entry(&entry, header));
            layout.push(entry.content, Some(entry.size));
        }
        let start = layout.size;
        let end = end(count, directory.len() as u64, start);
        directory.extend(end);
        // Names, sizes, checksums and times stand in the directory: it tells archives apart.
        let fingerprint = BlobHash(*blake3::hash(&directory).as_bytes());
        layout.push(Content::Bytes(directory.into()), None);
        Self {
            segments: layout.segments,
            size: layout.size,
            fingerprint,
            modified_at: modified_at.unwrap_or(Time::EPOCH),
            open: Mutex::default(),
        }
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What differs between any two archives.
    pub fn fingerprint(&self) -> BlobHash {
        self.fingerprint
    }

    /// When the newest of its files was last written.
    pub fn modified_at(&self) -> Time {
        self.modified_at
    }

    /// Fills `piece` with the bytes from `start` on. A file that has become shorter meanwhile is an
    /// error: then the transfer breaks off, rather than go on with other bytes.
    pub fn read_exact_at(&self, mut piece: &mut [u8], mut start: u64) -> io::Result<()> {
        while !piece.is_empty() {
            let at = self
                .segments
                .partition_point(|segment| segment.start <= start)
                - 1;
            let segment = &self.segments[at];
            let within = start - segment.start;
            let left = segment.length.saturating_sub(within);
            let count = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let (now, rest) = piece.split_at_mut(count);
            match &segment.content {
                Content::Bytes(bytes) => {
                    let from = usize::try_from(within).map_err(io::Error::other)?;
                    now.copy_from_slice(&bytes[from..from + count]);
                }
                Content::File(path) => {
                    let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
                    let file = match open.take() {
                        Some((last, file)) if last == at => file,
                        _ => File::open(path)?,
                    };
                    file.read_exact_at(now, within)?;
                    *open = Some((at, file));
                }
            }
            piece = rest;
            start += count as u64;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Layout {
    segments: Vec<Segment>,
    size: u64,
}

impl Layout {
    fn push(&mut self, content: Content, length: Option<u64>) {
        let length = match (&content, length) {
            (_, Some(length)) => length,
            (Content::Bytes(bytes), None) => bytes.len() as u64,
            (Content::File(_), None) => 0,
        };
        if length > 0 {
            self.segments.push(Segment {
                start: self.size,
                length,
                content,
            });
            self.size += length;
        }
    }
}

/// From here on a number does not fit its field, and stands in a wider one behind it.
const WIDE: u64 = u32::MAX as u64;
const ZIP64: u16 = 1;
/// What a reader must know: UTF-8 names, and wide numbers for some.
const UTF8: u16 = 1 << 11;
const VERSION: u16 = 20;
const VERSION_WIDE: u16 = 45;

fn local_header(entry: &Entry) -> Vec<u8> {
    let is_wide = entry.size >= WIDE;
    let mut extra = Bits::default();
    if is_wide {
        extra = extra.u16(ZIP64).u16(16).u64(entry.size).u64(entry.size);
    }
    Bits::default()
        .u32(0x0403_4b50)
        .u16(if is_wide { VERSION_WIDE } else { VERSION })
        .u16(UTF8)
        .u16(0)
        .moment(entry.modified_at)
        .u32(entry.crc)
        .narrow(entry.size)
        .narrow(entry.size)
        .length(entry.name.len())
        .length(extra.0.len())
        .bytes(entry.name.as_bytes())
        .bytes(&extra.0)
        .0
}

fn directory_entry(entry: &Entry, header: u64) -> Vec<u8> {
    const UNIX: u16 = 3 << 8;
    const READABLE_FILE: u32 = 0o100_644 << 16;
    let mut wide = Bits::default();
    if entry.size >= WIDE {
        wide = wide.u64(entry.size).u64(entry.size);
    }
    if header >= WIDE {
        wide = wide.u64(header);
    }
    let mut extra = Bits::default();
    if !wide.0.is_empty() {
        extra = extra.u16(ZIP64).length(wide.0.len()).bytes(&wide.0);
    }
    let version = if wide.0.is_empty() {
        VERSION
    } else {
        VERSION_WIDE
    };
    Bits::default()
        .u32(0x0201_4b50)
        .u16(UNIX | version)
        .u16(version)
        .u16(UTF8)
        .u16(0)
        .moment(entry.modified_at)
        .u32(entry.crc)
        .narrow(entry.size)
        .narrow(entry.size)
        .length(entry.name.len())
        .length(extra.0.len())
        .u16(0)
        .u16(0)
        .u16(0)
        .u32(READABLE_FILE)
        .narrow(header)
        .bytes(entry.name.as_bytes())
        .bytes(&extra.0)
        .0
}

/// The records that end an archive, whose directory has `size` bytes from `start` on.
fn end(count: u64, size: u64, start: u64) -> Vec<u8> {
    const MANY: u64 = u16::MAX as u64;
    let mut end = Bits::default();
    if count >= MANY || size >= WIDE || start >= WIDE {
        end = end
            .u32(0x0606_4b50)
            .u64(44)
            .u16(VERSION_WIDE)
            .u16(VERSION_WIDE)
            .u32(0)
            .u32(0)
            .u64(count)
            .u64(count)
            .u64(size)
            .u64(start)
            .u32(0x0706_4b50)
            .u32(0)
            .u64(start + size)
            .u32(1);
    }
    let count = u16::try_from(count).unwrap_or(u16::MAX);
    end.u32(0x0605_4b50)
        .u16(0)
        .u16(0)
        .u16(count)
        .u16(count)
        .narrow(size)
        .narrow(start)
        .u16(0)
        .0
}

/// Little-endian fields, one after the other.
#[derive(Default)]
struct Bits(Vec<u8>);

impl Bits {
    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn u16(self, number: u16) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    fn u32(self, number: u32) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    fn u64(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    /// A number that stands elsewhere when it is too wide for its field.
    fn narrow(self, number: u64) -> Self {
        self.u32(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// Names and extra fields are shorter than paths can be, and so than 64 KiB.
    fn length(self, length: usize) -> Self {
        self.u16(u16::try_from(length).unwrap_or(u16::MAX))
    }

    /// A date and time as MS-DOS writes them: from 1980 on, in steps of two seconds.
    fn moment(self, at: Time) -> Self {
        let at = at.civil();
        let number = |number: i8| u16::try_from(number).unwrap_or_default();
        let years = u16::try_from(at.year() - 1980).unwrap_or_default().min(127);
        let time =
            (number(at.hour()) << 11) | (number(at.minute()) << 5) | (number(at.second()) / 2);
        let date = (years << 9) | (number(at.month()) << 5) | number(at.day());
        self.u16(time).u16(date)
    }
}

#[cfg(test)]
mod tests {
    use keepsave_core::content::{ZipVerdict, zip_content_hash, zip_members};

    use super::*;

    fn entry(name: &str, content: Content, bytes: &[u8]) -> Entry {
        Entry {
            name: name.to_owned(),
            content,
            size: bytes.len() as u64,
            crc: crc32fast::hash(bytes),
            modified_at: Time::from_micros(1_795_159_710_000_000),
        }
    }

    fn read(archive: &Archive, start: u64, length: u64) -> Vec<u8> {
        let mut piece = vec![0; usize::try_from(length).unwrap()];
        archive.read_exact_at(&mut piece, start).unwrap();
        piece
    }

    #[test]
    fn an_archive_is_a_zip_that_can_be_read_from_anywhere() {
        let folder = tempfile::tempdir().unwrap();
        let disc = b"disc one".repeat(1000);
        fs_err::write(folder.path().join("disc"), &disc).unwrap();
        let list = b"Disc \xc3\xa9.bin";
        let archive = Archive::of(vec![
            entry(
                "Disc é.bin",
                Content::File(folder.path().join("disc")),
                &disc,
            ),
            entry("empty.txt", Content::Bytes(Bytes::new()), b""),
            entry("Game.m3u", Content::Bytes(list.as_slice().into()), list),
        ]);
        let whole = read(&archive, 0, archive.size());
        let members = zip_members(io::Cursor::new(&whole)).unwrap();
        let names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["Disc é.bin", "Game.m3u", "empty.txt"]);
        assert_eq!(members[0].size, disc.len() as u64);
        // Hashing reads every entry and checks its CRC.
        assert!(matches!(
            zip_content_hash(io::Cursor::new(&whole)),
            ZipVerdict::Hash(_)
        ));
        for start in (0..archive.size()).step_by(97) {
            let length = (archive.size() - start).min(1000);
            let from = usize::try_from(start).unwrap();
            let to = from + usize::try_from(length).unwrap();
            assert_eq!(read(&archive, start, length), whole[from..to]);
        }
    }

    #[test]
    fn files_beyond_four_gigabytes_have_wide_numbers() {
        let disc = Entry {
            size: WIDE + 10,
            ..entry("a.iso", Content::File("/dev/null".into()), b"")
        };
        let small = entry(
            "b.iso",
            Content::Bytes(b"small".as_slice().into()),
            b"small",
        );
        let archive = Archive::of(vec![disc, small]);
        // The disc itself is a hole in a file.
        let behind = archive.segments[2].start;
        let mut sparse = tempfile::tempfile().unwrap();
        sparse.set_len(behind).unwrap();
        io::Seek::seek(&mut sparse, io::SeekFrom::End(0)).unwrap();
        let rest = read(&archive, behind, archive.size() - behind);
        io::Write::write_all(&mut sparse, &rest).unwrap();
        let members = zip_members(sparse).unwrap();
        assert_eq!(members.len(), 2);
        assert_eq!(members[0].size, WIDE + 10);
        assert_eq!(members[1].size, 5);
    }

    #[test]
    fn a_file_that_became_shorter_breaks_the_transfer_off() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("disc"), b"short").unwrap();
        let mut disc = entry("disc", Content::File(folder.path().join("disc")), b"short");
        disc.size = 1000;
        let archive = Archive::of(vec![disc]);
        let mut piece = vec![0; usize::try_from(archive.size()).unwrap()];
        assert!(archive.read_exact_at(&mut piece, 0).is_err());
    }
}
