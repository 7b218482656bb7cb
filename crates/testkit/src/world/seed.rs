//! The one generator from which everything comes that a seed decides.

use std::cell::Cell;

/// `SplitMix64`. Two with the same seed say the same for ever.
#[derive(Debug)]
pub struct Dice(Cell<u64>);

impl Dice {
    /// Those of a seed.
    pub fn of(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    /// Others, which depend on what these are for and on nothing that these said before.
    pub fn apart(seed: u64, purpose: u64) -> Self {
        let dice = Self::of(seed ^ purpose.wrapping_mul(0xd134_2543_de82_ef95));
        dice.next();
        dice
    }

    /// Any number.
    pub fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `end`, which is not zero.
    pub fn below(&self, end: u64) -> u64 {
        self.next() % end
    }

    /// The same for what is counted.
    pub fn index(&self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// True so often in a thousand.
    pub fn happens(&self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    /// One of these.
    pub fn one_of<'a, T>(&self, these: &'a [T]) -> &'a T {
        &these[self.index(these.len())]
    }

    /// One of these, each as often as its weight says. Not all are zero.
    pub fn weighed<T: Copy>(&self, these: &[(u64, T)]) -> T {
        let all: u64 = these.iter().map(|(weight, _)| weight).sum();
        let mut at = self.below(all);
        for (weight, one) in these {
            if at < *weight {
                return *one;
            }
            at -= weight;
        }
        these[these.len() - 1].1
    }
}
