//! Which files are synced, and where a save goes that none of them is for.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use keepsave_core::ids::RomId;

use super::listing::Listing;
use super::plan::Unsyncable;
use super::wishes::Wishes;
use crate::files::Form;
use crate::manifest::{Entry, Manifest};

/// Which files are synced.
#[derive(Debug, Default)]
pub struct Selection {
    /// One for each file, and one for each place that has none yet.
    pub entries: Vec<Entry>,
    /// What cannot be synced as it is.
    pub unsyncable: Vec<Unsyncable>,
    /// Where the account's other saves go; none where they stay on the server.
    pub beside: Option<PathBuf>,
    /// Beneath these, directories that are missing are made. Elsewhere a missing one may be a card
    /// that is not in.
    pub roots: Vec<PathBuf>,
    /// The server's saves, where they were listed already.
    pub listing: Option<Listing>,
    /// Whether a server that makes plans is not asked for one where its list shows that everything
    /// is held. Else it is told all the same: it is from there that a person sees how far a device is.
    pub at_a_glance: bool,
    /// In which form a new file at a path holds its save, raw where none is said, and the files that
    /// are there may be packed. None where files are the saves as they are.
    pub forms: Option<HashMap<PathBuf, Form>>,
    /// What a person wishes beside what is decided for each file by itself.
    pub wishes: Wishes,
    /// Of these games nothing comes down: their saves are to be moved first.
    pub up_only: HashSet<RomId>,
    /// A file that went on from another one, which stands at the place before: what was last in
    /// sync there is what was last in sync of it.
    pub grew_from: HashMap<PathBuf, PathBuf>,
}

impl From<Manifest> for Selection {
    fn from(manifest: Manifest) -> Self {
        Self {
            entries: manifest.entries,
            unsyncable: manifest.problems.iter().map(Unsyncable::of).collect(),
            beside: Some(manifest.directory.clone()),
            roots: vec![manifest.directory],
            ..Self::default()
        }
    }
}
