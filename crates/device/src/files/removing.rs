//! Takes a file out of its place. It is in the journal before.
//!
//! What is taken out must be what the caller looked at. It gets another name first and is looked at
//! again under that, for a program may have saved in the last moment: then it is put back.

use std::io;
use std::path::Path;

use keepsave_core::time::Time;

use super::disk::parent_of;
use super::place_error::{PlaceError, Problem};
use super::placing::Replacing;
use super::reading::{self, Whole};
use super::scratch::{self, Scratch};
use super::snapshot::{Snapshot, Stamp};
use crate::journal::{About, Journal, Kept};

/// Moves the file that was found into the journal.
pub fn move_aside(
    found: &Snapshot,
    journal: &Journal,
    about: &About,
    now: Time,
) -> Result<Kept, PlaceError> {
    let replacing = Replacing {
        found: None,
        journal,
        about,
        mtime: None,
        now,
    };
    let mut leaving = Leaving::prepare(found, &replacing)?;
    leaving.leave(&replacing)?;
    leaving.end(&replacing)
}

/// A file that is to leave its place. The journal has it.
pub(super) struct Leaving<'a> {
    found: &'a Snapshot,
    pub kept: Kept,
    /// Open, so that whoever cleans up does not take what left for something left behind.
    whole: Whole,
    /// Whoever cleans up keeps what has this name, should this process die.
    pub out: Scratch,
}

impl<'a> Leaving<'a> {
    /// Has the file that was found in the journal, and a name ready under which it leaves.
    pub fn prepare(found: &'a Snapshot, replacing: &Replacing<'_>) -> Result<Self, PlaceError> {
        let Replacing {
            journal,
            about,
            now,
            ..
        } = replacing;
        let untouched = |problem: Problem| problem.untouched(&found.path);
        let staged = journal.stage(&found.real);
        let staged = staged.map_err(|error| untouched(Problem::Journal(error)))?;
        if staged.whole.content.blob != found.file_blob() {
            return Err(untouched(Problem::Changed));
        }
        scratch::protect(&staged.whole.file);
        let (kept, whole) = journal
            .enter(staged, &found.path, about, *now)
            .map_err(|error| untouched(Problem::Journal(error)))?;
        let name = found.real.file_name().unwrap_or_default();
        let directory = parent_of(&found.real);
        let out = Scratch::create(journal.disk(), directory, name, 0o600).and_then(|mut out| {
            out.mark_swapped()?;
            Ok(out)
        });
        Ok(Self {
            found,
            out: out.map_err(|error| untouched(error.into()))?,
            kept,
            whole,
        })
    }

    /// As it was asked for.
    pub fn path(&self) -> &Path {
        &self.found.path
    }

    /// The same, links followed.
    pub fn place(&self) -> &Path {
        &self.found.real
    }

    /// Leaves its place, if it is still what the journal has.
    pub fn leave(&mut self, replacing: &Replacing<'_>) -> Result<(), PlaceError> {
        let path = &self.found.path;
        let failed = |problem: Problem| problem.kept(path, self.kept.clone());
        if Stamp::at(&self.found.real) != Some(self.whole.stamp) {
            return Err(failed(Problem::Changed));
        }
        let disk = replacing.journal.disk();
        let out = disk.rename(&self.found.real, self.out.path());
        out.map_err(|error| failed(error.into()))?;
        self.out.stay();
        if !holds(self.out.path(), &self.kept) {
            return Err(self.put_back(replacing).unwrap_or_else(failed));
        }
        let synced = disk.sync_directory(parent_of(&self.found.real));
        synced.map_err(|error| failed(error.into()))
    }

    /// Nothing of it is left but what the journal has.
    pub fn end(self, replacing: &Replacing<'_>) -> Result<Kept, PlaceError> {
        let disk = replacing.journal.disk();
        let removed = disk.remove(self.out.path());
        let synced = removed.and_then(|()| disk.sync_directory(parent_of(&self.found.real)));
        match synced {
            Ok(()) => Ok(self.kept),
            Err(error) => Err(Problem::from(error).kept(&self.found.path, self.kept)),
        }
    }

    /// What was taken out is newer than what was journalled: it goes back, and into the journal
    /// too, for until it is back it has no name of its own.
    fn put_back(&self, replacing: &Replacing<'_>) -> Result<PlaceError, Problem> {
        let Replacing {
            journal,
            about,
            now,
            ..
        } = replacing;
        let staged = journal.stage(self.out.path()).map_err(Problem::Journal)?;
        let newer = journal.enter(staged, &self.found.path, about, *now);
        let (newer, _) = newer.map_err(Problem::Journal)?;
        match journal.disk().rename_new(self.out.path(), &self.found.real) {
            Ok(()) => {}
            // Someone saved yet again, and that is the newest. This one is in the journal.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                journal.disk().remove(self.out.path())?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(Problem::Changed.kept(&self.found.path, newer))
    }
}

fn holds(path: &Path, kept: &Kept) -> bool {
    let read = reading::read_whole(path, &mut ());
    read.is_ok_and(|whole| whole.content.blob == kept.content.blob)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use keepsave_core::ids::RomId;

    use super::*;
    use crate::files::trial::{Step, TrialDisk, When};
    use crate::files::{NothingKnown, clean, unpacked};

    struct Room {
        directory: tempfile::TempDir,
        journal: Journal,
    }

    fn room() -> Room {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("states")).unwrap();
        let journal = Journal::open(&directory.path().join("journal")).unwrap();
        Room { directory, journal }
    }

