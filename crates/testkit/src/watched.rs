//! A value that threads change and tests wait for.

use std::fmt::Debug;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// How long something that must happen may take. A wait that takes longer fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// A value, and who waits for it to be as wanted.
#[derive(Default)]
pub(crate) struct Watched<T> {
    value: Mutex<T>,
    changed: Condvar,
}

impl<T: Debug> Watched<T> {
    /// The value as it is now.
    pub fn now(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap()
    }

    /// Changes it, and lets those know who wait.
    pub fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.now());
        self.changed.notify_all();
        result
    }

    /// Waits until it is as wanted.
    pub fn until(&self, holds: impl Fn(&T) -> bool) {
        let value = self.now();
        let waited = self
            .changed
            .wait_timeout_while(value, PATIENCE, |value| !holds(value));
        let (value, timeout) = waited.unwrap();
        assert!(!timeout.timed_out(), "this never came: {:#?}", *value);
    }
}
