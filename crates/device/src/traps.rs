//! The ways in which naive sync corrupts or loses saves of the emulators that are synced here, one
//! test each, at the level where it can fail.

mod files;
mod finding;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::decide::{Baseline, Entry, Facts, Head, Local, Step, decide};
use keepsave_core::ids::RomId;
use keepsave_core::time::Time;
use tempfile::{TempDir, tempdir};

use crate::files::disk::{Disk, RealDisk};
use crate::files::{
    Expected, Form, Incoming, NothingKnown, Parents, PlaceError, Placed, Replacing, Snapshot,
    content_at,
};
use crate::journal::{About, Journal};

/// A directory of saves with one game's save in it, which was in sync.
struct Saves {
    room: TempDir,
    save: PathBuf,
    was: Baseline,
}

const PROGRESS: &[u8] = &[7; 131_072];

impl Saves {
    fn in_sync() -> Self {
        let room = tempdir().unwrap();
        let save = room.path().join("Game.srm");
        fs::write(&save, PROGRESS).unwrap();
        let file = content_at(&save, Form::Raw, &NothingKnown)
            .unwrap()
            .unwrap();
        Self {
            was: Baseline {
                hash: file.content.hash,
                blob: Some(file.content.blob),
                size: file.size,
                server_hash: file.content.hash,
            },
            save,
            room,
        }
    }

    fn found(&self) -> Snapshot {
        let found = content_at(&self.save, Form::Raw, &NothingKnown);
        found.unwrap().unwrap()
    }

    /// What is done about the file as it is now, where the server's save is the one that was in sync.
    fn step(&self) -> Step {
        let file = self.found();
        let facts = Facts {
            local: Some(Local {
                content: file.content,
                size: file.size,
                blank: file.blank,
                modified: file.mtime,
            }),
            head: Some(Head {
                hash: self.was.server_hash,
                updated_at: Time::EPOCH.plus_seconds(1_700_000_000),
                entry: Entry::Current,
            }),
            baseline: Some(self.was),
        };
        decide(&facts).step
    }

    fn step_with(&self, bytes: &[u8]) -> Step {
        fs::write(&self.save, bytes).unwrap();
        self.step()
    }

    fn put(
        &self,
        disk: Arc<dyn Disk>,
        bytes: &[u8],
        found: &Snapshot,
    ) -> Result<Placed, PlaceError> {
        put(disk, &self.save, Form::Raw, bytes, found, &self.journal())
    }

    fn journal(&self) -> Journal {
        Journal::open(&self.room.path().join("journal")).unwrap()
    }
}

fn put(
    disk: Arc<dyn Disk>,
    path: &Path,
    form: Form,
    bytes: &[u8],
    found: &Snapshot,
    journal: &Journal,
) -> Result<Placed, PlaceError> {
    let mut incoming = Incoming::holding_on(disk, form, path, Parents::MustExist)?;
    incoming.write(bytes)?;
    let about = About {
        account: "ada at home".to_owned(),
        rom: RomId(1),
        slot: None,
        file_name: "Game.srm".to_owned(),
        reason: "replaced".to_owned(),
    };
    incoming.verify(&Expected::default())?.commit(&Replacing {
        found: Some(found),
        journal,
        about: &about,
        mtime: None,
        now: Time::EPOCH,
    })
}
