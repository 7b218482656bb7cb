//! How long games are played: recorded here, told to the server, and added up.
//!
//! [`record`] notes the start and the end of a session. [`tell`] lets the server know of those that
//! wait, by play sessions or, where a server knows none, by a note ([`note`]). [`total`] asks how
//! long a game was played on all devices.
//!
//! Playtime is never worth a save: nothing here is needed for a sync, and what cannot be told now
//! waits. Knows no emulator.

pub mod note;
pub mod record;
pub mod tell;
pub mod total;

use std::sync::Arc;

use keepsave_core::ids::DeviceId;
use keepsave_core::time::Clock;

use crate::server::{Server, ServerError};
use crate::state::{State, StateError};

/// What the use cases work with.
#[derive(Clone)]
pub struct Playtimes {
    /// The server.
    pub server: Server,
    /// What was played here.
    pub state: Arc<State>,
    /// This device; none where it is not registered.
    pub device: Option<DeviceId>,
    /// What it is called, for a person who reads a note.
    pub device_name: String,
    /// Now.
    pub clock: Arc<dyn Clock>,
}

/// Why playtime could not be told or asked for. What waits goes on waiting.
#[derive(Debug, thiserror::Error)]
pub enum PlaytimeError {
    /// The server.
    #[error("{0}")]
    Server(#[from] ServerError),
    /// The state.
    #[error("{0}")]
    State(#[from] StateError),
}
