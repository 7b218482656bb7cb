//! A damaged file is set aside once, whoever meets it and whenever it shows.

use super::*;

fn damage(file: &Path, from: usize, to: usize) {
    let mut bytes = fs::read(file).unwrap();
    let to = to.min(bytes.len());
    bytes[from..to].fill(0xA5);
    fs::write(file, bytes).unwrap();
}

/// A state with enough in it to have several pages, all of them in the one file.
fn filled() -> Room {
    let room = Room::new();
    let state = room.open();
    let all: Vec<_> = (0..300)
        .map(|rom| (key(rom, None), baseline(Path::new("/x"), b"hello")))
        .collect();
    state.record_all(&all).unwrap();
    drop(state);
    assert!(!room.file().with_extension("sqlite3-wal").exists());
    room
}

#[test]
fn a_damaged_file_is_set_aside_and_a_new_one_begun() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 5] = [
        ("no database", |file| {
            fs::write(file, "x".repeat(9000)).unwrap();
        }),
        ("its head", |file| damage(file, 0, 100)),
        ("its tables", |file| damage(file, 100, 4096)),
        ("half of it", |file| {
            let bytes = fs::read(file).unwrap();
            fs::write(file, &bytes[..4096]).unwrap();
        }),
        ("another program's", |file| {
            fs::remove_file(file).unwrap();
            let other = Connection::open(file).unwrap();
            other
                .execute_batch("CREATE TABLE baselines (x); INSERT INTO baselines VALUES (1);")
                .unwrap();
        }),
    ];
    for (what, damage) in damages {
        let room = filled();
        damage(&room.file());
        let broken = fs::read(room.file()).unwrap();
        let state = room.open();
        let path = Path::new("/x");
        assert_eq!(state.baseline(&key(1, None), path).unwrap(), None, "{what}");
        let aside = state
            .set_aside()
            .unwrap_or_else(|| panic!("{what}: not set aside"));
        assert_eq!(fs::read(&aside).unwrap().len(), broken.len(), "{what}");
        state
            .record(&key(1, None), &baseline(path, b"hello"))
            .unwrap();
        assert!(state.has_one_aside(), "{what}");
        let aside = aside.clone();
        drop(state);
        let again = room.open();
        assert_eq!(again.set_aside(), None, "{what}");
        assert!(again.has_one_aside(), "{what}: for every later run");
        fs::remove_file(aside).unwrap();
        assert!(!again.has_one_aside(), "{what}: until a person removes it");
        assert!(
            again.baseline(&key(1, None), path).unwrap().is_some(),
            "{what}"
        );
    }
}

#[test]
fn damage_that_shows_only_later_is_treated_alike() {
    let room = filled();
    let size = usize::try_from(room.file().metadata().unwrap().len()).unwrap();
    damage(&room.file(), size - 5 * 4096, size);
    let state = room.open();
    assert_eq!(state.set_aside(), None, "what is looked at first is whole");
    for rom in 0..300 {
        state.baseline(&key(rom, None), Path::new("/x")).unwrap();
    }
    assert!(state.set_aside().unwrap().exists());
    state
        .record(&key(1, None), &baseline(Path::new("/x"), b"hello"))
        .unwrap();
    // Another one that had the damaged file open finds the new one, and does not set that aside.
    assert_eq!(
        fs::read_dir(room.directory())
            .unwrap()
            .filter(is_aside)
            .count(),
        1
    );
}

fn is_aside(entry: &io::Result<fs::DirEntry>) -> bool {
    let name = entry.as_ref().unwrap().file_name();
    let name = name.to_str().unwrap();
    name.contains("damaged") && !name.ends_with("-wal") && !name.ends_with("-shm")
}

#[test]
fn two_that_meet_the_same_damage_set_it_aside_once() {
    let room = filled();
    let size = usize::try_from(room.file().metadata().unwrap().len()).unwrap();
    damage(&room.file(), size - 5 * 4096, size);
    let (one, other) = (room.open(), room.open());
    for state in [&one, &other] {
        for rom in 0..300 {
            state.baseline(&key(rom, None), Path::new("/x")).unwrap();
        }
        state
            .record(&key(500, None), &baseline(Path::new("/x"), b"hello"))
            .unwrap();
    }
    assert!(
        one.baseline(&key(500, None), Path::new("/x"))
            .unwrap()
            .is_some()
    );
    assert!(one.set_aside().is_some());
    assert_eq!(other.set_aside(), None);
    assert_eq!(
        fs::read_dir(room.directory())
            .unwrap()
            .filter(is_aside)
            .count(),
        1
    );
}
