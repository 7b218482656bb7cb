//! SQLite behind [`Tx`]: readers that never wait, one writer with group commit.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keepsave_disk::{Disk, RealDisk};
use rusqlite::{Connection, OpenFlags};

use super::sql::run;
use super::writer::Writer;
use super::{Fault, Tx, schema};

/// How many prepared statements each connection keeps.
const STATEMENTS_KEPT: usize = 256;

pub(super) enum Database {
    File {
        path: PathBuf,
        readers: Mutex<Vec<Connection>>,
        writer: Writer,
    },
    Memory(Mutex<Connection>),
}

impl Database {
    pub(super) fn open(disk: &Arc<dyn Disk>, path: &Path) -> Result<Self, Fault> {
        create_privately(path)?;
        let connection = Connection::open(path)?;
        // FULL: a commit is on the disk when it returns. WAL: readers never wait for the writer.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000;",
        )?;
        prepare(&connection)?;
        schema::migrate(&connection, &**disk)?;
        Ok(Self::File {
            path: path.to_owned(),
            readers: Mutex::default(),
            writer: Writer::start(connection, Arc::clone(disk))?,
        })
    }

    pub(super) fn in_memory() -> Result<Self, Fault> {
        let connection = Connection::open_in_memory()?;
        prepare(&connection)?;
        schema::migrate(&connection, &RealDisk)?;
        Ok(Self::Memory(Mutex::new(connection)))
    }

    pub(super) fn read<T, E: From<Fault>>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::File { path, readers, .. } => {
                let idle = unpoisoned(readers).pop();
                let connection = match idle {
                    Some(connection) => connection,
                    None => open_reader(path)?,
                };
                let result = in_transaction(&connection, "BEGIN DEFERRED", work);
                unpoisoned(readers).push(connection);
                result
            }
            Self::Memory(connection) => {
                in_transaction(&unpoisoned(connection), "BEGIN DEFERRED", work)
            }
        }
    }

    pub(super) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        match self {
            Self::File { writer, .. } => writer.write(work).await,
            Self::Memory(connection) => {
                in_transaction(&unpoisoned(connection), "BEGIN IMMEDIATE", work)
            }
        }
    }

    pub(super) fn copy(&self, to: &Path) -> Result<StoreCopy, Fault> {
        create_privately(to)?;
        let mut target = Connection::open(to)?;
        match self {
            Self::File { path, .. } => copy_all(&open_reader(path)?, &mut target)?,
            Self::Memory(connection) => copy_all(&unpoisoned(connection), &mut target)?,
        }
        // One file, all of it on the disk.
        target.execute_batch("PRAGMA journal_mode = DELETE;")?;
        drop(target);
        StoreCopy::open(to)
    }
}

/// A database in one file that nobody writes to.
pub struct StoreCopy {
    path: PathBuf,
    connection: Connection,
}

impl StoreCopy {
    /// Opens it for reading, if this program can read it.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let connection = open_reader(path)?;
        schema::check(&connection)?;
        Ok(Self {
            path: path.to_owned(),
            connection,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads.
    pub fn read<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        in_transaction(&self.connection, "BEGIN DEFERRED", work)
    }
}

/// Password hashes are for this user's eyes only. SQLite gives its other files the same mode.
fn create_privately(path: &Path) -> Result<(), Fault> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false).mode(0o600);
    options.open(path)?;
    Ok(())
}

pub(super) fn age(path: &Path) -> Result<schema::Age, Fault> {
    schema::check(&open_reader(path)?)
}

fn copy_all(source: &Connection, target: &mut Connection) -> Result<(), Fault> {
    let backup = rusqlite::backup::Backup::new(source, target)?;
    // All pages in one step: a consistent moment, and readers and the writer go on in WAL mode.
    backup.step(-1)?;
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.execute_batch("PRAGMA busy_timeout = 10000;")?;
    prepare(&connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), Fault> {
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(())
}

fn in_transaction<T, E: From<Fault>>(
    connection: &Connection,
    begin: &str,
    work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    if !connection.is_autocommit() {
        // The work before this one panicked half-way.
        run(connection, "ROLLBACK")?;
    }
    run(connection, begin)?;
    let result = work(&Tx::new(connection));
    let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
    run(connection, end)?;
    result
}

/// A connection whose user panicked is rolled back before its next use: it stays usable.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
