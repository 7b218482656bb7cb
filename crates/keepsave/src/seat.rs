//! A device at work: who it is to which server, and what it knows.

use std::sync::Arc;

use keepsave_core::ids::DeviceId;
use keepsave_device::engine::{Engine, EngineError, Stop};
use keepsave_device::enrolment::Introduction;
use keepsave_device::environment::SystemClock;
use keepsave_device::journal::Journal;
use keepsave_device::lock::Locks;
use keepsave_device::server::Trouble;
use keepsave_device::state::State;
use tokio::signal::unix::SignalKind;

use crate::Shared;
use crate::exit::Failure;
use crate::here::machine;
use crate::patience::Patience;
use crate::reach::{Reach, Reached};
use crate::terminal::note;

/// An engine, and what runs it.
pub struct Seat {
    pub engine: Engine,
    reached: Reached,
}

impl Seat {
    /// Opens everything that a sync needs, for the device that is named or else this machine. The
    /// server is asked who we are where that was not saved.
    pub fn take(reach: &Reach, shared: &Shared, device: Option<&str>) -> Result<Self, Failure> {
        let reached = reach.open(shared)?;
        reached.greet()?;
        let device = reached.device(device)?;
        let known = Known::open(&reached)?;
        Ok(known.seat(reached, device))
    }

    /// The same for this machine, which becomes a device of the account if it is none. Where it is
    /// one, nothing is asked yet.
    pub fn of_this_machine(
        reach: &Reach,
        shared: &Shared,
        name: &str,
        patience: Patience,
    ) -> Result<Self, Failure> {
        let reached = reach.open_with(shared, patience)?;
        let known = Known::open(&reached)?;
        let before = known.state.machine().map_err(Failure::failed)?;
        let device = reached.account.device().cloned();
        let device = match device.or(before.server_device_id) {
            Some(device) => device,
            None => enrol(&reached, name)?,
        };
        known.state.be_device(&device).map_err(Failure::failed)?;
        Ok(known.seat(reached, device))
    }

    /// Says what a person should know of the server. Fails for one that a device cannot sync with.
    pub fn greet(&self) -> Result<(), Failure> {
        self.reached.greet()
    }

    /// Runs a use case to its end.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.reached.wait(work)
    }

    /// Waits for what may be given up at any moment.
    pub fn ask<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, Failure>
    where
        Failure: From<E>,
    {
        self.reached.patience.ask(work)
    }

    /// Runs a use case of this machine to its end. Where the server does not know the device any
    /// more, it becomes one again, and the use case is begun anew.
    pub fn wait_as_device<T, W>(
        &mut self,
        name: &str,
        work: impl Fn(Engine, Stop) -> W,
    ) -> Result<T, Failure>
    where
        W: Future<Output = Result<T, EngineError>>,
    {
        let stop = self.stop();
        let patience = self.reached.patience.clone();
        let wait = |work: W| patience.ask_for_what_stops(async { Ok::<_, Failure>(work.await) });
        let done = wait(work(self.engine.clone(), stop.clone()))?;
        let Err(EngineError::Server(error)) = &done else {
            return Ok(done?);
        };
        if !matches!(error.trouble, Trouble::NoDevice { .. }) {
            return Ok(done?);
        }
        let device = enrol(&self.reached, name)?;
        self.engine
            .state
            .be_device(&device)
            .map_err(Failure::failed)?;
        self.engine.device = device;
        Ok(wait(work(self.engine.clone(), stop))??)
    }

    /// Makes sure that the server knows the device, as which what follows is asked.
    pub fn be_known(&mut self, name: &str) -> Result<(), Failure> {
        let known = self.wait_as_device(name, async |engine: Engine, _| {
            Ok(engine.server.device(&engine.device).await?)
        });
        known.map(drop)
    }

    /// Turns true at the first Ctrl-C, and when it took too long.
    pub fn stop(&self) -> Stop {
        let patience = &self.reached.patience;
        patience.ends_at(&[SignalKind::interrupt()]);
        patience.stop()
    }
}

/// What is known of an account on this machine.
struct Known {
    account: String,
    state: State,
    locks: Locks,
    journal: Journal,
    clock: Arc<SystemClock>,
}

impl Known {
    fn open(reached: &Reached) -> Result<Self, Failure> {
        let (_, name) = reached.who()?;
        let identity = reached.identity()?;
        Ok(Self {
            account: format!("{name} at {}", identity.origin),
            state: reached.state()?,
            locks: Locks::open(&reached.places.state, &identity).map_err(Failure::failed)?,
            journal: Journal::open(&reached.places.journal).map_err(Failure::failed)?,
            clock: Arc::new(SystemClock),
        })
    }

    fn seat(self, reached: Reached, device: DeviceId) -> Seat {
        let engine = Engine {
            server: reached.server.clone(),
            account: self.account,
            device,
            state: Arc::new(self.state),
            journal: self.journal,
            locks: self.locks,
            clock: self.clock,
            machine: machine(),
        };
        Seat { engine, reached }
    }
}

/// Makes this machine a device of the account.
pub fn enrol(reached: &Reached, name: &str) -> Result<DeviceId, Failure> {
    reached.greet()?;
    let introduction = Introduction {
        name: name.to_owned(),
        client_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let device = reached.patience.ask(introduction.enrol(&reached.server))?;
    reached.save(|saved| saved.device = Some(device.clone()))?;
    note(&format!(
        "this machine is the device `{name}` of the account now ({device})"
    ));
    Ok(device)
}
