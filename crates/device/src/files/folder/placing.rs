//! Puts folders that came in into their places.
//!
//! What is there must be what the caller looked at, and it is in the journal before anything else
//! happens, as one zip. Then each folder exchanges its name with the one that came, in one step where
//! the file system can, and what came out is looked at: a program may have saved in the last moment.
//! If so all are put back. A process that dies between two of several folders leaves a plan with which
//! the next one puts them back ([`super::recovery`]).

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::time::Time;

use super::super::disk::parent_of;
use super::super::disk::{Disk, is_unsupported};
use super::super::form::Form;
use super::super::incoming::{Incoming, PlaceError, Problem};
use super::super::known::{Fingerprint, NothingKnown};
use super::super::placing::{Placed, Replacing};
use super::super::reading::Broken;
use super::super::snapshot::ReadError;
use super::room::{Plan, Room, held_in};
use super::unpacking::{Welcome, unpack};
use super::{Place, Tree, find, of_folder, snapshot, steady};
use crate::journal::{About, Journal, JournalError, Kept, Staged};

/// Puts what came into its place.
pub(in crate::files) fn commit(
    incoming: &Incoming,
    replacing: &Replacing<'_>,
) -> Result<Placed, PlaceError> {
    let path = &incoming.path;
    let untouched = |problem: Problem| problem.untouched(path);
    let (room, fingerprint, plan) = unpacked(incoming, replacing.mtime).map_err(untouched)?;
    let change = Change {
        path,
        form: incoming.form,
        replacing,
    };
    let (real, kept) = change.make(room, plan)?;
    let stamp = super::stamp(path, incoming.form);
    let stamp = stamp.ok_or_else(|| failure(Problem::Changed, path, kept.as_ref()))?;
    Ok(Placed {
        kept,
        snapshot: of_folder(path, real, incoming.form, stamp, fingerprint),
    })
}

/// The folders at `path` go into the journal and leave their places. None where there are none.
pub(crate) fn put_away(
    path: &Path,
    form: Form,
    journal: &Journal,
    about: &About,
    now: Time,
) -> Result<Option<Kept>, PlaceError> {
    let target = |error| Problem::Target(error).untouched(path);
    let found = snapshot(path, form, &NothingKnown).map_err(target)?;
    let Some(found) = found else { return Ok(None) };
    let name = found.real.file_name().unwrap_or_default();
    let room = Room::create(journal.disk(), parent_of(&found.real), name);
    let room = room.map_err(|error| Problem::from(error).untouched(path))?;
    let replacing = Replacing {
        found: Some(&found),
        journal,
        about,
        mtime: None,
        now,
    };
    let change = Change {
        path,
        form,
        replacing: &replacing,
    };
    change.make(room, Plan::default()).map(|(_, kept)| kept)
}

/// Unpacks what came beside its place.
fn unpacked(
    incoming: &Incoming,
    mtime: Option<Time>,
) -> Result<(Room, Fingerprint, Plan), Problem> {
    let container = parent_of(&incoming.target);
    let name = incoming.target.file_name().ok_or(Problem::Name)?;
    let room = Room::create(&incoming.disk, container, name)?;
    let welcome = Welcome {
        disk: &*incoming.disk,
        form: incoming.form,
        name: name.to_str().ok_or(Problem::Name)?,
        owner: &container.metadata()?,
        mtime,
    };
    let names = unpack(&incoming.scratch.file, &room.coming(), &welcome)?;
    let roots: Vec<PathBuf> = names.iter().map(|name| room.coming().join(name)).collect();
    let mut look = || Tree::of(&roots, &incoming.path);
    let read = steady(&incoming.path, &mut look, &mut ()).map_err(|broken| match broken {
        Broken::Read(error) => Problem::Target(error),
        Broken::Sink(error) => error.into(),
    })?;
    let (_, _, fingerprint) = read.ok_or(Problem::Changed)?;
    let mut new = BTreeMap::new();
    for (name, root) in names.into_iter().zip(&roots) {
        new.insert(name, held_in(root).ok_or(Problem::Changed)?);
    }
    let plan = Plan {
        new,
        ..Plan::default()
    };
    Ok((room, fingerprint, plan))
}

fn failure(problem: Problem, path: &Path, kept: Option<&Kept>) -> PlaceError {
    match kept {
        Some(kept) => problem.kept(path, kept.clone()),
        None => problem.untouched(path),
    }
}

