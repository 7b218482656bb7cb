//! Folders are one content, are replaced whole or not at all, and nothing that was there is lost.

mod death;
mod refused;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keepsave_core::content::{Blank, ContentHash, ZipVerdict, zip_content_hash};
use keepsave_core::ids::RomId;
use keepsave_core::time::Time;
use rustix::io::Errno;
use tempfile::{TempDir, tempdir};

use super::super::cleaning::clean;
use super::super::disk::{Disk, RealDisk};
use super::super::incoming::{Expected, Incoming, Parents, PlaceError, Problem, Safe};
use super::super::known::NothingKnown;
use super::super::placing::{Placed, Replacing};
use super::super::trial::{Step, TrialDisk, When};
use super::*;
use crate::journal::{About, Journal, Kept};
use crate::undo::bring_back;

fn now() -> Time {
    Time::EPOCH.plus_seconds(1_800_000_000)
}

/// Files of a save, by their paths in it.
type Files = BTreeMap<String, Vec<u8>>;

fn files(list: &[(&str, &[u8])]) -> Files {
    let file = |(name, bytes): &(&str, &[u8])| ((*name).to_owned(), bytes.to_vec());
    list.iter().map(file).collect()
}

/// A zip as other programs make it: packed, with folders, in any order.
fn zip_of(files: &Files) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files.iter().rev() {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(name.as_str(), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn hash_of(zip: &[u8]) -> ContentHash {
    match zip_content_hash(Cursor::new(zip)) {
        ZipVerdict::Hash(hash) => hash,
        other => panic!("{other:?}"),
    }
}

struct Savedata {
    _directory: TempDir,
    container: PathBuf,
    journal: PathBuf,
    form: Form,
}

impl Savedata {
    fn with(files: &Files) -> Self {
        let directory = tempdir().unwrap();
        let container = directory.path().join("PSP/SAVEDATA");
        fs::create_dir_all(&container).unwrap();
        let here = Self {
            container,
            journal: directory.path().join("journal"),
            form: Form::Folders,
            _directory: directory,
        };
        here.write(files);
        here
    }

    fn write(&self, files: &Files) {
        for (name, bytes) in files {
            let path = self.container.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    fn path(&self) -> PathBuf {
        self.container.join("ULUS10064")
    }

    fn found(&self) -> Option<Snapshot> {
        snapshot(&self.path(), self.form, &NothingKnown).unwrap()
    }

    fn journal(&self) -> Journal {
        Journal::open(&self.journal).unwrap()
    }

    /// Puts a zip in the place of what was `found`.
    fn put(
        &self,
        disk: &Arc<dyn Disk>,
        zip: &[u8],
        found: Option<&Snapshot>,
    ) -> Result<Placed, PlaceError> {
        let problem = |error| Problem::Journal(error).untouched(&self.path());
        let journal = Journal::on(Arc::clone(disk), &self.journal).map_err(problem)?;
        let path = self.path();
        let mut incoming =
            Incoming::holding_on(Arc::clone(disk), self.form, &path, Parents::MustExist)?;
        for piece in zip.chunks(64) {
            incoming.write(piece)?;
        }
        let verified = incoming.verify(&Expected {
            size: Some(zip.len() as u64),
            hash: None,
        })?;
        verified.commit(&Replacing {
            found,
            journal: &journal,
            about: &about(),
            mtime: Some(Time::from_micros(1_000_000_000_000_000)),
            now: now(),
        })
    }

    /// All that stands in the container, hidden or not.
    fn held(&self) -> Files {
        let mut held = Files::new();
        let mut waiting = vec![self.container.clone()];
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let name = path.strip_prefix(&self.container).unwrap();
                held.insert(name.to_str().unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
        held
    }

    fn kept(&self) -> Vec<Kept> {
        self.journal().list().unwrap().kept
    }

    /// The contents that the journal keeps, as files.
    fn reachable(&self) -> Vec<Files> {
        let read = |kept: Kept| {
            let journal = self.journal();
            let elsewhere = Self::with(&Files::new());
            let kept = Kept {
                form: Form::Folders,
                ..kept
            };
            bring_back(&journal, &kept, &elsewhere.path(), now()).unwrap();
            elsewhere.held()
        };
        self.kept().into_iter().map(read).collect()
    }

    fn clean(&self) -> crate::files::Cleaned {
        clean(&self.container, &self.journal(), now(), &|_| about()).unwrap()
    }
}

fn about() -> About {
    About {
        account: "ada at home".to_owned(),
        rom: RomId(1),
        slot: Some("autosave".to_owned()),
        file_name: "Game.zip".to_owned(),
        reason: "replaced".to_owned(),
    }
}

fn real() -> Arc<dyn Disk> {
    Arc::new(RealDisk)
}

fn old_save() -> Files {
    files(&[
        ("ULUS10064DATA00/PARAM.SFO", b"old sfo"),
        ("ULUS10064DATA00/DATA.BIN", b"old data"),
        ("ULUS10064SYSDATA/SYSTEM.DAT", b"old settings"),
        ("UCUS98751DATA00/PARAM.SFO", b"another game's"),
    ])
}

fn new_save() -> Files {
    files(&[
        ("ULUS10064DATA00/PARAM.SFO", b"new sfo"),
        ("ULUS10064DATA00/sub/DATA.BIN", b"new data"),
        ("ULUS10064DATA01/PARAM.SFO", b"a second one"),
    ])
}

fn with_the_other_game(mut save: Files) -> Files {
    let other = old_save();
    let other = other
        .into_iter()
        .filter(|(name, _)| name.starts_with("UCUS"));
    save.extend(other);
    save
}

fn own(save: &Files) -> Files {
    let own = save.iter().filter(|(name, _)| name.starts_with("ULUS"));
    own.map(|(name, bytes)| (name.clone(), bytes.clone()))
        .collect()
}

#[test]
fn folders_are_one_zip_that_is_always_the_same() {
    let one = Savedata::with(&old_save());
    let other = Savedata::with(&Files::new());
    for (name, bytes) in old_save().into_iter().rev() {
        other.write(&Files::from([(name, bytes)]));
    }
    let (here, there) = (one.found().unwrap(), other.found().unwrap());
    assert_eq!(
        here.content, there.content,
        "whenever and wherever it was written"
    );
    assert_eq!(here.content.hash, Some(hash_of(&zip_of(&own(&old_save())))));
    assert_eq!((here.form, here.blank), (Form::Folders, None));

    let mut bytes = Vec::new();
    Zipping::begin(&one.path(), Form::Folders)
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    assert_eq!(bytes.len() as u64, here.size);
    assert_eq!(
        keepsave_core::content::Digest::of(&bytes).blob,
        here.content.blob
    );
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    let expected = [
        "ULUS10064DATA00/",
        "ULUS10064DATA00/DATA.BIN",
        "ULUS10064DATA00/PARAM.SFO",
        "ULUS10064SYSDATA/",
        "ULUS10064SYSDATA/SYSTEM.DAT",
    ];
    assert_eq!(names, expected);
    let mut text = String::new();
    archive
        .by_name(expected[4])
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "old settings");
}

#[test]
fn one_folder_is_a_save_of_its_own() {
    let mut here = Savedata::with(&files(&[
        ("ULUS10064/a.nv", b"a"),
        ("ULUS10064x/b.nv", b"b"),
    ]));
    here.form = Form::Folder;
    let found = here.found().unwrap();
    assert_eq!(
        found.content.hash,
        Some(hash_of(&zip_of(&files(&[("ULUS10064/a.nv", b"a")]))))
    );
    here.put(
        &real(),
        &zip_of(&files(&[("ULUS10064/c.nv", b"c")])),
        Some(&found),
    )
    .unwrap();
    let expected = files(&[("ULUS10064/c.nv", b"c"), ("ULUS10064x/b.nv", b"b")]);
    assert_eq!(here.held(), expected);
}

#[test]
fn what_holds_no_file_is_no_save_and_what_is_blank_is_blank() {
    let here = Savedata::with(&Files::new());
    assert!(here.found().is_none());
    fs::create_dir(here.container.join("ULUS10064DATA00")).unwrap();
    assert!(here.found().is_none());
    here.write(&files(&[
        ("ULUS10064DATA00/a", b"\0\0"),
        ("ULUS10064DATA00/b", b""),
    ]));
    assert_eq!(here.found().unwrap().blank, Some(Blank::Zeros));
    here.write(&files(&[("ULUS10064DATA00/b", b"\xFF")]));
    assert_eq!(here.found().unwrap().blank, None);
}

#[test]
fn what_is_replaced_is_whole_in_the_journal_and_comes_back() {
    let here = Savedata::with(&old_save());
    let found = here.found();
    let zip = zip_of(&new_save());
    let placed = here.put(&real(), &zip, found.as_ref()).unwrap();
    assert_eq!(
        here.held(),
        with_the_other_game(new_save()),
        "and nothing is left behind"
    );
    assert_eq!(placed.snapshot.content.hash, Some(hash_of(&zip)));
    let there = here.found().unwrap();
    assert_eq!(
        (placed.snapshot.stamp, placed.snapshot.content),
        (there.stamp, there.content)
    );
    assert_eq!(there.mtime, Time::from_micros(1_000_000_000_000_000));
    assert!(there.is_current());

    let kept = placed.kept.unwrap();
    assert_eq!(kept.content, found.unwrap().content);
    assert_eq!(here.kept()[0], kept, "as it is read again");
    bring_back(&here.journal(), &kept, &here.path(), now()).unwrap();
    assert_eq!(here.held(), old_save());
}

#[test]
fn a_save_that_was_not_there_is_put_there_and_one_that_was_not_looked_at_is_not_replaced() {
    let here = Savedata::with(&Files::new());
    let zip = zip_of(&new_save());
    assert!(here.put(&real(), &zip, None).unwrap().kept.is_none());
    assert_eq!(here.held(), new_save());
    let refused = here
        .put(&real(), &zip_of(&own(&old_save())), None)
        .unwrap_err();
    assert!(matches!(refused.problem, Problem::Changed));
    assert_eq!(here.held(), new_save());

    let found = here.found().unwrap();
    here.write(&files(&[("ULUS10064DATA00/PARAM.SFO", b"played on")]));
    let refused = here
        .put(&real(), &zip_of(&own(&old_save())), Some(&found))
        .unwrap_err();
    assert!(matches!(
        (&refused.problem, &refused.safe),
        (Problem::Changed, Safe::Untouched)
    ));
    assert_eq!(here.held()["ULUS10064DATA00/PARAM.SFO"], b"played on");
    assert!(here.kept().is_empty());
}

#[test]
fn folders_leave_their_places_for_the_journal() {
    let here = Savedata::with(&old_save());
    let kept = put_away(&here.path(), here.form, &here.journal(), &about(), now()).unwrap();
    assert_eq!(here.held(), with_the_other_game(Files::new()));
    bring_back(&here.journal(), &kept.unwrap(), &here.path(), now()).unwrap();
    assert_eq!(here.held(), old_save());
    let none = here.container.join("NPUH10000");
    assert!(
        put_away(&none, here.form, &here.journal(), &about(), now())
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_save_in_the_last_moment_is_put_back_and_journalled() {
    for exchanges in [true, false] {
        let here = Savedata::with(&old_save());
        let found = here.found();
        let file = here.container.join("ULUS10064DATA00/DATA.BIN");
        let written = AtomicBool::new(false);
        let disk: Arc<dyn Disk> = Arc::new(TrialDisk::with(move |when, step, path| {
            if step == Step::Exchange && when == When::Before {
                if path.ends_with("ULUS10064DATA00") && !written.swap(true, Ordering::Relaxed) {
                    fs::write(&file, b"saved in the last moment")?;
                }
                if !exchanges {
                    return Err(Errno::INVAL.into());
                }
            }
            Ok(())
        }));
        let refused = here
            .put(&disk, &zip_of(&new_save()), found.as_ref())
            .unwrap_err();
        assert!(matches!(
            (&refused.problem, &refused.safe),
            (Problem::Changed, Safe::Kept(_))
        ));
        let mut expected = old_save();
        let name = "ULUS10064DATA00/DATA.BIN".to_owned();
        expected.insert(name, b"saved in the last moment".to_vec());
        assert_eq!(here.held(), expected, "exchanges: {exchanges}");
        assert_eq!(here.reachable(), [own(&old_save())]);
    }
}

#[test]
fn a_folder_that_changes_while_it_is_read_is_not_taken_for_a_save() {
    let here = Savedata::with(&old_save());
    let mut zipping = Zipping::begin(&here.path(), here.form).unwrap();
    let mut piece = [0; 100];
    zipping.read_exact(&mut piece).unwrap();
    here.write(&files(&[("ULUS10064SYSDATA/SYSTEM.DAT", b"another one")]));
    let broke = zipping.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(is_change(&broke), "{broke}");

    // Whoever looks sees a new one each time.
    let count = std::cell::Cell::new(0);
    let path = here.path();
    let mut look = || {
        count.set(count.get() + 1);
        let name = "ULUS10064SYSDATA/SYSTEM.DAT";
        here.write(&files(&[(name, "x".repeat(count.get()).as_bytes())]));
        Tree::of(&find(&path, here.form)?.roots, &path)
    };
    let read = steady(&path, &mut look, &mut ());
    assert!(matches!(
        read,
        Err(Broken::Read(ReadError::Changing { .. }))
    ));
}

#[test]
fn a_folder_is_known_again_until_anything_in_it_changes() {
    let here = Savedata::with(&old_save());
    let stamp = || stamp(&here.path(), here.form).unwrap();
    let before = stamp();
    assert_eq!(stamp(), before);
    here.write(&files(&[("UCUS98751DATA00/PARAM.SFO", b"another game")]));
    assert_eq!(stamp(), before);
    let changes: [&dyn Fn(); 4] = [
        &|| here.write(&files(&[("ULUS10064DATA00/DATA.BIN", b"as long!")])),
        &|| here.write(&files(&[("ULUS10064DATA00/sub/NEW", b"")])),
        &|| fs::remove_file(here.container.join("ULUS10064DATA00/sub/NEW")).unwrap(),
        &|| {
            let from = here.container.join("ULUS10064SYSDATA");
            fs::rename(from, here.container.join("ULUS10064SYSDATB")).unwrap();
        },
    ];
    let mut seen = vec![before];
    for change in changes {
        change();
        assert!(!seen.contains(&stamp()), "{}", seen.len());
        seen.push(stamp());
    }
}
