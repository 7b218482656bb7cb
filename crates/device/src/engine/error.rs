//! Why nothing could be planned, and why one line could not be done.

use std::path::PathBuf;

use keepsave_core::ids::{RomId, SaveId};
use tokio::task::JoinError;

use super::stop::Stopped;
use crate::files::names::NameRefused;
use crate::files::{PlaceError, ReadError};
use crate::journal::JournalError;
use crate::lock::LockError;
use crate::server::ServerError;
use crate::server::download::DownloadError;
use crate::server::upload::UploadError;
use crate::session::running::Holder;
use crate::state::StateError;

/// Why nothing comes down for a game whose layout changed.
pub(super) const HELD: &str = "its saves are laid out otherwise now, and nothing comes down until \
    they are moved: `keepsave layout migrate`";

/// Why nothing could be planned or begun.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each says itself what it is")]
pub enum EngineError {
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error("stopped before anything was moved")]
    Stopped,
    #[error(
        "stale_conflict: the slot shows save {now} by now, not the one that was looked at. Both \
         sides are as they were. Look again with `keepsave conflicts`"
    )]
    StaleConflict { now: SaveId },
    #[error(
        "the server does not have game {rom} any more. Nothing was changed: see `keepsave games`"
    )]
    GameGone { rom: RomId },
    #[error("{HELD}. Nothing was changed")]
    Moving,
    #[error("a fault in Keepsave itself ({0}); nothing more was done. Please report it")]
    Fault(#[from] JoinError),
}

/// Why one line could not be done. Each says what is safe and what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Upload(#[from] UploadError),
    #[error(transparent)]
    Download(#[from] DownloadError),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Name(#[from] NameRefused),
    #[error("a fault in Keepsave itself ({0}). Please report it")]
    Fault(#[from] JoinError),
    #[error("the server offers a save without an id. Nothing was changed")]
    NoId,
    #[error("{0}")]
    Unread(String),
    #[error("it was not selected, so there is no place for it here. Nothing was changed")]
    Nowhere,
    #[error(
        "so far only a part of the newest save has come to the server: it comes down when the device \
         that made it has sent the rest. Nothing was changed"
    )]
    NotWhole,
    #[error("stopped before it was done")]
    Stopped,
    #[error("{HELD}. Nothing was changed")]
    Moving,
    #[error(
        "{} is in use by {} (process {}), which would write over what comes down: it comes with \
         the next sync after that has ended", path.display(), holder.name, holder.pid
    )]
    InUse { path: PathBuf, holder: Holder },
    #[error(
        "the server took the file and does not show it. The file here is untouched. Run it again"
    )]
    NotStored,
    #[error(
        "the server's save moved on meanwhile, and the files of a save come together. Run it again"
    )]
    MovedOn,
    #[error(
        "slot `{slot}`, where the file here was to be kept, has a newer save. Nothing was changed. \
         Move or delete that slot, then run it again"
    )]
    AsideTaken { slot: String },
    #[error(
        "{}: a file is there that was never in sync, so slot `{slot}` was not put there. List it \
         in the manifest, or move it away",
        path.display()
    )]
    Taken { path: PathBuf, slot: String },
}

impl From<Stopped> for EngineError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<Stopped> for LineError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}
