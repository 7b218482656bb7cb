//! Until when a version is surely kept.

use super::{Policy, Verdict, Version, day, month, plan};
use crate::ids::VersionId;
use crate::time::Time;

/// The first day on which the bytes of a version may go, should nothing new come meanwhile; none
/// where no day is. Time alone only ever takes reasons away, so it is among the days on which a
/// rule lets go.
pub fn kept_until(versions: &[Version], policy: Policy, now: Time, id: VersionId) -> Option<Time> {
    let Policy::Thin(rules) = policy else {
        return None;
    };
    let created_at = versions.iter().find(|version| version.id == id)?.created_at;
    let day = day(created_at) + i64::from(rules.days);
    let month = month(created_at) + i64::from(rules.months);
    let mut lets_go = [now, start_of_day(day), start_of_month(month)];
    lets_go.sort_unstable();
    lets_go.into_iter().filter(|at| *at >= now).find(|at| {
        plan(versions, policy, *at)
            .verdicts
            .contains(&(id, Verdict::Purge))
    })
}

fn start_of_day(day: i64) -> Time {
    Time::EPOCH.plus_seconds(day.saturating_mul(24 * 60 * 60))
}

/// Of a month as [`month`] counts them, from 1 to 12 in each year.
fn start_of_month(month: i64) -> Time {
    let (year, month) = ((month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1);
    Time::parse(&format!("{year:04}-{month:02}-01T00:00:00Z")).unwrap_or(Time::EPOCH)
}
