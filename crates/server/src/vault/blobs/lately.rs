//! Which contents came in lately: a row that names one may be about to be written.
//!
//! Removing a content that no row names is safe only when none is about to. A row follows its
//! content within moments, so a content is safe from removal for a while after it came in, whether
//! it was stored then or had been there. Elapsed time is measured, so no change of the clock
//! matters; and a run that has ended has no row left to write.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use keepsave_core::content::BlobHash;

/// Far longer than any row lags behind its content.
const LATELY: Duration = Duration::from_mins(10);
/// How many are noted before those that are lately no more are looked for.
const NOTED: usize = 4096;

#[derive(Default)]
pub struct Lately {
    noted: Mutex<Noted>,
}

#[derive(Default)]
struct Noted {
    contents: HashMap<BlobHash, Instant>,
    /// Looked through when there are as many again.
    look_at: usize,
}

impl Lately {
    /// Keeps a content from being removed for a while. To be called before anyone looks whether it
    /// is there.
    pub fn note(&self, hash: &BlobHash) {
        let now = Instant::now();
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.contents.insert(*hash, now);
        if noted.contents.len() > noted.look_at.max(NOTED) {
            noted
                .contents
                .retain(|_, at| now.duration_since(*at) < LATELY);
            noted.look_at = noted.contents.len() * 2;
        }
    }

    /// Removes a content unless it came in lately: what came of the removal, if it was done.
    pub fn unless_lately<T>(&self, hash: &BlobHash, removal: impl FnOnce() -> T) -> Option<T> {
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted
            .contents
            .get(hash)
            .is_some_and(|at| at.elapsed() < LATELY)
        {
            return None;
        }
        // Under the lock: whoever notes the content from now on finds it gone.
        Some(removal())
    }

    /// Lets all that was noted be long ago.
    pub fn forget(&self) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.contents.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_in_lately_stays() {
        let lately = Lately::default();
        let (new, old) = (BlobHash([1; 32]), BlobHash([2; 32]));
        lately.note(&new);
        assert_eq!(lately.unless_lately(&new, || ()), None);
        assert_eq!(lately.unless_lately(&old, || ()), Some(()));
    }

    #[test]
    fn what_is_noted_does_not_pile_up() {
        let lately = Lately::default();
        for number in 0..NOTED {
            let mut hash = BlobHash([0; 32]);
            hash.0[..8].copy_from_slice(&number.to_le_bytes());
            lately.note(&hash);
        }
        let long_ago = Instant::now().checked_sub(LATELY).unwrap();
        let mut noted = lately.noted.lock().unwrap();
        noted.contents.values_mut().for_each(|at| *at = long_ago);
        drop(noted);
        lately.note(&BlobHash([1; 32]));
        assert_eq!(lately.noted.lock().unwrap().contents.len(), 1);
    }
}
