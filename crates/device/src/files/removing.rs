//! Takes a file out of its place. It is in the journal before.
//!
//! What is taken out must be what the caller looked at. It gets another name first and is looked at
//! again under that, for a program may have saved in the last moment: then it is put back.

use std::io;
use std::path::Path;
use std::sync::Arc;

use keepsave_core::time::Time;

use super::disk::{Disk, RealDisk, parent_of};
use super::place_error::{PlaceError, Problem};
use super::reading;
use super::scratch::Scratch;
use super::snapshot::{Snapshot, Stamp};
use crate::journal::{About, Journal, Kept};

/// Moves the file that was found into the journal.
pub fn move_aside(
    found: &Snapshot,
    journal: &Journal,
    about: &About,
    now: Time,
) -> Result<Kept, PlaceError> {
    let path = &found.path;
    let untouched = |problem: Problem| problem.untouched(path);
    let staged = journal.stage(&found.real);
    let staged = staged.map_err(|error| untouched(Problem::Journal(error)))?;
    if staged.whole.content.blob != found.file_blob() {
        return Err(untouched(Problem::Changed));
    }
    let (kept, whole) = journal
        .enter(staged, path, about, now)
        .map_err(|error| untouched(Problem::Journal(error)))?;
    let failed = |problem: Problem| problem.kept(path, kept.clone());
    if Stamp::at(&found.real) != Some(whole.stamp) {
        return Err(failed(Problem::Changed));
    }
    let out = take_out(&found.real).map_err(|error| failed(error.into()))?;
    if !holds(out.path(), &kept) {
        return Err(put_back(&out, found, journal, about, now).unwrap_or_else(failed));
    }
    let removed = RealDisk.remove(out.path());
    let synced = removed.and_then(|()| RealDisk.sync_directory(parent_of(&found.real)));
    synced.map_err(|error| failed(error.into()))?;
    Ok(kept)
}

/// Gives the file a name under which whoever cleans up keeps it, should this process die.
fn take_out(real: &Path) -> io::Result<Scratch> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let name = real.file_name().unwrap_or_default();
    let mut scratch = Scratch::create(&disk, parent_of(real), name, 0o600)?;
    scratch.mark_swapped()?;
    disk.rename(real, scratch.path())?;
    scratch.stay();
    Ok(scratch)
}

fn holds(path: &Path, kept: &Kept) -> bool {
    let read = reading::read_whole(path, &mut ());
    read.is_ok_and(|whole| whole.content.blob == kept.content.blob)
}

/// What was taken out is newer than what was journalled: it goes back, and into the journal too, for
/// until it is back it has no name of its own.
fn put_back(
    out: &Scratch,
    found: &Snapshot,
    journal: &Journal,
    about: &About,
    now: Time,
) -> Result<PlaceError, Problem> {
    let staged = journal.stage(out.path()).map_err(Problem::Journal)?;
    let newer = journal.enter(staged, &found.path, about, now);
    let (newer, _) = newer.map_err(Problem::Journal)?;
    match RealDisk.rename_new(out.path(), &found.real) {
        Ok(()) => {}
        // Someone saved yet again, and that is the newest. This one is in the journal.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            RealDisk.remove(out.path())?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Problem::Changed.kept(&found.path, newer))
}

#[cfg(test)]
mod tests {
    use keepsave_core::ids::RomId;

    use super::*;
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
        let out = take_out(&found.real).unwrap();
        std::fs::write(out.path(), b"written through an open file").unwrap();
        let error = put_back(&out, &found, &room.journal, &about(), Time::EPOCH).unwrap();
        assert!(matches!(error.problem, Problem::Changed));
        assert_eq!(
            std::fs::read(room.file()).unwrap(),
            b"written through an open file"
        );
        assert_eq!(room.kept(), [b"written through an open file"]);
        // A program made one anew before that.
        let found = room.write(b"a state");
        let out = take_out(&found.real).unwrap();
        room.write(b"newest");
        put_back(&out, &found, &room.journal, &about(), Time::EPOCH).unwrap();
        assert_eq!(std::fs::read(room.file()).unwrap(), b"newest");
        assert!(room.kept().contains(&b"a state".to_vec()));
        assert_eq!(room.names(), 1);
    }

    #[test]
    fn whoever_cleans_up_after_a_process_that_died_keeps_what_it_had_taken_out() {
        let room = room();
        let found = room.write(b"a state");
        drop(take_out(&found.real).unwrap());
        assert_eq!(room.names(), 1);
        let states = room.directory.path().join("states");
        let cleaned = clean(&states, &room.journal, Time::EPOCH, &|_| about()).unwrap();
        assert_eq!((cleaned.kept.len(), room.names()), (1, 0));
        assert_eq!(room.kept(), [b"a state"]);
    }
}
