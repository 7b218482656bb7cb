//! Which contents a timeline may give up, once a person chose not to keep everything.
//!
//! Retention is about bytes: a purged version stays in the lineage, with its hash, its parents and
//! its device. Whatever the policy, these keep their bytes: a head, a branch, a pin, what some
//! device has yet to fetch and what it last held. Every other version is kept when any one rule of
//! the policy wants it.
//!
//! The moments that are compared are all the server's own. One that lies ahead of `now`, because
//! a clock was set back, counts as today.

mod until;

pub use until::kept_until;

use std::collections::BTreeSet;
use std::fmt;

use crate::ids::VersionId;
use crate::time::Time;

/// What a person wants to keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Every version, for ever.
    #[default]
    KeepEverything,
    /// What any of these rules wants.
    Thin(Rules),
}

/// Rules that thin a timeline out. A zero switches a rule off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The newest versions, as many as this.
    pub last: u32,
    /// The newest version of each day, for as many days, today among them.
    pub days: u32,
    /// The newest version of each month, for as many months, this one among them.
    pub months: u32,
    /// Whether versions that a save row shows are kept until the row is hidden.
    pub shown: bool,
}

/// A version whose content is still there, as far as retention looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that are independent of one another"
)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// Its place in the timeline: later ones are higher.
    pub ordinal: i64,
    /// When the server took it.
    pub created_at: Time,
    /// How many bytes it holds.
    pub size: u64,
    /// Whether it is a head of the timeline.
    pub head: bool,
    /// Whether it is a branch that nobody has settled yet.
    pub branch: bool,
    /// Whether a person pinned it.
    pub pinned: bool,
    /// Whether some device has yet to fetch it.
    pub awaited: bool,
    /// Whether it is some device's baseline.
    pub held: bool,
    /// Whether a visible save row shows it.
    pub shown: bool,
}

/// Why a version's content is kept: the strongest reason there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It is a head.
    Head,
    /// It is a branch.
    Branch,
    /// It is pinned.
    Pinned,
    /// A device has yet to fetch it.
    Awaited,
    /// A device last held it.
    Held,
    /// Everything is kept.
    Everything,
    /// It is listed as a save.
    Shown,
    /// It is among the newest versions.
    Last,
    /// It is the newest of its day.
    Day,
    /// It is the newest of its month.
    Month,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "It is the newest save of its slot",
            Self::Branch => "It is a branch that nobody has settled yet",
            Self::Pinned => "It is pinned",
            Self::Awaited => "A device has yet to fetch it",
            Self::Held => "A device last held it",
            Self::Everything => "Every version is kept",
            Self::Shown => "It is listed among the saves",
            Self::Last => "It is among the newest versions",
            Self::Day => "It is the newest of its day",
            Self::Month => "It is the newest of its month",
        })
    }
}

/// What becomes of one version's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays, for this reason.
    Keep(Reason),
    /// It may be removed. A row that shows the version has to be hidden with it.
    Purge,
}

/// What becomes of a timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// A verdict for each version, in the order in which they were given.
    pub verdicts: Vec<(VersionId, Verdict)>,
    /// How many bytes the purged versions hold. What other versions hold as well stays stored.
    pub purged_bytes: u64,
}

/// Decides what becomes of the versions of one timeline, in any order.
pub fn plan(versions: &[Version], policy: Policy, now: Time) -> Plan {
    let wanted = match policy {
        Policy::KeepEverything => None,
        Policy::Thin(rules) => Some((rules, Wanted::by(rules, versions, now))),
    };
    let mut plan = Plan::default();
    for version in versions {
        let chosen = match &wanted {
            None => Some(Reason::Everything),
            Some((rules, wanted)) => wanted.reason(*rules, version),
        };
        let verdict = protection(version)
            .or(chosen)
            .map_or(Verdict::Purge, Verdict::Keep);
        if verdict == Verdict::Purge {
            plan.purged_bytes = plan.purged_bytes.saturating_add(version.size);
        }
        plan.verdicts.push((version.id, verdict));
    }
    plan
}

/// What no policy touches.
fn protection(version: &Version) -> Option<Reason> {
    let reasons = [
        (version.head, Reason::Head),
        (version.branch, Reason::Branch),
        (version.pinned, Reason::Pinned),
        (version.awaited, Reason::Awaited),
        (version.held, Reason::Held),
    ];
    let (_, reason) = reasons.into_iter().find(|(applies, _)| *applies)?;
    Some(reason)
}

/// The versions that each rule wants.
struct Wanted {
    last: BTreeSet<VersionId>,
    days: BTreeSet<VersionId>,
    months: BTreeSet<VersionId>,
}

impl Wanted {
    /// A branch stands beside the line that players remember, so it takes nobody's place.
    fn by(rules: Rules, versions: &[Version], now: Time) -> Self {
        let mut newest_first: Vec<&Version> =
            versions.iter().filter(|version| !version.branch).collect();
        newest_first.sort_by_key(|version| std::cmp::Reverse((version.ordinal, version.id)));
        let last = usize::try_from(rules.last).unwrap_or(usize::MAX);
        Self {
            last: newest_first
                .iter()
                .take(last)
                .map(|version| version.id)
                .collect(),
            days: newest_of_each(&newest_first, rules.days, day(now), day),
            months: newest_of_each(&newest_first, rules.months, month(now), month),
        }
    }

    fn reason(&self, rules: Rules, version: &Version) -> Option<Reason> {
        let reasons = [
            (rules.shown && version.shown, Reason::Shown),
            (self.last.contains(&version.id), Reason::Last),
            (self.days.contains(&version.id), Reason::Day),
            (self.months.contains(&version.id), Reason::Month),
        ];
        let (_, reason) = reasons.into_iter().find(|(applies, _)| *applies)?;
        Some(reason)
    }
}

/// The newest version of each period, for as many periods back from the current one.
fn newest_of_each(
    newest_first: &[&Version],
    periods: u32,
    current: i64,
    period: fn(Time) -> i64,
) -> BTreeSet<VersionId> {
    let mut seen = BTreeSet::new();
    newest_first
        .iter()
        .map(|version| (period(version.created_at).min(current), version.id))
        .filter(|(then, _)| current - then < i64::from(periods) && seen.insert(*then))
        .map(|(_, id)| id)
        .collect()
}

fn day(at: Time) -> i64 {
    at.seconds().div_euclid(24 * 60 * 60)
}

fn month(at: Time) -> i64 {
    let civil = at.civil();
    i64::from(civil.year()) * 12 + i64::from(civil.month())
}

#[cfg(test)]
mod tests;
