//! A process that dies at one of its steps: none after it takes place, on the disk, in the state, or
//! on the network.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use keepsave_testkit::faults::Fault;

use crate::files::disk::Disk;
use crate::files::trial::{TrialDisk, When};

/// Counts steps, and ends at one.
pub struct Life {
    steps: AtomicUsize,
    ends_at: usize,
}

impl Life {
    /// One that ends at that step.
    pub fn until(step: usize) -> Arc<Self> {
        Arc::new(Self {
            steps: AtomicUsize::new(0),
            ends_at: step,
        })
    }

    /// Whether the next step takes place.
    pub fn goes_on(&self) -> bool {
        self.steps.fetch_add(1, Ordering::SeqCst) < self.ends_at
    }

    /// Whether it ended.
    pub fn is_over(&self) -> bool {
        self.steps.load(Ordering::SeqCst) > self.ends_at
    }

    /// A disk on which its steps count.
    pub fn disk(self: &Arc<Self>) -> Arc<dyn Disk> {
        let life = Arc::clone(self);
        Arc::new(TrialDisk::with(move |when, _, _| {
            if when == When::After || life.goes_on() {
                Ok(())
            } else {
                Err(io::Error::other("the process is dead"))
            }
        }))
    }

    /// What becomes of its requests: the server may never hear of one, or may have done it before
    /// the answer is heard of.
    pub fn request(&self, line: &str) -> Option<Fault> {
        if !self.goes_on() {
            return Some(Fault::CutBeforeRequest);
        }
        if !line.starts_with("GET ") && !self.goes_on() {
            return Some(Fault::CutBeforeAnswer);
        }
        None
    }
}
