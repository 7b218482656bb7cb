//! The server as one value: what every use case needs, opened once.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use keepsave_core::time::Time;

use crate::auth::password::Passwords;
use crate::config::Settings;
use crate::environment::Environment;
use crate::vault::{Fault, Vault};

/// The server. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What use cases reach through [`App`].
pub struct Parts {
    /// What the operator chose.
    pub settings: Settings,
    /// The store.
    pub vault: Vault,
    /// Clock and randomness.
    pub environment: Environment,
    /// Password hashing.
    pub passwords: Passwords,
}

impl App {
    /// Opens the store under the data directory that the settings name.
    pub fn open(settings: Settings, environment: Environment) -> Result<Self, Fault> {
        let vault = Vault::open(&settings.data)?;
        Ok(Self::with(settings, vault, environment))
    }

    /// A server over a store that is open already.
    pub fn with(settings: Settings, vault: Vault, environment: Environment) -> Self {
        let passwords = Passwords::new(environment.clone());
        Self(Arc::new(Parts {
            settings,
            vault,
            environment,
            passwords,
        }))
    }

    /// Everything the server answers to.
    pub fn router(&self) -> axum::Router {
        crate::http::router::build(self.clone())
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Parts {
    /// Now.
    pub fn now(&self) -> Time {
        self.environment.now()
    }

    /// Where RomM's predictable tree of assets is.
    pub fn assets(&self) -> PathBuf {
        self.settings.data.join("assets")
    }
}
