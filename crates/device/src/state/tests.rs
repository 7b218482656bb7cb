//! What is recorded comes back to whom it belongs, and a damaged file costs nothing but time.

mod cost;
mod damage;
mod fields;
mod games;
mod hashes;
mod import;
mod layouts;
mod matches;
mod outbox;
mod playtime;
mod save_states;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::{AtomicI64, Ordering};

use keepsave_core::content::Digest;
use keepsave_core::ids::{DeviceId, RomId, SaveId, UserId};
use keepsave_core::limits;
use keepsave_core::time::Time;
use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

use super::*;
use crate::files::trial::as_nobody;
use crate::files::{Fingerprint, Known, Stamp, snapshot};

/// A clock that shows what it is set to.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Time {
        Time::EPOCH.plus_seconds(self.0.load(Ordering::Relaxed))
    }
}

struct Room {
    room: TempDir,
    clock: Arc<Hand>,
}

impl Room {
    fn new() -> Self {
        Self {
            room: tempdir().unwrap(),
            clock: Arc::new(Hand(AtomicI64::new(1_000))),
        }
    }

    fn directory(&self) -> PathBuf {
        self.room.path().join("state/keepsave")
    }

    fn open(&self) -> State {
        State::open(&self.directory(), &identity(7), self.clock.clone()).unwrap()
    }

    fn refusal(&self, identity: &Identity) -> StateError {
        let opened = State::open(&self.directory(), identity, self.clock.clone());
        match opened {
            Ok(_) => panic!("it opens"),
            Err(error) => error,
        }
    }

    fn file(&self) -> PathBuf {
        let name = format!("{}.sqlite3", identity(7).file_stem());
        self.directory().join(name)
    }
}

fn identity(user: i64) -> Identity {
    Identity {
        origin: "https://saves.example.org".into(),
        user: UserId(user),
    }
}

fn key(rom: i64, slot: Option<&str>) -> Key {
    Key {
        device: DeviceId("0b5c".into()),
        rom: RomId(rom),
        slot: slot.map(str::to_owned),
        file_name: "zelda.srm".into(),
    }
}

fn baseline(path: &Path, bytes: &[u8]) -> Baseline {
    let digest = Digest::of(bytes);
    Baseline {
        hash: Some(digest.md5),
        blob: Some(digest.blob),
        size: Some(digest.size),
        mtime_ns: Some(1_739_789_395_123_456_789),
        save: Some(SaveId(12)),
        tracked: Some(SaveId(11)),
        server_hash: Some(digest.md5),
        server_size: Some(digest.size + 1),
        server_updated_at: Some(Time::from_micros(1_795_159_710_197_525)),
        path: Some(path.to_owned()),
        at: Some(Time::EPOCH.plus_seconds(5)),
    }
}

#[test]
fn a_baseline_comes_back_as_it_was_recorded() {
    let room = Room::new();
    let path = room.room.path().join("zelda.srm");
    let full = baseline(&path, b"hello");
    let sparse = Baseline::default();
    room.open().record(&key(1, None), &full).unwrap();
    room.open().record(&key(2, None), &sparse).unwrap();
    let state = room.open();
    assert_eq!(state.baseline(&key(1, None), &path).unwrap(), Some(full));
    assert_eq!(
        state.baseline(&key(2, None), &path).unwrap(),
        Some(sparse.clone())
    );
    assert_eq!(state.baseline(&key(3, None), &path).unwrap(), None);
    state.record(&key(1, None), &sparse).unwrap();
    assert_eq!(state.baseline(&key(1, None), &path).unwrap(), Some(sparse));
    state.forget(&key(1, None)).unwrap();
    assert_eq!(state.baseline(&key(1, None), &path).unwrap(), None);
    assert_eq!(state.set_aside(), None);
}

#[test]
fn every_part_of_the_key_counts() {
    let room = Room::new();
    let state = room.open();
    let path = room.room.path().join("zelda.srm");
    let mut keys: Vec<Key> = [None, Some(""), Some("="), Some("autosave")]
        .into_iter()
        .flat_map(|slot| [key(1, slot), key(2, slot)])
        .collect();
    keys.push(Key {
        device: DeviceId("other".into()),
        ..key(1, None)
    });
    keys.push(Key {
        file_name: "zelda.rtc".into(),
        ..key(1, None)
    });
    let all: Vec<(Key, Baseline)> = (0_u8..)
        .zip(&keys)
        .map(|(number, key)| (key.clone(), baseline(&path, &[number])))
        .collect();
    state.record_all(&all).unwrap();
    for (key, recorded) in all {
        assert_eq!(
            state.baseline(&key, &path).unwrap(),
            Some(recorded),
            "{key:?}"
        );
    }
}

#[test]
fn a_baseline_follows_a_file_that_moved_and_is_not_another_ones() {
    let room = Room::new();
    let state = room.open();
    let (before, now) = (
        room.room.path().join("a/zelda.srm"),
        room.room.path().join("zelda.srm"),
    );
    fs::create_dir(room.room.path().join("a")).unwrap();
    fs::write(&now, b"hello").unwrap();
    state
        .record(&key(1, None), &baseline(&before, b"hello"))
        .unwrap();
    let found = |path: &Path| state.baseline(&key(1, None), path).unwrap().is_some();

    assert!(found(&now), "it is not there any more: it moved");
    fs::write(&before, b"hello").unwrap();
    assert!(!found(&now), "it is there still: this one is another");
    assert!(found(&before));
    fs::remove_file(&before).unwrap();
    std::os::unix::fs::symlink(&now, &before).unwrap();
    assert!(found(&now), "both names lead to it");
    fs::remove_dir_all(room.room.path().join("a")).unwrap();
    fs::write(room.room.path().join("a"), b"a file where a directory was").unwrap();
    assert!(found(&now));
}

