//! What a device does about one file of a save: skip, upload, download, or ask.
//!
//! RomM gives no lineage, only rows with times, so the device brings its own: the baseline, which
//! is the content that was last in sync here. Against such a server [`decide`] is the decision
//! matrix; where another client wrote the newest row, what this device last held is compared with
//! what it holds now, never with a clock, except in the two rows (6a, 6b) where nothing else is
//! left. A server with lineage decides by itself, and [`heed`] only keeps a file in which no
//! progress can be from travelling.
//!
//! Two questions come before the matrix: whether both sides hold the same content, and whether
//! the local file is suspect. An upload is always a new version, so no row here destroys a
//! version; a download that replaces content which no server has says so ([`Replaces::Unsynced`]),
//! and whoever does it must keep that content first.

mod sets;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::content::{Blank, BlobHash, Content, ContentHash};
use crate::negotiate::Action;
use crate::reasons::reasons;
use crate::time::Time;

pub use self::sets::together;

/// Everything that a decision may depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The file here; none when there is none.
    pub local: Option<Local>,
    /// The newest save of the slot with this part; none when there is none.
    pub head: Option<Head>,
    /// What was last in sync; none when nothing ever was.
    pub baseline: Option<Baseline>,
}

/// A file on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// What it holds.
    pub content: Content,
    /// How many bytes that is.
    pub size: u64,
    /// Whether no progress can be in it.
    pub blank: Option<Blank>,
    /// What the device's clock said when it was written.
    pub modified: Time,
}

/// The save that a slot shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The hash that the server computed; none for a zip that it cannot read.
    pub hash: Option<ContentHash>,
    /// What the server's clock said when it was stored.
    pub updated_at: Time,
    /// What the server says of this device and this save.
    pub entry: Entry,
}

/// What a server says of one device and one save.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// Nothing: the device never touched it.
    Never,
    /// The device holds what the save shows.
    Current,
    /// Another device moved it on since.
    Stale,
}

/// The content that was last in sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// Its hash here.
    pub hash: Option<ContentHash>,
    /// Its bytes; unknown where a state of another program was read in.
    pub blob: Option<BlobHash>,
    /// How many bytes it had.
    pub size: u64,
    /// Its hash on the server, of the save that it came from or became.
    pub server_hash: Option<ContentHash>,
}

impl Baseline {
    /// Whether the file still holds it.
    fn is(&self, local: &Local) -> bool {
        self.holds(&local.content)
    }

    /// Whether it is this content.
    pub fn holds(&self, content: &Content) -> bool {
        same(self.hash, content.hash).unwrap_or(self.blob == Some(content.blob))
    }
}

/// Whether two hashes are the same; nothing where one is missing.
fn same(one: Option<ContentHash>, other: Option<ContentHash>) -> Option<bool> {
    Some(one? == other?)
}

/// What to do, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What to do.
    #[serde(flatten)]
    pub step: Step,
    /// Why.
    pub reason: Reason,
}

/// What a device does about one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Step {
    /// Nothing is to be moved.
    #[serde(rename = "no_op")]
    Skip {
        /// Both sides hold the same content: it is the baseline from now on.
        adopt: bool,
    },
    /// The file becomes a new version.
    Upload,
    /// The head's content takes the file's place.
    Download {
        /// What it takes the place of.
        replaces: Replaces,
    },
    /// A person must choose.
    Conflict,
}

impl Step {
    /// The word on the wire.
    pub const fn action(self) -> Action {
        match self {
            Self::Skip { .. } => Action::NoOp,
            Self::Upload => Action::Upload,
            Self::Download { .. } => Action::Download,
            Self::Conflict => Action::Conflict,
        }
    }
}

/// What a download takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Replaces {
    /// There is no file.
    Nothing,
    /// Content that was in sync: the server has it.
    Synced,
    /// Content that no server is known to have.
    Unsynced,
}

