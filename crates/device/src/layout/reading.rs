//! Where the save of a game is read while a change of its layout is not settled: where the progress
//! is, as far as what was last in sync tells. Where only a clock could say it, a person must.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use keepsave_core::ids::{DeviceId, RomId};
use keepsave_core::layouts::Part;
use keepsave_core::split::{Copy, Newer, Verdict, newer_set};

use crate::files::{ReadError, Snapshot, content_at};
use crate::library::{Game, SaveFile, SavePlace};
use crate::state::{Baseline, Key, State, StateError};

/// What is known of a game when its save is read.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// What was last in sync.
    pub state: &'a State,
    /// This device, the game and its slot; none where it was never in sync.
    pub synced: Option<(&'a DeviceId, RomId, &'a str)>,
}

/// Which place of a game holds its save.
#[derive(Clone, Debug)]
pub struct Chosen<'a> {
    /// Which.
    pub place: &'a SavePlace,
    /// The place whose copy it went on from, where what was last in sync stands there still.
    pub grew_from: Option<&'a SavePlace>,
    /// Why it is this and no other; none where no other holds one.
    pub verdict: Option<Verdict>,
}

/// Why it is not known where a save is.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each says itself what it is")]
pub enum Unread {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    State(#[from] StateError),
}

/// A file of one place, as it is.
struct Seen {
    part: Part,
    copy: Copy,
}

/// The place that holds the newest save of a game, by what is known; none where no place holds one.
pub fn newest<'a>(game: &'a Game, known: &Known<'_>) -> Result<Option<Chosen<'a>>, Unread> {
    let mut places = game.moving.iter().filter(|place| !place.files.is_empty());
    let Some(first) = places.next() else {
        return Ok(None);
    };
    let mut chosen = Chosen {
        place: first,
        grew_from: None,
        verdict: None,
    };
    let mut seen: Option<Vec<Seen>> = None;
    for later in places {
        let earlier = match seen.take() {
            Some(seen) => seen,
            None => look(chosen.place, known)?,
        };
        let now = look(later, known)?;
        let verdict = newer_set(&pairs(&earlier, &now));
        let surely = verdict.surely && chosen.verdict.is_none_or(|before| before.surely);
        let was_synced = earlier.iter().any(|file| file.copy.is_baseline);
        if verdict.newer == Newer::Later {
            chosen.grew_from = was_synced.then_some(chosen.place).or(chosen.grew_from);
            chosen.place = later;
            seen = Some(now);
        } else {
            seen = Some(earlier);
        }
        chosen.verdict = Some(Verdict { surely, ..verdict });
    }
    Ok(Some(chosen))
}

/// Which of two places holds the newer copy.
pub fn compare(
    earlier: &SavePlace,
    later: &SavePlace,
    known: &Known<'_>,
) -> Result<Verdict, Unread> {
    Ok(newer_set(&pairs(
        &look(earlier, known)?,
        &look(later, known)?,
    )))
}

/// The copies of each file, that of the save itself first. A clock is no progress.
fn pairs(earlier: &[Seen], later: &[Seen]) -> Vec<(Option<Copy>, Option<Copy>)> {
    let mut parts: Vec<&Part> = Vec::new();
    for file in earlier.iter().chain(later) {
        if !file.part.is_clock() && !parts.contains(&&file.part) {
            parts.push(&file.part);
        }
    }
    parts.sort_by_key(|part| Reverse(part.is_save()));
    let of = |files: &[Seen], part: &Part| {
        let file = files.iter().find(|file| file.part == *part);
        file.map(|file| file.copy)
    };
    let pair = |part| (of(earlier, part), of(later, part));
    parts.into_iter().map(pair).collect()
}

fn look(place: &SavePlace, known: &Known<'_>) -> Result<Vec<Seen>, Unread> {
    let mut all = Vec::with_capacity(place.files.len());
    for file in &place.files {
        // One that is gone by now is no copy.
        if let Some(snapshot) = content_at(&file.path, file.form, known.state)? {
            let baseline = known.baseline(file)?;
            all.push(Seen {
                part: file.part.clone(),
                copy: copy(&file.path, &snapshot, baseline.as_ref()),
            });
        }
    }
    Ok(all)
}

fn copy(path: &Path, file: &Snapshot, baseline: Option<&Baseline>) -> Copy {
    let facts = baseline.and_then(Baseline::facts);
    let synced_at: Option<&PathBuf> = baseline.and_then(|known| known.path.as_ref());
    Copy {
        content: file.content,
        is_blank: file.blank.is_some(),
        modified: file.mtime,
        is_baseline: facts.is_some_and(|known| known.holds(&file.content)),
        was_synced_here: synced_at.is_some_and(|at| at == path),
    }
}

impl Known<'_> {
    /// What was last in sync of a file, wherever it stood.
    fn baseline(&self, file: &SaveFile) -> Result<Option<Baseline>, StateError> {
        let Some((device, rom, slot)) = self.synced else {
            return Ok(None);
        };
        let key = Key {
            device: device.clone(),
            rom,
            slot: Some(slot.to_owned()),
            file_name: file.wire_name.clone(),
        };
        self.state.last_in_sync(&key)
    }
}
