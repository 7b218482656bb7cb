//! The server as one value: what every use case needs, opened once.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use keepsave_core::time::Time;

use crate::auth::limiter::Limiter;
use crate::auth::password::Passwords;
use crate::config::Settings;
use crate::environment::Environment;
use crate::events::Events;
use crate::library::Library;
use crate::maintenance::work::Works;
use crate::metrics::Metrics;
use crate::overview::storage::Counted;
use crate::run::Stopping;
use crate::vault::blobs::has_several_threads;
use crate::vault::following::Following;
use crate::vault::tree::TreeStep;
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
    /// Who listens to what happens.
    pub events: Events,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether the server has been told to stop.
    pub stopping: Stopping,
    /// What an admin began.
    pub works: Works,
    /// The scans of the library.
    pub library: Library,
    /// What may be tried only so often.
    pub limiter: Limiter,
    /// What the asset tree is to show soon.
    pub following: Following,
    /// How much room saves took lately.
    pub counted: Counted,
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
            events: Events::new(),
            metrics: Metrics::new(),
            stopping: Stopping::default(),
            works: Works::default(),
            library: Library::new(),
            limiter: Limiter::default(),
            following: Following::default(),
            counted: Counted::default(),
        }))
    }

    /// Makes the asset tree show what a durable change says, soon: [`Parts::following`] tells when.
    /// Without a runtime of several threads (a simulation) it does when this returns.
    pub fn follow(&self, steps: Vec<TreeStep>) {
        if !self.following.leave(steps) {
            return;
        }
        let app = self.clone();
        let take_all = move || app.following.take_all(&app.assets(), &app.vault);
        if has_several_threads() {
            // No one waits for this one; who must, waits until the tree has caught up.
            drop(tokio::task::spawn_blocking(take_all));
        } else {
            take_all();
        }
    }

    /// Everything the server answers to.
    pub fn router(&self) -> axum::Router {
        crate::http::router::build(self)
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