reasons! {
    /// Why, in one sentence.
    pub enum Reason {
        /// Row 1.
        NothingToSync => "There is nothing here and nothing on the server",
        /// Row 2.
        NotOnServer => "The server has no save in this slot",
        /// Row 3.
        NeverHere => "The server has a save that this device never had",
        /// Row 4.
        GoneHere => "The file that was in sync is gone here",
        /// Row 5.
        MovedOnAndGoneHere => "The server has a newer save and there is no file here",
        /// Before the matrix.
        Identical => "Both sides have the same content",
        /// Rows 2, 6a and 9 with a suspect file.
        Blank => "The file here is blank, which is not progress",
        /// Rows 2, 6a and 9 with a suspect file.
        Shrunken => "The file here shrank to less than half of what was last in sync",
        /// Row 6a.
        NewerHere => "Neither side knows the other's save, and the file here is newer",
        /// Row 6b.
        OlderHere => "Neither side knows the other's save, and the server's is newer",
        /// The head is another device's and the file is what was last in sync.
        AnotherIsNewer => "Another device saved since, and nothing changed here",
        /// The head is another device's and the file changed since.
        AnotherAndHere => "Another device saved since, and the file here changed too",
        /// Row 7.
        InSync => "Nothing changed since the last sync",
        /// Row 8.
        CurrentByServer => "The server says that this device has its newest save",
        /// Row 9.
        ChangedHere => "The file here changed since the last sync",
        /// Row 10.
        MovedOn => "The server has a newer save, and nothing changed here",
        /// Row 11.
        MovedOnNoBaseline => "The server has a newer save, and what was last in sync here is not known",
        /// Row 12.
        BothChanged => "Both sides changed since the last sync",
        /// No slot, no file.
        ArchiveOnlyTakes => "A save without a slot only goes up, and there is no file here",
        /// No slot, and no save of that name.
        NotInArchive => "The server has no save of that name without a slot",
        /// No slot, and a save of that name which this device does not know.
        ArchiveHasAnother => "The server has another save of that name without a slot",
        /// Not decided by what is known.
        Chosen => "It was chosen",
        /// Rows 6b and 11, for who wants to be asked.
        FirstDifference => "The file here was never in sync, and the server's save would replace it",
        /// Asked for one direction only.
        OnlyDown => "It would go up, and only what comes down was asked for",
        /// Asked for one direction only.
        OnlyUp => "It would come down, and only what goes up was asked for",
        /// The ladder.
        RefusedUnchanged => "The server has a newer save, and the file here is what was last in sync",
        /// The files of one save.
        PartsDiffer => "The files of this save are not all to go the same way",
        /// The files of one save.
        OnlyTheClock => "Only a clock of the save changed, which is not progress",
        /// The files of one save.
        WithTheSave => "It goes the way of the save that it belongs to",
        /// The ladder.
        RefusedChanged => "The server has a newer save that this device does not have",
    }
}

const fn choose(step: Step, reason: Reason) -> Choice {
    Choice { step, reason }
}

const fn download(replaces: Replaces, reason: Reason) -> Choice {
    choose(Step::Download { replaces }, reason)
}

/// The decision matrix, for a server without lineage.
pub fn decide(facts: &Facts) -> Choice {
    match (facts.local, facts.head) {
        (None, None) => choose(Step::Skip { adopt: false }, Reason::NothingToSync),
        (Some(local), None) => upload(&local, facts.baseline.as_ref(), Reason::NotOnServer),
        (None, Some(head)) => download(
            Replaces::Nothing,
            match head.entry {
                Entry::Never => Reason::NeverHere,
                Entry::Current => Reason::GoneHere,
                Entry::Stale => Reason::MovedOnAndGoneHere,
            },
        ),
        (Some(local), Some(head)) => both(&local, &head, facts.baseline.as_ref()),
    }
}

/// Both sides have a save.
fn both(local: &Local, head: &Head, baseline: Option<&Baseline>) -> Choice {
    if holds(local, head, baseline) {
        return choose(Step::Skip { adopt: true }, Reason::Identical);
    }
    let unchanged = baseline.map(|baseline| baseline.is(local));
    match (head.entry, unchanged) {
        (Entry::Never, None) if local.modified >= head.updated_at => {
            upload(local, baseline, Reason::NewerHere)
        }
        (Entry::Never, None) => download(Replaces::Unsynced, Reason::OlderHere),
        (Entry::Never, Some(true)) => download(Replaces::Synced, Reason::AnotherIsNewer),
        (Entry::Never, Some(false)) => choose(Step::Conflict, Reason::AnotherAndHere),
        (Entry::Current, Some(true)) => choose(Step::Skip { adopt: false }, Reason::InSync),
        (Entry::Current, None) => choose(Step::Skip { adopt: true }, Reason::CurrentByServer),
        (Entry::Current, Some(false)) => upload(local, baseline, Reason::ChangedHere),
        (Entry::Stale, Some(true)) => download(Replaces::Synced, Reason::MovedOn),
        (Entry::Stale, None) => download(Replaces::Unsynced, Reason::MovedOnNoBaseline),
        (Entry::Stale, Some(false)) => choose(Step::Conflict, Reason::BothChanged),
    }
}

