//! Baselines: what a file and its slot last had in common.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use keepsave_core::content::{BlobHash, ContentHash};
use keepsave_core::decide;
use keepsave_core::ids::{DeviceId, RomId, SaveId};
use keepsave_core::time::Time;
use rusqlite::{Connection, OptionalExtension, Row};

use super::store::unpoisoned;
use super::{State, StateError};

/// What a baseline belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// This device, by the server's id.
    pub device: DeviceId,
    /// The game.
    pub rom: RomId,
    /// The slot.
    pub slot: Option<String>,
    /// The name under which the file is paired.
    pub file_name: String,
}

/// What was last in sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// Its hash here.
    pub hash: Option<ContentHash>,
    /// Its bytes; unknown where a state of another program was read in.
    pub blob: Option<BlobHash>,
    /// How many bytes it had.
    pub size: u64,
    /// The save that it came from or became.
    pub save: Option<SaveId>,
    /// Its hash on the server.
    pub server_hash: Option<ContentHash>,
    /// When the server had last changed that save.
    pub server_updated_at: Option<Time>,
    /// The file that held it.
    pub path: PathBuf,
    /// When it was recorded, by this machine's clock.
    pub at: Time,
}

impl Baseline {
    /// What of it is a fact for a decision.
    pub fn facts(&self) -> decide::Baseline {
        decide::Baseline {
            hash: self.hash,
            blob: self.blob,
            size: self.size,
            server_hash: self.server_hash,
        }
    }

    /// Whether it is about the file at `path`. A file that is not where it was has moved; one that
    /// is still there is another than the one at `path`.
    fn is_of(&self, path: &Path) -> bool {
        if self.path == path {
            return true;
        }
        match self.path.canonicalize() {
            Ok(before) => path.canonicalize().is_ok_and(|now| now == before),
            Err(error) => matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ),
        }
    }
}

impl State {
    /// What the file at `path` and its slot last had in common.
    pub fn baseline(&self, key: &Key, path: &Path) -> Result<Option<Baseline>, StateError> {
        let found = unpoisoned(&self.store).with(|connection| find(connection, key))?;
        Ok(found.filter(|baseline| baseline.is_of(path)))
    }

    /// Where the file was seen that a slot last had something in common with.
    pub fn path_of(&self, key: &Key) -> Result<Option<PathBuf>, StateError> {
        let found = unpoisoned(&self.store).with(|connection| find(connection, key))?;
        Ok(found.map(|baseline| baseline.path))
    }

    /// Records what they have in common now. It would survive a power cut.
    pub fn record(&self, key: &Key, baseline: &Baseline) -> Result<(), StateError> {
        self.record_all(&[(key.clone(), baseline.clone())])
    }

    /// Records many at once: all of them or none.
    pub fn record_all(&self, all: &[(Key, Baseline)]) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            for (key, baseline) in all {
                insert(&transaction, key, baseline)?;
            }
            transaction.commit()
        })
    }

    /// Forgets what they had in common.
    pub fn forget(&self, key: &Key) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let statement = "DELETE FROM baselines
                WHERE device = ?1 AND rom = ?2 AND slot = ?3 AND file_name = ?4";
            connection
                .prepare_cached(statement)?
                .execute(columns(key))?;
            Ok(())
        })
    }
}

fn columns(key: &Key) -> (&str, i64, String, &str) {
    let slot = key.slot.as_ref().map(|slot| format!("={slot}"));
    (
        &key.device.0,
        key.rom.0,
        slot.unwrap_or_default(),
        &key.file_name,
    )
}

fn find(connection: &Connection, key: &Key) -> rusqlite::Result<Option<Baseline>> {
    let query = "SELECT hash, blob, size, save, server_hash, server_updated_at, path, at
        FROM baselines WHERE device = ?1 AND rom = ?2 AND slot = ?3 AND file_name = ?4";
    let mut statement = connection.prepare_cached(query)?;
    statement.query_row(columns(key), read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Baseline> {
    let path: Vec<u8> = row.get(6)?;
    Ok(Baseline {
        hash: row.get::<_, Option<_>>(0)?.map(ContentHash),
        blob: row.get::<_, Option<_>>(1)?.map(BlobHash),
        size: row.get::<_, i64>(2)?.cast_unsigned(),
        save: row.get::<_, Option<_>>(3)?.map(SaveId),
        server_hash: row.get::<_, Option<_>>(4)?.map(ContentHash),
        server_updated_at: row.get::<_, Option<_>>(5)?.map(Time::from_micros),
        path: OsString::from_vec(path).into(),
        at: Time::from_micros(row.get(7)?),
    })
}

fn insert(connection: &Connection, key: &Key, baseline: &Baseline) -> rusqlite::Result<()> {
    let statement = "INSERT OR REPLACE INTO baselines
        (device, rom, slot, file_name,
         hash, blob, size, save, server_hash, server_updated_at, path, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let (device, rom, slot, file_name) = columns(key);
    connection.prepare_cached(statement)?.execute((
        device,
        rom,
        slot,
        file_name,
        baseline.hash.map(|hash| hash.0),
        baseline.blob.map(|blob| blob.0),
        baseline.size.cast_signed(),
        baseline.save.map(|save| save.0),
        baseline.server_hash.map(|hash| hash.0),
        baseline.server_updated_at.map(Time::micros),
        baseline.path.as_os_str().as_bytes(),
        baseline.at.micros(),
    ))?;
    Ok(())
}
