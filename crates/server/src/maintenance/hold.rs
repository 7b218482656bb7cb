//! Whoever reads all contents keeps them from being removed meanwhile, across processes.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

use crate::vault::Fault;

const FILE: &str = "contents.lock";

/// As long as this lives. It ends with the process, however that ends.
pub struct Hold {
    // The lock lives as long as the open file.
    _file: File,
}

/// No content is removed; waits until none is being removed.
pub fn keep_all(data: &Path) -> Result<Hold, Fault> {
    let file = open(data)?;
    file.lock_shared()?;
    Ok(Hold { _file: file })
}

/// Contents may be removed; none while someone keeps them all.
pub fn may_remove(data: &Path) -> Result<Option<Hold>, Fault> {
    let file = open(data)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Hold { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// For locking only, so that a file which another user's command made will do.
fn open(data: &Path) -> Result<File, Fault> {
    let path = data.join(FILE);
    match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(File::create(&path)?),
        opened => Ok(opened?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_may_read_and_nobody_removes_meanwhile() {
        let data = tempfile::tempdir().unwrap();
        let one = keep_all(data.path()).unwrap();
        let two = keep_all(data.path()).unwrap();
        assert!(may_remove(data.path()).unwrap().is_none());
        drop((one, two));
        assert!(may_remove(data.path()).unwrap().is_some());
    }
}
