//! Blobs in a map: for tests and simulations.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use keepsave_core::content::BlobHash;

use super::lately::Lately;
use super::{Fault, Reader};

pub struct Memory {
    blobs: Mutex<HashMap<BlobHash, Bytes>>,
    /// How many bytes it may hold, when that is limited.
    room: Option<u64>,
    pub(super) lately: Lately,
}

impl Memory {
    /// With room for so many bytes in all, or for any number.
    pub(super) fn with_room(room: Option<u64>) -> Self {
        Self {
            blobs: Mutex::default(),
            room,
            lately: Lately::default(),
        }
    }

    pub(super) fn keep(&self, hash: &BlobHash, bytes: Vec<u8>) -> Result<(), Fault> {
        self.lately.note(hash);
        let mut blobs = self.locked();
        if let Some(room) = self.room {
            let used: usize = blobs.values().map(Bytes::len).sum();
            if !blobs.contains_key(hash) && (used + bytes.len()) as u64 > room {
                return Err(Fault::Full);
            }
        }
        blobs.insert(*hash, bytes.into());
        Ok(())
    }

    pub(super) fn open_blob(&self, hash: &BlobHash) -> Result<Reader, Fault> {
        match self.locked().get(hash) {
            Some(bytes) => Ok(Reader::Bytes {
                bytes: bytes.clone(),
                at: 0,
            }),
            None => Err(Fault::BlobMissing(*hash)),
        }
    }

    pub(super) fn contains(&self, hash: &BlobHash) -> bool {
        self.locked().contains_key(hash)
    }

    pub(super) fn remove(&self, hash: &BlobHash) -> bool {
        let removed = self.lately.unless_lately(hash, || self.set_aside(hash));
        removed.is_some()
    }

    pub(super) fn set_aside(&self, hash: &BlobHash) {
        self.locked().remove(hash);
    }

    pub(super) fn beginning_with(&self, first: u8) -> Vec<(BlobHash, u64)> {
        let blobs = self.locked();
        let found = blobs.iter().filter(|(hash, _)| hash.0[0] == first);
        found
            .map(|(hash, bytes)| (*hash, bytes.len() as u64))
            .collect()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<BlobHash, Bytes>> {
        self.blobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
