//! Every short history of two and three devices, against the rules of lineage: no sample, all of
//! them.
//!
//! A history is a sequence of edits, syncs and at most two disruptions, told of devices each of which
//! is one of the kinds of client that exist. The rules are core's own; this crate reduces the clients
//! to what they decide by, says what must hold, and visits states that differ only in how they came
//! about once. Knows core and nothing else, and is built optimised for tests too: that is why it is
//! a crate of its own.

pub mod client;
mod event;
mod search;
#[cfg(test)]
mod tests;
mod world;

use client::Kind;
pub use event::Event;
pub use search::{Broken, Figures, every_history};
pub use world::World;

/// Events in every history of two devices.
pub const EVENTS_OF_TWO: usize = 8;
/// Events in every history of three devices.
pub const EVENTS_OF_THREE: usize = 6;

/// Every choice of kinds for that many devices, whose order does not matter.
pub fn sets_of_kinds<const N: usize>() -> Vec<[Kind; N]> {
    let mut sets = vec![[Kind::ALL[0]; N]];
    for at in 0..N {
        let with_each = |set: [Kind; N]| {
            Kind::ALL.map(|kind| {
                let mut set = set;
                set[at] = kind;
                set
            })
        };
        sets = sets.into_iter().flat_map(with_each).collect();
    }
    sets.retain(|set| set.is_sorted());
    sets
}

/// Every history of devices of these kinds: of that many events where nobody has a save yet, and of
/// one less where all hold the same.
pub fn every_history_from_both_beginnings<const N: usize>(
    kinds: [Kind; N],
    events: usize,
) -> Result<Figures, Box<Broken>> {
    let mut figures = every_history(World::new(kinds), events)?;
    figures += every_history(World::in_step(kinds), events.saturating_sub(1))?;
    Ok(figures)
}
