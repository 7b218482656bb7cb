//! What a snapshot knows, when it is taken again, and what is no file.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use keepsave_core::content::Digest;
use keepsave_core::limits;
use tempfile::tempdir;

use super::super::known::{NothingKnown, is_certain};
use super::super::reading::{Sink, read_whole};
use super::super::rzip::packed;
use super::super::trial::as_nobody;
use super::*;

fn take(path: &Path) -> Result<Option<Snapshot>, ReadError> {
    snapshot(path, &NothingKnown)
}

#[test]
fn a_file_is_known_by_size_hashes_and_time() {
    let room = tempdir().unwrap();
    let path = room.path().join("ゼルダ.srm");
    fs::write(&path, b"hello").unwrap();
    let found = take(&path).unwrap().unwrap();
    let digest = Digest::of(b"hello");
    assert_eq!(found.size, 5);
    assert_eq!(found.content.hash, Some(digest.md5));
    assert_eq!(found.content.blob, digest.blob);
    assert_eq!(found.blank, None);
    assert_eq!(found.path, path);
    assert_eq!(found.real, path.canonicalize().unwrap());
    assert_eq!(found.mtime.micros(), found.stamp.mtime_ns / 1000);
    assert!(found.is_current());
    fs::write(&path, [0; 64]).unwrap();
    assert!(!found.is_current());
    assert!(matches!(found.open(), Err(ReadError::Changing { .. })));
    let blank = take(&path).unwrap().unwrap();
    assert_eq!(blank.blank, Some(Blank::Zeros));
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut blank.open().unwrap(), &mut bytes).unwrap();
    assert_eq!(bytes, [0; 64]);
}