    fn about() -> About {
        About {
            account: "ada".to_owned(),
            rom: RomId(1),
            slot: None,
            file_name: "Zelda.state.auto".to_owned(),
            reason: "a test".to_owned(),
        }
    }

    impl Room {
        fn file(&self) -> std::path::PathBuf {
            self.directory.path().join("states/Zelda.state.auto")
        }

        fn write(&self, bytes: &[u8]) -> Snapshot {
            std::fs::write(self.file(), bytes).unwrap();
            unpacked(&self.file(), &NothingKnown).unwrap().unwrap()
        }

        fn replacing<'a>(&'a self, about: &'a About) -> Replacing<'a> {
            Replacing {
                found: None,
                journal: &self.journal,
                about,
                mtime: None,
                now: Time::EPOCH,
            }
        }

        /// The process is at the point where the file has left its place.
        fn taken_out<'a>(&self, found: &'a Snapshot, about: &About) -> Leaving<'a> {
            let mut leaving = Leaving::prepare(found, &self.replacing(about)).unwrap();
            std::fs::rename(&found.real, leaving.out.path()).unwrap();
            leaving.out.stay();
            leaving
        }

        fn kept(&self) -> Vec<Vec<u8>> {
            let listing = self.journal.list().unwrap();
            let read = |kept: &Kept| {
                let mut bytes = Vec::new();
                let mut file = self.journal.open_content(kept).unwrap();
                io::Read::read_to_end(&mut file, &mut bytes).unwrap();
                bytes
            };
            listing.kept.iter().map(read).collect()
        }

        fn names(&self) -> usize {
            let states = std::fs::read_dir(self.directory.path().join("states"));
            states.unwrap().count()
        }
    }

    #[test]
    fn what_is_moved_aside_is_in_the_journal_and_nowhere_else() {
        let room = room();
        let packed = crate::files::rzip::packed(b"a packed state");
        for bytes in [&b"a state"[..], &packed] {
            let found = room.write(bytes);
            let kept = move_aside(&found, &room.journal, &about(), Time::EPOCH).unwrap();
            assert_eq!((kept.path, room.names()), (room.file(), 0));
            assert!(room.kept().contains(&bytes.to_vec()));
        }
    }

    #[test]
    fn a_file_that_changed_meanwhile_stays() {
        let room = room();
        let found = room.write(b"a state");
        room.write(b"another");
        let error = move_aside(&found, &room.journal, &about(), Time::EPOCH).unwrap_err();
        assert!(matches!(error.problem, Problem::Changed), "{error}");
        assert_eq!(std::fs::read(room.file()).unwrap(), b"another");
        assert_eq!(room.names(), 1);
    }

    #[test]
    fn what_was_saved_in_the_last_moment_goes_back_to_its_place() {
        let room = room();
        let found = room.write(b"a state");
        let about = about();
        let leaving = room.taken_out(&found, &about);
        std::fs::write(leaving.out.path(), b"written through an open file").unwrap();
        let error = leaving.put_back(&room.replacing(&about)).unwrap();
        assert!(matches!(error.problem, Problem::Changed));
        assert_eq!(
            std::fs::read(room.file()).unwrap(),
            b"written through an open file"
        );
        let through = b"written through an open file".to_vec();
        assert!(room.kept().contains(&through));
        // A program made one anew before that.
        let found = room.write(b"another state");
        let leaving = room.taken_out(&found, &about);
        room.write(b"newest");
        leaving.put_back(&room.replacing(&about)).unwrap();
        assert_eq!(std::fs::read(room.file()).unwrap(), b"newest");
        assert!(room.kept().contains(&b"another state".to_vec()));
        assert_eq!(room.names(), 1);
    }

    #[test]
    fn whoever_cleans_up_after_a_process_that_died_keeps_what_it_had_taken_out() {
        let room = room();
        let found = room.write(b"a state");
        let about_it = about();
        let leaving = room.taken_out(&found, &about_it);
        std::fs::write(leaving.out.path(), b"written through an open file").unwrap();
        drop(leaving);
        assert_eq!(room.names(), 1);
        let states = room.directory.path().join("states");
        let cleaned = clean(&states, &room.journal, Time::EPOCH, &|_| about()).unwrap();
        assert_eq!((cleaned.kept.len(), room.names()), (1, 0));
        let through = b"written through an open file".to_vec();
        assert!(room.kept().contains(&through));
    }

    #[test]
    fn what_is_saved_in_the_last_moment_keeps_its_place() {
        let room = room();
        let found = room.write(b"a state");
        let path = room.file();
        let moved = AtomicUsize::new(0);
        let disk = TrialDisk::with(move |when, step, at| {
            let leaves = (when, step) == (When::Before, Step::Rename)
                && at.to_string_lossy().ends_with(".out");
            // First the name is marked; then the file leaves its place.
            if leaves && moved.fetch_add(1, Ordering::Relaxed) == 1 {
                std::fs::write(&path, b"played on").unwrap();
            }
            Ok(())
        });
        let journal = room.directory.path().join("journal");
        let journal = Journal::on(std::sync::Arc::new(disk), &journal).unwrap();
        let error = move_aside(&found, &journal, &about(), Time::EPOCH).unwrap_err();
        assert!(matches!(error.problem, Problem::Changed), "{error}");
        assert_eq!(std::fs::read(room.file()).unwrap(), b"played on");
        assert_eq!(room.names(), 1);
        assert!(room.kept().contains(&b"played on".to_vec()));
    }
}
