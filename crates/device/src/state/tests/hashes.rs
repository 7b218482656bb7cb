//! Which files are known again, and how many.

use super::*;
use crate::files::{Hashed, Packed};

fn fingerprint(bytes: &[u8]) -> Fingerprint {
    let digest = Digest::of(bytes);
    Fingerprint {
        content: digest.content(keepsave_core::content::ZipVerdict::NotZip),
        blank: digest.blank,
        packed: None,
    }
}

fn stamp(number: u64) -> Stamp {
    Stamp {
        size: number,
        mtime_ns: -5,
        ctime_ns: 5,
        inode: u64::MAX,
        device: 1 << 63,
    }
}

#[test]
fn what_files_held_is_known_before_and_after_it_is_written_down() {
    let room = Room::new();
    let contents: [&[u8]; 4] = [b"hello", b"", &[0; 9], &[0xFF; 9]];
    let state = room.open();
    let read_at = Time::EPOCH.plus_seconds(100);
    for (number, bytes) in (0_u64..).zip(contents) {
        let path = PathBuf::from(format!("/saves/{number}"));
        state.remember(
            &path,
            Hashed::File,
            &stamp(number),
            &fingerprint(bytes),
            read_at,
        );
    }
    let check = |state: &State| {
        for (number, bytes) in (0_u64..).zip(contents) {
            let path = PathBuf::from(format!("/saves/{number}"));
            assert_eq!(
                state.find(&path, Hashed::File, &stamp(number)),
                Some(fingerprint(bytes))
            );
            assert_eq!(state.find(&path, Hashed::File, &stamp(number + 1)), None);
        }
        assert_eq!(
            state.find(Path::new("/saves/x"), Hashed::File, &stamp(0)),
            None
        );
    };
    check(&state);
    drop(state);
    check(&room.open());
}

#[test]
fn a_packed_file_is_known_by_its_own_bytes_and_by_what_they_hold() {
    let room = Room::new();
    let state = room.open();
    let (path, read_at) = (Path::new("/saves/a.srm"), Time::EPOCH.plus_seconds(100));
    let content = Fingerprint {
        packed: Some(Packed {
            size: u64::MAX,
            file: Digest::of(b"packed").blob,
        }),
        ..fingerprint(b"content")
    };
    let ways = [
        (Hashed::File, fingerprint(b"packed")),
        (Hashed::Content, content),
    ];
    for (hashed, fingerprint) in &ways {
        state.remember(path, *hashed, &stamp(1), fingerprint, read_at);
    }
    let check = |state: &State| {
        for (hashed, fingerprint) in ways {
            assert_eq!(state.find(path, hashed, &stamp(1)), Some(fingerprint));
        }
    };
    check(&state);
    drop(state);
    check(&room.open());
}

#[test]
fn a_file_is_read_once_and_again_when_in_doubt() {
    let room = Room::new();
    let path = room.room.path().join("zelda.srm");
    fs::write(&path, b"hello").unwrap();
    let written = Stamp::at(&path).unwrap().mtime().seconds();
    let is_known = |state: &State| {
        state
            .find(&path, Hashed::File, &Stamp::at(&path).unwrap())
            .is_some()
    };
    for (seconds, known) in [(0, false), (1, false), (10, true)] {
        room.clock.0.store(written + seconds, Ordering::Relaxed);
        let state = room.open();
        snapshot(&path, &state).unwrap().unwrap();
        assert_eq!(
            is_known(&state),
            known,
            "read {seconds} s after it was written"
        );
        drop(state);
        assert_eq!(
            is_known(&room.open()),
            known,
            "read {seconds} s after it was written"
        );
    }
    let state = room.open();
    let link = room.room.path().join("other name");
    fs::hard_link(&path, link).unwrap();
    assert!(!is_known(&state), "something about it changed");
}

#[test]
fn only_so_many_files_are_known() {
    let room = Room::new();
    let state = room.open();
    let read_at = Time::EPOCH.plus_seconds(100);
    let path = |number: i64| PathBuf::from(format!("/saves/{number}"));
    let fill = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
        INSERT INTO hashes (path, hashed, size, mtime_ns, ctime_ns, inode, device, blob, read_at)
        SELECT CAST('/saves/' || n AS BLOB), 0, 1, 1, 1, 1, 1, zeroblob(32), 1 FROM n";
    let beside = Connection::open(room.file()).unwrap();
    beside.execute(fill, [limits::HASHES_KNOWN]).unwrap();
    for number in [1, limits::HASHES_KNOWN + 1] {
        state.remember(
            &path(number),
            Hashed::File,
            &stamp(1),
            &fingerprint(b"hello"),
            read_at,
        );
    }
    state.write_hashes().unwrap();
    let count: i64 = beside
        .query_row("SELECT count(*) FROM hashes", [], |row| row.get(0))
        .unwrap();
    assert!(count <= limits::HASHES_KNOWN);
    let known = |number| state.find(&path(number), Hashed::File, &stamp(1)).is_some();
    assert!(known(1), "read lately");
    assert!(known(limits::HASHES_KNOWN + 1));
    let oldest = "SELECT count(*) FROM hashes WHERE path = CAST('/saves/2' AS BLOB)";
    let left: i64 = beside.query_row(oldest, [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}
