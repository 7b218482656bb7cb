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
mod transport;
pub mod upload;

use std::sync::Arc;

use tokio::sync::OnceCell;

pub use self::address::{Address, BadAddress, Origin};
pub use self::ask::Told;
pub use self::connection::{BadConnection, Connection, Timing};
pub use self::credential::{Credential, Secret};
pub use self::error::{ServerError, Trouble};
pub use self::release::Heartbeat;
pub use self::transfer::{Progress, Unwatched};
pub use self::transport::{Carried, Transport};

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
    transport: Arc<dyn Transport>,
    heartbeat: OnceCell<Heartbeat>,
}

impl Server {
    /// The server at that address, for whoever shows that credential. Nothing is asked yet.
    pub fn new(
        address: Address,
        credential: Credential,
        connection: &Connection,
    ) -> Result<Self, BadConnection> {
        let client = Arc::new(connection.client(&address)?);
        Ok(Self::over(client, address, credential, connection.timing))
    }

    /// The same, where something else than the network of this machine carries what is asked.
    pub fn over(
        transport: Arc<dyn Transport>,
        address: Address,
        credential: Credential,
        timing: Timing,
    ) -> Self {
        let hold = Hold {
            address,
            credential,
            timing,
            transport,
            heartbeat: OnceCell::new(),
        };
        Self {
            hold: Arc::new(hold),
        }
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
