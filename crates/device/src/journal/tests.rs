//! The journal keeps what it says it keeps, and nothing that is wrong with a part of it hides the
//! rest.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use keepsave_core::content::Digest;
use keepsave_core::ids::RomId;
use proptest::prelude::*;
use rustix::io::Errno;
use tempfile::{TempDir, tempdir};

use super::*;
use crate::files::trial::{Step, TrialDisk};

struct Room {
    room: TempDir,
    journal: Journal,
}

impl Room {
    fn new() -> Self {
        let room = tempdir().unwrap();
        let journal = Journal::open(&room.path().join("data/keepsave/journal")).unwrap();
        Self { room, journal }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.room.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn keep(&self, name: &str, bytes: &[u8], seconds: i64) -> Kept {
        let path = self.file(name, bytes);
        let now = Time::EPOCH.plus_seconds(seconds);
        self.journal.keep(&path, &about(), now).unwrap()
    }

    fn content(&self, kept: &Kept) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut file = self.journal.open_content(kept).unwrap();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn kept(&self) -> Vec<Kept> {
        self.journal.list().unwrap().kept
    }

    fn objects(&self) -> usize {
        let shelves = fs::read_dir(self.journal.objects()).unwrap();
        shelves
            .map(|shelf| fs::read_dir(shelf.unwrap().path()).unwrap().count())
            .sum()
    }
}

fn about() -> About {
    About {
        account: "player at https://example.org".into(),
        rom: RomId(7),
        slot: Some("autosave".into()),
        file_name: "zelda.srm".into(),
        reason: "the server has a newer version".into(),
    }
}

#[test]
fn what_was_kept_is_listed_newest_first_and_can_be_read() {
    let room = Room::new();
    let first = room.keep("zelda.srm", b"first", 100);
    let second = room.keep("zelda.srm", b"second", 200);
    let clock_went_back = room.keep("mario.srm", b"third", 150);
    assert_eq!(
        room.kept(),
        [second.clone(), clock_went_back, first.clone()]
    );
    assert_eq!(room.content(&first), b"first");
    assert_eq!(room.content(&second), b"second");
    assert_eq!(first.size, 5);
    assert_eq!(first.content.hash, Some(Digest::of(b"first").md5));
    assert_eq!(first.path, room.room.path().join("zelda.srm"));
    assert_eq!(first.about, about());
    assert!(first.id.starts_with("19700101-000140-"), "{}", first.id);
}

#[test]
fn one_content_stands_once_however_often_it_is_kept() {
    let room = Room::new();
    for seconds in 0..3 {
        room.keep("zelda.srm", b"same", seconds);
    }
    assert_eq!(room.kept().len(), 3);
    assert_eq!(room.objects(), 1);
    // A copy that rotted is made good by the next one.
    let kept = room.kept().remove(0);
    let object = room.journal.object(&kept.content.blob);
    fs::set_permissions(&object, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&object, b"rot!").unwrap();
    room.keep("zelda.srm", b"same", 4);
    assert_eq!(room.content(&kept), b"same");
}

#[test]
fn nobody_else_may_look_into_it() {
    let room = Room::new();
    let kept = room.keep("zelda.srm", b"first", 100);
    let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
    let directory = room.journal.directory();
    assert_eq!(mode(directory), 0o700);
    assert_eq!(mode(directory.parent().unwrap()), 0o700);
    for part in ["objects", "entries", "staging"] {
        assert_eq!(mode(&directory.join(part)), 0o700, "{part}");
    }
    let object = room.journal.object(&kept.content.blob);
    assert_eq!(mode(&object), 0o400);
    assert_eq!(mode(object.parent().unwrap()), 0o700);
    let entry = directory.join("entries").join(format!("{}.json", kept.id));
    assert_eq!(mode(&entry), 0o600);
}

#[test]
fn a_file_that_is_no_entry_is_reported_and_hides_nothing() {
    let room = Room::new();
    let kept = room.keep("zelda.srm", b"first", 100);
    let entries = room.journal.entries();
    let good = fs::read(entries.join(format!("{}.json", kept.id))).unwrap();
    fs::write(entries.join("half.json"), &good[..good.len() / 2]).unwrap();
    fs::write(entries.join("empty.json"), b"").unwrap();
    fs::write(entries.join("other.json"), &good).unwrap();
    fs::create_dir(entries.join("directory.json")).unwrap();
    let listing = room.journal.list().unwrap();
    assert_eq!(listing.kept, [kept]);
    let named: Vec<_> = listing
        .unreadable
        .iter()
        .filter_map(|it| it.0.file_name())
        .collect();
    assert_eq!(
        named,
        ["directory.json", "empty.json", "half.json", "other.json"]
    );
}

#[test]
fn an_entry_of_a_later_version_can_be_read() {
    let room = Room::new();
    let kept = room.keep("zelda.srm", b"first", 100);
    let path = room.journal.entries().join(format!("{}.json", kept.id));
    let json = fs::read_to_string(&path).unwrap();
    fs::write(&path, json.replacen('{', "{\"set\": 9, ", 1)).unwrap();
    assert_eq!(room.kept(), [kept]);
}

#[test]
fn a_path_in_any_encoding_comes_back_as_it_was() {
    let room = Room::new();
    let name = OsString::from_vec(b"Pok\xe9mon.srm".to_vec());
    let path = room.room.path().join(name);
    fs::write(&path, b"latin").unwrap();
    let kept = room.journal.keep(&path, &about(), Time::EPOCH).unwrap();
    assert_eq!(kept.path, path);
    assert_eq!(room.kept(), [kept]);
}

#[test]
fn a_content_that_is_gone_is_named() {
    let room = Room::new();
    let kept = room.keep("zelda.srm", b"first", 100);
    fs::remove_file(room.journal.object(&kept.content.blob)).unwrap();
    let error = room.journal.open_content(&kept).unwrap_err();
    assert!(matches!(error, JournalError::Missing { .. }), "{error}");
    assert!(error.to_string().contains(&kept.id), "{error}");
}

#[test]
fn what_is_no_file_is_not_kept() {
    let room = Room::new();
    let error = room
        .journal
        .keep(room.room.path(), &about(), Time::EPOCH)
        .unwrap_err();
    assert!(
        matches!(error, JournalError::Read(ReadError::Directory { .. })),
        "{error}"
    );
    let missing = room.room.path().join("none.srm");
    assert!(room.journal.keep(&missing, &about(), Time::EPOCH).is_err());
    assert!(room.kept().is_empty());
}

#[test]
fn a_disk_that_cannot_be_written_is_told_with_what_to_do() {
    let room = Room::new();
    let path = room.file("zelda.srm", b"first");
    for (step, part) in [
        (Step::Create, "staging"),
        (Step::Write, "staging"),
        (Step::Sync, "staging"),
        (Step::CreateDirectory, "objects"),
        (Step::Rename, "objects"),
        (Step::SyncDirectory, "objects"),
        (Step::Create, "entries"),
        (Step::Write, "entries"),
        (Step::Sync, "entries"),
        (Step::RenameNew, "entries"),
        (Step::SyncDirectory, "entries"),
    ] {
        let disk = TrialDisk::failing(step, part, Errno::NOSPC);
        let journal = Journal::on(disk, room.journal.directory()).unwrap();
        let error = journal.keep(&path, &about(), Time::EPOCH).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("No space left") && text.contains("make room"),
            "{text}"
        );
        assert_eq!(fs::read_dir(room.journal.staging()).unwrap().count(), 0);
        // Each round begins with an empty journal.
        fs::remove_dir_all(room.journal.objects()).unwrap();
        fs::remove_dir_all(room.journal.entries()).unwrap();
        Journal::open(room.journal.directory()).unwrap();
    }
}

