//! A server's life: it claims its data directory, listens, serves, and stops without losing what
//! is under way.
//!
//! Knows sockets and signals' consequences, but no route and no rule.

mod addresses;
mod claim;
mod connections;
mod failure;
mod stopping;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

pub use addresses::addresses;
pub use claim::{Claim, claimed_by};
pub use connections::Ending;
pub use failure::StartFailure;
pub use stopping::Stopping;

use crate::app::App;
use crate::config::Settings;
use crate::environment::Environment;

/// A server that holds its data directory and its port, and has not answered anyone yet.
pub struct Server {
    app: App,
    listener: TcpListener,
    address: SocketAddr,
    // Held until the server is gone.
    _claim: Claim,
}

impl Server {
    /// Claims the port and the data directory and opens the store.
    pub async fn open(settings: Settings, environment: Environment) -> Result<Self, StartFailure> {
        let listen = settings.listen;
        let refused = |error| StartFailure::listen(listen, error);
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let claim = Claim::take(&settings.data)?;
        let app = App::open(settings, environment)?;
        // Uploads that the last run did not finish were never acknowledged.
        app.vault.blobs().discard_unfinished()?;
        Ok(Self {
            app,
            listener,
            address,
            _claim: claim,
        })
    }

    /// Where it listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it serves.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Serves until [`Stopping::begin`], then until what is under way has finished or the grace
    /// that the settings give is over.
    pub async fn serve(self) -> Ending {
        let grace = Duration::from_secs(self.app.settings.stop_grace_seconds);
        let router = self.app.router();
        connections::serve(self.listener, router, &self.app.stopping, grace).await
    }
}
