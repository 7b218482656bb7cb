//! The heart: which version grew from which, what each device holds, and what follows for every
//! request.
//!
//! A timeline is (user, game, slot, part). Its versions form a graph by parents; a save row shows
//! one version at a time, and the newest row always shows the head. A device *has* a version that
//! it uploaded, confirmed or showed by hash, and every version these grew from. No clock decides
//! anything here: timestamps are not even an argument, save for [`next_updated_at`].
//!
//! Everything is a pure function of a [`History`] and the device's [`Holding`]; a decision is a
//! value that carries what to do, why, and the facts it used. Nothing here knows of databases,
//! files, HTTP or of any other timeline.

mod archive;
mod decision;
mod graph;
mod holding;
mod lines;
pub mod model;
mod post;
mod put;
#[cfg(test)]
mod tests;

pub use archive::decide_archive_post;
pub use decision::{Decision, Facts, Reason, Relation};
pub(crate) use graph::{Standing, is_gone};
pub use graph::{has, has_head, is_current, returns_as_head};
pub(crate) use holding::Inventory;
pub use holding::{Claim, Holding, claim, prove};
pub use lines::{Lines, Node};
pub use post::{Keep, PostAction, PostDecision, Upload, decide_post, decide_restore};
pub use put::{PutAction, PutDecision, decide_put};

use crate::content::{BlobHash, Content, ContentHash};
use crate::ids::{SaveId, VersionId};
use crate::time::Time;

/// One immutable version of a timeline, as far as the rules look at it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that do not exclude one another"
)]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// Its number in the timeline: always higher than each of its parents'.
    pub ordinal: i64,
    /// What it contains.
    pub content: Content,
    /// Whether the content is blank: empty, all `0x00` or all `0xFF`.
    pub blank: bool,
    /// Whether a person deleted the row that showed it. Autocleanup leaves no such mark.
    pub deleted: bool,
    /// Whether retention gave its bytes up; its place in the lineage stays.
    pub purged: bool,
    /// Whether it is a refused upload: kept for a person to settle, unknown to every other rule.
    pub refused: bool,
    /// The visible row that shows it right now.
    pub shown_by: Option<SaveId>,
}

/// What a decision may ask of one timeline.
///
/// Each question is a point query: a sync must not get slower with the number of stored versions.
/// Walks through parents are cut by ordinal, so they are as long as what happened in between.
pub trait History {
    /// Why a question could not be answered.
    type Error;

    /// The version that the newest visible row shows.
    fn head(&self) -> Result<Option<Version>, Self::Error>;

    /// A version that this timeline is known to hold.
    fn version(&self, id: VersionId) -> Result<Version, Self::Error>;

    /// The versions that one grew from.
    fn parents(&self, id: VersionId) -> Result<Vec<VersionId>, Self::Error>;

    /// Every version with that content, newest first: shown, hidden, deleted and refused ones.
    fn with_content(&self, sought: Sought) -> Result<Vec<Version>, Self::Error>;

    /// Whether `later` grew from `earlier`, directly or not; no version grew from itself.
    ///
    /// A store may answer with one query instead of this walk.
    fn grew_from(&self, later: &Version, earlier: &Version) -> Result<bool, Self::Error> {
        graph::walk(self, later, earlier)
    }
}

/// How a content is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sought {
    /// By the hash that clients compare.
    Hash(ContentHash),
    /// By its bytes, because it has no such hash.
    Blob(BlobHash),
}

impl Sought {
    /// Whether `content` is what is looked for.
    pub fn matches(self, content: &Content) -> bool {
        match self {
            Self::Hash(hash) => content.hash == Some(hash),
            Self::Blob(blob) => content.hash.is_none() && content.blob == blob,
        }
    }
}

impl From<&Content> for Sought {
    fn from(content: &Content) -> Self {
        content.hash.map_or(Self::Blob(content.blob), Self::Hash)
    }
}

/// When a row changes now, its `updated_at`: strictly after every other of the slot, whatever the
/// server's clock did, so that the newest row always shows the head.
#[must_use]
pub fn next_updated_at(now: Time, last_of_slot: Option<Time>) -> Time {
    last_of_slot.map_or(now, |last| now.max(last.plus_millis(1)))
}