#[test]
fn wherever_the_process_dies_an_entry_is_whole_or_not_there() {
    let mut step = 0;
    loop {
        let room = Room::new();
        let before = room.keep("mario.srm", b"before", 1);
        let path = room.file("zelda.srm", b"content");
        let disk = Arc::new(TrialDisk::sound().dying_at(step));
        let journal = Journal::on(disk.clone(), room.journal.directory()).unwrap();
        let kept = journal.keep(&path, &about(), Time::EPOCH.plus_seconds(2));
        drop(journal);
        let opened_again = Journal::open(room.journal.directory()).unwrap();
        let listing = opened_again.list().unwrap();
        assert!(listing.unreadable.is_empty());
        assert!(listing.kept.contains(&before));
        for kept in &listing.kept {
            assert_eq!(Digest::of(&room.content(kept)).blob, kept.content.blob);
        }
        assert_eq!(fs::read_dir(room.journal.staging()).unwrap().count(), 0);
        assert_eq!(
            fs::read_dir(room.journal.entries()).unwrap().count(),
            listing.kept.len()
        );
        if !disk.died() {
            assert_eq!(listing.kept, [kept.unwrap(), before]);
            break;
        }
        step += 1;
    }
    assert!(step > 8, "only {step} steps were tried");
}

fn policy(newest_of_each_file: usize, bytes: u64) -> Policy {
    Policy {
        newest_of_each_file,
        bytes,
    }
}

