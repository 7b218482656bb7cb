//! The World: a household of machines, a server, and everything that can go wrong between them, in
//! one thread and out of one seed.
//!
//! Nothing here is the product done again. The server is its real router over its real store, a
//! device is the real engine over its real library, state and journal. What is simulated is what
//! surrounds them: disks, clocks, networks, emulators, people.
//!
//! A **history** is a list of events, made from a seed; to run it is a pure function of both. So one
//! that fails can be shortened and told, and runs again as it ran.
//!
//! [`run`](run::run) goes through one and has the [`law`]s looked at after each event; what really
//! happened is known to [`truth`] alone.
//!
//! A [`Machine`] is what a client lives on; a [`Client`] is what syncs there: ours, or one of the
//! [`foreign`] ones that trust what a server tells them.

mod client;
mod clock;
mod death;
mod disk;
mod emulator;
pub mod foreign;
pub mod history;
mod host;
mod household;
pub mod law;
pub mod ledger;
mod machine;
pub mod mixed;
mod network;
pub mod ours;
mod power;
pub mod residual;
pub mod run;
mod seed;
pub mod story;
pub mod tally;
mod trace;
mod truth;
mod weather;

pub use self::client::{Choice, Client, Report, Said, Syncing};
pub use self::clock::MachineClock;
pub use self::disk::{MachineDisk, Mood};
pub use self::host::{Held, Host};
pub use self::household::Household;
pub use self::machine::{Game, Machine};
pub use self::network::{Lost, Network};
pub use self::seed::Dice;
pub use self::trace::Trace;
pub use self::weather::{Mishap, Rates};

/// A thread's own time, which passes as soon as nobody has anything to do.
fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

#[cfg(test)]
mod tests;
