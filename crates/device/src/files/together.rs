//! Puts the files of one save into their places: all of them or none.
//!
//! Before the first of them moves, what each replaces is in the journal, and a plan beside the first
//! says what is to take which place. A run that dies in between leaves the plan, and the next one
//! puts back what had moved, so that no mixture of two saves is ever taken for one. What fails while
//! it lives goes back the same way.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use keepsave_core::content::BlobHash;
use keepsave_core::limits;
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

use super::NothingKnown;
use super::disk::parent_of;
use super::folder;
use super::incoming::{PlaceError, Problem, Verified};
use super::placing::{Placed, Replaced, Replacing};
use super::reading::{self, Broken};
use super::removing::{Leaving, move_aside};
use super::scratch::Scratch;
use super::snapshot::snapshot;
use crate::journal::{About, Journal, Kept};
use crate::undo;

/// A plan is nobody else's business.
const PLAN_MODE: u32 = 0o600;

/// A save that is in its places, and would be after a power cut.
#[derive(Debug, Default)]
pub struct Together {
    /// What came, in the order given.
    pub placed: Vec<Placed>,
    /// What left without another taking its place.
    pub gone: Vec<Kept>,
}

/// Puts what came into its places, and takes out of theirs what the save has no more: what was found
/// there. Folders are one content by themselves, so a save has no file beside them.
pub fn commit(
    coming: Vec<(Verified, Replacing<'_>)>,
    going: &[Replacing<'_>],
) -> Result<Together, PlaceError> {
    let mut folders = going.iter().filter_map(|going| going.found);
    let has_folders = coming
        .iter()
        .any(|(came, _)| came.incoming.form.is_folder())
        || folders.any(|found| found.form.is_folder());
    if has_folders || coming.len() + going.len() < 2 {
        return one_by_one(coming, going);
    }
    let mut files = Vec::with_capacity(coming.len() + going.len());
    for (came, replacing) in coming {
        files.push(File::coming(came, replacing)?);
    }
    for replacing in going {
        files.extend(File::going(replacing)?);
    }
    let Some(first) = files.first() else {
        return Ok(Together::default());
    };
    let (plan, open) = Plan::begin(first, &files)?;
    for index in 0..files.len() {
        if let Err(error) = files[index].move_it() {
            give_up(&plan, &mut files, index);
            return Err(error);
        }
    }
    // A plan of which all was done says nothing, if it cannot be removed now.
    let _later = files[0].replacing().journal.disk().remove(&plan.path);
    drop(open);
    let mut together = Together::default();
    for file in files {
        file.end(&mut together)?;
    }
    Ok(together)
}

fn one_by_one(
    coming: Vec<(Verified, Replacing<'_>)>,
    going: &[Replacing<'_>],
) -> Result<Together, PlaceError> {
    let mut together = Together::default();
    for (came, replacing) in coming {
        together.placed.push(came.commit(&replacing)?);
    }
    for replacing in going {
        let Some(found) = replacing.found else {
            continue;
        };
        let (journal, about, now) = (replacing.journal, replacing.about, replacing.now);
        if found.form.is_folder() {
            let gone = folder::put_away(&found.path, found.form, journal, about, now)?;
            together.gone.extend(gone);
        } else {
            together.gone.push(move_aside(found, journal, about, now)?);
        }
    }
    Ok(together)
}

/// What had moved before one of them failed goes back. Where it cannot, the plan stays, and all that
/// it needs.
fn give_up(plan: &Plan, files: &mut [File<'_>], failed: usize) {
    let replacing = files[failed].replacing();
    let (journal, now) = (replacing.journal.clone(), replacing.now);
    let about = replacing.about.clone();
    let settled = plan.settle(&journal, now, &|_| about.clone());
    for (index, file) in files.iter_mut().enumerate() {
        if settled.is_err() {
            file.scratch().stay();
        } else if let File::Goes { leaving, .. } = file
            && index < failed
        {
            // The journal has it. If not now, it is removed when the next run cleans up.
            let _later = journal.disk().remove(leaving.out.path());
        }
    }
}

/// One file of a save on its way.
enum File<'a> {
    Comes {
        came: Box<Verified>,
        replaced: Option<Replaced>,
        replacing: Replacing<'a>,
    },
    Goes {
        leaving: Leaving<'a>,
        replacing: &'a Replacing<'a>,
    },
}

impl<'a> File<'a> {
    fn coming(mut came: Verified, replacing: Replacing<'a>) -> Result<Self, PlaceError> {
        let replaced = came.incoming.prepare(&replacing)?;
        came.incoming.mark()?;
        Ok(Self::Comes {
            came: Box::new(came),
            replaced,
            replacing,
        })
    }

    fn going(replacing: &'a Replacing<'a>) -> Result<Option<Self>, PlaceError> {
        let Some(found) = replacing.found else {
            return Ok(None);
        };
        let leaving = Leaving::prepare(found, replacing)?;
        Ok(Some(Self::Goes { leaving, replacing }))
    }

    fn replacing(&self) -> &Replacing<'a> {
        match self {
            Self::Comes { replacing, .. } => replacing,
            Self::Goes { replacing, .. } => replacing,
        }
    }

    /// As it was asked for.
    fn path(&self) -> &Path {
        match self {
            Self::Comes { came, .. } => &came.incoming.path,
            Self::Goes { leaving, .. } => leaving.path(),
        }
    }

    /// The same, links followed.
    fn place(&self) -> &Path {
        match self {
            Self::Comes { came, .. } => &came.incoming.target,
            Self::Goes { leaving, .. } => leaving.place(),
        }
    }

    fn scratch(&mut self) -> &mut Scratch {
        match self {
            Self::Comes { came, .. } => &mut came.incoming.scratch,
            Self::Goes { leaving, .. } => &mut leaving.out,
        }
    }

    fn planned(&self, home: &Path) -> Planned {
        let (beside, new, kept) = match self {
            Self::Comes { came, replaced, .. } => (
                came.path(),
                Some(came.fingerprint.file_blob()),
                replaced.as_ref().map(|replaced| &replaced.kept),
            ),
            Self::Goes { leaving, .. } => (leaving.out.path(), None, Some(&leaving.kept)),
        };
        Planned {
            place: written(self.place(), home),
            beside: written(beside, home),
            new,
            old: kept.map(|kept| kept.content.blob),
            kept: kept.map(|kept| kept.id.clone()),
        }
    }

    fn move_it(&mut self) -> Result<(), PlaceError> {
        match self {
            Self::Comes {
                came,
                replaced,
                replacing,
            } => came.incoming.put(replaced.as_ref(), replacing),
            Self::Goes { leaving, replacing } => leaving.leave(replacing),
        }
    }

    fn end(self, together: &mut Together) -> Result<(), PlaceError> {
        match self {
            Self::Comes { came, replaced, .. } => together.placed.push(came.placed(replaced)?),
            Self::Goes { leaving, replacing } => together.gone.push(leaving.end(replacing)?),
        }
        Ok(())
    }
}

/// What is to become of one place. Its paths are beneath the plan's own directory where they can be,
/// for a card is not always mounted at the same place, and in hexadecimal digits.
#[derive(Debug, Serialize, Deserialize)]
struct Planned {
    place: String,
    /// Where what comes waits, and what leaves comes to stand.
    beside: String,
    /// What comes, if anything.
    new: Option<BlobHash>,
    /// What stood there, if anything did.
    old: Option<BlobHash>,
    /// Where the journal has that.
    kept: Option<String>,
}

impl Planned {
    /// Whether it has yet to move.
    fn waits(&self, home: &Path) -> Result<bool, String> {
        let (place, beside) = (
            read_path(&self.place, home)?,
            read_path(&self.beside, home)?,
        );
        Ok(match self.new {
            Some(_) => self.new != self.old && held_at(&beside)? == self.new,
            None => held_at(&place)? == self.old && held_at(&beside)? != self.old,
        })
    }

    /// What had moved goes back, unless someone wrote to it since. Says whether it did.
    fn go_back(
        &self,
        home: &Path,
        journal: &Journal,
        now: Time,
        about: &dyn Fn(&OsStr) -> About,
    ) -> Result<Option<PathBuf>, String> {
        let place = read_path(&self.place, home)?;
        if self.new == self.old || held_at(&place)? != self.new {
            return Ok(None);
        }
        if let Some(id) = &self.kept {
            let listing = journal.list().map_err(told)?;
            let kept = listing.kept.into_iter().find(|kept| kept.id == *id);
            let kept = kept.ok_or_else(|| format!("the journal has no entry {id} any more"))?;
            undo::bring_back(journal, &kept, &place, now).map_err(told)?;
        } else if let Some(found) = snapshot(&place, &NothingKnown).map_err(told)? {
            let about = about(place.file_name().unwrap_or_default());
            move_aside(&found, journal, &about, now).map_err(told)?;
        }
        Ok(Some(place))
    }
}

/// What is to take which place.
pub(super) struct Plan {
    path: PathBuf,
    files: Vec<Planned>,
}

impl Plan {
    /// Writes down what is about to be done. It is nobody else's as long as it is held open.
    fn begin(first: &File<'_>, files: &[File<'_>]) -> Result<(Self, Scratch), PlaceError> {
        let home = parent_of(first.place());
        let disk = first.replacing().journal.disk();
        let planned: Vec<Planned> = files.iter().map(|file| file.planned(home)).collect();
        let homes: BTreeSet<&Path> = files.iter().map(|file| parent_of(file.place())).collect();
        let write = || -> io::Result<Scratch> {
            // The names that it speaks of come first.
            for home in homes {
                disk.sync_directory(home)?;
            }
            let name = first.place().file_name().unwrap_or_default();
            let mut scratch = Scratch::create(disk, home, name, PLAN_MODE)?;
            disk.write(&mut scratch.file, &serde_json::to_vec(&planned)?)?;
            disk.sync(&scratch.file)?;
            scratch.mark_plan()?;
            disk.sync_directory(home)?;
            scratch.stay();
            Ok(scratch)
        };
        let scratch = write().map_err(|error| Problem::from(error).untouched(first.path()))?;
        let plan = Self {
            path: scratch.path().to_owned(),
            files: planned,
        };
        Ok((plan, scratch))
    }

    /// Reads what a run left behind.
    pub fn read(path: &Path) -> Result<Self, String> {
        let (file, _) = reading::open(path).map_err(told)?;
        let mut text = Vec::new();
        let mut file = file.take(limits::FRONTEND_FILE_BYTES);
        file.read_to_end(&mut text).map_err(told)?;
        Ok(Self {
            path: path.to_owned(),
            files: serde_json::from_slice(&text).map_err(told)?,
        })
    }

    /// Every name that it needs to be settled.
    pub fn needs(&self) -> Vec<PathBuf> {
        let home = parent_of(&self.path);
        let paths = self.files.iter();
        let paths = paths.filter_map(|file| read_path(&file.beside, home).ok());
        paths.collect()
    }

    /// Puts back what had moved, unless all had: then nothing is missing but to clear away. Says
    /// which went back.
    pub fn settle(
        &self,
        journal: &Journal,
        now: Time,
        about: &dyn Fn(&OsStr) -> About,
    ) -> Result<Vec<PathBuf>, String> {
        let home = parent_of(&self.path);
        let mut waiting = Vec::new();
        for file in &self.files {
            if file.waits(home)? {
                waiting.push(read_path(&file.beside, home)?);
            }
        }
        let mut went_back = Vec::new();
        if !waiting.is_empty() {
            for file in &self.files {
                went_back.extend(file.go_back(home, journal, now, about)?);
            }
        }
        journal.disk().remove(&self.path).map_err(told)?;
        for path in waiting {
            // The server has it. If not now, it is removed when the next run cleans up.
            let _later = journal.disk().remove(&path);
        }
        Ok(went_back)
    }
}

/// What stands there; nothing where nothing does.
fn held_at(path: &Path) -> Result<Option<BlobHash>, String> {
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    match reading::read_whole(path, &mut ()) {
        Ok(whole) => Ok(Some(whole.content.blob)),
        Err(Broken::Read(error)) => Err(error.to_string()),
        Err(Broken::Sink(error)) => Err(error.to_string()),
    }
}

fn written(path: &Path, home: &Path) -> String {
    let beneath = path.strip_prefix(home).unwrap_or(path);
    hex::encode(beneath.as_os_str().as_bytes())
}

fn read_path(digits: &str, home: &Path) -> Result<PathBuf, String> {
    let bytes = hex::decode(digits).map_err(told)?;
    // What is no name beneath it is a path from the root.
    Ok(home.join(OsString::from_vec(bytes)))
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests;
