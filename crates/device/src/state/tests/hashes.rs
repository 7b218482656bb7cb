//! Which files are known again, and how many.

use super::*;

fn fingerprint(bytes: &[u8]) -> Fingerprint {
    let digest = Digest::of(bytes);
    Fingerprint {
        content: digest.content(keepsave_core::content::ZipVerdict::NotZip),
        blank: digest.blank,
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
        state.remember(&path, &stamp(number), &fingerprint(bytes), read_at);
    }
    let check = |state: &State| {
        for (number, bytes) in (0_u64..).zip(contents) {
            let path = PathBuf::from(format!("/saves/{number}"));
            assert_eq!(state.find(&path, &stamp(number)), Some(fingerprint(bytes)));
            assert_eq!(state.find(&path, &stamp(number + 1)), None);
        }
        assert_eq!(state.find(Path::new("/saves/x"), &stamp(0)), None);
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
    let is_known = |state: &State| state.find(&path, &Stamp::at(&path).unwrap()).is_some();
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
        INSERT INTO hashes (path, size, mtime_ns, ctime_ns, inode, device, blob, read_at)
        SELECT CAST('/saves/' || n AS BLOB), 1, 1, 1, 1, 1, zeroblob(32), 1 FROM n";
    let beside = Connection::open(room.file()).unwrap();
    beside.execute(fill, [limits::HASHES_KNOWN]).unwrap();
    for number in [1, limits::HASHES_KNOWN + 1] {
        state.remember(&path(number), &stamp(1), &fingerprint(b"hello"), read_at);
    }
    state.write_hashes().unwrap();
    let count: i64 = beside
        .query_row("SELECT count(*) FROM hashes", [], |row| row.get(0))
        .unwrap();
    assert!(count <= limits::HASHES_KNOWN);
    let known = |number| state.find(&path(number), &stamp(1)).is_some();
    assert!(known(1), "read lately");
    assert!(known(limits::HASHES_KNOWN + 1));
    let oldest = "SELECT count(*) FROM hashes WHERE path = CAST('/saves/2' AS BLOB)";
    let left: i64 = beside.query_row(oldest, [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}
