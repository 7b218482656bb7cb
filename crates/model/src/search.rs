//! The search: from a beginning through every event to every state, breadth first.
//!
//! Of a state only a fingerprint of 128 bits is kept, in which devices of one kind have no order: what
//! happens to one can happen to the other (a test shows it). A state that was reached with no more
//! disruptions and no less to hold covers one that was reached with more.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, Hash};
use std::ops::AddAssign;

use foldhash::quality::FixedState;

use crate::event::Event;
use crate::world::World;

/// How much was searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Different states, the beginnings among them.
    pub states: u64,
    /// Events that happened in a state.
    pub transitions: u64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} states, {} transitions",
            self.states, self.transitions
        )
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.states += other.states;
        self.transitions += other.transitions;
    }
}

/// A history after which something does not hold that must.
#[derive(Debug)]
pub struct Broken {
    property: &'static str,
    beginning: String,
    story: Vec<Event>,
    end: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "does not hold: {}", self.property)?;
        writeln!(f, "  {}", self.beginning)?;
        for event in &self.story {
            writeln!(f, "  {event}")?;
        }
        write!(f, "{}", self.end)
    }
}

impl std::error::Error for Broken {}

/// Every history of that many events from a beginning.
pub fn every_history<const N: usize>(
    beginning: World<N>,
    events: usize,
) -> Result<Figures, Box<Broken>> {
    let happening = Event::all(beginning.names().end);
    let told = beginning.to_string();
    let mut seen = Seen::default();
    seen.visit(&beginning);
    let mut trail = Trail::default();
    let mut open = vec![(beginning, Trail::START)];
    let mut transitions = 0;
    for depth in 1..=events {
        let mut reached = Vec::new();
        for (world, at) in &open {
            for &event in &happening {
                let Some(mut next) = world.after(event) else {
                    continue;
                };
                transitions += 1;
                let visit = seen.visit(&next);
                if visit == Visit::New {
                    next.check();
                }
                if let Some(property) = next.broken() {
                    return Err(Box::new(Broken {
                        property,
                        beginning: told,
                        story: trail.to(*at, event),
                        end: format!("{next:#?}"),
                    }));
                }
                if visit != Visit::Covered && depth < events {
                    reached.push((next, trail.step(*at, event)));
                }
            }
        }
        open = reached;
    }
    Ok(Figures {
        states: seen.0.len() as u64,
        transitions,
    })
}

/// How a state was come by, as far as what was seen before tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Visit {
    /// For the first time.
    New,
    /// With fewer disruptions than before, or with more that must hold.
    Better,
    /// Everything that can follow is looked at from an earlier visit.
    Covered,
}

/// Every state that was reached, and how.
#[derive(Default)]
struct Seen(HashMap<u128, Ways, foldhash::fast::FixedState>);

/// In which ways a state was reached: a bit for each number of disruptions, with and without order.
#[derive(Clone, Copy, Default)]
struct Ways(u8);

impl Seen {
    fn visit<const N: usize>(&mut self, world: &World<N>) -> Visit {
        let ways = self.0.entry(fingerprint(world)).or_default();
        let is_new = ways.0 == 0;
        if ways.cover(world.disruptions, world.ordered) {
            return Visit::Covered;
        }
        ways.0 |= Ways::bit(world.disruptions, world.ordered);
        if is_new { Visit::New } else { Visit::Better }
    }
}

impl Ways {
    fn bit(disruptions: u8, ordered: bool) -> u8 {
        1 << (2 * disruptions + u8::from(!ordered))
    }

    fn cover(self, disruptions: u8, ordered: bool) -> bool {
        let orders: &[bool] = if ordered { &[true] } else { &[true, false] };
        (0..=disruptions).any(|fewer| {
            let mut known = orders.iter().map(|&order| Self::bit(fewer, order));
            known.any(|bit| self.0 & bit != 0)
        })
    }
}

/// What a state is, without which of two devices of one kind is which.
pub(crate) fn fingerprint<const N: usize>(world: &World<N>) -> u128 {
    let mut devices = world
        .names()
        .map(|name| digest(&world.of_device(name)))
        .collect::<Vec<_>>();
    devices.sort_unstable();
    digest(&(world.without_devices(), devices))
}

fn digest(state: &impl Hash) -> u128 {
    let half = |seed| u128::from(FixedState::with_seed(seed).hash_one(state));
    half(1) << 64 | half(2)
}

/// How each state was first reached, as a step from another.
#[derive(Default)]
struct Trail(Vec<(u32, Event)>);

impl Trail {
    const START: u32 = u32::MAX;

    fn step(&mut self, from: u32, event: Event) -> u32 {
        let at = u32::try_from(self.0.len()).unwrap_or(Self::START);
        self.0.push((from, event));
        at
    }

    /// The whole history up to that event.
    fn to(&self, mut at: u32, last: Event) -> Vec<Event> {
        let mut story = vec![last];
        while let Some(&(from, event)) = self.0.get(at as usize) {
            story.push(event);
            at = from;
        }
        story.reverse();
        story
    }
}
