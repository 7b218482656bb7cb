//! When a save is at rest: a game may have ended while its save is still being written, by a wrapper
//! that goes on, or by a disk that is slow.
//!
//! Looks only. What is seen of a file says whether it changes, never what is newer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keepsave_core::limits;
use tokio::time::{Instant, sleep};

use crate::files::snapshot::Stamp;
use crate::library::SavePlace;

/// What is seen of the files of a save at one moment.
pub type Look = BTreeMap<PathBuf, Option<Stamp>>;

/// Looks at the files of a save, at its game's save states where these are synced, and at whatever else
/// is called after them.
pub fn look(place: &SavePlace) -> Look {
    let mut paths: Vec<PathBuf> = place.files.iter().map(|file| file.path.clone()).collect();
    let whole = place.path();
    paths.extend(called_after(&place.stem, &place.directory));
    if let Some(states) = &place.states {
        paths.extend(called_after(&states.stem, &states.directory));
    }
    let looked = paths.into_iter();
    looked
        .map(|path| {
            let stamp = Stamp::at(&path);
            (path, stamp)
        })
        .chain([(whole.clone(), Stamp::in_form(&whole, place.form))])
        .collect()
}

/// What is called after a game in a directory.
fn called_after(stem: &str, directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let named = entries.filter(|entry| {
        let name = entry.file_name();
        !stem.is_empty() && name.to_string_lossy().starts_with(stem)
    });
    named.map(|entry| entry.path()).collect()
}

/// Waits until two looks in a row see the same. Gives up on what never rests, and says so: `false`.
pub async fn until_at_rest(look: impl Fn() -> Look) -> bool {
    let begun = Instant::now();
    let mut before = look();
    loop {
        sleep(limits::SAVE_LOOKS_APART).await;
        let now = look();
        if now == before {
            return true;
        }
        if begun.elapsed() >= limits::SAVE_REST_WAIT {
            return false;
        }
        before = now;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::fs;

    use super::*;

    fn place(directory: &Path) -> SavePlace {
        SavePlace {
            directory: directory.to_owned(),
            stem: "Zelda".to_owned(),
            ending: "srm".to_owned(),
            ..SavePlace::default()
        }
    }

    /// Writes at the first so many looks, and looks.
    async fn written_for(looks: usize) -> (bool, usize, std::time::Duration) {
        let directory = tempfile::tempdir().unwrap();
        let place = place(directory.path());
        let (seen, begun) = (Cell::new(0), Instant::now());
        let at_rest = until_at_rest(|| {
            seen.set(seen.get() + 1);
            if seen.get() <= looks {
                let name = if seen.get() % 2 == 0 {
                    "Zelda.srm"
                } else {
                    "Zelda.rtc"
                };
                fs::write(directory.path().join(name), "x".repeat(seen.get())).unwrap();
            }
            look(&place)
        });
        (at_rest.await, seen.get(), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_save_rests_once_two_looks_see_the_same() {
        let apart = limits::SAVE_LOOKS_APART;
        assert_eq!(written_for(0).await, (true, 2, apart));
        assert_eq!(written_for(1).await, (true, 2, apart));
        assert_eq!(written_for(4).await, (true, 5, apart * 4));
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_rests_is_not_waited_for_for_ever() {
        let (at_rest, _, waited) = written_for(usize::MAX).await;
        assert!(!at_rest);
        assert_eq!(waited, limits::SAVE_REST_WAIT);
    }
}
