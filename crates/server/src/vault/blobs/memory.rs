//! Blobs in a map: for tests and simulations.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use keepsave_core::content::BlobHash;

use super::lately::Lately;
use super::{Fault, Reader};

#[derive(Default)]
pub struct Memory {
    blobs: Mutex<HashMap<BlobHash, Bytes>>,
    pub(super) lately: Lately,
}

impl Memory {
    pub(super) fn keep(&self, hash: &BlobHash, bytes: Vec<u8>) {
        self.lately.note(hash);
        self.locked().insert(*hash, bytes.into());
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
