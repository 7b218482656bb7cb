//! A server's life: it claims its data directory, listens, serves, and stops without losing what
//! is under way.
//!
//! Knows sockets and signals' consequences, but no route and no rule.

mod addresses;
mod claim;
mod connections;
mod failure;
mod stopping;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

pub use addresses::addresses;
pub use claim::{Claim, claimed_by};
pub use connections::Ending;
pub use failure::StartFailure;
pub use stopping::Stopping;

use crate::app::App;
use crate::auth::setup;
use crate::config::{Secret, Settings};
use crate::environment::Environment;
use crate::jobs;
use crate::maintenance::restore::UNFINISHED;
use crate::vault::{Age, Fault, Vault};

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
        demand_library(&settings)?;
        let listen = settings.listen;
        let refused = |error| StartFailure::listen(listen, error);
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let claim = Claim::take(&settings.data)?;
        demand_finished(&settings)?;
        let app = App::open(settings, environment)?;
        // Uploads that the last run did not finish were never acknowledged.
        app.vault.blobs().discard_unfinished()?;
        make_first_user(&app).await?;
        // Where people look for the place to put their games. One that was named is theirs to make.
        if is_ours(&app.settings) {
            fs_err::create_dir_all(&app.settings.library).map_err(Fault::from)?;
        }
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

    /// A code with which the first visitor makes the first user; none when there are users.
    pub async fn setup_code(&self) -> Result<Option<String>, Fault> {
        setup::new_code(&self.app).await
    }

    /// Serves until [`Stopping::begin`], then until what is under way has finished or the grace
    /// that the settings give is over.
    pub async fn serve(self) -> Ending {
        let grace = Duration::from_secs(self.app.settings.stop_grace_seconds);
        let router = self.app.router();
        tokio::spawn(jobs::run(self.app.clone()));
        let ending = connections::serve(self.listener, router, &self.app.stopping, grace).await;
        self.app.following.caught_up().await;
        ending
    }
}

/// A library that is not there may be a disk that is not mounted yet, and is no reason not to start.
fn demand_library(settings: &Settings) -> Result<(), StartFailure> {
    let library = &settings.library;
    match fs_err::metadata(library) {
        Ok(found) if !found.is_dir() => Err(StartFailure::Library(library.clone())),
        Err(error) if error.kind() == ErrorKind::NotFound && !is_ours(settings) => {
            tracing::warn!(
                "the library {} is not there; what is known of its games stays. When it is there, \
                 run `keepsave server scan`, or name another with --library",
                library.display()
            );
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Whether the library is where nobody chose it to be.
fn is_ours(settings: &Settings) -> bool {
    settings.library == settings.data.join("library")
}

/// Opens a store for a command of the operator, beside the server if one is running.
pub fn open_beside(settings: Settings, environment: Environment) -> Result<App, StartFailure> {
    demand_finished(&settings)?;
    match (Vault::age(&settings.data)?, claimed_by(&settings.data)) {
        (None, _) => Err(StartFailure::NoStore(settings.data)),
        // Bringing the tables up to date would pull them away from under it.
        (Some(Age::Older), Some(pid)) => Err(StartFailure::OtherVersion { pid }),
        (Some(_), _) => Ok(App::open(settings, environment)?),
    }
}

fn demand_finished(settings: &Settings) -> Result<(), StartFailure> {
    if settings.data.join(UNFINISHED).exists() {
        return Err(StartFailure::Unfinished(settings.data.clone()));
    }
    Ok(())
}

async fn make_first_user(app: &App) -> Result<(), StartFailure> {
    let settings = &app.settings;
    let (name, password) = match (&settings.admin_username, &settings.admin_password) {
        (Some(name), Some(password)) => (name, password),
        (None, None) => return Ok(()),
        (Some(_), None) | (None, Some(_)) => {
            tracing::warn!("the first user needs both admin_username and admin_password");
            return Ok(());
        }
    };
    let made = setup::first_user(app, name, Secret::reveal(password)).await;
    let made = made.map_err(|failure| StartFailure::FirstUser(failure.to_string()))?;
    if let Some(user) = made {
        tracing::info!(name = user.username, "made the first user");
    }
    Ok(())
}
