//! A zip's end record, its central directory and its local headers, read as Python reads them.
//!
//! Knows nothing of compression and hashes.

use std::io::{Read, Seek, SeekFrom};

use crate::limits;

/// What the end of the bytes shows.
pub(super) enum End {
    /// No end record: not a zip.
    Missing,
    /// An end record of an archive that spans disks.
    Broken,
    /// The record that counts.
    Found(EndRecord),
}

/// Where the central directory is said to be.
pub(super) struct EndRecord {
    /// Where the record itself, or the first of its parts, begins.
    position: u64,
    directory_size: u64,
    directory_offset: u64,
}

/// One entry of the central directory.
pub(super) struct Entry {
    /// The name that counts.
    pub name: String,
    /// The name that the local header must repeat.
    recorded_name: String,
    pub method: u16,
    pub crc: u32,
    pub packed_size: u64,
    pub size: u64,
    /// Whether it is a link, as Unix archives them.
    pub is_link: bool,
    flags: u16,
    header: i128,
    /// Where the next entry, or the directory, begins.
    end: i128,
}

impl Entry {
    pub fn is_directory(&self) -> bool {
        self.name.ends_with('/')
    }
}

const END: [u8; 4] = *b"PK\x05\x06";
const END_BYTES: usize = 22;
const END64: [u8; 4] = *b"PK\x06\x06";
const END64_BYTES: u64 = 56;
const LOCATOR64: [u8; 4] = *b"PK\x06\x07";
const LOCATOR64_BYTES: u64 = 20;
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const HEADER: [u8; 4] = *b"PK\x03\x04";
const COMMENT_BYTES: u64 = 65_535;

const ENCRYPTED: u16 = 1 << 0;
const PATCHED: u16 = 1 << 5;
const STRONGLY_ENCRYPTED: u16 = 1 << 6;
const UTF8: u16 = 1 << 11;
const NEWEST_VERSION: u8 = 63;
const UNIX: u8 = 3;
const UNIX_KIND: u32 = 0o170_000;
const UNIX_LINK: u32 = 0o120_000;

/// Looks for the end record: the very last bytes, or the last one that a comment may follow.
pub(super) fn find_end(reader: &mut (impl Read + Seek)) -> End {
    try_find_end(reader).unwrap_or(End::Missing)
}

fn try_find_end(reader: &mut (impl Read + Seek)) -> Option<End> {
    let size = reader.seek(SeekFrom::End(0)).ok()?;
    let tail_start = size.saturating_sub(COMMENT_BYTES + END_BYTES as u64);
    let tail = read_at(reader, tail_start, size - tail_start)?;

    let without_comment = tail.len().checked_sub(END_BYTES)?;
    let last = &tail[without_comment..];
    let start = if last.starts_with(&END) && last.ends_with(&[0, 0]) {
        without_comment
    } else {
        tail.windows(END.len()).rposition(|four| four == END)?
    };
    let mut fields = Fields(tail.get(start..start + END_BYTES)?);
    fields.skip(12)?;
    let record = EndRecord {
        directory_size: fields.u32()?.into(),
        directory_offset: fields.u32()?.into(),
        position: tail_start + start as u64,
    };
    widen(reader, record)
}

/// Takes the Zip64 record in front of `record`, when there is one.
fn widen(reader: &mut (impl Read + Seek), record: EndRecord) -> Option<End> {
    let Some(locator) = record.position.checked_sub(LOCATOR64_BYTES) else {
        return Some(End::Found(record));
    };
    let bytes = read_at(reader, locator, LOCATOR64_BYTES)?;
    let mut fields = Fields(&bytes);
    if fields.four()? != LOCATOR64 {
        return Some(End::Found(record));
    }
    let disk = fields.u32()?;
    fields.skip(8)?;
    if disk != 0 || fields.u32()? > 1 {
        return Some(End::Broken);
    }
    let position = locator.checked_sub(END64_BYTES)?;
    let bytes = read_at(reader, position, END64_BYTES)?;
    let mut fields = Fields(&bytes);
    if fields.four()? != END64 {
        return Some(End::Found(record));
    }
    fields.skip(36)?;
    Some(End::Found(EndRecord {
        directory_size: fields.u64()?,
        directory_offset: fields.u64()?,
        position,
    }))
}

/// Reads the central directory. None when it is broken or past the limits.
pub(super) fn read(reader: &mut (impl Read + Seek), record: &EndRecord) -> Option<Vec<Entry>> {
    if record.directory_size > limits::ZIP_DIRECTORY_BYTES {
        return None;
    }
    // The directory ends where its end record begins; what stands before an archive moves
    // everything in it by the same distance.
    let start = record.position.checked_sub(record.directory_size)?;
    let moved = i128::from(start) - i128::from(record.directory_offset);
    let bytes = read_at(reader, start, record.directory_size)?;

    let mut entries = Vec::new();
    let mut rest = Fields(&bytes);
    while !rest.0.is_empty() {
        if entries.len() == limits::ZIP_ENTRIES {
            return None;
        }
        entries.push(read_entry(&mut rest, moved)?);
    }
    bound(&mut entries, start.into());
    Some(entries)
}

