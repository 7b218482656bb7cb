//! Whether the server has been told to stop.

use tokio::sync::watch;

/// Told once, heard everywhere: whoever keeps a connection open for long watches it.
#[derive(Clone)]
pub struct Stopping(watch::Sender<bool>);

impl Default for Stopping {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stopping {
    /// Tells the server to stop.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was told to.
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it is told to, at once if it was already.
    pub async fn begun(&self) {
        let mut told = self.0.subscribe();
        // The sender is in `self`, so waiting cannot fail.
        let _begun = told.wait_for(|begun| *begun).await;
    }
}
