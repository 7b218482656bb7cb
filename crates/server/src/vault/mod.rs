//! The store: the only code that touches database and blobs.
//!
//! A use case hands in a closure over [`Tx`] and gets its result back when it is durable. Table by
//! table, the sibling modules hold the queries. No rule lives here: what should happen is decided
//! in core from facts that these queries gather.

pub mod blobs;
pub mod census;
pub mod community;
pub mod contents;
pub mod device_requests;
pub mod devices;
pub mod earlier;
pub mod expiry;
pub mod facts;
pub mod following;
pub mod history;
pub mod holdings;
pub mod notes;
pub mod platforms;
pub mod play_sessions;
pub mod positions;
pub mod retention;
pub mod rom_users;
pub mod roms;
pub mod saves;
pub mod screenshots;
pub mod sessions;
pub mod shelf;
pub mod sql;
pub mod standings;
pub mod states;
pub mod sync_sessions;
pub mod timelines;
pub mod tokens;
pub mod tree;
pub mod users;
pub mod versions;

mod database;
mod schema;
pub(crate) mod unfinished;
mod writer;

use std::path::Path;
use std::sync::Arc;

pub use blobs::Blobs;
pub use database::StoreCopy;
pub use schema::Age;
pub use sql::{Row, Tx};

use keepsave_disk::{Disk, RealDisk, make_directory};

use database::Database;

/// Something under the store failed: the disk, the database. Nothing was half-written.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database refused or failed.
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// A row holds something that this version of Keepsave cannot read.
    #[error("the database holds something unexpected in column {column}: {expected} was expected")]
    Column {
        /// Which column of the query, from 0.
        column: usize,
        /// What it should have been.
        expected: &'static str,
    },
    /// A file could not be read or written.
    #[error("a file of the store could not be read or written: {0}")]
    File(#[from] std::io::Error),
    /// There is no room left on the disk.
    #[error("the disk is full")]
    Full,
    /// A blob that a version needs is not there.
    #[error("the content {0} is missing from the store")]
    BlobMissing(keepsave_core::content::BlobHash),
    /// The database was made by a newer Keepsave.
    #[error(
        "the database has schema {found}, this Keepsave knows up to {known}: use a newer Keepsave"
    )]
    SchemaTooNew {
        /// What the database says.
        found: i64,
        /// The newest that this program can read.
        known: i64,
    },
    /// The store is stopping.
    #[error("the store has stopped")]
    Stopped,
}

impl Fault {
    /// Whether the cause is a full disk, however it was reported.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Full => true,
            Self::File(error) => matches!(
                error.kind(),
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
            ),
            Self::Database(rusqlite::Error::SqliteFailure(error, _)) => {
                error.code == rusqlite::ErrorCode::DiskFull
            }
            Self::Database(_)
            | Self::Column { .. }
            | Self::BlobMissing(_)
            | Self::SchemaTooNew { .. }
            | Self::Stopped => false,
        }
    }
}

/// The mode of folders, of which the user's mask takes what it takes.
pub(crate) const FOLDER: u32 = 0o777;
/// The database under the data directory.
const DATABASE_FILE: &str = "keepsave.db";

/// Database and blobs together.
#[derive(Clone)]
pub struct Vault {
    database: Arc<Database>,
    blobs: Blobs,
    disk: Arc<dyn Disk>,
}

impl Vault {
    /// Opens, and if need be creates, the store under a data directory.
    pub fn open(data: &Path) -> Result<Self, Fault> {
        Self::open_on(Arc::new(RealDisk), data)
    }

    /// The same on another disk than the machine's own.
    pub fn open_on(disk: Arc<dyn Disk>, data: &Path) -> Result<Self, Fault> {
        make_directory(&*disk, data, FOLDER)?;
        let database = Database::open(&disk, &data.join(DATABASE_FILE))?;
        Ok(Self {
            database: Arc::new(database),
            blobs: Blobs::on_disk(Arc::clone(&disk), data)?,
            disk,
        })
    }

    /// How old the store under a data directory is; none when there is none. Changes nothing.
    pub fn age(data: &Path) -> Result<Option<Age>, Fault> {
        let path = data.join(DATABASE_FILE);
        if !path.exists() {
            return Ok(None);
        }
        database::age(&path).map(Some)
    }

    /// A store that lives as long as this value: for tests and simulations.
    pub fn in_memory() -> Result<Self, Fault> {
        Ok(Self {
            database: Arc::new(Database::in_memory()?),
            blobs: Blobs::in_memory(),
            disk: Arc::new(RealDisk),
        })
    }

    /// The same store with room for so many bytes of contents, like a disk that is nearly full.
    #[must_use]
    pub fn with_room(self, bytes: u64) -> Self {
        Self {
            database: self.database,
            blobs: Blobs::in_memory_with_room(bytes),
            disk: self.disk,
        }
    }

    /// Reads one consistent moment. Meant for short reads: it runs where it is called.
    pub fn read<T, E: From<Fault>>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.database.read(work)
    }

    /// Does all of the work or none of it, and returns when it is durable.
    ///
    /// An error of the work undoes it. Works of several callers may share one commit.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        self.database.write(work).await
    }

    /// The disk that all of it is on.
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// The contents.
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// How large the database is.
    pub fn database_bytes(&self) -> Result<u64, Fault> {
        self.read(|tx| {
            let pages: u64 = tx.one("PRAGMA page_count", &[], |row| row.get())?;
            let size: u64 = tx.one("PRAGMA page_size", &[], |row| row.get())?;
            Ok(pages * size)
        })
    }

    /// Copies the database as of one moment into a new file, while others read and write.
    pub fn copy_database(&self, to: &Path) -> Result<StoreCopy, Fault> {
        self.database.copy(to)
    }
}
