//! The files of one save come together or not at all, wherever the power goes off and whoever
//! meddles.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keepsave_core::content::Digest;
use keepsave_core::ids::RomId;
use rustix::io::Errno;
use tempfile::{TempDir, tempdir, tempdir_in};

use super::super::cleaning::{Cleaned, clean};
use super::super::disk::{Disk, RealDisk};
use super::super::incoming::{Expected, Incoming, Parents};
use super::super::snapshot::Snapshot;
use super::super::trial::{Step, TrialDisk, When};
use super::*;

/// What is called so holds this.
type Files = BTreeMap<String, String>;

/// A save of three files, of which one leaves and another comes where none was. One of them is a
/// link to another directory.
struct Room {
    directory: TempDir,
}

fn files(of: &[(&str, &str)]) -> Files {
    let of = of.iter();
    of.map(|(name, content)| ((*name).to_owned(), (*content).to_owned()))
        .collect()
}

fn old() -> Files {
    files(&[
        ("z.bcr", "old bcr"),
        ("z.bkr", "old bkr"),
        ("z.rtc", "old rtc"),
    ])
}

fn new() -> Files {
    files(&[
        ("z.bcr", "new bcr"),
        ("z.bkr", "new bkr"),
        ("z.smpc", "new smpc"),
    ])
}

fn about() -> About {
    About {
        account: "ada".to_owned(),
        rom: RomId(1),
        slot: None,
        file_name: "z.bkr".to_owned(),
        reason: "a test".to_owned(),
    }
}

fn now() -> Time {
    Time::EPOCH.plus_seconds(1_000_000)
}

impl Room {
    fn new() -> Self {
        let room = Self {
            // In memory where there is such a place: no power goes off here.
            directory: tempdir_in("/dev/shm").unwrap_or_else(|_| tempdir().unwrap()),
        };
        for directory in [room.saves(), room.elsewhere()] {
            fs::create_dir(directory).unwrap();
        }
        let elsewhere = room.elsewhere().join("z.bcr");
        fs::write(&elsewhere, "old bcr").unwrap();
        std::os::unix::fs::symlink(elsewhere, room.saves().join("z.bcr")).unwrap();
        fs::write(room.saves().join("z.bkr"), "old bkr").unwrap();
        fs::write(room.saves().join("z.rtc"), "old rtc").unwrap();
        room
    }

    fn saves(&self) -> PathBuf {
        self.directory.path().join("saves")
    }

    fn elsewhere(&self) -> PathBuf {
        self.directory.path().join("elsewhere")
    }

    fn journal(&self, disk: Arc<dyn Disk>) -> Result<Journal, PlaceError> {
        let opened = Journal::on(disk, &self.directory.path().join("journal"));
        opened.map_err(|error| Problem::Journal(error).untouched(&self.saves()))
    }

    fn found(&self, name: &str) -> Option<Snapshot> {
        snapshot(&self.saves().join(name), &NothingKnown).unwrap()
    }

    /// The new save takes the place of the old one.
    fn put(&self, disk: &Arc<dyn Disk>) -> Result<Together, PlaceError> {
        let journal = self.journal(Arc::clone(disk))?;
        let about = about();
        let new = new();
        let found: Vec<Option<Snapshot>> = new.keys().map(|name| self.found(name)).collect();
        let replacing = |found| Replacing {
            found,
            journal: &journal,
            about: &about,
            mtime: None,
            now: now(),
        };
        let mut coming = Vec::new();
        for ((name, content), found) in new.iter().zip(&found) {
            let path = self.saves().join(name);
            let mut incoming = Incoming::on(Arc::clone(disk), &path, Parents::MustExist)?;
            incoming.write(content.as_bytes())?;
            let expected = Expected {
                size: None,
                hash: Some(Digest::of(content.as_bytes()).md5),
            };
            coming.push((incoming.verify(&expected)?, replacing(found.as_ref())));
        }
        let rtc = self.found("z.rtc");
        let going = rtc.as_ref().map(|rtc| replacing(Some(rtc)));
        commit(coming, going.as_slice())
    }

