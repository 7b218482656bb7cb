//! What people ask first: did it sync? How a device stands towards a slot, in one word.
//!
//! It is measured: a device is in sync when what it reported is what the head contains, and never
//! because of a time.

use crate::limits::SILENT_DAYS;

/// How a device stands towards a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Holds the current save.
    InSync,
    /// Holds an earlier version, so many before the current one.
    Behind(u64),
    /// It and another device both played on: a person chooses.
    NeedsYou,
    /// What it sent looks blank and did not replace the current save.
    HeldBack,
    /// A person turned sync off for it.
    SyncOff,
    /// No report for so many days.
    Silent(u64),
    /// Its last try failed.
    Failed,
    /// There is nothing to sync.
    NoSave,
}

/// What is known of a device and a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Known {
    /// Whether the slot has a current save.
    pub has_head: bool,
    /// How many versions before the head it holds; none when it holds none. Zero is the head's
    /// content.
    pub behind: Option<u64>,
    /// Something of this device's waits for a person.
    pub waits: bool,
    /// That something looks blank.
    pub waits_blank: bool,
    /// A person turned sync off.
    pub is_off: bool,
    /// How many days ago it last reported anything.
    pub days_silent: u64,
}

impl State {
    /// The state that follows from what is known.
    pub fn of(known: &Known) -> Self {
        match (known.has_head, known.behind) {
            _ if known.is_off => Self::SyncOff,
            _ if known.waits && known.waits_blank => Self::HeldBack,
            _ if known.waits => Self::NeedsYou,
            (false, _) | (true, None) => Self::NoSave,
            _ if known.days_silent >= SILENT_DAYS => Self::Silent(known.days_silent),
            (true, Some(0)) => Self::InSync,
            (true, Some(versions)) => Self::Behind(versions),
        }
    }

    /// Whether a person is needed.
    pub fn needs_a_person(self) -> bool {
        matches!(self, Self::NeedsYou | Self::HeldBack)
    }

    /// The more pressing of two: what is shown of several slots in one word.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        if other.rank() > self.rank() {
            other
        } else {
            self
        }
    }

    fn rank(self) -> (u8, u64) {
        match self {
            Self::NoSave => (0, 0),
            Self::InSync => (1, 0),
            Self::SyncOff => (2, 0),
            Self::Silent(days) => (3, days),
            Self::Behind(versions) => (4, versions),
            Self::Failed => (5, 0),
            Self::HeldBack => (6, 0),
            Self::NeedsYou => (7, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every() -> impl Iterator<Item = Known> {
        let flags = 0..32_u8;
        flags.flat_map(|bits| {
            let bit = move |place: u8| bits >> place & 1 == 1;
            [None, Some(0), Some(2)]
                .into_iter()
                .flat_map(move |behind| {
                    [0, SILENT_DAYS - 1, SILENT_DAYS].map(|days_silent| Known {
                        has_head: bit(0),
                        waits: bit(1),
                        waits_blank: bit(2),
                        is_off: bit(3),
                        behind,
                        days_silent,
                    })
                })
        })
    }

    #[test]
    fn in_sync_means_that_it_holds_the_heads_content() {
        for known in every() {
            match State::of(&known) {
                State::InSync => {
                    assert!(known.has_head && known.behind == Some(0) && !known.waits);
                }
                State::Behind(versions) => assert!(versions > 0 && known.behind == Some(versions)),
                State::Silent(days) => assert!(days >= SILENT_DAYS && !known.waits),
                State::SyncOff => assert!(known.is_off),
                State::NoSave => assert!(!known.has_head || known.behind.is_none()),
                State::NeedsYou => assert!(known.waits && !known.waits_blank),
                State::HeldBack => assert!(known.waits && known.waits_blank),
                State::Failed => panic!("nothing here can tell"),
            }
        }
    }

    #[test]
    fn what_needs_a_person_is_never_hidden_by_anything_else() {
        let states = every().map(|known| State::of(&known));
        for state in states {
            assert_eq!(state.or_worse(State::NeedsYou), State::NeedsYou);
            assert_eq!(State::NeedsYou.or_worse(state), State::NeedsYou);
            assert_eq!(State::NoSave.or_worse(state), state);
        }
        assert_eq!(
            State::Behind(1).or_worse(State::Behind(4)),
            State::Behind(4)
        );
    }
}
