//! The zip rule against what Python said, at its limits, and by properties.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use serde::Deserialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::*;

/// A file, and what RomM says of it: see `generate.py` beside the data.
#[derive(Deserialize)]
struct Case {
    name: String,
    bytes: String,
    zip: bool,
    hash: Option<ContentHash>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../../../fixtures/zip/expected.json")).unwrap()
}

fn verdict(bytes: &[u8]) -> ZipVerdict {
    zip_content_hash(Cursor::new(bytes))
}

#[test]
fn agrees_with_python() {
    for case in cases() {
        let expected = match (case.zip, case.hash) {
            (false, _) => ZipVerdict::NotZip,
            (true, Some(hash)) => ZipVerdict::Hash(hash),
            (true, None) => ZipVerdict::Unreadable,
        };
        let bytes = hex::decode(&case.bytes).unwrap();
        assert_eq!(verdict(&bytes), expected, "{}", case.name);
    }
}

#[test]
fn content_of_a_zip_is_its_entries() {
    let content = |name: &str| {
        let case = cases().into_iter().find(|case| case.name == name).unwrap();
        let bytes = hex::decode(case.bytes).unwrap();
        super::super::Digest::of(&bytes).content(verdict(&bytes))
    };
    assert!(content("deflated").same(&content("stored")));
    assert!(content("encrypted").same(&content("encrypted")));
    assert!(!content("encrypted").same(&content("method 99")));
    assert!(!content("deflated").same(&content("not a zip")));
    assert_eq!(content("encrypted").hash, None);
}

fn packed(entries: &[(String, Vec<u8>)], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in entries {
        writer.start_file(name.as_str(), options).unwrap();
        writer.write_all(data).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn too_many_entries_are_not_hashed() {
    let archive = |count| {
        let entries: Vec<_> = (0..count).map(|n| (format!("{n}"), Vec::new())).collect();
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        verdict(&packed(&entries, stored))
    };
    assert!(matches!(archive(limits::ZIP_ENTRIES), ZipVerdict::Hash(_)));
    assert_eq!(archive(limits::ZIP_ENTRIES + 1), ZipVerdict::Unreadable);
}

#[test]
fn too_large_a_directory_is_not_read() {
    let archive = |names: usize| {
        let entries: Vec<_> = (0..names)
            .map(|n| (format!("{n:060000}"), Vec::new()))
            .collect();
        verdict(&packed(&entries, SimpleFileOptions::default()))
    };
    assert!(matches!(archive(69), ZipVerdict::Hash(_)));
    assert_eq!(archive(70), ZipVerdict::Unreadable);
}

#[test]
fn what_claims_to_inflate_too_far_is_not_inflated() {
    let entries = [("a.srm".to_owned(), b"progress".to_vec())];
    let archive = packed(&entries, SimpleFileOptions::default());
    let directory = archive
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    let claiming = |size: u64| {
        let mut archive = archive.clone();
        let size = u32::try_from(size).unwrap().to_le_bytes();
        archive[directory + 24..directory + 28].copy_from_slice(&size);
        verdict(&archive)
    };
    assert_eq!(claiming(limits::ZIP_INFLATED_BYTES), claiming(8));
    assert!(matches!(claiming(8), ZipVerdict::Hash(_)));
    assert_eq!(
        claiming(limits::ZIP_INFLATED_BYTES + 1),
        ZipVerdict::Unreadable
    );
}

/// The claim is what the limit is checked against, so nothing may inflate beyond it.
#[test]
fn what_inflates_beyond_its_claim_is_cut_off_there() {
    let entries = [("a.srm".to_owned(), vec![0; 1024 * 1024])];
    let mut archive = packed(&entries, SimpleFileOptions::default());
    let directory = archive
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    let crc = crc32fast::hash(&[0; 8]).to_le_bytes();
    archive[directory + 16..directory + 20].copy_from_slice(&crc);
    archive[directory + 24..directory + 28].copy_from_slice(&8_u32.to_le_bytes());
    let cut = [("a.srm".to_owned(), vec![0; 8])];
    let cut = verdict(&packed(&cut, SimpleFileOptions::default()));
    assert!(matches!(cut, ZipVerdict::Hash(_)));
    assert_eq!(verdict(&archive), cut);
}

#[test]
fn a_huge_dictionary_is_not_held() {
    let header = |dictionary: u32| {
        let mut bytes = vec![9, 4, 5, 0, 0x5D];
        bytes.extend(dictionary.to_le_bytes());
        bytes.extend([0; 16]);
        Cursor::new(bytes)
    };
    let limit = u32::try_from(limits::ZIP_DICTIONARY_BYTES).unwrap();
    assert!(lzma(header(limit), u64::MAX).is_some());
    assert!(lzma(header(limit + 1), u64::MAX).is_none());
    assert!(lzma(header(u32::MAX), 4096).is_some());
}

fn any_entries() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    prop::collection::btree_map(
        "[a-zA-Z0-9 ._é日]{1,12}",
        prop::collection::vec(any::<u8>(), 0..200),
        0..6,
    )
    .prop_map(|entries| entries.into_iter().collect())
}

fn any_options() -> impl Strategy<Value = SimpleFileOptions> {
    let method = prop::sample::select(vec![
        CompressionMethod::Stored,
        CompressionMethod::Deflated,
        CompressionMethod::Bzip2,
    ]);
    (method, 1980u16..2107, any::<bool>()).prop_map(|(method, year, large)| {
        SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::from_date_and_time(year, 2, 3, 4, 5, 6).unwrap())
            .large_file(large)
    })
}

