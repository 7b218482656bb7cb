//! The clock of a machine: it goes at the World's pace, and shows what it likes.

use std::sync::atomic::{AtomicI64, Ordering};

use keepsave_core::time::{Clock, Time};

use super::seed::Dice;

/// A clock that is off by as much as the seed says.
#[derive(Debug, Default)]
pub struct MachineClock {
    /// What it shows, in microseconds since 1970.
    shows: AtomicI64,
}

impl MachineClock {
    /// One that shows this.
    pub fn at(shows: Time) -> Self {
        Self {
            shows: AtomicI64::new(shows.micros()),
        }
    }

    /// Lets time pass.
    pub fn pass(&self, micros: i64) {
        self.shows.fetch_add(micros, Ordering::Relaxed);
    }

    /// Jumps: a battery was empty, a person set it, a network corrected it.
    pub fn jump(&self, to: Time) {
        self.shows.store(to.micros(), Ordering::Relaxed);
    }
}

/// A time that a machine may believe it is, when it is `now`: off by seconds up to decades, or the
/// year in which a clock begins that ran empty.
pub(super) fn belief(now: Time, dice: &Dice) -> Time {
    const SECOND: i64 = 1_000_000;
    const DAY: i64 = 86_400 * SECOND;
    let off = |most: i64| {
        let off = dice.below(2 * most.unsigned_abs()).cast_signed() - most;
        Time::from_micros(now.micros() + off)
    };
    match dice.below(6) {
        0 => now,
        1 => off(90 * SECOND),
        2 => off(3 * DAY),
        3 => off(400 * DAY),
        4 => off(30 * 365 * DAY),
        _ => Time::from_micros(dice.below(DAY.unsigned_abs()).cast_signed()),
    }
}

impl Clock for MachineClock {
    fn now(&self) -> Time {
        // Every look takes a while, so that no two moments are the same.
        Time::from_micros(self.shows.fetch_add(1_000, Ordering::Relaxed))
    }
}