/// Folders that are to be replaced.
struct Change<'a> {
    path: &'a Path,
    form: Form,
    replacing: &'a Replacing<'a>,
}

impl Change<'_> {
    /// What is planned takes the place of what was found, all of it or nothing.
    fn make(&self, room: Room, mut plan: Plan) -> Result<(PathBuf, Option<Kept>), PlaceError> {
        let untouched = |problem: Problem| problem.untouched(self.path);
        let (place, kept) = self.keep().map_err(untouched)?;
        let failed = |problem: Problem| failure(problem, self.path, kept.as_ref());
        let names = place
            .roots
            .iter()
            .filter_map(|root| root.file_name()?.to_str());
        let names: BTreeSet<String> = names.map(str::to_owned).collect();
        let is_gone = |name: &&String| !plan.new.contains_key(*name);
        plan.gone = names.iter().filter(is_gone).cloned().collect();
        let mut moving = Moving {
            disk: Arc::clone(self.replacing.journal.disk()),
            container: parent_of(&place.real).to_owned(),
            room,
            plan,
            moved: Vec::new(),
        };
        let begun = moving.room.begin(&moving.plan);
        begun.map_err(|error| failed(error.into()))?;
        let moved = moving.all(&names);
        let expected = kept.as_ref().map(|kept| kept.content.blob);
        if moved.is_err() || moving.came_out(&names) != expected {
            let problem = moved.map_or_else(Problem::from, |()| Problem::Changed);
            return Err(failed(moving.put_back(problem, self)));
        }
        // What is left of it is in the journal, and found by its name if not now.
        let _later = moving.room.remove();
        Ok((place.real, kept))
    }

    /// Copies what is there into the journal, if it is what was found.
    fn keep(&self) -> Result<(Place, Option<Kept>), Problem> {
        let place = find(self.path, self.form).map_err(Problem::Target)?;
        let mut look = || Tree::of(&place.roots, self.path);
        let Some(found) = self.replacing.found else {
            let is_free = look().map_err(Problem::Target)?.is_empty();
            return is_free.then_some((place, None)).ok_or(Problem::Changed);
        };
        if found.real != place.real {
            return Err(Problem::Changed);
        }
        let staged = self.stage(&mut look)?;
        let is_it = |staged: &Staged| staged.whole.content.blob == found.content.blob;
        let staged = staged.filter(is_it).ok_or(Problem::Changed)?;
        let Replacing {
            journal,
            about,
            now,
            ..
        } = self.replacing;
        let entered = journal.enter(staged, self.path, about, *now);
        let (kept, _) = entered.map_err(Problem::Journal)?;
        Ok((place, Some(kept)))
    }

    fn stage(
        &self,
        look: &mut dyn FnMut() -> Result<Tree, ReadError>,
    ) -> Result<Option<Staged>, Problem> {
        let staged = self
            .replacing
            .journal
            .stage_folders(self.path, self.form, look);
        staged.map_err(|error| match error {
            JournalError::Read(error) => Problem::Target(error),
            error => Problem::Journal(error),
        })
    }
}

/// How a folder left or took its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moved {
    /// It exchanged names with the one that came.
    Exchanged,
    /// It went aside, and the one that came took its place.
    Replaced,
    /// The one that came took a free place.
    New,
    /// It went aside, and none took its place.
    Gone,
}

/// Folders on their way.
struct Moving {
    disk: Arc<dyn Disk>,
    container: PathBuf,
    room: Room,
    plan: Plan,
    moved: Vec<(String, Moved)>,
}

impl Moving {
    /// Moves all of them, as far as nothing fails.
    fn all(&mut self, found: &BTreeSet<String>) -> io::Result<()> {
        let names: BTreeSet<String> = self.plan.new.keys().chain(found).cloned().collect();
        for name in names {
            match (self.plan.new.contains_key(&name), found.contains(&name)) {
                (true, true) => self.exchange(name)?,
                (true, false) => {
                    rename_new(
                        &*self.disk,
                        &self.room.coming().join(&name),
                        &self.place(&name),
                    )?;
                    self.moved.push((name, Moved::New));
                }
                (false, _) => {
                    self.disk
                        .rename(&self.place(&name), &self.room.going().join(&name))?;
                    self.moved.push((name, Moved::Gone));
                }
            }
        }
        self.sync()
    }

