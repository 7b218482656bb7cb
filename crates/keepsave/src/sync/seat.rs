//! A device at work: who it is to which server, and what it knows.

use std::sync::Arc;

use keepsave_device::engine::{Engine, Stop};
use keepsave_device::environment::SystemClock;
use keepsave_device::journal::Journal;
use keepsave_device::lock::Locks;
use keepsave_device::state::{Identity, State};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::Shared;
use crate::exit::Failure;
use crate::reach::{Reach, Reached};
use crate::terminal::note;

/// An engine, and what runs it.
pub struct Seat {
    pub engine: Engine,
    reached: Reached,
}

impl Seat {
    /// Opens everything that a sync needs. The server is asked who we are where that was not
    /// saved.
    pub fn take(reach: &Reach, shared: &Shared, device: Option<&str>) -> Result<Self, Failure> {
        let reached = reach.open(shared)?;
        reached.greet()?;
        let device = reached.device(device)?;
        let (user, name) = if let Some(user) = reached.account.user() {
            (user.id, user.name.clone())
        } else {
            let me = reached.wait(reached.server.me())?.seen;
            (me.id, me.username)
        };
        let origin = reached.account.origin().to_string();
        let identity = Identity { origin, user };
        let clock = Arc::new(SystemClock);
        let state = State::open(&reached.places.state, &identity, clock.clone());
        let state = state.map_err(Failure::failed)?;
        if let Some(aside) = state.set_aside() {
            note(&format!(
                "what this device knew of its last syncs could not be read and was set aside as \
                 {}; files are compared by content until it is learnt anew",
                aside.display()
            ));
        }
        let locks = Locks::open(&reached.places.state, &identity).map_err(Failure::failed)?;
        let engine = Engine {
            server: reached.server.clone(),
            account: format!("{name} at {}", identity.origin),
            device,
            state: Arc::new(state),
            journal: Journal::open(&reached.places.journal).map_err(Failure::failed)?,
            locks,
            clock,
        };
        Ok(Self { engine, reached })
    }

    /// Runs a use case to its end.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.reached.wait(work)
    }

    /// Turns true at the first Ctrl-C. At the second the program ends at once, as it would at any
    /// moment: no file is ever half-written.
    pub fn stop(&self) -> Stop {
        let (tell, stop) = watch::channel(false);
        // Listened to from now on, not from when there is time for it.
        let interrupts = self.wait(async { signal(SignalKind::interrupt()) });
        self.reached.spawn(async move {
            let Ok(mut interrupts) = interrupts else {
                return;
            };
            while interrupts.recv().await.is_some() {
                if tell.send_replace(true) {
                    std::process::exit(130);
                }
                note("stopping: what is being put in its place is finished");
            }
        });
        stop
    }
}
