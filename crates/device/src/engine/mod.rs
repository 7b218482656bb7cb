//! What a device does: gather what is here and what the server says, let core decide, do it.
//!
//! [`plan`] gathers and decides and moves nothing; [`run`] does what was planned. A plan is made of
//! [`line`]s, one for each file that is selected and one for each save that the server
//! offers beside them; what became of each is an [`outcome`].
//!
//! No rule of the product is decided here, only which facts are asked for.

pub mod carry;
mod conflict;
mod download;
mod error;
mod hindrance;
mod in_use;
mod item;
mod judge;
mod left_behind;
pub mod line;
mod listing;
pub mod migrate;
pub mod outcome;
mod pair;
pub mod plan;
mod relaid;
pub mod restore;
pub mod run;
pub mod selection;
mod set;
mod setup;
mod slot_gone;
pub mod slots;
pub mod states;
pub mod status;
mod stop;
pub mod sync;
mod take;
mod target;
mod upload;
pub mod versions;
pub mod wishes;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use keepsave_core::ids::DeviceId;
use keepsave_core::time::Clock;

pub use self::error::EngineError;
pub use self::stop::Stop;
use crate::journal::Journal;
use crate::library::Machine;
use crate::lock::Locks;
use crate::server::Server;
use crate::state::State;

/// What the use cases work with: one device of one account. A clone is another hold of the same.
#[derive(Clone)]
pub struct Engine {
    /// The server.
    pub server: Server,
    /// The account, in words for the journal.
    pub account: String,
    /// This device.
    pub device: DeviceId,
    /// What was last in sync.
    pub state: Arc<State>,
    /// What was replaced.
    pub journal: Journal,
    /// One sync per game at a time.
    pub locks: Locks,
    /// Now.
    pub clock: Arc<dyn Clock>,
    /// The machine, on which a save may be in use.
    pub machine: Machine,
}
