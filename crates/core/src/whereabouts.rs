//! Where a device is in a timeline, in one word that is true.
//!
//! *In sync* is measured: the content that the device showed is the head's. No time says so, and no
//! clock of a device is looked at.

use crate::limits;
use crate::time::Time;

/// What is known of a device and a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether it takes part: neither the device nor its place here is switched off.
    pub takes_part: bool,
    /// What it brought that a person has yet to look at.
    pub open: Option<Open>,
    /// What it last held.
    pub holds: Holds,
    /// When it was last heard of.
    pub last_seen: Option<Time>,
}

/// What a person has yet to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// It played on beside the head; its content is here or waits to come.
    Parted,
    /// It has no progress in it, and the head has.
    Blank,
}

/// What a device last held, towards the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Nothing that is known.
    Nothing,
    /// The head's content, shown by its hash.
    Head,
    /// The head was sent, and it has not said yet that it holds it.
    SentHead,
    /// What the head grew from: so many versions are between.
    Older(usize),
    /// What the head did not grow from.
    Aside,
}

/// Where a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// It holds the current save.
    InSync,
    /// It was sent the current save.
    Sent,
    /// So many versions behind.
    Behind(usize),
    /// A person must choose.
    NeedsYou,
    /// Its blank save did not replace the current one.
    HeldBack,
    /// It plays on with its own save.
    OwnBranch,
    /// It does not take part.
    SyncOff,
    /// Nothing was heard of it since then.
    Silent(Time),
    /// It never held a save here.
    NoSave,
}

/// Says where a device is. What needs a person comes first.
pub fn whereabouts(facts: &Facts, now: Time) -> Whereabouts {
    let holds_head = matches!(facts.holds, Holds::Head | Holds::SentHead);
    match facts.open {
        Some(Open::Blank) if !holds_head => return Whereabouts::HeldBack,
        Some(Open::Parted) if !holds_head => return Whereabouts::NeedsYou,
        _ => {}
    }
    if !facts.takes_part {
        return Whereabouts::SyncOff;
    }
    if facts.holds == Holds::Nothing {
        return Whereabouts::NoSave;
    }
    if let Some(seen) = facts.last_seen
        && seen.plus_seconds(limits::SILENT_SECONDS) <= now
    {
        return Whereabouts::Silent(seen);
    }
    match facts.holds {
        Holds::Nothing => Whereabouts::NoSave,
        Holds::Head => Whereabouts::InSync,
        Holds::SentHead => Whereabouts::Sent,
        Holds::Older(versions) => Whereabouts::Behind(versions),
        Holds::Aside => Whereabouts::OwnBranch,
    }
}

impl Whereabouts {
    /// Which of several is said of a device that is in several timelines: the one that a person
    /// would want to know first.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if other.weight() > self.weight() {
            other
        } else {
            self
        }
    }

    fn weight(self) -> usize {
        match self {
            Self::NoSave => 0,
            Self::SyncOff => 1,
            Self::InSync => 2,
            Self::Sent => 3,
            Self::OwnBranch => 4,
            Self::Silent(_) => 5,
            Self::HeldBack => usize::MAX - 1,
            Self::NeedsYou => usize::MAX,
            Self::Behind(versions) => versions.saturating_add(5).min(usize::MAX - 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::EPOCH;

    fn days_ago(days: i64) -> Time {
        NOW.plus_seconds(-days * 24 * 60 * 60)
    }

    #[test]
    fn one_word_fits_each_combination() {
        let holds = [
            Holds::Nothing,
            Holds::Head,
            Holds::SentHead,
            Holds::Older(2),
            Holds::Aside,
        ];
        for takes_part in [false, true] {
            for open in [None, Some(Open::Parted), Some(Open::Blank)] {
                for holds in holds {
                    let heard_of = [0, 6, 7, 30].map(days_ago).map(Some);
                    for last_seen in heard_of.into_iter().chain([None]) {
                        let facts = Facts {
                            takes_part,
                            open,
                            holds,
                            last_seen,
                        };
                        assert_eq!(whereabouts(&facts, NOW), expected(&facts), "{facts:?}");
                    }
                }
            }
        }
    }

    fn expected(facts: &Facts) -> Whereabouts {
        let is_silent = [7, 30].map(days_ago).map(Some).contains(&facts.last_seen);
        match (facts.open, facts.holds, facts.takes_part) {
            (Some(Open::Parted), Holds::Nothing | Holds::Older(_) | Holds::Aside, _) => {
                Whereabouts::NeedsYou
            }
            (Some(Open::Blank), Holds::Nothing | Holds::Older(_) | Holds::Aside, _) => {
                Whereabouts::HeldBack
            }
            (_, _, false) => Whereabouts::SyncOff,
            (_, Holds::Nothing, true) => Whereabouts::NoSave,
            (_, _, true) if is_silent => Whereabouts::Silent(facts.last_seen.unwrap()),
            (_, Holds::Head, true) => Whereabouts::InSync,
            (_, Holds::SentHead, true) => Whereabouts::Sent,
            (_, Holds::Older(versions), true) => Whereabouts::Behind(versions),
            (_, Holds::Aside, true) => Whereabouts::OwnBranch,
        }
    }

    #[test]
    fn of_several_timelines_the_one_that_needs_a_person_is_said() {
        let rising = [
            Whereabouts::NoSave,
            Whereabouts::SyncOff,
            Whereabouts::InSync,
            Whereabouts::Sent,
            Whereabouts::OwnBranch,
            Whereabouts::Silent(NOW),
            Whereabouts::Behind(1),
            Whereabouts::Behind(9),
            Whereabouts::HeldBack,
            Whereabouts::NeedsYou,
        ];
        for (at, low) in rising.iter().enumerate() {
            for high in &rising[at..] {
                assert_eq!(low.or(*high), *high);
                assert_eq!(high.or(*low), *high);
            }
        }
    }
}
