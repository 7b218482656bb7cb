//! What uploads and downloads have in common.

/// Hears how far a transfer is.
pub trait Progress: Send + Sync {
    /// So many bytes went, of so many where that is known. It may go back when a transfer starts
    /// over.
    fn at(&self, done: u64, of: Option<u64>);
}

/// For transfers that no one watches.
pub struct Unwatched;

impl Progress for Unwatched {
    fn at(&self, _done: u64, _of: Option<u64>) {}
}
