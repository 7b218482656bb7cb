//! Why a server did not start, and what the operator can do.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::vault::Fault;

/// Why a server did not start. Nothing that was stored has changed.
#[derive(Debug, thiserror::Error)]
pub enum StartFailure {
    /// The address could not be had.
    #[error("cannot listen on {address}: {error}. {}", what_to_do(*address, error))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// Another server has the data directory.
    #[error(
        "{} is in use by another Keepsave server{}. Stop that one, or choose another directory \
         with --data.",
        data.display(),
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Claimed {
        /// The directory.
        data: PathBuf,
        /// The other server's process, if it is known.
        pid: Option<u32>,
    },
    /// The data directory cannot be used.
    #[error(
        "the data directory {} cannot be used: {error}. Choose another with --data, or make it \
         writable.",
        data.display()
    )]
    Data {
        /// The directory.
        data: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// What was named as the library is none.
    #[error(
        "the library {} is a file. Name the directory that holds your games with --library.",
        .0.display()
    )]
    Library(PathBuf),
    /// There is no store.
    #[error(
        "there is no store in {}. Start the server once, or name its directory with --data.",
        .0.display()
    )]
    NoStore(PathBuf),
    /// A restore broke off.
    #[error(
        "{} holds a restore that broke off. Remove the directory and restore the backup again.",
        .0.display()
    )]
    Unfinished(PathBuf),
    /// A server of another version is running.
    #[error(
        "an older Keepsave is running on this store (process {pid}). Stop it first, or use its \
         own version for this."
    )]
    OtherVersion {
        /// The server's process.
        pid: u32,
    },
    /// The first user could not be made.
    #[error("the first user cannot be made: {0}. See admin_username and admin_password.")]
    FirstUser(String),
    /// The store did not open.
    #[error("{0}")]
    Store(#[from] Fault),
}

impl StartFailure {
    pub(super) fn listen(address: SocketAddr, error: io::Error) -> Self {
        Self::Listen { address, error }
    }

    pub(super) fn data(data: &Path, error: io::Error) -> Self {
        Self::Data {
            data: data.to_owned(),
            error,
        }
    }
}

fn what_to_do(address: SocketAddr, error: &io::Error) -> String {
    let mut other = address;
    match error.kind() {
        ErrorKind::AddrInUse => {
            other.set_port(address.port().checked_add(1).unwrap_or(8080));
            format!("Stop the program that listens there, or choose another port: --listen {other}")
        }
        ErrorKind::PermissionDenied => {
            other.set_port(8080);
            format!("Low ports are for privileged programs; choose a higher one: --listen {other}")
        }
        ErrorKind::AddrNotAvailable => {
            other.set_ip([0, 0, 0, 0].into());
            format!("This machine has no such address; listen on all it has: --listen {other}")
        }
        _ => "Choose another address with --listen.".to_owned(),
    }
}