fn read_entry(fields: &mut Fields<'_>, moved: i128) -> Option<Entry> {
    if fields.four()? != ENTRY {
        return None;
    }
    let [_, made_on] = fields.array()?;
    if fields.u8()? > NEWEST_VERSION {
        return None;
    }
    fields.skip(1)?;
    let flags = fields.u16()?;
    let method = fields.u16()?;
    fields.skip(4)?;
    let crc = fields.u32()?;
    let packed_size = fields.u32()?.into();
    let size = fields.u32()?.into();
    let name_length = fields.u16()?;
    let extra_length = fields.u16()?;
    let comment_length = fields.u16()?;
    fields.skip(4)?;
    let attributes = fields.u32()?;
    let offset = fields.u32()?.into();
    let name = fields.up_to(name_length);
    let extra = fields.up_to(extra_length);
    fields.up_to(comment_length);

    let recorded_name = decode(name, flags)?;
    let mut entry = Entry {
        name: until_nul(&recorded_name),
        recorded_name,
        method,
        crc,
        packed_size,
        size,
        is_link: made_on == UNIX && (attributes >> 16) & UNIX_KIND == UNIX_LINK,
        flags,
        header: offset,
        end: 0,
    };
    read_extra(&mut entry, extra, crc32fast::hash(name))?;
    entry.header += moved;
    Some(entry)
}

/// Reads what the extra fields say: sizes past 4 GiB, and the name in UTF-8.
fn read_extra(entry: &mut Entry, extra: &[u8], name_crc: u32) -> Option<()> {
    const ZIP64: u16 = 0x0001;
    const UNICODE_PATH: u16 = 0x7075;
    let narrow = u64::from(u32::MAX);

    let mut fields = Fields(extra);
    while fields.0.len() >= 4 {
        let kind = fields.u16()?;
        let length = fields.u16()?;
        let mut field = Fields(fields.exactly(length.into())?);
        if kind == ZIP64 {
            if entry.size == narrow || entry.size == u64::MAX {
                entry.size = field.u64()?;
            }
            if entry.packed_size == narrow {
                entry.packed_size = field.u64()?;
            }
            if entry.header == i128::from(narrow) {
                entry.header = field.u64()?.into();
            }
        } else if kind == UNICODE_PATH {
            let (version, crc) = (field.u8()?, field.u32()?);
            if version == 1 && crc == name_crc {
                let name = std::str::from_utf8(field.0).ok()?;
                if !name.is_empty() {
                    entry.name = until_nul(name);
                }
            }
        }
    }
    Some(())
}

/// Tells each entry where the next one begins.
fn bound(entries: &mut [Entry], directory: i128) {
    let mut backwards: Vec<&mut Entry> = entries.iter_mut().collect();
    backwards.sort_by_key(|entry| std::cmp::Reverse(entry.header));
    let mut end = directory;
    for entry in backwards {
        entry.end = end;
        end = entry.header;
    }
}

/// Where an entry's data begins, when its local header agrees with the directory.
///
/// An entry that reaches into the next one is refused: overlapping entries are how a small
/// archive unpacks into a huge one.
pub(super) fn data_start(reader: &mut (impl Read + Seek), entry: &Entry) -> Option<u64> {
    const HEADER_BYTES: u64 = 30;
    let position = u64::try_from(entry.header).ok()?;
    let bytes = read_at(reader, position, HEADER_BYTES)?;
    let mut fields = Fields(&bytes);
    if fields.four()? != HEADER {
        return None;
    }
    fields.skip(2)?;
    let flags = fields.u16()?;
    fields.skip(18)?;
    let name_length = fields.u16()?;
    let extra_length = fields.u16()?;
    let name = read_at(reader, position + HEADER_BYTES, name_length.into())?;
    let start = position + HEADER_BYTES + u64::from(name_length) + u64::from(extra_length);

    let readable = entry.flags & (ENCRYPTED | PATCHED | STRONGLY_ENCRYPTED) == 0
        && decode(&name, flags)? == entry.recorded_name
        && i128::from(start) + i128::from(entry.packed_size) <= entry.end;
    readable.then_some(start)
}

fn read_at(reader: &mut (impl Read + Seek), position: u64, length: u64) -> Option<Vec<u8>> {
    reader.seek(SeekFrom::Start(position)).ok()?;
    let mut bytes = Vec::new();
    let got = reader.take(length).read_to_end(&mut bytes).ok()?;
    (got as u64 == length).then_some(bytes)
}

/// A name is UTF-8 when its flag says so, and code page 437 otherwise, whatever it looks like.
fn decode(name: &[u8], flags: u16) -> Option<String> {
    if flags & UTF8 != 0 {
        return String::from_utf8(name.to_vec()).ok();
    }
    let decoded = name.iter().map(|&byte| match byte {
        0..=0x7F => char::from(byte),
        0x80.. => CODE_PAGE_437[usize::from(byte - 0x80)],
    });
    Some(decoded.collect())
}

fn until_nul(name: &str) -> String {
    name.split('\0').next().unwrap_or_default().to_owned()
}

/// Little-endian fields, one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn exactly(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// What is there of a field that may be cut short.
    fn up_to(&mut self, length: u16) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(self.0.len().min(length.into()));
        self.0 = rest;
        taken
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.exactly(length).map(drop)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.exactly(N)?.try_into().ok()
    }

    fn four(&mut self) -> Option<[u8; 4]> {
        self.array()
    }

    fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

/// The upper half of the character set of the first PCs.
const CODE_PAGE_437: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', 'É', 'æ', 'Æ',
    'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ', 'á', 'í', 'ó', 'ú', 'ñ', 'Ñ',
    'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»', '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕',
    '╣', '║', '╗', '╝', '╜', '╛', '┐', '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦',
    '╠', '═', '╬', '╧', '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐',
    '▀', 'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩', '≡', '±',
    '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{A0}',
];
