//! The clock of a machine: it goes at the World's pace, and shows what it likes.

use std::sync::atomic::{AtomicI64, Ordering};

use keepsave_core::time::{Clock, Time};

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

impl Clock for MachineClock {
    fn now(&self) -> Time {
        // Every look takes a while, so that no two moments are the same.
        Time::from_micros(self.shows.fetch_add(1_000, Ordering::Relaxed))
    }
}
