//! Blobs in a map: for tests and simulations.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use keepsave_core::content::BlobHash;

use super::{Fault, Reader};

#[derive(Default)]
pub struct Memory {
    blobs: Mutex<HashMap<BlobHash, Bytes>>,
}

impl Memory {
    pub(super) fn keep(&self, hash: &BlobHash, bytes: Vec<u8>) {
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

    pub(super) fn remove(&self, hash: &BlobHash) {
        self.locked().remove(hash);
    }

    pub(super) fn each(
        &self,
        visit: &mut dyn FnMut(BlobHash, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let all: Vec<_> = self
            .locked()
            .iter()
            .map(|(hash, bytes)| (*hash, bytes.len() as u64))
            .collect();
        all.into_iter()
            .try_for_each(|(hash, size)| visit(hash, size))
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<BlobHash, Bytes>> {
        self.blobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
