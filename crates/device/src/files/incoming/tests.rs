//! Bytes that come in: which are taken, which are refused, and what is left of the refused ones.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use keepsave_core::content::Digest;
use rustix::io::Errno;
use tempfile::tempdir;

use super::super::rzip::packed;
use super::super::trial::{Step, TrialDisk, as_nobody};
use super::*;

fn names_in(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn refusal(target: &Path, parents: Parents) -> PlaceError {
    match Incoming::beside(target, parents) {
        Ok(_) => panic!("{} is taken", target.display()),
        Err(error) => error,
    }
}

#[test]
fn what_comes_in_stands_beside_its_place_until_it_is_there() {
    let room = tempdir().unwrap();
    let target = room.path().join("zelda.srm");
    let mut incoming = Incoming::beside(&target, Parents::MustExist).unwrap();
    incoming.write(b"hel").unwrap();
    incoming.write(b"lo").unwrap();
    assert_eq!(incoming.written(), 5);
    let names = names_in(room.path());
    assert_eq!(names.len(), 1);
    assert!(names[0].starts_with(".zelda.srm.keepsave-"), "{names:?}");
    drop(incoming);
    assert_eq!(names_in(room.path()), [""; 0]);
}

#[test]
fn other_bytes_than_were_announced_are_refused_and_gone() {
    let room = tempdir().unwrap();
    let target = room.path().join("zelda.srm");
    let hash = |bytes: &[u8]| Some(Digest::of(bytes).md5);
    let cases: [(&[u8], Option<u64>, _, bool); 8] = [
        (b"hello", Some(5), hash(b"hello"), true),
        (b"hello", None, None, true),
        (b"", Some(0), hash(b""), true),
        (b"hell", Some(5), None, false),
        (b"hello!", Some(5), None, false),
        (b"", Some(5), None, false),
        (b"jello", Some(5), hash(b"hello"), false),
        (b"hell", None, hash(b"hello"), false),
    ];
    for (bytes, size, hash, taken) in cases {
        let mut incoming = Incoming::beside(&target, Parents::MustExist).unwrap();
        incoming.write(bytes).unwrap();
        let verified = incoming.verify(&Expected { size, hash });
        assert_eq!(verified.is_ok(), taken, "{bytes:?}");
        if let Err(error) = &verified {
            let wrong_size = size.is_some_and(|size| size != bytes.len() as u64);
            assert_eq!(
                matches!(error.problem, Problem::WrongSize { .. }),
                wrong_size
            );
            assert!(
                error.to_string().contains("nothing there was replaced"),
                "{error}"
            );
        }
        assert_eq!(names_in(room.path()).len(), usize::from(taken));
        drop(verified);
        assert_eq!(names_in(room.path()), [""; 0]);
    }
}

#[test]
fn a_transfer_that_begins_again_begins_with_nothing() {
    let room = tempdir().unwrap();
    let mut incoming =
        Incoming::beside(&room.path().join("zelda.srm"), Parents::MustExist).unwrap();
    incoming.write(b"something longer").unwrap();
    incoming.restart().unwrap();
    assert_eq!(incoming.written(), 0);
    incoming.write(b"hello").unwrap();
    let expected = Expected {
        size: Some(5),
        hash: Some(Digest::of(b"hello").md5),
    };
    let verified = incoming.verify(&expected).unwrap();
    assert_eq!(
        fs::read(verified.incoming.scratch.path()).unwrap(),
        b"hello"
    );
}

fn zip_of(bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("a.bin", stored).unwrap();
    io::Write::write_all(&mut zip, bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_zip_is_verified_by_what_is_in_it_or_by_its_bytes() {
    let room = tempdir().unwrap();
    let target = room.path().join("folder.zip");
    let zip = zip_of(b"hello");
    let line = format!("a.bin:{}", Digest::of(b"hello").md5);
    let of_entries = Digest::of(line.as_bytes()).md5;
    let of_bytes = Digest::of(&zip).md5;
    let other = Digest::of(b"other").md5;
    let mut torn = zip.clone();
    torn[35] ^= 1;
    for (bytes, hash, taken) in [
        (&zip, of_entries, true),
        (&zip, of_bytes, true),
        (&zip, other, false),
        (&torn, of_entries, false),
    ] {
        let mut incoming = Incoming::beside(&target, Parents::MustExist).unwrap();
        incoming.write(bytes).unwrap();
        let expected = Expected {
            size: None,
            hash: Some(hash),
        };
        assert_eq!(incoming.verify(&expected).is_ok(), taken);
    }
}

#[test]
fn a_missing_directory_is_made_only_when_that_is_wanted() {
    let room = tempdir().unwrap();
    let target = room.path().join("Zelda: Game/deep/zelda.srm");
    let error = refusal(&target, Parents::MustExist);
    assert!(matches!(error.problem, Problem::DirectoryGone), "{error}");
    assert_eq!(error.safe, Safe::Untouched);
    assert_eq!(names_in(room.path()), [""; 0]);
    Incoming::beside(&target, Parents::Create).unwrap();
    assert!(target.parent().unwrap().is_dir());
}

#[test]
fn a_directory_behind_a_link_to_nothing_is_not_made() {
    let room = tempdir().unwrap();
    symlink("card", room.path().join("saves")).unwrap();
    let error = refusal(&room.path().join("saves/gba/zelda.srm"), Parents::Create);
    assert!(matches!(error.problem, Problem::Target(_)), "{error}");
    assert!(error.to_string().contains("mount it"), "{error}");
    assert!(!room.path().join("card").exists());
}

#[test]
fn what_cannot_be_there_is_told_before_a_byte_comes() {
    let room = tempdir().unwrap();
    let directory = room.path().join("directory");
    fs::create_dir(&directory).unwrap();
    let error = refusal(&directory, Parents::MustExist);
    assert!(matches!(error.problem, Problem::Target(_)), "{error}");
    let error = refusal(&room.path().join("é".repeat(128)), Parents::MustExist);
    assert!(matches!(error.problem, Problem::Name), "{error}");
    let error = refusal(&directory.join(".."), Parents::MustExist);
    assert!(matches!(error.problem, Problem::Target(_)), "{error}");
}

#[test]
fn a_name_of_255_bytes_has_room_beside_it() {
    let room = tempdir().unwrap();
    let target = room.path().join("é".repeat(127) + "a");
    Incoming::beside(&target, Parents::MustExist).unwrap();
}

#[test]
fn what_the_disk_says_is_told_apart() {
    for (errno, expected) in [
        (Errno::NOSPC, "the disk is full"),
        (Errno::DQUOT, "the disk is full"),
        (Errno::ROFS, "the disk is read-only"),
        (Errno::ACCESS, "writing there is not allowed"),
        (Errno::NOENT, "its directory is not there"),
        (Errno::INVAL, "a file cannot have this name there"),
        (Errno::ILSEQ, "a file cannot have this name there"),
        (Errno::IO, "Input/output error"),
    ] {
        let room = tempdir().unwrap();
        let target = room.path().join("zelda.srm");
        let disk = TrialDisk::failing(Step::Create, "zelda", errno);
        let Err(error) = Incoming::on(disk, &target, Parents::MustExist) else {
            panic!("{errno}");
        };
        let text = error.to_string();
        assert!(text.contains(expected), "{text}");
        assert!(text.starts_with(&target.display().to_string()), "{text}");
        assert!(text.contains("nothing there was replaced"), "{text}");
    }
}

#[test]
fn a_disk_that_fills_up_leaves_nothing_behind() {
    let room = tempdir().unwrap();
    let target = room.path().join("zelda.srm");
    fs::write(&target, b"old").unwrap();
    let disk = TrialDisk::failing(Step::Write, "zelda", Errno::NOSPC);
    let mut incoming = Incoming::on(disk, &target, Parents::MustExist).unwrap();
    let error = incoming.write(b"hello").unwrap_err();
    assert!(matches!(error.problem, Problem::Full), "{error}");
    drop(incoming);
    assert_eq!(names_in(room.path()), ["zelda.srm"]);
    assert_eq!(fs::read(&target).unwrap(), b"old");
}

#[test]
fn a_save_or_a_directory_that_is_read_only_is_left_alone() {
    let room = tempdir().unwrap();
    let target = room.path().join("zelda.srm");
    fs::write(&target, b"old").unwrap();
    for (file, directory) in [(0o444, 0o777), (0o666, 0o555)] {
        fs::set_permissions(&target, fs::Permissions::from_mode(file)).unwrap();
        fs::set_permissions(room.path(), fs::Permissions::from_mode(directory)).unwrap();
        let error = as_nobody(|| refusal(&target, Parents::MustExist));
        assert!(matches!(error.problem, Problem::Denied), "{error}");
    }
    fs::set_permissions(room.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(names_in(room.path()), ["zelda.srm"]);
}

#[test]
fn a_file_that_is_to_be_packed_is_verified_by_what_came() {
    let room = tempdir().unwrap();
    let target = room.path().join("zelda.srm");
    let bytes = vec![3; 200_000];
    let expected = Expected {
        size: Some(200_000),
        hash: Some(Digest::of(&bytes).md5),
    };
    let begin = || {
        let incoming = Incoming::beside(&target, Parents::MustExist).unwrap();
        incoming.in_form(Form::Rzip).unwrap()
    };
    let mut incoming = begin();
    // The transfer begins again.
    incoming.write(&vec![9; 150_000]).unwrap();
    incoming.restart().unwrap();
    for piece in bytes.chunks(7777) {
        incoming.write(piece).unwrap();
    }
    assert_eq!(incoming.written(), 200_000);
    let verified = incoming.verify(&expected).unwrap();
    let known = verified.fingerprint();
    assert_eq!(known.content.blob, Digest::of(&bytes).blob);
    assert_eq!(known.packed.unwrap().size, 200_000);
    let names = names_in(room.path());
    let own = fs::read(room.path().join(&names[0])).unwrap();
    assert_eq!(own, packed(&bytes));
    assert_eq!(known.packed.unwrap().file, Digest::of(&own).blob);

    let mut other = begin();
    other.write(&bytes[1..]).unwrap();
    assert!(other.verify(&expected).is_err());
    let mut other = begin();
    other.write(&vec![4; 200_000]).unwrap();
    assert!(other.verify(&expected).is_err());
}

#[test]
fn nothing_at_all_cannot_be_packed_and_is_an_empty_file() {
    let room = tempdir().unwrap();
    let target = room.path().join("zelda.srm");
    let incoming = Incoming::beside(&target, Parents::MustExist).unwrap();
    let incoming = incoming.in_form(Form::Rzip).unwrap();
    let verified = incoming.verify(&Expected::default()).unwrap();
    assert_eq!(verified.fingerprint().packed, None);
    let names = names_in(room.path());
    assert_eq!(fs::read(room.path().join(&names[0])).unwrap(), b"");
}

#[test]
fn a_full_disk_is_said_of_a_packed_file_too() {
    let room = tempdir().unwrap();
    let target = room.path().join("zelda.srm");
    let disk = TrialDisk::failing(Step::Write, "zelda", Errno::NOSPC);
    let incoming = Incoming::on(disk, &target, Parents::MustExist).unwrap();
    assert!(incoming.in_form(Form::Rzip).is_err());
    assert_eq!(names_in(room.path()), [""; 0]);
}