#[test]
fn where_it_cannot_be_seen_whether_it_moved_it_did_not() {
    let room = Room::new();
    let state = room.open();
    fs::set_permissions(room.room.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let closed = room.room.path().join("closed");
    fs::create_dir(&closed).unwrap();
    let recorded = baseline(&closed.join("zelda.srm"), b"hello");
    state.record(&key(1, None), &recorded).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let found = as_nobody(|| {
        state
            .baseline(&key(1, None), &room.room.path().join("x"))
            .unwrap()
    });
    assert_eq!(found, None);
}

#[test]
fn a_path_in_any_encoding_comes_back_as_it_was() {
    use std::os::unix::ffi::OsStringExt;
    let room = Room::new();
    let path: PathBuf = std::ffi::OsString::from_vec(b"/saves/Pok\xe9mon.srm".to_vec()).into();
    let recorded = baseline(&path, b"hello");
    room.open().record(&key(1, None), &recorded).unwrap();
    assert_eq!(
        room.open().baseline(&key(1, None), &path).unwrap(),
        Some(recorded)
    );
}

#[test]
fn many_are_recorded_together_or_not_at_all() {
    let room = Room::new();
    let state = room.open();
    let path = room.room.path().join("zelda.srm");
    let breaks = "CREATE TRIGGER no BEFORE INSERT ON baselines WHEN NEW.rom = 2
        BEGIN SELECT RAISE(ABORT, 'no'); END";
    Connection::open(room.file())
        .unwrap()
        .execute_batch(breaks)
        .unwrap();
    let both = [1, 2].map(|rom| (key(rom, None), baseline(&path, b"hello")));
    state.record_all(&both).unwrap_err();
    assert_eq!(state.baseline(&key(1, None), &path).unwrap(), None);
}

#[test]
fn nobody_else_may_look_into_it() {
    let room = Room::new();
    let state = room.open();
    state
        .record(&key(1, None), &baseline(Path::new("/x"), b"hello"))
        .unwrap();
    let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
    assert_eq!(mode(&room.directory()), 0o700);
    for file in fs::read_dir(room.directory()).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn each_account_has_its_own_and_one_is_not_used_for_another() {
    let room = Room::new();
    let path = Path::new("/x");
    room.open()
        .record(&key(1, None), &baseline(path, b"hello"))
        .unwrap();
    let other = State::open(&room.directory(), &identity(8), room.clock.clone()).unwrap();
    assert_eq!(other.baseline(&key(1, None), path).unwrap(), None);
    drop(other);
    let others = room
        .directory()
        .join(format!("{}.sqlite3", identity(8).file_stem()));
    fs::copy(room.file(), &others).unwrap();
    let error = room.refusal(&identity(8));
    assert!(matches!(error, StateError::Another { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("user 7 of https://saves.example.org"),
        "{text}"
    );
    assert!(others.exists(), "it is left as it is");
}

#[test]
fn one_of_a_newer_program_is_left_alone() {
    let room = Room::new();
    drop(room.open());
    let newer = Connection::open(room.file()).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    let error = room.refusal(&identity(7));
    assert!(matches!(error, StateError::TooNew { .. }), "{error}");
    let version: i64 = newer
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 99);
}

#[test]
fn a_place_that_cannot_be_written_is_told() {
    let room = Room::new();
    fs::set_permissions(room.room.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let error = as_nobody(|| room.refusal(&identity(7)));
    assert!(matches!(error, StateError::Unwritable { .. }), "{error}");
    assert!(error.to_string().contains("KEEPSAVE_STATE_DIR"), "{error}");
}

#[test]
fn threads_may_share_it() {
    let room = Room::new();
    let state = room.open();
    std::thread::scope(|scope| {
        for rom in 0..8 {
            let state = &state;
            scope.spawn(move || {
                let recorded = baseline(Path::new("/x"), &[7]);
                state.record(&key(rom, None), &recorded).unwrap();
                let found = state.baseline(&key(rom, None), Path::new("/x")).unwrap();
                assert_eq!(found, Some(recorded));
            });
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn any_key_holds_its_own_baseline(
        keys in prop::collection::hash_set((".{0,3}", 0..3_i64, prop::option::of(".{0,2}"), ".{0,2}"), 0..8),
    ) {
        let room = Room::new();
        let state = room.open();
        let all: Vec<(Key, Baseline)> = (0_u8..)
            .zip(keys)
            .map(|(number, (device, rom, slot, file_name))| {
                let device = DeviceId(device);
                let key = Key { device, rom: RomId(rom), slot, file_name };
                (key, baseline(Path::new("/x"), &[number]))
            })
            .collect();
        state.record_all(&all).unwrap();
        for (key, recorded) in all {
            prop_assert_eq!(state.baseline(&key, Path::new("/x")).unwrap(), Some(recorded));
        }
    }
}
