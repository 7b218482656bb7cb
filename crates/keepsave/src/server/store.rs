//! The store, opened for a command beside the server.

use keepsave_server::app::App;
use keepsave_server::config::Settings;
use keepsave_server::environment::Environment;
use keepsave_server::run::open_beside;
use tokio::runtime::Runtime;

use crate::exit::Failure;

/// An open store and what runs its futures.
pub struct Store {
    /// The server, as far as it needs no port.
    pub app: App,
    runtime: Runtime,
}

impl Store {
    /// Opens the store that the settings name.
    pub fn open(settings: Settings) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        Ok(Self {
            app: open_beside(settings, Environment::real()).map_err(Failure::unusable)?,
            runtime: runtime.map_err(Failure::unusable)?,
        })
    }

    /// Runs a use case to its end.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}
