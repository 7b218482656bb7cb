//! The hashes by which a server may know a ROM.
//!
//! A plain file is known by its bytes. Of an archive a RomM hashes what is in it, the largest file,
//! and a Keepsave its bytes; both are looked at in a zip. Other archives (7z, RAR) would need a large
//! library to be opened, so they are known by their names only.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use keepsave_core::content::{ContentHash, Digester, Unzip};
use keepsave_core::limits;

use crate::files::reading::digest_all;
use crate::files::{Fingerprint, Hashed, Known, Stamp, snapshot};

/// Archives that are not opened.
const CLOSED: [&str; 2] = ["7z", "rar"];

/// A way to read an archive.
type Reading = fn(File) -> Option<Fingerprint>;

/// What is hashed of a zip.
const OF_ZIP: [(Hashed, Reading); 2] = [(Hashed::Bytes, bytes), (Hashed::Largest, largest)];

/// The MD5s that a server may have of the ROM at `path`; none where it is too large to be read for
/// that.
pub(super) fn hashes(path: &Path, known: &dyn Known) -> Vec<ContentHash> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let extension = extension.to_ascii_lowercase();
    let Ok(metadata) = std::fs::metadata(path) else {
        return Vec::new();
    };
    let is_affordable = metadata.is_file() && metadata.len() <= limits::ROM_HASH_BYTES;
    if !is_affordable || CLOSED.contains(&extension.as_str()) {
        return Vec::new();
    }
    if extension != "zip" {
        let file = snapshot(path, known).ok().flatten();
        return file
            .and_then(|file| file.content.hash)
            .into_iter()
            .collect();
    }
    let stamp = Stamp::of(&metadata);
    let hash = |(hashed, read): (Hashed, Reading)| {
        if let Some(known) = known.find(path, hashed, &stamp) {
            return known.content.hash;
        }
        let now = known.now();
        let read = read(File::open(path).ok()?)?;
        if Stamp::at(path) == Some(stamp) {
            known.remember(path, hashed, &stamp, &read, now);
        }
        read.content.hash
    };
    OF_ZIP.into_iter().filter_map(hash).collect()
}

fn bytes(file: File) -> Option<Fingerprint> {
    let mut digester = Digester::new();
    digest_all(file, &mut digester).ok()?;
    Some(fingerprint(digester))
}

/// The largest file of a zip. Where two are as large as each other nobody knows which a server took.
fn largest(file: File) -> Option<Fingerprint> {
    let mut zip = Unzip::open(BufReader::new(file))?;
    let members = zip.members();
    let size = members.iter().map(|member| member.size).max()?;
    let mut all = members.iter().enumerate();
    let (at, _) = all.find(|(_, member)| member.size == size)?;
    if all.any(|(_, member)| member.size == size) || size > limits::ROM_HASH_BYTES {
        return None;
    }
    let mut weighed = Weighed(Digester::new());
    zip.copy(at, &mut weighed).ok()?;
    Some(fingerprint(weighed.0))
}

fn fingerprint(digester: Digester) -> Fingerprint {
    use keepsave_core::content::ZipVerdict::NotZip;
    let digest = digester.finish();
    Fingerprint {
        content: digest.content(NotZip),
        blank: digest.blank,
        packed: None,
    }
}

struct Weighed(Digester);

impl Write for Weighed {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.update(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use keepsave_core::content::Digest;

    use super::*;
    use crate::files::NothingKnown;

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(*name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn hashes_of(name: &str, bytes: &[u8]) -> Vec<ContentHash> {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        hashes(&path, &NothingKnown)
    }

    fn md5(bytes: &[u8]) -> ContentHash {
        Digest::of(bytes).md5
    }

    #[test]
    fn a_zip_is_known_by_its_bytes_and_by_the_largest_file_in_it() {
        let rom = vec![7; 4096];
        let packed = zip(&[("readme.txt", b"hello"), ("Game.gba", &rom)]);
        assert_eq!(hashes_of("Game.zip", &packed), [md5(&packed), md5(&rom)]);
        assert_eq!(hashes_of("Game.ZIP", &packed), [md5(&packed), md5(&rom)]);
        assert_eq!(hashes_of("Game.gba", &rom), [md5(&rom)]);
    }

    #[test]
    fn what_cannot_be_told_has_no_hash() {
        let twins = zip(&[("a.bin", b"one"), ("b.bin", b"two")]);
        assert_eq!(
            hashes_of("Game.zip", &twins),
            [md5(&twins)],
            "which of both?"
        );
        assert_eq!(hashes_of("Game.zip", b"no zip"), [md5(b"no zip")]);
        assert!(hashes_of("Game.7z", b"7z").is_empty());
        let mut bomb = zip(&[("a.bin", b"small")]);
        let entry = bomb
            .windows(4)
            .position(|four| four == b"PK\x01\x02")
            .unwrap();
        let large = u32::try_from(limits::ROM_HASH_BYTES + 1).unwrap();
        bomb[entry + 24..entry + 28].copy_from_slice(&large.to_le_bytes());
        assert_eq!(
            hashes_of("Game.zip", &bomb),
            [md5(&bomb)],
            "too large to unpack"
        );
    }
}
