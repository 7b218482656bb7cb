//! What happens in a mixed household, as data: made from a seed, or told.

use std::fmt;

use crate::world::client::Choice;
use crate::world::foreign::Kind;
use crate::world::seed::Dice;

/// The longest flow takes fewer steps.
const LONGEST_LIFE: u64 = 40;

/// What happens, one after the other.
#[derive(Clone, Debug)]
pub struct Mixed {
    /// From which it was made, and from which the weather comes.
    pub seed: u64,
    /// Who lives on each machine; none is ours.
    pub who: Vec<Option<Kind>>,
    /// What happens.
    pub events: Vec<Event>,
}

/// Something that happens on one machine.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// On which machine.
    pub at: usize,
    /// What.
    pub act: Act,
    /// Whether requests get lost meanwhile.
    pub is_stormy: bool,
    /// Before which of its steps the process dies, if it gets that far.
    pub dies_at: Option<u64>,
}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Plays, and the emulator writes the save.
    Play,
    /// Syncs.
    Sync(Choice),
    /// Makes an older row the one that is played, counted from the newest.
    GoBack(usize),
    /// Deletes a row, counted from the newest.
    Delete(usize),
}

impl Mixed {
    /// The one that a seed makes.
    pub fn of(seed: u64, who: Vec<Option<Kind>>, length: usize) -> Self {
        let dice = Dice::apart(seed, 3);
        let event = |_| Event {
            at: dice.index(who.len()),
            act: match dice.below(100) {
                0..40 => Act::Play,
                40..90 => Act::Sync(dice.weighed(&[
                    (80, Choice::Later),
                    (10, Choice::Local),
                    (10, Choice::Server),
                ])),
                90..95 => Act::GoBack(dice.index(3)),
                _ => Act::Delete(dice.index(3)),
            },
            is_stormy: dice.happens(250),
            dies_at: dice.happens(120).then(|| dice.below(LONGEST_LIFE)),
        };
        let events = (0..length).map(event).collect();
        Self { seed, who, events }
    }
}

impl fmt::Display for Mixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", self.who)?;
        for event in &self.events {
            writeln!(f, "{event:?}")?;
        }
        Ok(())
    }
}