proptest! {
    #[test]
    fn only_names_and_contents_count(
        entries in any_entries().prop_shuffle(),
        one in any_options(),
        other in any_options(),
        prefix in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let mut sorted = entries.clone();
        sorted.sort();
        let mut moved = prefix;
        moved.extend(packed(&sorted, other));
        let lines: Vec<String> = sorted
            .iter()
            .map(|(name, data)| format!("{name}:{}", super::super::Digest::of(data).md5))
            .collect();
        let expected = super::super::Digest::of(lines.join("\n").as_bytes()).md5;
        prop_assert_eq!(verdict(&packed(&entries, one)), ZipVerdict::Hash(expected));
        prop_assert_eq!(verdict(&moved), ZipVerdict::Hash(expected));
    }

    #[test]
    fn a_changed_byte_changes_the_hash(
        entries in any_entries(),
        options in any_options(),
        index in any::<prop::sample::Index>(),
    ) {
        prop_assume!(!entries.is_empty());
        let mut changed = entries.clone();
        changed[index.index(entries.len())].1.push(0);
        prop_assert_ne!(verdict(&packed(&entries, options)), verdict(&packed(&changed, options)));
    }

    #[test]
    fn arbitrary_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        verdict(&bytes);
        bytes.extend(b"PK\x05\x06");
        bytes.resize(bytes.len() + 18, 0);
        verdict(&bytes);
    }

    #[test]
    fn broken_archives_never_panic(
        case in prop::sample::select(cases().into_iter().map(|case| case.bytes).collect::<Vec<_>>()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
        cut in prop::bool::weighted(0.2),
    ) {
        let mut bytes = hex::decode(case).unwrap();
        prop_assume!(!bytes.is_empty());
        for (index, byte) in edits {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        verdict(&bytes);
    }
}

#[test]
fn what_comes_out_of_a_zip_is_what_went_in_and_damage_is_no_file() {
    let files = [
        ("B/two".to_owned(), vec![7; 70_000]),
        ("A/one".to_owned(), b"one".to_vec()),
        ("A/".to_owned(), Vec::new()),
    ];
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let options = SimpleFileOptions::default().compression_method(method);
        let bytes = packed(&files, options);
        let mut unzip = Unzip::open(Cursor::new(&bytes)).unwrap();
        let names: Vec<_> = unzip.members().into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["A/one", "B/two"]);
        assert_eq!(unzip.link(), None);
        let mut out = Vec::new();
        unzip.copy(1, &mut out).unwrap();
        assert_eq!(out, files[0].1);
        let md5 = |bytes: &[u8]| super::super::Digest::of(bytes).md5;
        let hash = zip_hash_of([
            ("B/two".to_owned(), md5(&files[0].1)),
            ("A/one".to_owned(), md5(b"one")),
        ]);
        assert_eq!(verdict(&bytes), ZipVerdict::Hash(hash));

        let mut damaged = bytes.clone();
        let at = damaged
            .windows(5)
            .position(|five| five == b"B/two")
            .unwrap()
            + 10;
        damaged[at] ^= 0xFF;
        let mut unzip = Unzip::open(Cursor::new(&damaged)).unwrap();
        let error = unzip.copy(1, &mut Vec::new()).unwrap_err();
        assert!(matches!(error, UnzipError::Damaged(name) if name == "B/two"));
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer
        .add_symlink("A/link", "../../elsewhere", options)
        .unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(
        Unzip::open(Cursor::new(bytes)).unwrap().link(),
        Some("A/link")
    );
}

#[test]
fn a_file_that_a_disk_refuses_is_no_damage_of_the_archive() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _piece: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let bytes = packed(&[("a".to_owned(), vec![1])], SimpleFileOptions::default());
    let mut unzip = Unzip::open(Cursor::new(bytes)).unwrap();
    let refused = unzip.copy(0, &mut Full);
    assert!(matches!(refused, Err(UnzipError::Sink(error))
        if error.kind() == io::ErrorKind::StorageFull));
}
