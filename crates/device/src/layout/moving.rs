//! Moves the files of one save to where they belong.
//!
//! Companions go before the save itself: a run that dies in between leaves the save where it was
//! read, and the next one goes on. Within a file system a file that is in no one's way is renamed;
//! else its content goes through the journal: kept there, written beside its place and verified, put
//! there, and only then removed where it was.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::ids::RomId;
use rustix::io::Errno;

use super::migrate::Movers;
use crate::files::disk::{is_unsupported, make_directory, parent_of};
use crate::files::{
    Expected, Form, Incoming, NothingKnown, Parents, PlaceError, ReadError, Replacing, Snapshot,
    content_at, put_away, snapshot,
};
use crate::journal::{About, Journal, JournalError, Kept};
use crate::library::{Game, SaveFile, SavePlace};

/// How much is copied at once.
const PIECE_BYTES: usize = 128 * 1024;
/// What new directories may be; the umask takes from it.
const DIRECTORY_MODE: u32 = 0o777;

/// Why a save was not moved. What was replaced before is in the journal.
#[derive(Debug, thiserror::Error)]
pub(super) enum MoveError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("{}: changed while it was moved, and stays. Run it again when no program writes to it", path.display())]
    Changed { path: PathBuf },
    #[error("{}: cannot be moved ({source}). It is where it was", path.display())]
    Unmovable { path: PathBuf, source: io::Error },
}

/// Moves the save of one game.
pub(super) struct Mover<'a> {
    with: &'a Movers<'a>,
    journal: &'a Journal,
    about: About,
    /// What the journal keeps of it since.
    pub kept: Vec<Kept>,
}

impl<'a> Mover<'a> {
    pub fn of(with: &'a Movers<'a>, game: &Game, rom: Option<RomId>) -> Self {
        let known = rom.and_then(|rom| with.state.game(rom).ok().flatten());
        let name = game.save.files.first().map(|file| file.wire_name.clone());
        Self {
            with,
            journal: with.journal,
            about: About {
                account: with.account.to_owned(),
                // No server has a game of that number.
                rom: rom.unwrap_or(RomId(0)),
                slot: known.and_then(|known| known.active_slot),
                file_name: name.unwrap_or_default(),
                reason: String::new(),
            },
            kept: Vec::new(),
        }
    }

    /// Has the save of `places[from]` stand at the last of the places, and none at any other.
    pub fn settle(&mut self, places: &[SavePlace], from: usize) -> Result<(), MoveError> {
        let Some(last) = places.len().checked_sub(1) else {
            return Ok(());
        };
        let holders = places.iter().filter(|place| !place.files.is_empty());
        if holders.count() > 1 {
            for file in places.iter().flat_map(|place| &place.files) {
                self.keep(
                    file,
                    "a copy of it stands elsewhere, since its layout changed",
                )?;
            }
        }
        if from != last {
            self.bring(&places[from], &places[last])?;
        }
        for (index, place) in places.iter().enumerate() {
            if index != last && index != from {
                for file in companions_first(&place.files) {
                    self.remove(file)?;
                }
            }
        }
        Ok(())
    }

    fn bring(&mut self, from: &SavePlace, to: &SavePlace) -> Result<(), MoveError> {
        let target = |file: &SaveFile| {
            let below = file.path.strip_prefix(&from.directory).ok();
            let name = below.or(file.path.file_name().map(Path::new));
            to.directory.join(name.unwrap_or(Path::new("")))
        };
        let targets: Vec<PathBuf> = from.files.iter().map(target).collect();
        // What the other copy has more of is no part of this save.
        let others = to.files.iter().filter(|file| !targets.contains(&file.path));
        for file in others {
            self.remove(file)?;
        }
        if to.files.is_empty() {
            for file in companions_first(&from.files) {
                self.transfer(file, &target(file))?;
            }
            return Ok(());
        }
        // What replaces another save stays where it was until all of it is in its place: a run that
        // finds only a part of it could not tell whose the rest is.
        let mut placed = Vec::with_capacity(from.files.len());
        for file in companions_first(&from.files) {
            placed.extend(self.copy(file, &target(file))?.map(|kept| (file, kept)));
        }
        for (file, kept) in &placed {
            self.remove_kept(file, kept)?;
        }
        Ok(())
    }

