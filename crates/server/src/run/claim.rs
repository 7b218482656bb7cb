//! One server for one data directory.
//!
//! The claim is a lock on a file, so it ends with the process, however that ends. Commands that are
//! safe beside a running server take none.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use super::StartFailure;

const FILE: &str = "server.lock";

/// A data directory that is ours until this is dropped.
pub struct Claim {
    // The lock lives as long as the open file.
    _file: File,
}

impl Claim {
    /// Takes the directory, which is made if need be, or says who has it.
    pub fn take(data: &Path) -> Result<Self, StartFailure> {
        let failed = |error| StartFailure::data(data, error);
        fs_err::create_dir_all(data).map_err(failed)?;
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(data.join(FILE)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who it is helps, but the claim is refused without knowing it too.
                let _unknown = file.read_to_string(&mut holder);
                return Err(StartFailure::Claimed {
                    data: data.to_owned(),
                    pid: holder.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let pid = std::process::id();
        file.set_len(0)
            .and_then(|()| writeln!(file, "{pid}"))
            .map_err(failed)?;
        Ok(Self { _file: file })
    }
}

/// The process whose server holds the directory, when one does and says who it is.
pub fn claimed_by(data: &Path) -> Option<u32> {
    let mut file = File::open(data.join(FILE)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).ok()?;
            holder.trim().parse().ok()
        }
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_one_server_at_a_time() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(claimed_by(data.path()), None);
        let claim = Claim::take(data.path()).unwrap();
        assert_eq!(claimed_by(data.path()), Some(std::process::id()));
        let refused = Claim::take(data.path()).err().unwrap().to_string();
        assert!(
            refused.contains(&format!("process {}", std::process::id())),
            "{refused}"
        );
        drop(claim);
        assert_eq!(claimed_by(data.path()), None);
        Claim::take(data.path()).unwrap();
    }
}
