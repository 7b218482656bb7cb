//! What this device knows of one account: what was last in sync, of which game in which slot, how
//! long it was played, and which files it has read.
//!
//! One SQLite file for each user of each server. Losing it costs questions, never a save: without a
//! baseline nothing is replaced unasked. So a damaged one is set aside and a new one begun. Nothing
//! here knows what a decision is made of.

mod baselines;
mod column;
pub mod document;
mod export;
mod games;
mod hashes;
mod identity;
mod import;
mod layouts;
mod machine;
mod matches;
mod outbox;
mod playtime;
mod save_states;
mod slots;
mod store;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use keepsave_core::time::Clock;

pub use self::baselines::{Baseline, Key};
pub use self::games::{Game, LookedAt, OwnUploads};
use self::hashes::Learnt;
pub use self::hashes::LookedUp;
pub use self::identity::Identity;
pub use self::import::Imported;
pub use self::layouts::Layouts;
pub use self::machine::Machine;
pub use self::matches::{Match, MatchedBy};
pub use self::outbox::{NoteReport, Untold};
pub use self::playtime::Playtime;
pub use self::save_states::{Sighting, StateBaseline};
pub use self::slots::{SlotEntry, SlotSource};
use self::store::Store;

/// The state of one account. May be shared by threads, and its file by processes.
pub struct State {
    store: Mutex<Store>,
    learnt: Mutex<Learnt>,
    clock: Arc<dyn Clock>,
}

/// Why the state could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It belongs to someone else.
    #[error(
        "{}: is the state of user {} of {}, and is not used with another: name another place with KEEPSAVE_STATE_DIR",
        path.display(), found.user, found.origin
    )]
    Another {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        found: Identity,
    },
    /// A newer Keepsave made it.
    #[error("{}: was made by a newer Keepsave: use that one", path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
    },
    /// No room.
    #[error("{}: the disk is full: make room and try again", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Its place cannot be written.
    #[error(
        "{}: cannot be written ({reason}): give access there, or name another place with KEEPSAVE_STATE_DIR",
        path.display()
    )]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// Another process holds on to it.
    #[error("{}: is in use by another process, and did not become free", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// Anything else that SQLite says.
    #[error("{}: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl StateError {
    fn unwritable(path: &Path, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::StorageFull {
            return Self::Full {
                path: path.to_owned(),
            };
        }
        Self::Unwritable {
            path: path.to_owned(),
            reason: error.to_string(),
        }
    }
}

impl State {
    /// Opens the account's state in `directory`, or begins it.
    pub fn open(
        directory: &Path,
        identity: &Identity,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StateError> {
        Ok(Self {
            store: Mutex::new(Store::open(directory, identity)?),
            learnt: Mutex::default(),
            clock,
        })
    }

    /// For tests: whether what is written from now on is written, asked before each time.
    #[cfg(test)]
    pub(crate) fn ends_with(&self, mut goes_on: impl FnMut() -> bool + Send + 'static) {
        let store = store::unpoisoned(&self.store);
        store.ends_with(move || !goes_on());
    }

    /// Where a damaged state was set aside, if one was since this was opened. What it knew is
    /// learnt anew from the server and the files; until then they are compared by content.
    pub fn set_aside(&self) -> Option<PathBuf> {
        store::unpoisoned(&self.store)
            .set_aside()
            .map(Path::to_owned)
    }

    /// Whether a damaged state lies beside this one, set aside by this run or an earlier one: as
    /// long as it does, this one may not know what the device had in sync.
    pub fn has_one_aside(&self) -> bool {
        store::unpoisoned(&self.store).has_one_aside()
    }
}

#[cfg(test)]
mod tests;
