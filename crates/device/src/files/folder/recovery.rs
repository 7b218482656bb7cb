//! Puts in order what a run left behind that died while folders took their places.
//!
//! Where all had moved nothing is missing but to clear away; where only some had, those are put back,
//! so that no mixture of two saves is ever taken for one. What stands there and is neither what came
//! nor in the journal goes into the journal before it is removed.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::Path;

use keepsave_core::time::Time;

use super::super::cleaning::Cleaned;
use super::super::disk::Disk;
use super::super::form::Form;
use super::placing::{rename_new, secure};
use super::room::{LeftBehind, Plan, Room, held_in, left_behind};
use crate::journal::{About, Journal, Kept};

/// Cleans `container` of what runs left behind that are no more.
pub(crate) fn clean(
    container: &Path,
    journal: &Journal,
    now: Time,
    about: &dyn Fn(&OsStr) -> About,
    cleaned: &mut Cleaned,
) -> io::Result<()> {
    for left in left_behind(journal.disk(), container)? {
        let path = left.room.path.clone();
        let settled = if left.has_begun {
            settle(&left, container, journal, now, about)
        } else {
            Ok(None)
        };
        let removed = settled.and_then(|kept| {
            cleaned.kept.extend(kept);
            left.room.remove().map_err(|error| error.to_string())
        });
        match removed {
            Ok(()) => cleaned.removed.push(path),
            Err(reason) => cleaned.left.push((path, reason)),
        }
    }
    Ok(())
}

fn settle(
    left: &LeftBehind,
    container: &Path,
    journal: &Journal,
    now: Time,
    about: &dyn Fn(&OsStr) -> About,
) -> Result<Option<Kept>, String> {
    let told = |error: io::Error| error.to_string();
    let plan = left.room.read_plan().map_err(told)?;
    put_back(&left.room, &plan, container, &**journal.disk()).map_err(told)?;
    let path = container.join(&left.name);
    // Several begin alike, or one is called so: what is kept comes back either way.
    let is_one = plan.new.keys().all(|name| left.name == name.as_str());
    let form = if is_one { Form::Folder } else { Form::Folders };
    secure(
        &left.room,
        &plan,
        journal,
        (&path, form),
        &about(&left.name),
        now,
    )
}

/// Puts back what had moved, unless everything had.
fn put_back(room: &Room, plan: &Plan, container: &Path, disk: &dyn Disk) -> io::Result<()> {
    let (new, old) = (room.coming(), room.going());
    let is_waiting = |name: &&String| held_in(&new.join(name)).as_ref() == plan.new.get(*name);
    let waiting: BTreeSet<&String> = plan.new.keys().filter(is_waiting).collect();
    let is_gone = |name: &String| old.join(name).exists() || !container.join(name).exists();
    if waiting.is_empty() && plan.gone.iter().all(is_gone) {
        return Ok(());
    }
    for name in plan.new.keys().filter(|name| !waiting.contains(name)) {
        let (came, place) = (new.join(name), container.join(name));
        if came.exists() {
            match disk.exchange(&came, &place) {
                // Someone removed what had come.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    rename_new(disk, &came, &place)?;
                }
                result => result?,
            }
        } else if place.exists() {
            disk.rename(&place, &came)?;
        }
    }
    for entry in std::fs::read_dir(&old)? {
        let entry = entry?;
        let place = container.join(entry.file_name());
        if !place.exists() {
            rename_new(disk, &entry.path(), &place)?;
        }
    }
    for directory in [container, &new, &old] {
        disk.sync_directory(directory)?;
    }
    Ok(())
}
