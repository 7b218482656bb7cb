//! Which of two copies of one save is the newer one, where a change of layout left both: one at the
//! place before, one at the place that came later.
//!
//! What was last in sync tells more than any clock: the copy that still is that content is the one
//! from which play went on elsewhere. The files' own times are asked only where that says nothing,
//! and a verdict that rests on them alone is not [`Verdict::surely`]: nothing moves by it unless a
//! person asked, and then both copies are kept.

use std::cmp::Ordering;

use crate::content::{Content, ContentHash};
use crate::reasons::reasons;
use crate::time::Time;

/// One of the copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    /// What it holds.
    pub content: Content,
    /// Whether no progress can be in it.
    pub is_blank: bool,
    /// When it was written, as its file says.
    pub modified: Time,
    /// Whether it is what was last in sync.
    pub is_baseline: bool,
    /// Whether what was last in sync stood at this very place.
    pub was_synced_here: bool,
}

/// Which it is, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which.
    pub newer: Newer,
    /// Whether more than a clock says so, and the clock does not deny it.
    pub surely: bool,
    /// Why.
    pub reason: Reason,
}

/// Which of two copies is the newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Newer {
    /// The one at the earlier place.
    Earlier,
    /// The one at the later place.
    Later,
    /// They are the same.
    Neither,
}

reasons! {
    /// Why, in one sentence.
    pub enum Reason {
        /// Nothing to choose.
        Same => "Both places hold the same save",
        /// Law 7.
        OtherIsBlank => "The other one is blank, which is not progress",
        /// Lineage.
        OtherWasInSync => "The other one is what was last in sync, and play went on from it",
        /// Lineage.
        SyncedSince => "It is where saves were synced last, and its file is the newer one",
        /// The clock.
        NewerFile => "What was last in sync does not tell, and its file is the newer one",
        /// The clock, to the tick.
        AtItsPlace => "Nothing tells which is newer, and it is at its place",
        /// The files of one save.
        MoreFiles => "The other one lacks files of the save",
        /// A person said so.
        Chosen => "It was chosen",
    }
}

/// Which of two copies of one file is the newer one.
pub fn newer(earlier: &Copy, later: &Copy) -> Verdict {
    let verdict = |newer, surely, reason| Verdict {
        newer,
        surely,
        reason,
    };
    if same(earlier.content, later.content) {
        return verdict(Newer::Neither, true, Reason::Same);
    }
    match (earlier.is_blank, later.is_blank) {
        (true, false) => return verdict(Newer::Later, true, Reason::OtherIsBlank),
        (false, true) => return verdict(Newer::Earlier, true, Reason::OtherIsBlank),
        _ => {}
    }
    if earlier.is_baseline {
        let surely = later.modified >= earlier.modified;
        return verdict(Newer::Later, surely, Reason::OtherWasInSync);
    }
    // What is synced at the later place is so because it was the newer one.
    if later.is_baseline && !later.was_synced_here {
        return verdict(Newer::Earlier, false, Reason::OtherWasInSync);
    }
    match later.modified.cmp(&earlier.modified) {
        Ordering::Less => verdict(Newer::Earlier, false, Reason::NewerFile),
        _ if later.was_synced_here => verdict(Newer::Later, true, Reason::SyncedSince),
        Ordering::Greater => verdict(Newer::Later, false, Reason::NewerFile),
        Ordering::Equal => verdict(Newer::Later, false, Reason::AtItsPlace),
    }
}

/// Which of two sets of files is the newer one. The pairs are the copies of one file each, that of
/// the save itself first, and without clocks, in which no progress is: the first file in which they
/// differ decides for all, for a save is never mixed.
pub fn newer_set(pairs: &[(Option<Copy>, Option<Copy>)]) -> Verdict {
    let both = pairs
        .iter()
        .filter_map(|(one, other)| Some((one.as_ref()?, other.as_ref()?)));
    let mut verdicts = both.map(|(earlier, later)| newer(earlier, later));
    if let Some(verdict) = verdicts.find(|verdict| verdict.newer != Newer::Neither) {
        return verdict;
    }
    let alone = |is_there: fn(&(Option<Copy>, Option<Copy>)) -> bool| pairs.iter().any(is_there);
    let earlier_has_more = alone(|(one, other)| one.is_some() && other.is_none());
    let later_has_more = alone(|(one, other)| one.is_none() && other.is_some());
    let (newer, reason) = match (earlier_has_more, later_has_more) {
        (false, false) => (Newer::Neither, Reason::Same),
        (true, false) => (Newer::Earlier, Reason::MoreFiles),
        (_, true) => (Newer::Later, Reason::MoreFiles),
    };
    Verdict {
        newer,
        surely: earlier_has_more != later_has_more || newer == Newer::Neither,
        reason,
    }
}

