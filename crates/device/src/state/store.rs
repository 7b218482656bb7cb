//! The SQLite file: opened, brought up to date, and set aside when it is damaged.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keepsave_core::ids::UserId;
use rusqlite::{Connection, ErrorCode, OptionalExtension};
use rustix::fs::{FlockOperation, flock};

use super::{Identity, StateError};
use crate::files::disk::{RealDisk, make_directory, random_digits};
use crate::files::snapshot::Stamp;

/// Each step runs once, in order. Never change one that has been released: add the next.
const STEPS: &[&str] = &[
    include_str!("schema/0001_start.sql"),
    include_str!("schema/0002_games.sql"),
    include_str!("schema/0003_forms.sql"),
    include_str!("schema/0004_reports.sql"),
    include_str!("schema/0005_layouts.sql"),
    include_str!("schema/0006_states.sql"),
];
/// What the name of a file that was set aside goes on with.
const DAMAGED: &str = ".damaged-";
/// How long another process may take for what it writes.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Store {
    path: PathBuf,
    identity: Identity,
    connection: Connection,
    /// Which file it is that is open: by its name there may be another one by now.
    opened: Option<(u64, u64)>,
    set_aside: Option<PathBuf>,
}

/// Why a file could not be opened.
enum Failure {
    Damaged,
    Error(StateError),
}

impl Store {
    pub fn open(directory: &Path, identity: &Identity) -> Result<Self, StateError> {
        let unwritable = |error| StateError::unwritable(directory, &error);
        make_directory(&RealDisk, directory, 0o700).map_err(unwritable)?;
        let path = directory.join(format!("{}.sqlite3", identity.file_stem()));
        let _alone = alone(&path).map_err(unwritable)?;
        let mut store = Self {
            connection: Connection::open_in_memory().map_err(|error| wrong(&path, error))?,
            path,
            identity: identity.clone(),
            opened: None,
            set_aside: None,
        };
        store.connect()?;
        Ok(store)
    }

    #[cfg(test)]
    pub fn ends_with(&self, ends: impl FnMut() -> bool + Send + 'static) {
        self.connection.commit_hook(Some(ends)).unwrap();
    }

    pub fn set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    /// Whether a damaged file still lies beside this one.
    pub fn has_one_aside(&self) -> bool {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(DAMAGED);
        let is_aside = |entry: std::fs::DirEntry| {
            let beside = entry.file_name();
            beside
                .as_encoded_bytes()
                .starts_with(name.as_encoded_bytes())
        };
        let directory = self.path.parent().unwrap_or(&self.path);
        let mut entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        entries.any(is_aside)
    }