/// Whether the file holds what the head shows: by where it came from, or by its hash. A hash that
/// is missing proves nothing.
fn holds(local: &Local, head: &Head, baseline: Option<&Baseline>) -> bool {
    let came_from_it = baseline.is_some_and(|baseline| {
        baseline.is(local) && same(baseline.server_hash, head.hash) == Some(true)
    });
    came_from_it || same(local.content.hash, head.hash) == Some(true)
}

/// An upload, unless no progress can be in the file.
fn upload(local: &Local, baseline: Option<&Baseline>, reason: Reason) -> Choice {
    match suspicion(local, baseline) {
        Some(suspicion) => choose(Step::Conflict, suspicion),
        None => choose(Step::Upload, reason),
    }
}

/// Why a file is suspect: nothing is in it, or it lost more than half of what was last in sync.
fn suspicion(local: &Local, baseline: Option<&Baseline>) -> Option<Reason> {
    if local.blank.is_some() {
        return Some(Reason::Blank);
    }
    let shrank = baseline.is_some_and(|baseline| local.size < baseline.size.div_ceil(2));
    shrank.then_some(Reason::Shrunken)
}

/// A file without a slot: it goes up into the archive and never comes down. `head` is the save of
/// that name in the archive, which an upload would write over, so it must be what was last in sync.
pub fn archive(facts: &Facts) -> Choice {
    let baseline = facts.baseline.as_ref();
    let Some(local) = &facts.local else {
        return choose(Step::Skip { adopt: false }, Reason::ArchiveOnlyTakes);
    };
    if baseline.is_some_and(|baseline| baseline.is(local)) {
        return choose(Step::Skip { adopt: false }, Reason::InSync);
    }
    match &facts.head {
        None => upload(local, baseline, Reason::NotInArchive),
        Some(head) if same(local.content.hash, head.hash) == Some(true) => {
            choose(Step::Skip { adopt: true }, Reason::Identical)
        }
        Some(head) if baseline.and_then(|was| same(was.server_hash, head.hash)) == Some(true) => {
            upload(local, baseline, Reason::ChangedHere)
        }
        Some(_) => choose(Step::Conflict, Reason::ArchiveHasAnother),
    }
}

/// What a server with lineage told the device to do, unless the file is suspect. None where it
/// stays as told.
pub fn heed(told: Action, local: Option<&Local>, baseline: Option<&Baseline>) -> Option<Choice> {
    let suspicion = match (told, local) {
        (Action::Upload, Some(local)) => suspicion(local, baseline)?,
        _ => return None,
    };
    Some(choose(Step::Conflict, suspicion))
}

/// A question instead of a step that replaces content which no server is known to have, for who
/// wants to be asked. None where the step replaces no such thing.
pub fn ask_first(step: Step) -> Option<Choice> {
    let unsynced = Step::Download {
        replaces: Replaces::Unsynced,
    };
    (step == unsynced).then_some(choose(Step::Conflict, Reason::FirstDifference))
}

/// What becomes of a file whose upload the server refused, or answered with an older save: the
/// slot has a head that this device did not know.
pub fn after_refusal(local: &Local, head: &Head, baseline: Option<&Baseline>) -> Choice {
    if same(local.content.hash, head.hash) == Some(true) {
        choose(Step::Skip { adopt: true }, Reason::Identical)
    } else if baseline.is_some_and(|baseline| baseline.is(local)) {
        download(Replaces::Synced, Reason::RefusedUnchanged)
    } else {
        choose(Step::Conflict, Reason::RefusedChanged)
    }
}