/// Contents are the same when their hashes are, or without a hash when their bytes are.
fn same(one: Content, other: Content) -> bool {
    let hashes: Option<(ContentHash, ContentHash)> = one.hash.zip(other.hash);
    hashes.map_or(one.blob == other.blob, |(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Digest, ZipVerdict};

    fn copy(bytes: &[u8]) -> Copy {
        Copy {
            content: Digest::of(bytes).content(ZipVerdict::NotZip),
            is_blank: false,
            modified: Time::EPOCH,
            is_baseline: false,
            was_synced_here: false,
        }
    }

    /// Every combination of what can be known of two copies.
    fn every() -> impl Iterator<Item = (Copy, Copy)> {
        let bits = |number: u32, at: u32| number >> at & 1 == 1;
        (0..1 << 7).flat_map(move |number| {
            (0..3).map(move |clock| {
                let earlier = Copy {
                    is_blank: bits(number, 0),
                    is_baseline: bits(number, 1),
                    was_synced_here: bits(number, 2),
                    modified: Time::EPOCH.plus_seconds(1),
                    ..copy(b"earlier")
                };
                let bytes: &[u8] = if bits(number, 3) {
                    b"earlier"
                } else {
                    b"later"
                };
                let later = Copy {
                    is_blank: bits(number, 4),
                    is_baseline: bits(number, 5),
                    was_synced_here: bits(number, 6),
                    modified: Time::EPOCH.plus_seconds(clock),
                    ..copy(bytes)
                };
                (earlier, later)
            })
        })
    }

    #[test]
    fn no_clock_alone_is_ever_sure_and_no_blank_copy_is_ever_the_newer() {
        for (earlier, later) in every() {
            let verdict = newer(&earlier, &later);
            let said = format!("{earlier:?} {later:?} {verdict:?}");
            let (chosen, other) = match verdict.newer {
                Newer::Neither => {
                    assert_eq!(earlier.content, later.content, "{said}");
                    continue;
                }
                Newer::Earlier => (earlier, later),
                Newer::Later => (later, earlier),
            };
            assert_ne!(earlier.content, later.content, "{said}");
            assert!(!chosen.is_blank || other.is_blank, "{said}");
            let by_blank = other.is_blank && !chosen.is_blank;
            let known = earlier.is_baseline || later.was_synced_here;
            assert!(!verdict.surely || by_blank || known, "{said}");
            // Where a clock speaks against it, nothing is sure.
            let denied = chosen.modified < other.modified;
            assert!(!verdict.surely || by_blank || !denied, "{said}");
        }
    }

    #[test]
    fn what_was_last_in_sync_is_the_older_whatever_the_clock_says() {
        for clock in [0, 1, 2] {
            let synced = Copy {
                is_baseline: true,
                modified: Time::EPOCH.plus_seconds(1),
                ..copy(b"synced")
            };
            let played = Copy {
                modified: Time::EPOCH.plus_seconds(clock),
                ..copy(b"played")
            };
            let here = Copy {
                was_synced_here: true,
                ..synced
            };
            for synced in [synced, here] {
                assert_eq!(newer(&synced, &played).newer, Newer::Later, "{clock}");
            }
            assert_eq!(newer(&played, &synced).newer, Newer::Earlier, "{clock}");
        }
    }

    #[test]
    fn a_copy_that_was_synced_since_the_change_stays_the_newer_until_the_other_is_written() {
        let synced = Copy {
            is_baseline: true,
            was_synced_here: true,
            modified: Time::EPOCH.plus_seconds(5),
            ..copy(b"synced at the later place")
        };
        let before = copy(b"before");
        let played_on = Copy {
            is_baseline: false,
            ..synced
        };
        for later in [synced, played_on] {
            let verdict = newer(&before, &later);
            assert_eq!((verdict.newer, verdict.surely), (Newer::Later, true));
        }
        let written = Copy {
            modified: Time::EPOCH.plus_seconds(6),
            ..before
        };
        let verdict = newer(&written, &synced);
        assert_eq!((verdict.newer, verdict.surely), (Newer::Earlier, false));
    }

    #[test]
    fn without_a_baseline_the_newer_file_counts_and_the_place_decides_a_tie() {
        for (clock, expected) in [(0, Newer::Earlier), (1, Newer::Later), (2, Newer::Later)] {
            let earlier = Copy {
                modified: Time::EPOCH.plus_seconds(1),
                ..copy(b"earlier")
            };
            let later = Copy {
                modified: Time::EPOCH.plus_seconds(clock),
                ..copy(b"later")
            };
            let verdict = newer(&earlier, &later);
            assert_eq!(
                (verdict.newer, verdict.surely),
                (expected, false),
                "{clock}"
            );
        }
    }

    #[test]
    fn the_first_file_that_differs_decides_for_all() {
        let (a, b) = (copy(b"a"), copy(b"b"));
        let synced = Copy {
            is_baseline: true,
            ..a
        };
        let late = Copy {
            modified: Time::EPOCH.plus_seconds(1),
            ..b
        };
        for (pairs, expected) in [
            (vec![(Some(a), Some(a))], Newer::Neither),
            (
                vec![(Some(synced), Some(late)), (Some(late), Some(a))],
                Newer::Later,
            ),
            (
                vec![(Some(a), Some(a)), (Some(late), Some(synced))],
                Newer::Earlier,
            ),
            (vec![(Some(a), Some(a)), (Some(b), None)], Newer::Earlier),
            (vec![(Some(a), Some(a)), (None, Some(b))], Newer::Later),
            (
                vec![(Some(a), Some(a)), (Some(b), None), (None, Some(b))],
                Newer::Later,
            ),
        ] {
            assert_eq!(newer_set(&pairs).newer, expected, "{pairs:?}");
        }
        let mixed = [(Some(b), None), (None, Some(b))];
        assert!(!newer_set(&mixed).surely);
    }
}
