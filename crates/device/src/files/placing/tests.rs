//! A file is replaced whole or not at all, and nothing that was there is lost: whatever fails,
//! whoever meddles, wherever the power goes off.

mod death;
mod last_moment;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Write as _};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use keepsave_core::content::Digest;
use keepsave_core::ids::RomId;
use rustix::io::Errno;
use tempfile::{TempDir, tempdir};

use super::super::cleaning::clean;
use super::super::disk::{Disk, RealDisk};
use super::super::form::Form;
use super::super::incoming::{Expected, Parents, Safe};
use super::super::known::NothingKnown;
use super::super::rzip::packed;
use super::super::snapshot::{snapshot, unpacked};
use super::super::trial::{Step, TrialDisk, When};
use super::*;

struct Room {
    _directory: TempDir,
    saves: PathBuf,
    target: PathBuf,
    journal: PathBuf,
}

impl Room {
    fn with(old: Option<&[u8]>) -> Self {
        let room = tempdir().unwrap();
        let saves = room.path().join("saves");
        fs::create_dir(&saves).unwrap();
        let target = saves.join("zelda.srm");
        if let Some(old) = old {
            fs::write(&target, old).unwrap();
        }
        Self {
            target,
            saves,
            journal: room.path().join("journal"),
            _directory: room,
        }
    }

    fn journal(&self) -> Journal {
        Journal::open(&self.journal).unwrap()
    }

    fn found(&self) -> Option<Snapshot> {
        snapshot(&self.target, &NothingKnown).unwrap()
    }

    /// Puts `new` in the place of what was `found`.
    fn put(
        &self,
        disk: &Arc<dyn Disk>,
        new: &[u8],
        found: Option<&Snapshot>,
    ) -> Result<Placed, PlaceError> {
        let problem = |error| Problem::Journal(error).untouched(&self.target);
        let journal = Journal::on(Arc::clone(disk), &self.journal).map_err(problem)?;
        let incoming = Incoming::on(Arc::clone(disk), &self.target, Parents::MustExist)?;
        let form = found.map_or(Form::Raw, |found| found.form);
        let mut incoming = incoming.in_form(form)?;
        for piece in new.chunks(4) {
            incoming.write(piece)?;
        }
        let verified = incoming.verify(&Expected {
            size: Some(new.len() as u64),
            hash: Some(Digest::of(new).md5),
        })?;
        verified.commit(&Replacing {
            found,
            journal: &journal,
            about: &about(),
            mtime: Some(Time::EPOCH.plus_seconds(1_000_000_000)),
            now: now(),
        })
    }

    fn held(&self) -> Vec<u8> {
        fs::read(&self.target).unwrap()
    }

    /// Every content in the journal, each checked against its entry.
    fn kept(&self) -> Vec<Vec<u8>> {
        let journal = self.journal();
        let listing = journal.list().unwrap();
        assert!(listing.unreadable.is_empty(), "{:?}", listing.unreadable);
        let contents = listing.kept.iter().map(|kept| {
            let mut bytes = Vec::new();
            journal
                .open_content(kept)
                .unwrap()
                .read_to_end(&mut bytes)
                .unwrap();
            assert_eq!(Digest::of(&bytes).blob, kept.content.blob);
            assert_eq!(kept.path.file_name(), self.target.file_name());
            bytes
        });
        contents.collect()
    }