    fn exchange(&mut self, name: String) -> io::Result<()> {
        let (new, place) = (self.room.coming().join(&name), self.place(&name));
        match self.disk.exchange(&new, &place) {
            Ok(()) => self.moved.push((name, Moved::Exchanged)),
            Err(error) if is_unsupported(&error) => {
                self.disk.rename(&place, &self.room.going().join(&name))?;
                self.moved.push((name.clone(), Moved::Gone));
                rename_new(&*self.disk, &new, &place)?;
                self.moved.pop();
                self.moved.push((name, Moved::Replaced));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn place(&self, name: &str) -> PathBuf {
        self.container.join(name)
    }

    fn sync(&self) -> io::Result<()> {
        for directory in [&self.container, &self.room.coming(), &self.room.going()] {
            self.disk.sync_directory(directory)?;
        }
        Ok(())
    }

    /// What the folders held that left their places.
    fn came_out(&self, found: &BTreeSet<String>) -> Option<keepsave_core::content::BlobHash> {
        let at = |name: &String| {
            let exchanged = self.moved.contains(&(name.clone(), Moved::Exchanged));
            let part = if exchanged {
                self.room.coming()
            } else {
                self.room.going()
            };
            part.join(name)
        };
        let roots: Vec<PathBuf> = found.iter().map(at).collect();
        let mut look = || Tree::of(&roots, &self.container);
        let read = steady(&self.container, &mut look, &mut ());
        read.ok().flatten().map(|(_, digest, _)| digest.blob)
    }

    /// Undoes what was moved, the last first. What was written to the new ones meanwhile goes into
    /// the journal.
    fn put_back(mut self, problem: Problem, change: &Change<'_>) -> Problem {
        // From here on nothing is removed unless it is ours, or in the journal.
        self.room.stay();
        while let Some((name, moved)) = self.moved.pop() {
            if let Err(error) = self.back(&name, moved) {
                return error.into();
            }
        }
        let Replacing {
            journal,
            about,
            now,
            ..
        } = change.replacing;
        let place = (change.path, change.form);
        let secured = secure(&self.room, &self.plan, journal, place, about, *now);
        if self.sync().is_ok() && secured.is_ok() {
            let _later = self.room.remove();
        }
        problem
    }

    fn back(&self, name: &str, moved: Moved) -> io::Result<()> {
        let (new, old) = (self.room.coming().join(name), self.room.going().join(name));
        let place = self.place(name);
        match moved {
            Moved::Exchanged => self.disk.exchange(&new, &place),
            Moved::New => self.disk.rename(&place, &new),
            Moved::Gone => rename_new(&*self.disk, &old, &place),
            Moved::Replaced => {
                self.disk.rename(&place, &new)?;
                rename_new(&*self.disk, &old, &place)
            }
        }
    }
}

/// Gives a folder a name that nothing has, also where the file system cannot promise that.
pub(super) fn rename_new(disk: &dyn Disk, from: &Path, to: &Path) -> io::Result<()> {
    match disk.rename_new(from, to) {
        Err(error) if is_unsupported(&error) => match to.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => disk.rename(from, to),
            _ => Err(io::ErrorKind::AlreadyExists.into()),
        },
        result => result,
    }
}

/// Sees to it that the journal has what stands in a room and is not what came.
pub(super) fn secure(
    room: &Room,
    plan: &Plan,
    journal: &Journal,
    (path, form): (&Path, Form),
    about: &About,
    now: Time,
) -> Result<Option<Kept>, String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let mut strangers = Vec::new();
    for part in [room.coming(), room.going()] {
        for entry in std::fs::read_dir(&part).map_err(|error| told(&error))? {
            let root = entry.map_err(|error| told(&error))?.path();
            let name = root.file_name().and_then(OsStr::to_str);
            let planned = name.and_then(|name| plan.new.get(name));
            if planned.is_none() || held_in(&root).as_ref() != planned {
                strangers.push(root);
            }
        }
    }
    strangers.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
    let mut look = || Tree::of(&strangers, path);
    let staged = journal.stage_folders(path, form, &mut look);
    let Some(staged) = staged.map_err(|error| told(&error))? else {
        return Ok(None);
    };
    let is_named = journal.names(&staged.whole.content.blob);
    if is_named.map_err(|error| told(&error))? {
        return Ok(None);
    }
    let entered = journal.enter(staged, path, about, now);
    Ok(Some(entered.map_err(|error| told(&error))?.0))
}
