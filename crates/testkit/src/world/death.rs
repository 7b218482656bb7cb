//! How a process dies: at one of its steps, of which neither that one nor any after it takes place.
//!
//! Death unwinds. What is dropped on the way finds a disk and a network on which nothing happens any
//! more, so that it is as if it never ran.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt as _;

/// What unwinds.
#[derive(Debug)]
pub(super) struct Death;

/// The life of the process on a machine: counts the steps that change something.
#[derive(Debug)]
pub(super) struct Life {
    steps: AtomicU64,
    /// The number of the step that does not take place.
    ends_at: AtomicU64,
}

impl Default for Life {
    fn default() -> Self {
        Self {
            steps: AtomicU64::new(0),
            ends_at: AtomicU64::new(u64::MAX),
        }
    }
}

impl Life {
    /// A new process, which dies at that step if it gets there.
    pub fn begin(&self, ends_at: Option<u64>) {
        self.steps.store(0, Ordering::Relaxed);
        let ends_at = ends_at.unwrap_or(u64::MAX);
        self.ends_at.store(ends_at, Ordering::Relaxed);
    }

    /// How many steps it took.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// Whether it is over: what is dropped may still ask.
    pub fn is_over(&self) -> bool {
        self.steps() > self.ends_at.load(Ordering::Relaxed)
    }

    /// Takes a step, or dies.
    pub fn step(&self) {
        let step = self.steps.fetch_add(1, Ordering::Relaxed);
        if step == self.ends_at.load(Ordering::Relaxed) {
            resume_unwind(Box::new(Death));
        }
    }
}

/// Lives through what was begun, or dies in it.
pub(super) async fn survived<T>(life: impl Future<Output = T>) -> Option<T> {
    match AssertUnwindSafe(life).catch_unwind().await {
        Ok(done) => Some(done),
        Err(unwound) if unwound.is::<Death>() => None,
        Err(unwound) => resume_unwind(unwound),
    }
}