    /// One file, or the folders that are one save, to another place.
    fn transfer(&mut self, file: &SaveFile, to: &Path) -> Result<(), MoveError> {
        let disk = self.journal.disk();
        let unmovable = |source| MoveError::Unmovable {
            path: file.path.clone(),
            source,
        };
        make_directory(&**disk, parent_of(to), DIRECTORY_MODE).map_err(unmovable)?;
        let is_plain = |path: &Path| path.symlink_metadata().is_ok_and(|about| about.is_file());
        if file.form.is_folder() || !is_plain(&file.path) || to.symlink_metadata().is_ok() {
            return self.carry(file, to);
        }
        match disk.rename_new(&file.path, to) {
            Ok(()) => {}
            Err(error) if is_across(&error) || error.kind() == io::ErrorKind::AlreadyExists => {
                return self.carry(file, to);
            }
            Err(error) if is_unsupported(&error) => {
                disk.rename(&file.path, to).map_err(unmovable)?;
            }
            Err(error) => return Err(unmovable(error)),
        }
        disk.sync_directory(parent_of(to)).map_err(unmovable)?;
        disk.sync_directory(parent_of(&file.path))
            .map_err(unmovable)
    }

    fn carry(&mut self, file: &SaveFile, to: &Path) -> Result<(), MoveError> {
        match self.copy(file, to)? {
            Some(kept) => self.remove_kept(file, &kept),
            None => Ok(()),
        }
    }

    /// Puts there what a file holds, which the journal has from then on. None where it is gone.
    fn copy(&mut self, file: &SaveFile, to: &Path) -> Result<Option<Kept>, MoveError> {
        let kept = self.keep(
            file,
            "it moved to where it belongs since its layout changed",
        )?;
        let Some(kept) = kept else { return Ok(None) };
        let copied = |source| MoveError::Unmovable {
            path: file.path.clone(),
            source,
        };
        let mut content = self.journal.open_content(&kept)?;
        let disk = Arc::clone(self.journal.disk());
        let mut incoming = Incoming::holding_on(disk, kept.form, to, Parents::Create)?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            match content.read(&mut piece).map_err(copied)? {
                0 => break,
                length => incoming.write(&piece[..length])?,
            }
        }
        let expected = Expected {
            size: Some(kept.size),
            hash: kept.content.hash,
        };
        let verified = incoming.verify(&expected)?;
        if verified.fingerprint().content != kept.content {
            return Err(copied(io::ErrorKind::InvalidData.into()));
        }
        let about = self.about("replaced by the copy that stays, since its layout changed");
        let found = seen(to, kept.form)?;
        let placed = verified.commit(&Replacing {
            found: found.as_ref(),
            journal: self.journal,
            about: &about,
            mtime: Some(kept.mtime),
            now: self.with.clock.now(),
        })?;
        self.kept.extend(placed.kept);
        Ok(Some(kept))
    }

    /// Keeps what a file holds. None where it is gone.
    fn keep(&mut self, file: &SaveFile, reason: &str) -> Result<Option<Kept>, MoveError> {
        let about = self.about(reason);
        let now = self.with.clock.now();
        let kept = self
            .journal
            .keep_content(&file.path, file.form, &about, now)?;
        self.kept.extend(kept.clone());
        Ok(kept)
    }

    /// Removes a copy that is not to stay, once the journal has it.
    fn remove(&mut self, file: &SaveFile) -> Result<(), MoveError> {
        match self.keep(file, "another copy of it stays, since its layout changed")? {
            Some(kept) => self.remove_kept(file, &kept),
            None => Ok(()),
        }
    }

    /// Removes a file if it still holds what was kept of it.
    fn remove_kept(&mut self, file: &SaveFile, kept: &Kept) -> Result<(), MoveError> {
        let Some(now) = seen(&file.path, kept.form)? else {
            return Ok(());
        };
        let path = &file.path;
        if now.file_blob() != kept.content.blob || !now.is_current() && !kept.form.is_folder() {
            return Err(MoveError::Changed { path: path.clone() });
        }
        if kept.form.is_folder() {
            let about = self.about("it moved to where it belongs since its layout changed");
            let at = self.with.clock.now();
            self.kept
                .extend(put_away(path, kept.form, self.journal, &about, at)?);
            return Ok(());
        }
        let disk = self.journal.disk();
        let removed = disk
            .remove(path)
            .and_then(|()| disk.sync_directory(parent_of(path)));
        removed.map_err(|source| MoveError::Unmovable {
            path: path.clone(),
            source,
        })
    }

    fn about(&self, reason: &str) -> About {
        About {
            reason: reason.to_owned(),
            ..self.about.clone()
        }
    }
}

/// What stands there now, as the journal knows it: a packed file as it is.
fn seen(path: &Path, form: Form) -> Result<Option<Snapshot>, ReadError> {
    if form.is_folder() {
        content_at(path, form, &NothingKnown)
    } else {
        snapshot(path, &NothingKnown)
    }
}

/// The save itself comes last.
fn companions_first(files: &[SaveFile]) -> impl Iterator<Item = &SaveFile> {
    let (saves, companions): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.part.is_save());
    companions.into_iter().chain(saves)
}

fn is_across(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::XDEV.raw_os_error())
}
