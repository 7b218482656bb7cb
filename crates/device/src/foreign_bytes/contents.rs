//! Contents: archives, packed saves, discs.

use std::fs::{self, File};
use std::io::{self, Cursor, Read as _, Write};
use std::path::Path;

use keepsave_core::content::{Digester, Unzip, ZipVerdict};
use keepsave_core::content::{zip_content_hash, zip_hash_of, zip_members};
use keepsave_core::limits;

use crate::files::disk::RealDisk;
use crate::files::folder::unpacking::{Welcome, unpack};
use crate::files::form::Form;
use crate::files::rzip::{Packer, Unpacker, packed};
use crate::library::ids;

/// The content hash of a zip is that of what comes out of it.
pub fn zip_hash(data: &[u8]) {
    let verdict = zip_content_hash(Cursor::new(data));
    assert_eq!(
        verdict,
        zip_content_hash(Cursor::new(data)),
        "it is always the same"
    );
    let members = zip_members(Cursor::new(data));
    if verdict == ZipVerdict::NotZip {
        assert_eq!(members, None, "what is no zip has no files");
    }
}

/// What is unpacked is what was hashed, within its limits and below one directory.
pub fn zip_unpack(data: &[u8]) {
    if let Some(mut unzip) = Unzip::open(Cursor::new(data)) {
        let members = unzip.members();
        let size: u64 = members.iter().map(|member| member.size).sum();
        assert!(size <= limits::ZIP_INFLATED_BYTES);
        assert!(members.is_sorted_by(|one, other| one.name < other.name));
        let mut files = Vec::new();
        for (at, member) in members.iter().enumerate() {
            let mut sink = Hashing(Digester::new());
            if unzip.copy(at, &mut sink).is_ok() {
                let digest = sink.0.finish();
                assert!(
                    digest.size <= member.size,
                    "no more comes out than was said"
                );
                files.push((member.name.clone(), digest.md5));
            }
        }
        if let ZipVerdict::Hash(hash) = zip_content_hash(Cursor::new(data))
            && files.len() == members.len()
            && zip_members(Cursor::new(data)).is_some_and(|listed| listed.len() == files.len())
        {
            assert_eq!(hash, zip_hash_of(files));
        }
    }
    for form in [Form::Folder, Form::Folders] {
        comes_below_one_directory(data, form);
    }
}

/// Unpacks onto a disk as a save that comes down does.
fn comes_below_one_directory(data: &[u8], form: Form) {
    let Ok(top) = tempfile::tempdir() else { return };
    let into = top.path().join("into");
    let ready = fs::create_dir(&into)
        .and_then(|()| fs::write(top.path().join("it.zip"), data))
        .and_then(|()| Ok((File::open(top.path().join("it.zip"))?, into.metadata()?)));
    let Ok((zip, owner)) = ready else { return };
    let welcome = Welcome {
        disk: &RealDisk,
        form,
        name: "SAVE",
        owner: &owner,
        mtime: None,
    };
    if let Ok(names) = unpack(&zip, &into, &welcome) {
        let there = |name: &String| into.join(name).is_dir();
        assert!(!names.is_empty() && names.iter().all(there), "{names:?}");
        assert!(
            names.iter().all(|name| name.starts_with("SAVE")),
            "{names:?}"
        );
    }
    let beside = fs::read_dir(top.path()).map(Iterator::count);
    assert_eq!(beside.ok(), Some(2), "nothing came beside");
}

struct Hashing(Digester);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is unpacked was announced, and packs and unpacks to itself; any bytes do.
pub fn rzip(data: &[u8]) {
    let mut content = Vec::new();
    if let Ok(unpacker) = Unpacker::begin(data) {
        let announced = u64::from_le_bytes(data[12..20].try_into().unwrap_or_default());
        let mut bounded = unpacker.take(1 << 20);
        if bounded.read_to_end(&mut content).is_ok() && content.len() < 1 << 20 {
            assert_eq!(content.len() as u64, announced);
        }
        assert!(
            content.len() as u64 <= announced,
            "no more than was announced"
        );
    }
    for original in [&content[..], data] {
        if original.is_empty() {
            continue;
        }
        let packed = packed(original);
        let mut again = Vec::new();
        let read = Unpacker::begin(&packed[..]).and_then(|mut it| it.read_to_end(&mut again));
        assert_eq!(read.ok(), Some(original.len()));
        assert_eq!(again, original);
    }
    let _head = Packer::head(data.len() as u64);
}

/// What a disc or a card says of itself is an id that can be a file's name, or nothing.
pub fn disc_ids(data: &[u8]) {
    let Ok(directory) = tempfile::tempdir() else {
        return;
    };
    for name in ["game.iso", "game.cue", "game.gdi", "game.cso", "game.nds"] {
        let path = directory.path().join(name);
        let written = File::create(&path).and_then(|mut file| file.write_all(data));
        if written.is_err() {
            return;
        }
        let ids = [
            ids::psp_id(&path),
            ids::ps1_serial(&path),
            ids::dreamcast_product(&path),
        ];
        for id in ids.into_iter().flatten() {
            let components = Path::new(&id).components().count();
            assert!(components == 1 && !id.contains(['/', '\0']), "{id:?}");
        }
        let _told = ids::is_dsiware(&path);
    }
}