    /// Does something. Where the file turns out to be damaged it is set aside, and the same is done
    /// with a new one.
    pub fn with<T>(
        &mut self,
        act: impl Fn(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StateError> {
        match act(&mut self.connection) {
            Err(error) if is_damage(&error) => {
                let _alone = alone(&self.path)
                    .map_err(|error| StateError::unwritable(&self.path, &error))?;
                if self.opened == file_at(&self.path) {
                    self.begin_anew()?;
                } else {
                    self.connect()?;
                }
                act(&mut self.connection).map_err(|error| wrong(&self.path, error))
            }
            result => result.map_err(|error| wrong(&self.path, error)),
        }
    }

    /// Opens what is there, or a new file if that is damaged.
    fn connect(&mut self) -> Result<(), StateError> {
        match connect(&self.path, &self.identity) {
            Ok(connection) => {
                self.use_connection(connection);
                Ok(())
            }
            Err(Failure::Damaged) => self.begin_anew(),
            Err(Failure::Error(error)) => Err(error),
        }
    }

    fn use_connection(&mut self, connection: Connection) {
        self.connection = connection;
        self.opened = file_at(&self.path);
    }

    fn begin_anew(&mut self) -> Result<(), StateError> {
        // Closes the file before it gets another name.
        self.connection = Connection::open_in_memory().map_err(|error| wrong(&self.path, error))?;
        let aside =
            set_aside(&self.path).map_err(|error| StateError::unwritable(&self.path, &error))?;
        tracing::debug!(path = %self.path.display(), aside = %aside.display(), "the state is damaged; it was set aside");
        self.set_aside = Some(aside);
        match connect(&self.path, &self.identity) {
            Ok(connection) => {
                self.use_connection(connection);
                Ok(())
            }
            Err(Failure::Damaged) => Err(StateError::Unwritable {
                path: self.path.clone(),
                reason: "what was just written reads as something else".to_owned(),
            }),
            Err(Failure::Error(error)) => Err(error),
        }
    }
}

/// Keeps other processes from opening the file at the same time: one that sets a damaged file aside
/// must not meet one that has just begun a new one.
fn alone(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path.with_extension("opening"))?;
    // Where there are no locks, two who open a damaged file at once are bad luck.
    let _as_far_as_there_are_locks = flock(&file, FlockOperation::LockExclusive);
    Ok(file)
}

fn connect(path: &Path, identity: &Identity) -> Result<Connection, Failure> {
    let failed = |error: rusqlite::Error| {
        if is_damage(&error) {
            Failure::Damaged
        } else {
            Failure::Error(wrong(path, error))
        }
    };
    create_privately(path).map_err(|error| Failure::Error(StateError::unwritable(path, &error)))?;
    let mut connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    // FULL: what is recorded is on the disk. WAL: who reads waits for no one; a file system that
    // has no shared memory keeps SQLite's own default, which is as safe.
    let wal = connection.pragma_update(None, "journal_mode", "WAL");
    wal.or_else(|error| {
        if is_damage(&error) {
            Err(error)
        } else {
            Ok(())
        }
    })
    .map_err(failed)?;
    connection
        .pragma_update(None, "synchronous", "FULL")
        .map_err(failed)?;
    let newer = bring_up_to_date(&mut connection).map_err(failed)?;
    if newer {
        let path = path.to_owned();
        return Err(Failure::Error(StateError::TooNew { path }));
    }
    match claim(&mut connection, identity).map_err(failed)? {
        Some(found) => Err(Failure::Error(StateError::Another {
            path: path.to_owned(),
            found,
        })),
        None => Ok(connection),
    }
}

/// True when the file is newer than this program.
fn bring_up_to_date(connection: &mut Connection) -> rusqlite::Result<bool> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let done: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for (number, step) in (1..).zip(STEPS).filter(|(number, _)| *number > done) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(done > known)
}

/// Writes down whose state this is, or says whose it is if that is someone else.
fn claim(connection: &mut Connection, identity: &Identity) -> rusqlite::Result<Option<Identity>> {
    let query = "SELECT origin, user_id FROM identity";
    let found = connection
        .query_row(query, [], |row| {
            Ok(Identity {
                origin: row.get(0)?,
                user: UserId(row.get(1)?),
            })
        })
        .optional()?;
    if found.is_none() {
        let statement = "INSERT INTO identity (origin, user_id) VALUES (?1, ?2)";
        connection.execute(statement, (&identity.origin, identity.user.0))?;
    }
    Ok(found.filter(|found| found != identity))
}

fn create_privately(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false).mode(0o600);
    options.open(path)?;
    Ok(())
}

/// Gives the file and what SQLite keeps beside it another name.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let with = |base: &Path, end: &str| {
        let mut name = base.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let aside = with(path, &format!("{DAMAGED}{}", &random_digits()[..8]));
    for end in ["-wal", "-shm", ""] {
        match std::fs::rename(with(path, end), with(&aside, end)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => result?,
        }
    }
    Ok(aside)
}

fn file_at(path: &Path) -> Option<(u64, u64)> {
    Stamp::at(path).map(|stamp| (stamp.inode, stamp.device))
}

/// Whether the file is not what this program wrote.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error;
    match error {
        Error::SqliteFailure(failure, _) | Error::SqlInputError { error: failure, .. } => {
            // The statements are always the same ones: if one makes no sense, the tables do not.
            let tables = failure.extended_code == rusqlite::ffi::SQLITE_ERROR;
            let code = failure.code;
            tables || [ErrorCode::DatabaseCorrupt, ErrorCode::NotADatabase].contains(&code)
        }
        Error::FromSqlConversionFailure(..)
        | Error::InvalidColumnType(..)
        | Error::IntegralValueOutOfRange(..) => true,
        _ => false,
    }
}

fn wrong(path: &Path, source: rusqlite::Error) -> StateError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StateError::Full { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StateError::Busy { path },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            let reason = source.to_string();
            StateError::Unwritable { path, reason }
        }
        _ => StateError::Database { path, source },
    }
}

/// What a thread that panicked was doing is undone by SQLite.
pub(super) fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
