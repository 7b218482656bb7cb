//! What just happened, told to whoever listens: what changed, what conflicted, what finished.
//!
//! Events are hints for those who are here now. Whoever missed one asks the ordinary routes.

use keepsave_core::ids::{DeviceId, RomId, SaveId, SessionId, UserId, VersionId};
use serde::Serialize;
use tokio::sync::broadcast;

/// How far a slow listener may fall behind before it is told that it missed something.
const EVENTS_KEPT: usize = 256;

/// Something that happened to one person's saves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A slot has a new head.
    Changed {
        /// The game.
        rom_id: RomId,
        /// The slot; none is the archive.
        slot: Option<String>,
        /// The row that shows the head.
        save_id: SaveId,
        /// The head.
        version_id: VersionId,
        /// The device that made it.
        device_id: Option<DeviceId>,
    },
    /// An upload was refused, or an inventory showed what a person must settle.
    Conflict {
        /// The game.
        rom_id: RomId,
        /// The slot.
        slot: Option<String>,
        /// The device whose content is not the head's.
        device_id: Option<DeviceId>,
        /// Where the device's content is kept; none when the server knows only its hash.
        version_id: Option<VersionId>,
    },
    /// Rows were deleted.
    Deleted {
        /// Their ids.
        save_ids: Vec<SaveId>,
    },
    /// A sync session ended.
    Finished {
        /// The session.
        session_id: SessionId,
        /// Its device.
        device_id: DeviceId,
    },
}

/// The listeners.
pub struct Events(broadcast::Sender<(UserId, Event)>);

impl Events {
    /// With no one listening.
    pub fn new() -> Self {
        Self(broadcast::channel(EVENTS_KEPT).0)
    }

    /// Tells those who listen for this person's events.
    pub fn tell(&self, user: UserId, event: Event) {
        // No one listening is no failure.
        let _listeners = self.0.send((user, event));
    }

    /// Everything that happens from now on, to anyone: the listener picks its person's.
    pub fn listen(&self) -> broadcast::Receiver<(UserId, Event)> {
        self.0.subscribe()
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}
