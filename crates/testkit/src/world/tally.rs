//! What histories amounted to: how much was simulated, and how much went wrong on the way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Counted over one history or over many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Histories.
    pub histories: u64,
    /// Events.
    pub events: u64,
    /// Simulated time, in minutes.
    pub minutes: u64,
    /// Conflicts that were reported to a person.
    pub conflicts: u64,
    /// What went wrong, by kind.
    pub faults: BTreeMap<String, u64>,
    /// Histories in which a law was broken.
    pub failures: u64,
}

impl Tally {
    /// Something of that kind went wrong.
    pub fn fault(&mut self, kind: &str) {
        self.faults_of(kind, 1);
    }

    /// So many times.
    pub fn faults_of(&mut self, kind: &str, times: u64) {
        match self.faults.get_mut(kind) {
            Some(count) => *count += times,
            None => drop(self.faults.insert(kind.to_owned(), times)),
        }
    }

    /// Adds what others amounted to.
    pub fn add(&mut self, other: &Self) {
        self.histories += other.histories;
        self.events += other.events;
        self.minutes += other.minutes;
        self.conflicts += other.conflicts;
        self.failures += other.failures;
        for (kind, times) in &other.faults {
            self.faults_of(kind, *times);
        }
    }
}
