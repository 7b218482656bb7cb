//! The library: which games there are, kept in step with the disk and with text catalogues.
//!
//! A scan looks at names, sizes and times (`walk`), decides which game is which (`matching`) and
//! writes that down (`placing`); the bytes are read afterwards, one file at a time (`hashing`).
//! It deletes nothing: a game whose file is gone is marked missing and keeps its id and all that
//! belongs to it. Nothing here knows saves.

pub mod archive;
pub mod browse;
pub mod download;
pub mod exclusions;
pub mod notes;
pub mod platforms;
pub mod props;
pub mod register;
pub mod rename;
pub mod suggest;

pub(crate) mod catalogue;
mod hashing;
mod keeping;
mod looks;
mod matching;
mod naming;
mod placing;
mod reading;
mod scan;
mod walk;

use keepsave_wire::library::ScanReport;
use tokio::sync::{Mutex, watch};

pub use hashing::hash_pending;
pub use keeping::{SETTLE, keep};
pub use looks::Looks;
pub use scan::{begin_scan, scan, scan_now, take_stock};

/// What scans of one server share.
pub struct Library {
    /// Held while the disk is compared with what is known: one scan at a time.
    scanning: Mutex<()>,
    /// Held while files are read: one at a time, so that it takes one core at most.
    hashing: Mutex<()>,
    reports: watch::Sender<ScanReport>,
    looks: watch::Sender<Looks>,
}

impl Library {
    /// A library that was not looked at yet.
    pub fn new() -> Self {
        Self {
            scanning: Mutex::default(),
            hashing: Mutex::default(),
            reports: watch::Sender::new(ScanReport::default()),
            looks: watch::Sender::default(),
        }
    }

    /// What the last scan found, and a way to wait for the next.
    pub fn reports(&self) -> watch::Receiver<ScanReport> {
        self.reports.subscribe()
    }

    /// How the looks at it stand, and a way to wait until that changes.
    pub fn looks(&self) -> watch::Receiver<Looks> {
        self.looks.subscribe()
    }
}

impl Default for Library {
    fn default() -> Self {
        Self::new()
    }
}