    /// A new process finds what the one before left.
    fn clean_on(&self, disk: &Arc<dyn Disk>) -> Vec<Cleaned> {
        let Ok(journal) = self.journal(Arc::clone(disk)) else {
            return Vec::new();
        };
        let directories = [self.saves(), self.elsewhere()].into_iter();
        let clean = |directory: PathBuf| clean(&directory, &journal, now(), &|_| about()).ok();
        directories.filter_map(clean).collect()
    }

    fn clean(&self) -> Vec<Cleaned> {
        self.clean_on(&real())
    }

    /// What stands there, by its name.
    fn held(&self) -> Files {
        let mut held = Files::new();
        for directory in [self.elsewhere(), self.saves()] {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap();
                held.insert(name.to_owned(), fs::read_to_string(&path).unwrap());
            }
        }
        held
    }

    /// What is in each of the places.
    fn stands(&self) -> Vec<Option<String>> {
        let names = ["z.bcr", "z.bkr", "z.rtc", "z.smpc"].into_iter();
        names
            .map(|name| fs::read_to_string(self.saves().join(name)).ok())
            .collect()
    }

    fn journalled(&self) -> Vec<String> {
        let journal = self.journal(real()).unwrap();
        let listing = journal.list().unwrap();
        let read = |kept: &Kept| io::read_to_string(journal.open_content(kept).unwrap()).unwrap();
        listing.kept.iter().map(read).collect()
    }

    fn is_lost(&self, content: &str) -> bool {
        let held = self.held();
        !held.values().any(|held| held == content)
            && !self.journalled().iter().any(|kept| kept == content)
    }
}

fn real() -> Arc<dyn Disk> {
    Arc::new(RealDisk)
}

fn disk_that(exchanges: bool) -> TrialDisk {
    TrialDisk::with(move |when, step, _| match (when, step) {
        (When::Before, Step::Exchange) if !exchanges => Err(Errno::INVAL.into()),
        _ => Ok(()),
    })
}

#[test]
fn all_files_of_a_save_take_their_places_and_what_it_has_no_more_leaves() {
    for exchanges in [true, false] {
        let room = Room::new();
        let disk: Arc<dyn Disk> = Arc::new(disk_that(exchanges));
        let together = room.put(&disk).unwrap();
        assert_eq!((together.placed.len(), together.gone.len()), (3, 1));
        assert_eq!(room.held(), new());
        assert!(old().values().all(|content| !room.is_lost(content)));
        let cleaned = room.clean();
        assert!(cleaned.iter().all(|cleaned| cleaned.removed.is_empty()));
    }
}

/// After the process died the next one finds one save, whole, and nothing else.
fn check_after_death(room: &Room, step: usize) {
    for cleaned in room.clean() {
        assert!(cleaned.left.is_empty(), "{step}: {:?}", cleaned.left);
    }
    let held = room.held();
    assert!([old(), new()].contains(&held), "{step}: {held:?}");
    for content in old().values() {
        assert!(!room.is_lost(content), "{step}: {content}");
    }
    room.put(&real()).unwrap();
    assert_eq!(room.held(), new(), "{step}: the next run converges");
}

#[test]
fn wherever_the_process_dies_the_next_one_finds_one_save() {
    for exchanges in [true, false] {
        let mut seen = [0, 0];
        for step in 0.. {
            let room = Room::new();
            let disk = Arc::new(disk_that(exchanges).dying_at(step));
            let dying: Arc<dyn Disk> = disk.clone();
            let placed = room.put(&dying);
            if !disk.died() {
                placed.unwrap();
                break;
            }
            let held = room.held();
            let of = |save: Files| {
                save.iter()
                    .all(|(name, content)| held.get(name) == Some(content))
            };
            if !of(old()) && !of(new()) {
                seen[0] += 1;
            }
            check_after_death(&room, step);
            seen[1] += 1;
        }
        assert!(seen[0] >= 3 && seen[1] > 60, "mixed and all: {seen:?}");
    }
}

