//! What syncs on a machine.

use std::pin::Pin;

use keepsave_core::content::ContentHash;
use serde::{Deserialize, Serialize};

use super::machine::Machine;

/// A sync on its way. It stays in the World's one thread.
pub type Syncing<'a> = Pin<Box<dyn Future<Output = Report> + 'a>>;

/// A client. It keeps nothing in memory between two syncs: what it knows stands in
/// [`Machine::own`], for a process may die and a battery run empty at any step.
pub trait Client {
    /// What it is called in a story: `argosy`.
    fn name(&self) -> &'static str;

    /// Syncs every game of the machine once, as this client does when it is opened or a game was
    /// closed. It never fails: what could not be done is said.
    fn sync<'a>(&'a self, machine: &'a Machine, choice: Choice) -> Syncing<'a>;
}

/// What a person answers where a client asks which of two saves to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    /// Nothing, for now.
    Later,
    /// The one that is here.
    Local,
    /// The one that is on the server.
    Server,
    /// Both, where the client can; else nothing for now.
    Both,
}

/// What a client says it did.
#[derive(Debug, Default)]
pub struct Report {
    /// File by file, of every file that it looked at.
    pub files: Vec<(String, Said)>,
}

/// What a client says of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// This content is what both sides hold now.
    Synced(Option<ContentHash>),
    /// This content went up.
    Uploaded(ContentHash),
    /// This content came down and took the file's place.
    Downloaded(ContentHash),
    /// A person is asked, or was and said [`Choice::Later`].
    Conflict,
    /// It could not be done, and the client says so.
    Failed(String),
}
