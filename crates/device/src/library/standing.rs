//! Which of several files that may be a game's save is it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::files::{NothingKnown, unpacked};

/// The save among several that stand: the newest in which anything can be, and of those the one at
/// its usual place. The others are named; blank ones are no saves.
pub fn choose<T>(
    mut candidates: Vec<T>,
    path: impl Fn(&T) -> &Path,
    is_usual: impl Fn(&T) -> bool,
) -> Option<(T, Vec<PathBuf>)> {
    if candidates.len() < 2 {
        return candidates.pop().map(|only| (only, Vec::new()));
    }
    let holds_something = |candidate: &T| {
        let read = unpacked(path(candidate), &NothingKnown);
        // What cannot be read may be anything.
        !matches!(read, Ok(Some(read)) if read.blank.is_some())
    };
    let real: Vec<bool> = candidates.iter().map(holds_something).collect();
    if real.contains(&true) {
        let mut real = real.into_iter();
        candidates.retain(|_| real.next() == Some(true));
    } else {
        candidates.truncate(1);
    }
    let newest = |candidate: &T| {
        let metadata = std::fs::metadata(path(candidate)).ok();
        let time = metadata.map(|about| (about.mtime(), about.mtime_nsec()));
        (time, is_usual(candidate))
    };
    let at = (0..candidates.len())
        .rev()
        .max_by_key(|&at| newest(&candidates[at]))?;
    let chosen = candidates.remove(at);
    let others = candidates.iter().map(|other| path(other).to_owned());
    Some((chosen, others.collect()))
}