#[test]
fn wherever_the_cleaning_dies_the_next_one_finishes_it() {
    for exchanges in [true, false] {
        let dead_at = |step: usize| {
            let room = Room::new();
            let disk = Arc::new(disk_that(exchanges).dying_at(step));
            let dying: Arc<dyn Disk> = disk.clone();
            let placed = room.put(&dying);
            (room, placed.is_err() && disk.died())
        };
        let is_mixed = |room: &Room| {
            let held = room.held();
            let has = |content: &str| held.values().any(|held| held == content);
            (has("new bcr") || has("new bkr")) && (has("old bkr") || has("old rtc"))
        };
        let (mut tried, mut seen) = (0, Vec::new());
        for died_at in 0.. {
            let (room, has_died) = dead_at(died_at);
            if !has_died {
                break;
            }
            // Each way in which it can be left is enough once.
            let stands: Vec<Option<String>> = room.stands();
            if !is_mixed(&room) || seen.contains(&stands) {
                continue;
            }
            seen.push(stands);
            for step in 0.. {
                let (room, _) = dead_at(died_at);
                let disk = Arc::new(disk_that(exchanges).dying_at(step));
                let dying: Arc<dyn Disk> = disk.clone();
                room.clean_on(&dying);
                if !disk.died() {
                    break;
                }
                check_after_death(&room, step);
                tried += 1;
            }
        }
        assert!(tried > 50, "{tried}");
    }
}

#[test]
fn where_one_file_cannot_take_its_place_the_others_go_back() {
    for (exchanges, name) in [(true, "z.smpc"), (false, "z.smpc"), (true, "z.bkr")] {
        let room = Room::new();
        // A program saves in the last moment: once, before that file takes its place.
        let saved = AtomicBool::new(false);
        let target = room.saves().join(name);
        let meddling = TrialDisk::with(move |when, step, path| {
            if (when, step) == (When::Before, Step::Exchange) && !exchanges {
                return Err(Errno::INVAL.into());
            }
            let takes_it = path == target && when == When::Before && step != Step::Create;
            if takes_it && !saved.swap(true, Ordering::Relaxed) {
                fs::write(&target, "played on").unwrap();
            }
            Ok(())
        });
        let disk: Arc<dyn Disk> = Arc::new(meddling);
        let error = room.put(&disk).unwrap_err();
        assert!(matches!(error.problem, Problem::Changed), "{error}");
        assert_eq!(error.path.file_name(), Some(name.as_ref()));
        let mut wanted = old();
        wanted.insert(name.to_owned(), "played on".to_owned());
        assert_eq!(room.held(), wanted);
        room.clean();
        assert_eq!(room.held(), wanted);
    }
}

#[test]
fn what_was_played_after_a_death_stays() {
    let mut tried = 0;
    for step in 0.. {
        let room = Room::new();
        let disk = Arc::new(TrialDisk::sound().dying_at(step));
        let dying: Arc<dyn Disk> = disk.clone();
        let _dead = room.put(&dying);
        if !disk.died() {
            break;
        }
        let was = room.held();
        if was["z.bcr"] != "new bcr" || was["z.bkr"] != "old bkr" {
            continue;
        }
        fs::write(room.saves().join("z.bcr"), "played on").unwrap();
        room.clean();
        assert_eq!(room.held()["z.bcr"], "played on");
        assert_eq!(room.held()["z.bkr"], "old bkr");
        tried += 1;
    }
    assert!(tried > 0);
}

#[test]
fn a_plan_that_cannot_be_settled_keeps_all_that_it_needs() {
    let mut tried = 0;
    for step in 0.. {
        let room = Room::new();
        let disk = Arc::new(TrialDisk::sound().dying_at(step));
        let dying: Arc<dyn Disk> = disk.clone();
        let _dead = room.put(&dying);
        if !disk.died() {
            break;
        }
        let was = room.held();
        if was["z.bcr"] != "new bcr" || was["z.bkr"] != "old bkr" {
            continue;
        }
        let full = TrialDisk::failing(Step::Write, "journal", Errno::NOSPC);
        let cleaned = room.clean_on(&full);
        assert!(cleaned.iter().any(|cleaned| !cleaned.left.is_empty()));
        check_after_death(&room, step);
        tried += 1;
    }
    assert!(tried > 0);
}