#[test]
fn a_zip_is_hashed_by_what_is_in_it() {
    let room = tempdir().unwrap();
    let packed = |method| {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        zip.start_file("a.bin", options).unwrap();
        io::Write::write_all(&mut zip, &[7; 4000]).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let (one, other) = (room.path().join("one.zip"), room.path().join("other.zip"));
    fs::write(&one, packed(zip::CompressionMethod::Stored)).unwrap();
    fs::write(&other, packed(zip::CompressionMethod::Deflated)).unwrap();
    let (one, other) = (take(&one).unwrap().unwrap(), take(&other).unwrap().unwrap());
    assert_ne!(one.content.blob, other.content.blob);
    assert_eq!(one.content.hash, other.content.hash);
    let line = format!("a.bin:{}", Digest::of(&[7; 4000]).md5);
    assert_eq!(one.content.hash, Some(Digest::of(line.as_bytes()).md5));
}

#[test]
fn where_nothing_is_there_is_no_snapshot() {
    let room = tempdir().unwrap();
    assert_eq!(take(&room.path().join("none.srm")).unwrap(), None);
    assert_eq!(
        take(&room.path().join("no/such/directory.srm")).unwrap(),
        None
    );
    let link = room.path().join("link.srm");
    symlink("to-be.srm", &link).unwrap();
    assert_eq!(take(&link).unwrap(), None, "its place is there");
}

#[test]
fn a_link_to_a_place_that_is_not_mounted_is_no_missing_file() {
    let room = tempdir().unwrap();
    let file = room.path().join("file.srm");
    symlink("card/saves/file.srm", &file).unwrap();
    let folder = room.path().join("saves");
    symlink("card/saves", &folder).unwrap();
    for path in [
        file,
        folder.join("zelda.srm"),
        folder.join("deeper/zelda.srm"),
    ] {
        let error = take(&path).unwrap_err();
        assert!(matches!(error, ReadError::LeadsNowhere { .. }), "{error}");
        assert!(error.to_string().contains("mount it"), "{error}");
        assert_eq!(error.path(), path);
    }
}

#[test]
fn links_are_followed_and_the_real_file_is_told() {
    let room = tempdir().unwrap();
    let real = room.path().join("card");
    fs::create_dir(&real).unwrap();
    fs::write(real.join("zelda.srm"), b"hello").unwrap();
    symlink("card", room.path().join("saves")).unwrap();
    symlink("saves/zelda.srm", room.path().join("zelda.srm")).unwrap();
    let path = room.path().join("zelda.srm");
    let found = take(&path).unwrap().unwrap();
    assert_eq!(found.path, path);
    assert_eq!(found.real, real.canonicalize().unwrap().join("zelda.srm"));
}

#[test]
fn what_is_no_file_is_told_apart() {
    let room = tempdir().unwrap();
    let directory = room.path().join("saves");
    fs::create_dir(&directory).unwrap();
    let error = take(&directory).unwrap_err();
    assert!(matches!(error, ReadError::Directory { .. }), "{error}");
    assert!(
        error.to_string().contains("saves: is a directory"),
        "{error}"
    );

    let socket = room.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let pipe = room.path().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    for (path, words) in [
        (socket, "is a socket"),
        (pipe, "is a pipe"),
        ("/dev/zero".into(), "is a device"),
    ] {
        let error = take(&path).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let looped = room.path().join("loop");
    symlink("loop", &looped).unwrap();
    assert!(matches!(take(&looped), Err(ReadError::Unreadable { .. })));
    let beneath_a_file = room.path().join("file");
    fs::write(&beneath_a_file, b"").unwrap();
    let error = take(&beneath_a_file.join("zelda.srm")).unwrap_err();
    assert!(matches!(error, ReadError::Unreadable { .. }), "{error}");
}

#[test]
fn what_may_not_be_read_is_told_apart() {
    use std::os::unix::fs::PermissionsExt;
    let room = tempdir().unwrap();
    fs::set_permissions(room.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let path = room.path().join("zelda.srm");
    fs::write(&path, b"hello").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let error = as_nobody(|| take(&path).unwrap_err());
    assert!(matches!(error, ReadError::Unreadable { .. }), "{error}");
    assert_eq!(error.path(), path);
}

/// Changes the file while it is read, so many times.
struct Meddling<'a> {
    path: &'a Path,
    left: usize,
    begun: usize,
    seen: Vec<u8>,
    change: fn(&Path, usize),
}

impl Sink for Meddling<'_> {
    fn begin(&mut self) -> io::Result<()> {
        self.begun += 1;
        self.seen.clear();
        Ok(())
    }

    fn piece(&mut self, piece: &[u8]) -> io::Result<()> {
        self.seen.extend_from_slice(piece);
        // Once each time it is read, even if it is longer then.
        if self.left > 0 && self.seen.len() == piece.len() {
            self.left -= 1;
            (self.change)(self.path, self.left);
        }
        Ok(())
    }
}

fn rewrite(path: &Path, left: usize) {
    fs::write(path, vec![b'x'; 5000 + left]).unwrap();
}

fn replace(path: &Path, left: usize) {
    let beside = path.with_extension("new");
    fs::write(&beside, [u8::try_from(left).unwrap(); 5000]).unwrap();
    fs::rename(beside, path).unwrap();
}

#[test]
fn a_file_that_changes_while_it_is_read_is_read_again() {
    for change in [rewrite, replace] {
        let room = tempdir().unwrap();
        let path = room.path().join("zelda.srm");
        fs::write(&path, [b'o'; 5000]).unwrap();
        let mut sink = Meddling {
            path: &path,
            left: 2,
            begun: 0,
            seen: Vec::new(),
            change,
        };
        let whole = read_whole(&path, &mut sink).unwrap();
        assert_eq!(sink.begun, 3);
        let bytes = fs::read(&path).unwrap();
        assert_eq!(whole.digest, Digest::of(&bytes));
        assert_eq!(sink.seen, bytes, "nothing of what it was before");
    }
}

#[test]
fn a_file_that_never_holds_still_is_reported_after_a_while() {
    let room = tempdir().unwrap();
    let path = room.path().join("zelda.srm");
    fs::write(&path, [b'o'; 5000]).unwrap();
    let mut sink = Meddling {
        path: &path,
        left: usize::MAX,
        begun: 0,
        seen: Vec::new(),
        change: |path, left| rewrite(path, left % 1000),
    };
    let broken = read_whole(&path, &mut sink).unwrap_err();
    assert!(matches!(broken, Broken::Read(ReadError::Changing { .. })));
    assert_eq!(sink.begun, limits::READS_OF_A_CHANGING_FILE);
}

type Entry = (Stamp, Fingerprint, Time);

/// Remembers as the state does, with a clock that stands.
#[derive(Default)]
struct Remembered {
    now: Mutex<Option<Time>>,
    entries: Mutex<HashMap<(PathBuf, Hashed), Entry>>,
    hits: AtomicUsize,
}

impl Known for Remembered {
    fn now(&self) -> Time {
        self.now.lock().unwrap().unwrap()
    }

    fn find(&self, path: &Path, hashed: Hashed, stamp: &Stamp) -> Option<Fingerprint> {
        let entries = self.entries.lock().unwrap();
        let (then, fingerprint, read_at) = entries.get(&(path.to_owned(), hashed))?;
        let found = is_certain(then, *read_at, stamp).then_some(*fingerprint);
        self.hits
            .fetch_add(usize::from(found.is_some()), Ordering::Relaxed);
        found
    }

    fn remember(
        &self,
        path: &Path,
        hashed: Hashed,
        stamp: &Stamp,
        fingerprint: &Fingerprint,
        read_at: Time,
    ) {
        let entry = (*stamp, *fingerprint, read_at);
        let key = (path.to_owned(), hashed);
        self.entries.lock().unwrap().insert(key, entry);
    }
}

#[test]
fn a_known_file_is_not_read_and_a_doubted_one_is() {
    let room = tempdir().unwrap();
    let path = room.path().join("zelda.srm");
    fs::write(&path, b"hello").unwrap();
    let known = Remembered::default();
    let hits = || known.hits.load(Ordering::Relaxed);
    let written = Stamp::at(&path).unwrap().mtime();

    *known.now.lock().unwrap() = Some(written.plus_seconds(1));
    let first = snapshot(&path, &known).unwrap().unwrap();
    assert_eq!(snapshot(&path, &known).unwrap().unwrap(), first);
    assert_eq!(hits(), 0, "read too soon after it was written");

    *known.now.lock().unwrap() = Some(written.plus_seconds(10));
    assert_eq!(snapshot(&path, &known).unwrap().unwrap(), first);
    assert_eq!(hits(), 0);
    assert_eq!(snapshot(&path, &known).unwrap().unwrap(), first);
    assert_eq!(hits(), 1);

    fs::write(&path, b"jello").unwrap();
    let time = fs::FileTimes::new().set_modified(
        std::time::SystemTime::UNIX_EPOCH
            + std::time::Duration::from_nanos(u64::try_from(first.stamp.mtime_ns).unwrap()),
    );
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_times(time)
        .unwrap();
    let second = snapshot(&path, &known).unwrap().unwrap();
    assert_eq!(second.stamp.mtime_ns, first.stamp.mtime_ns);
    assert_eq!(second.stamp.size, first.stamp.size);
    assert_ne!(
        second.content, first.content,
        "it says it is as old, and is not"
    );
}

#[test]
fn a_packed_file_is_known_by_what_it_holds_and_by_its_own_bytes() {
    let room = tempdir().unwrap();
    let path = room.path().join("zelda.srm");
    let content = vec![7; 300_000];
    let mut own = packed(&content);
    own.extend(b"and what some program left behind");
    fs::write(&path, &own).unwrap();
    let found = unpacked(&path, &NothingKnown).unwrap().unwrap();
    assert_eq!((found.size, found.form), (300_000, Form::Rzip));
    assert_eq!(found.content.blob, Digest::of(&content).blob);
    assert_eq!(found.content.hash, Some(Digest::of(&content).md5));
    assert_eq!(found.file_blob(), Digest::of(&own).blob);
    assert_eq!(found.stamp.size, own.len() as u64);
    let as_it_is = take(&path).unwrap().unwrap();
    assert_eq!(as_it_is.size, own.len() as u64);
    assert_eq!(as_it_is.form, Form::Raw);
    assert_eq!(as_it_is.content.blob, as_it_is.file_blob());
}

#[test]
fn a_packed_file_that_holds_nothing_is_blank() {
    let room = tempdir().unwrap();
    let path = room.path().join("zelda.srm");
    fs::write(&path, packed(&[0xFF; 8192])).unwrap();
    let found = unpacked(&path, &NothingKnown).unwrap().unwrap();
    assert_eq!(found.blank, Some(Blank::Ones));
    assert_eq!(
        take(&path).unwrap().unwrap().blank,
        None,
        "packed it is not"
    );
}

#[test]
fn a_file_that_is_not_packed_is_the_same_either_way() {
    let room = tempdir().unwrap();
    let path = room.path().join("zelda.srm");
    for bytes in [&b"hello"[..], b"", b"#RZIPv"] {
        fs::write(&path, bytes).unwrap();
        let either = unpacked(&path, &NothingKnown).unwrap();
        assert_eq!(either, take(&path).unwrap());
    }
    assert_eq!(
        unpacked(&room.path().join("none"), &NothingKnown).unwrap(),
        None
    );
}

#[test]
fn a_damaged_file_is_no_content_and_its_damage_is_said() {
    let room = tempdir().unwrap();
    let path = room.path().join("zelda.srm");
    let own = packed(b"hello");
    for length in 8..own.len() {
        fs::write(&path, &own[..length]).unwrap();
        let error = unpacked(&path, &NothingKnown).unwrap_err();
        assert!(matches!(
            error,
            ReadError::Damaged {
                damage: Damage::Truncated,
                ..
            }
        ));
        assert_eq!(error.path(), path);
        assert!(take(&path).is_ok(), "its own bytes are known all the same");
    }
}

#[test]
fn what_a_file_holds_and_its_own_bytes_are_remembered_apart() {
    let room = tempdir().unwrap();
    let path = room.path().join("zelda.srm");
    fs::write(&path, packed(b"hello")).unwrap();
    let known = Remembered::default();
    let written = Stamp::at(&path).unwrap().mtime();
    *known.now.lock().unwrap() = Some(written.plus_seconds(10));
    for _ in 0..2 {
        let own = snapshot(&path, &known).unwrap().unwrap();
        let content = unpacked(&path, &known).unwrap().unwrap();
        assert_eq!(content.content.blob, Digest::of(b"hello").blob);
        assert_eq!(own.content.blob, content.file_blob());
        assert_eq!(content.size, 5);
    }
    assert_eq!(known.hits.load(Ordering::Relaxed), 2);
}