#[test]
fn the_oldest_go_until_the_rest_fits() {
    let room = Room::new();
    for (number, bytes) in [b"aaaa", b"bbbb", b"cccc", b"dddd"].iter().enumerate() {
        room.keep("zelda.srm", *bytes, i64::try_from(number).unwrap());
    }
    let pruned = room.journal.prune(&policy(1, 8), &|_| true).unwrap();
    assert_eq!(pruned.removed.len(), 2);
    assert!(pruned.removed[0].at < pruned.removed[1].at);
    assert_eq!((pruned.freed, pruned.left), (8, 8));
    let left: Vec<_> = room.kept().iter().map(|kept| room.content(kept)).collect();
    assert_eq!(left, [b"dddd", b"cccc"]);
    let again = room.journal.prune(&policy(1, 8), &|_| true).unwrap();
    assert!(again.removed.is_empty());
}

#[test]
fn the_newest_of_each_file_and_what_may_not_go_stay() {
    let room = Room::new();
    let zelda = room.keep("zelda.srm", b"old zelda", 1);
    let mario = room.keep("mario.srm", b"mario", 2);
    let newest = room.keep("zelda.srm", b"new zelda", 3);
    let pruned = room
        .journal
        .prune(&policy(1, 0), &|kept| kept.id != zelda.id)
        .unwrap();
    assert!(pruned.removed.is_empty());
    let pruned = room.journal.prune(&policy(1, 0), &|_| true).unwrap();
    assert_eq!(pruned.removed, [zelda]);
    assert_eq!(room.kept(), [newest, mario]);
}

#[test]
fn while_an_entry_cannot_be_read_nothing_is_given_up() {
    let room = Room::new();
    room.keep("zelda.srm", b"old", 1);
    room.keep("zelda.srm", b"new", 2);
    fs::write(room.journal.entries().join("bad.json"), b"?").unwrap();
    let pruned = room.journal.prune(&policy(0, 0), &|_| true).unwrap();
    assert_eq!(pruned.unreadable.len(), 1);
    assert!(pruned.removed.is_empty());
    assert_eq!(pruned.left, 6);
    assert_eq!((room.kept().len(), room.objects()), (2, 2));
}

#[test]
fn wherever_pruning_dies_every_entry_has_its_content() {
    let mut step = 0;
    loop {
        let room = Room::new();
        for seconds in 0..4 {
            room.keep(
                "zelda.srm",
                [b"same", b"diff"][usize::from(seconds == 2)],
                seconds,
            );
        }
        let disk = Arc::new(TrialDisk::sound().dying_at(step));
        let journal = Journal::on(disk.clone(), room.journal.directory()).unwrap();
        let pruned = journal.prune(&policy(0, 0), &|_| true);
        room.kept().iter().for_each(|kept| drop(room.content(kept)));
        if !disk.died() {
            assert_eq!(pruned.unwrap().removed.len(), 4);
            break;
        }
        room.journal.prune(&policy(0, 0), &|_| true).unwrap();
        assert_eq!(
            (room.kept().len(), room.objects()),
            (0, 0),
            "the next one finishes"
        );
        step += 1;
    }
    assert!(step > 5, "only {step} steps were tried");
}

#[test]
fn pruning_waits_for_who_keeps_something() {
    let room = Room::new();
    let path = room.file("zelda.srm", b"content");
    let staged = room.journal.stage(&path).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            room.journal.prune(&policy(0, 0), &|_| true).unwrap();
            tell.send(()).unwrap();
        });
        let now = Time::EPOCH;
        room.journal.enter(staged, &path, &about(), now).unwrap();
        told.recv().unwrap();
    });
    // Whichever came first: no entry is without its content.
    room.kept().iter().for_each(|kept| drop(room.content(kept)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pruning_keeps_what_it_must_and_no_more_than_it_may(
        steps in prop::collection::vec((0..3_usize, 0..5_u8, 0..9_i64), 0..12),
        newest in 0..3_usize,
        bytes in 0..20_u64,
    ) {
        let room = Room::new();
        for (file, content, at) in steps {
            room.keep(["a", "b", "c"][file], &vec![content; usize::from(content)], at);
        }
        let before = room.kept();
        let pruned = room.journal.prune(&policy(newest, bytes), &|_| true).unwrap();
        let after = room.kept();
        prop_assert_eq!(before.len(), after.len() + pruned.removed.len());
        let mut seen: HashMap<&Path, usize> = HashMap::new();
        for kept in &before {
            let place = seen.entry(&kept.path).or_default();
            *place += 1;
            if *place <= newest {
                prop_assert!(after.contains(kept), "among the newest of its file");
            }
        }
        for kept in &after {
            prop_assert_eq!(room.content(kept).len() as u64, kept.size);
        }
        let beyond = after.iter().any(|kept| {
            let newer = after.iter().take_while(|it| *it != kept);
            newer.filter(|it| it.path == kept.path).count() >= newest
        });
        prop_assert!(pruned.left <= bytes || !beyond);
    }
}
