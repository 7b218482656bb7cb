//! Whoever reads all contents keeps them from being removed meanwhile, across processes.

use std::fs::{File, TryLockError};
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

fn open(data: &Path) -> Result<File, Fault> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    Ok(options.open(data.join(FILE))?)
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
