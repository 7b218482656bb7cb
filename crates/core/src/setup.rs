//! Which slot a game is synced with, before its first sync.
//!
//! A person may choose any. Without one only what loses nothing and surprises nobody is confirmed:
//! where only one side has saves, or both have the same. Everything else waits, and moves no byte.

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::content::ContentHash;
use crate::layouts::Part;
use crate::reasons::reasons;

/// What there is of a game before its slot is confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The files of its save here.
    pub here: Vec<Held>,
    /// The slots that the server has saves in, by name.
    pub slots: Vec<ServerSlot>,
    /// Whether the server has saves without a slot.
    pub archive: bool,
    /// The slot that new games are synced with.
    pub default_slot: String,
}

/// One file of a save, here or on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which file of the save it is.
    pub part: Part,
    /// Its hash; none where it has none, which equals nothing.
    pub hash: Option<ContentHash>,
}

/// A slot of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSlot {
    /// Its name.
    pub name: String,
    /// What its newest saves show.
    pub heads: Vec<Held>,
}

/// Whether a game can be synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setup {
    /// Neither side has a save.
    Nothing,
    /// It is synced with this slot from now on.
    Confirm {
        /// Its name.
        slot: String,
        /// Why.
        reason: Reason,
    },
    /// A person must choose.
    Ask {
        /// What is found.
        scenario: Scenario,
        /// The slots that can be chosen, the likeliest first.
        offers: Vec<String>,
    },
}

/// What is found before the first sync, where a person must choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Scenario {
    /// Only the server has saves, in several slots.
    A,
    /// Both sides have saves, the server's in other slots than the one for new games.
    C,
    /// Both sides have saves, the server's in the slot for new games, too.
    E,
    /// The server's saves have no slot, and are not what is here.
    Archive,
}

reasons! {
    /// Why a slot was confirmed without asking.
    pub enum Reason {
        /// Scenario B.
        OnlyHere => "Only this device has a save",
        /// Scenario A.
        OnlySlot => "The server has saves in this slot only, and there is none here",
        /// Scenario A.
        DefaultSlot => "The server has saves in the slot for new games, and there is none here",
        /// Scenarios C and E.
        SameContent => "This slot has what is here",
    }
}

impl Scenario {
    /// What is found, in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::A => "The server has saves in several slots, and there is none here",
            Self::C => "There is a save here, and the server has others in other slots",
            Self::E => "There is a save here, and the server has another one",
            Self::Archive => "The server has saves that are in no slot",
        }
    }
}

/// What is done without a person.
pub fn set_up(facts: &Facts) -> Setup {
    let in_default = facts
        .slots
        .iter()
        .any(|slot| slot.name == facts.default_slot);
    let confirm = |slot: &str, reason| Setup::Confirm {
        slot: slot.to_owned(),
        reason,
    };
    match (facts.here.is_empty(), facts.slots.as_slice()) {
        (_, []) if facts.archive => ask(Scenario::Archive, facts),
        (true, []) => Setup::Nothing,
        (true, _) if in_default => confirm(&facts.default_slot, Reason::DefaultSlot),
        (true, [only]) => confirm(&only.name, Reason::OnlySlot),
        (true, _) => ask(Scenario::A, facts),
        (false, []) => confirm(&facts.default_slot, Reason::OnlyHere),
        (false, slots) => match same_as_here(facts, slots) {
            Some(slot) => confirm(&slot.name, Reason::SameContent),
            None if in_default => ask(Scenario::E, facts),
            None => ask(Scenario::C, facts),
        },
    }
}

/// The slot that has what is here: the one for new games before others, and of others the only one.
fn same_as_here<'a>(facts: &Facts, slots: &'a [ServerSlot]) -> Option<&'a ServerSlot> {
    let mut same = slots
        .iter()
        .filter(|slot| is_same(&facts.here, &slot.heads));
    let default = |slot: &&ServerSlot| slot.name == facts.default_slot;
    if let Some(found) = same.clone().find(default) {
        return Some(found);
    }
    same.next().filter(|_| same.next().is_none())
}

/// Whether a slot has every file that is here, and none differs.
fn is_same(here: &[Held], heads: &[Held]) -> bool {
    here.iter().all(|file| {
        let head = heads.iter().find(|head| head.part == file.part);
        head.is_some_and(|head| head.hash.is_some() && head.hash == file.hash)
    })
}

fn ask(scenario: Scenario, facts: &Facts) -> Setup {
    let mut offers: Vec<String> = facts.slots.iter().map(|slot| slot.name.clone()).collect();
    if scenario == Scenario::E {
        offers.sort_by_key(|slot| *slot != facts.default_slot);
    }
    if !offers.contains(&facts.default_slot) {
        offers.push(facts.default_slot.clone());
    }
    Setup::Ask { scenario, offers }
}
