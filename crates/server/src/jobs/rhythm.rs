//! When a job is due.

use std::time::Duration;

use keepsave_core::time::Time;

/// How often to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// Once, when the server starts.
    AtStart,
    /// When it starts, and again so long after it last began.
    Every(Duration),
}

/// The longest rest before the clock is looked at again: clocks are set, and machines sleep.
const LOOK: Duration = Duration::from_mins(1);

/// How long to rest before looking again; none when it is due.
///
/// A clock that was set back does not put a job off for longer than its rhythm, and one that was
/// set ahead makes it early once.
pub fn rest(began: Time, now: Time, every: Duration) -> Option<Duration> {
    let passed = u64::try_from(now.micros() - began.micros()).ok()?;
    let left = every.checked_sub(Duration::from_micros(passed))?;
    (!left.is_zero()).then_some(left.min(LOOK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_rests_for_its_rhythm_and_no_longer_whatever_the_clock_does() {
        let hour = Duration::from_hours(1);
        let began = Time::from_micros(1_795_159_710_000_000);
        let after = |seconds| rest(began, began.plus_seconds(seconds), hour);
        assert_eq!(after(0), Some(LOOK));
        assert_eq!(after(3_590), Some(Duration::from_secs(10)));
        assert_eq!(after(3_600), None);
        assert_eq!(after(1_000_000_000), None, "set ahead");
        assert_eq!(after(-5), None, "set back");
    }
}
