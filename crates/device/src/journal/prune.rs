//! Giving up old entries, and the contents that no entry names any more.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use keepsave_core::content::BlobHash;
use rustix::fs::FlockOperation;

use super::{Journal, JournalError, Kept, unreadable};

/// What the journal may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// So many entries of each file stay whatever they take, the newest ones.
    pub newest_of_each_file: usize,
    /// Beyond those, the oldest entries go until the contents take no more than this.
    pub bytes: u64,
}

/// What was given up.
#[derive(Debug, Default)]
pub struct Pruned {
    /// The entries, oldest first.
    pub removed: Vec<Kept>,
    /// How many bytes their contents took.
    pub freed: u64,
    /// How many bytes the contents take that are left.
    pub left: u64,
    /// Files that cannot be read as entries. While there are any, nothing is given up: they may
    /// name any content.
    pub unreadable: Vec<(PathBuf, String)>,
}

impl Journal {
    /// The entries that could go, oldest first: none where the contents take no more than they may.
    pub fn beyond(&self, policy: &Policy) -> Result<Vec<Kept>, JournalError> {
        let listing = self.list()?;
        let taken: u64 = sizes(&listing.kept).values().sum();
        if taken <= policy.bytes || !listing.unreadable.is_empty() {
            return Ok(Vec::new());
        }
        Ok(beyond_the_newest(listing.kept, policy.newest_of_each_file))
    }

    /// Gives up what the policy allows and `may_go` agrees to. A content goes when no entry names
    /// it any more, and not before.
    pub fn prune(
        &self,
        policy: &Policy,
        may_go: &dyn Fn(&Kept) -> bool,
    ) -> Result<Pruned, JournalError> {
        let failed = |error| self.unwritable(error);
        // Whoever keeps something holds this from its copy to its entry.
        let _lock = self.lock(FlockOperation::LockExclusive).map_err(failed)?;
        let listing = self.list()?;
        let mut pruned = Pruned {
            left: self.size_of_contents()?,
            unreadable: listing.unreadable,
            ..Pruned::default()
        };
        if !pruned.unreadable.is_empty() {
            return Ok(pruned);
        }
        let mut named: HashMap<BlobHash, usize> = HashMap::new();
        for kept in &listing.kept {
            *named.entry(kept.content.blob).or_default() += 1;
        }
        let mut left: u64 = sizes(&listing.kept).values().sum();
        for kept in beyond_the_newest(listing.kept, policy.newest_of_each_file) {
            if left <= policy.bytes {
                break;
            }
            if !may_go(&kept) {
                continue;
            }
            self.remove_entry(&kept).map_err(failed)?;
            if let Some(uses) = named.get_mut(&kept.content.blob) {
                *uses -= 1;
                if *uses == 0 {
                    named.remove(&kept.content.blob);
                    left -= kept.size;
                }
            }
            pruned.removed.push(kept);
        }
        // No content goes before the entries that named it are gone for good.
        self.disk.sync_directory(&self.entries()).map_err(failed)?;
        for (path, blob, size) in self.contents()? {
            if !named.contains_key(&blob) {
                self.disk.remove(&path).map_err(failed)?;
                pruned.freed += size;
            }
        }
        pruned.left -= pruned.freed;
        Ok(pruned)
    }

    fn remove_entry(&self, kept: &Kept) -> io::Result<()> {
        self.disk
            .remove(&self.entries().join(format!("{}.json", kept.id)))
    }

    fn size_of_contents(&self) -> Result<u64, JournalError> {
        Ok(self.contents()?.iter().map(|(_, _, size)| size).sum())
    }

    fn contents(&self) -> Result<Vec<(PathBuf, BlobHash, u64)>, JournalError> {
        let mut found = Vec::new();
        for shelf in files_in(&self.objects())? {
            for path in files_in(&shelf)? {
                let name = path.file_name().and_then(|name| name.to_str());
                let Some(blob) = name.and_then(|name| name.parse().ok()) else {
                    continue;
                };
                let metadata = path.metadata().map_err(|error| unreadable(&path, error))?;
                found.push((path, blob, metadata.len()));
            }
        }
        Ok(found)
    }
}

fn files_in(directory: &Path) -> Result<Vec<PathBuf>, JournalError> {
    let failed = |error| unreadable(directory, error);
    std::fs::read_dir(directory)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
        .collect()
}

fn sizes(kept: &[Kept]) -> HashMap<BlobHash, u64> {
    kept.iter()
        .map(|kept| (kept.content.blob, kept.size))
        .collect()
}

/// The entries that are not among the `newest` of their file, oldest first. `kept` has the newest
/// first.
fn beyond_the_newest(kept: Vec<Kept>, newest: usize) -> Vec<Kept> {
    let mut seen: HashMap<PathBuf, usize> = HashMap::new();
    let mut beyond: Vec<Kept> = kept
        .into_iter()
        .filter(|kept| {
            let count = seen.entry(kept.path.clone()).or_default();
            *count += 1;
            *count > newest
        })
        .collect();
    beyond.reverse();
    beyond
}
