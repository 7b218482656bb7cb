//! The API client: what a device asks of a RomM or a Keepsave.
//!
//! [`Server`] is the handle. Each group of routes has a file, which adds its methods to it. What
//! comes back is read leniently ([`seen`]): servers differ, and a field that the device does not
//! need may be missing or wrong.
//!
//! Knows nothing of files beyond the bytes it is handed, and decides nothing about saves.

mod address;
mod ask;
mod connection;
mod credential;
pub mod devices;
pub mod download;
pub mod error;
pub mod events;
pub mod games;
mod keepsave;
pub mod notes;
pub mod play_sessions;
mod pulse;
mod release;
pub(crate) mod retry;
pub mod saves;
pub mod seen;
pub mod sign_in;
pub mod states;
pub mod sync;
mod transfer;
pub mod upload;

use std::sync::Arc;

use reqwest::Client;
use tokio::sync::OnceCell;

pub use self::address::{Address, BadAddress, Origin};
pub use self::ask::Told;
pub use self::connection::{BadConnection, Connection, Timing};
pub use self::credential::{Credential, Secret};
pub use self::error::{ServerError, Trouble};
pub use self::release::Heartbeat;
pub use self::transfer::{Progress, Unwatched};

/// A server, and who we are to it. A clone is another hold of the same.
#[derive(Clone, Debug)]
pub struct Server {
    hold: Arc<Hold>,
}

#[derive(Debug)]
struct Hold {
    address: Address,
    credential: Credential,
    timing: Timing,
    client: Client,
    heartbeat: OnceCell<Heartbeat>,
}

impl Server {
    /// The server at that address, for whoever shows that credential. Nothing is asked yet.
    pub fn new(
        address: Address,
        credential: Credential,
        connection: &Connection,
    ) -> Result<Self, BadConnection> {
        let client = connection.client(&address)?;
        let hold = Hold {
            address,
            credential,
            timing: connection.timing,
            client,
            heartbeat: OnceCell::new(),
        };
        Ok(Self {
            hold: Arc::new(hold),
        })
    }

    /// How long it is waited for.
    pub fn timing(&self) -> Timing {
        self.hold.timing
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.hold.address
    }
}
