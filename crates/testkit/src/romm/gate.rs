//! Where uploads can be made to wait between RomM's check for a conflict and its writing, so that a
//! test can have several of them there at once.

use tokio::sync::Notify;

use crate::watched::Watched;

/// Open unless a test closed it.
#[derive(Default)]
pub(super) struct Gate {
    state: Watched<State>,
    opened: Notify,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    waiting: usize,
}

impl Gate {
    pub fn close(&self) {
        self.state.change(|state| state.closed = true);
    }

    pub fn open(&self) {
        self.state.change(|state| *state = State::default());
        self.opened.notify_waiters();
    }

    /// Waits until so many uploads wait.
    pub fn until_waiting(&self, count: usize) {
        self.state.until(|state| state.waiting >= count);
    }

    /// Passes, or waits until the gate opens.
    pub async fn pass(&self) {
        let opened = self.opened.notified();
        let waits = self.state.change(|state| {
            state.waiting += usize::from(state.closed);
            state.closed
        });
        if waits {
            opened.await;
        }
    }
}
