//! The asset tree follows what became durable, behind the answers: no request waits for it.
//!
//! Who brings steps while someone is taking others only leaves them; so many uploads at once cost
//! one thread, and one look at the rows for each batch. What a crash loses of this is put right by
//! the reconciliation at the next start.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use super::tree::{self, TreeStep};
use super::{Fault, Vault};

/// The steps that wait, and whether someone is taking them.
pub struct Following {
    waiting: Mutex<Vec<TreeStep>>,
    // Changed only under the lock of what waits.
    under_way: watch::Sender<bool>,
}

impl Default for Following {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            under_way: watch::Sender::new(false),
        }
    }
}

impl Following {
    /// Leaves steps to be taken. Whether the caller must see to it: no one else does.
    pub fn leave(&self, steps: Vec<TreeStep>) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(steps);
        !waiting.is_empty() && !self.under_way.send_replace(true)
    }

    /// Takes every step, those too that are left meanwhile. A failure is repaired by the next
    /// reconciliation; it never fails what is stored already.
    pub fn take_all(&self, assets: &Path, vault: &Vault) {
        while let Some(steps) = self.next() {
            let followed = catch_unwind(AssertUnwindSafe(|| tree::follow(assets, vault, steps)));
            if let Err(fault) = followed.unwrap_or(Err(Fault::Stopped)) {
                tracing::warn!(%fault, "the asset tree is behind until it is reconciled");
            }
        }
    }

    fn next(&self) -> Option<Vec<TreeStep>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_empty() {
            self.under_way.send_replace(false);
            return None;
        }
        Some(std::mem::take(&mut waiting))
    }

    /// Returns when every step that was left before has been taken.
    pub async fn caught_up(&self) {
        let mut under_way = self.under_way.subscribe();
        // The sender is in `self`, so waiting cannot fail.
        let _idle = under_way.wait_for(|under_way| !under_way).await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn one_takes_what_all_left_and_the_others_can_wait_for_it() {
        let data = tempfile::tempdir().unwrap();
        let vault = Vault::in_memory().unwrap();
        let following = Following::default();
        let step = |name: &str| {
            std::fs::write(data.path().join(name), name).unwrap();
            vec![TreeStep::Withdraw {
                path: name.to_owned(),
            }]
        };
        assert!(!following.leave(Vec::new()));
        assert!(following.caught_up().now_or_never().is_some());
        assert!(following.leave(step("one")));
        assert!(!following.leave(step("two")));
        assert!(following.caught_up().now_or_never().is_none());
        following.take_all(data.path(), &vault);
        assert!(following.caught_up().now_or_never().is_some());
        assert!(following.leave(step("three")));
    }
}