    fn clean(&self) -> super::super::cleaning::Cleaned {
        clean(&self.saves, &self.journal(), now(), &|_: &OsStr| about()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.saves).unwrap();
        names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

fn about() -> About {
    About {
        account: "player at example.org".into(),
        rom: RomId(7),
        slot: Some("autosave".into()),
        file_name: "zelda.srm".into(),
        reason: "the server has a newer version".into(),
    }
}

fn now() -> Time {
    Time::EPOCH.plus_seconds(1_795_159_710)
}

fn real() -> Arc<dyn Disk> {
    Arc::new(RealDisk)
}

/// The machine's disk, and one with a file system that cannot exchange names.
fn disks() -> [Arc<dyn Disk>; 2] {
    [real(), TrialDisk::failing(Step::Exchange, "", Errno::INVAL)]
}

fn save_by_rename(target: &Path, bytes: &[u8]) {
    let beside = target.with_extension("emulator");
    fs::write(&beside, bytes).unwrap();
    fs::rename(beside, target).unwrap();
}

#[test]
fn what_is_replaced_is_in_the_journal_and_what_replaces_it_is_whole() {
    for disk in disks() {
        let room = Room::with(Some(b"old"));
        let found = room.found();
        let placed = room.put(&disk, b"new save", found.as_ref()).unwrap();
        assert_eq!(room.held(), b"new save");
        assert_eq!(room.kept(), [b"old"]);
        assert_eq!(room.names(), ["zelda.srm"]);
        let kept = placed.kept.unwrap();
        assert_eq!(kept.path, room.target);
        assert_eq!(kept.about, about());
        assert_eq!(kept.mtime, found.unwrap().mtime);
        assert_eq!(
            Some(placed.snapshot),
            room.found(),
            "known without being read"
        );
    }
}

#[test]
fn a_packed_file_is_replaced_by_a_packed_one_and_journalled_as_it_was() {
    for disk in disks() {
        let old = packed(b"old");
        let room = Room::with(Some(&old));
        let found = unpacked(&room.target, &NothingKnown).unwrap();
        let placed = room.put(&disk, b"new save", found.as_ref()).unwrap();
        assert_eq!(room.held(), packed(b"new save"));
        assert_eq!(room.kept(), [old]);
        let known = unpacked(&room.target, &NothingKnown).unwrap();
        assert_eq!(Some(placed.snapshot), known, "known without being read");
        fs::write(&room.target, packed(b"played meanwhile")).unwrap();
        let stale = room.put(&disk, b"newer", known.as_ref()).unwrap_err();
        assert!(matches!(stale.problem, Problem::Changed));
        assert_eq!(room.held(), packed(b"played meanwhile"));
    }
}

#[test]
fn a_new_file_needs_no_journal_entry_and_gets_its_time() {
    let unsupported = TrialDisk::failing(Step::RenameNew, "saves", Errno::INVAL);
    for disk in [real(), unsupported] {
        let room = Room::with(None);
        let placed = room.put(&disk, b"new save", None).unwrap();
        assert!(placed.kept.is_none());
        assert_eq!(room.held(), b"new save");
        assert_eq!(room.kept(), [b""; 0]);
        assert_eq!(
            placed.snapshot.mtime,
            Time::EPOCH.plus_seconds(1_000_000_000)
        );
        assert_eq!(Some(placed.snapshot), room.found());
        assert_eq!(room.names(), ["zelda.srm"]);
    }
}

#[test]
fn mode_and_owner_of_the_replaced_file_stay() {
    for mode in [0o600, 0o664, 0o755] {
        let room = Room::with(Some(b"old"));
        fs::set_permissions(&room.target, Permissions::from_mode(mode)).unwrap();
        let is_root = rustix::process::getuid().is_root();
        if is_root {
            std::os::unix::fs::chown(&room.target, Some(1234), Some(4321)).unwrap();
        }
        let before = room.target.metadata().unwrap();
        room.put(&real(), b"new", room.found().as_ref()).unwrap();
        let after = room.target.metadata().unwrap();
        assert_eq!(after.mode() & 0o777, mode);
        assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
        assert!(!is_root || after.uid() == 1234);
    }
}

#[test]
fn times_before_1970_and_far_away_are_set_as_they_are() {
    for seconds in [-1_000_000, 0, 4_070_908_800] {
        let time = Time::EPOCH.plus_seconds(seconds).plus_millis(250);
        let file = tempfile::tempfile().unwrap();
        file.set_times(FileTimes::new().set_modified(system_time(time)))
            .unwrap();
        assert_eq!(Stamp::of(&file.metadata().unwrap()).mtime(), time);
    }
}

#[test]
fn the_file_that_a_link_leads_to_is_replaced_and_the_link_stays() {
    let room = Room::with(None);
    let card = room.saves.join("card");
    fs::create_dir(&card).unwrap();
    symlink("card/real.srm", &room.target).unwrap();
    room.put(&real(), b"first", room.found().as_ref()).unwrap();
    assert_eq!(fs::read(card.join("real.srm")).unwrap(), b"first");
    let placed = room.put(&real(), b"second", room.found().as_ref()).unwrap();
    assert_eq!(
        placed.snapshot.real,
        card.canonicalize().unwrap().join("real.srm")
    );
    assert!(room.target.symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read(card.join("real.srm")).unwrap(), b"second");
    assert_eq!(room.kept(), [b"first"]);
}

#[test]
fn what_is_not_what_was_found_is_not_replaced() {
    type Change = fn(&Room);
    let changes: [(Option<&[u8]>, Change); 6] = [
        (Some(b"old"), |room| {
            fs::write(&room.target, "edit").unwrap();
        }),
        (Some(b"old"), |room| fs::remove_file(&room.target).unwrap()),
        (Some(b"old"), |room| {
            fs::rename(&room.target, room.saves.join("moved")).unwrap();
            symlink("moved", &room.target).unwrap();
        }),
        (None, |room| fs::write(&room.target, "edit").unwrap()),
        (None, |room| symlink("elsewhere", &room.target).unwrap()),
        (None, |room| fs::create_dir(&room.target).unwrap()),
    ];
    let no_flags = TrialDisk::with(|when, step, _| match (when, step) {
        (When::Before, Step::RenameNew | Step::Exchange) => Err(Errno::INVAL.into()),
        _ => Ok(()),
    });
    let disks: [Arc<dyn Disk>; 2] = [real(), Arc::new(no_flags)];
    for (number, (old, change)) in changes.into_iter().enumerate() {
        for disk in &disks {
            let room = Room::with(old);
            let journal = room.journal();
            let found = room.found();
            let mut incoming =
                Incoming::on(Arc::clone(disk), &room.target, Parents::MustExist).unwrap();
            incoming.write(b"new").unwrap();
            let verified = incoming.verify(&Expected::default()).unwrap();
            change(&room);
            let before = (room.names().len() - 1, fs::read(&room.target).ok());
            let error = verified
                .commit(&Replacing {
                    found: found.as_ref(),
                    journal: &journal,
                    about: &about(),
                    mtime: None,
                    now: now(),
                })
                .unwrap_err();
            let told = matches!(error.problem, Problem::Changed);
            assert!(told, "change {number}: {error}");
            let after = (room.names().len(), fs::read(&room.target).ok());
            assert_eq!(before, after, "change {number}");
        }
    }
}

#[test]
fn without_a_journal_nothing_is_replaced() {
    for step in [
        Step::Create,
        Step::Write,
        Step::Sync,
        Step::Rename,
        Step::SyncDirectory,
    ] {
        let room = Room::with(Some(b"old"));
        let _opened_before = room.journal();
        let disk = TrialDisk::failing(step, "journal", Errno::NOSPC);
        let error = room.put(&disk, b"new", room.found().as_ref()).unwrap_err();
        assert!(
            matches!(error.problem, Problem::Journal(_)),
            "{step:?}: {error}"
        );
        let text = error.to_string();
        assert!(text.contains("nothing was replaced"), "{text}");
        assert!(text.contains("KEEPSAVE_JOURNAL_DIR"), "{text}");
        assert_eq!(room.held(), b"old");
        assert_eq!(room.names(), ["zelda.srm"]);
    }
}
