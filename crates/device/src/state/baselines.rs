//! Baselines: what a file and its slot last had in common.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use keepsave_core::content::{BlobHash, ContentHash};
use keepsave_core::decide;
use keepsave_core::ids::{DeviceId, RomId, SaveId};
use keepsave_core::time::Time;
use rusqlite::{Connection, OptionalExtension, Row};

use super::store::unpoisoned;
use super::{State, StateError, column};

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

/// What was last in sync. A state of another program that was read in may know less of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Its hash here.
    pub hash: Option<ContentHash>,
    /// Its bytes.
    pub blob: Option<BlobHash>,
    /// How many bytes it had here.
    pub size: Option<u64>,
    /// The file's own time, in nanoseconds since 1970.
    pub mtime_ns: Option<i64>,
    /// The save that it came from or became.
    pub save: Option<SaveId>,
    /// The save that the file followed last: the same one, unless another program knew better.
    pub tracked: Option<SaveId>,
    /// Its hash on the server.
    pub server_hash: Option<ContentHash>,
    /// How many bytes the save had there.
    pub server_size: Option<u64>,
    /// When the server had last changed that save.
    pub server_updated_at: Option<Time>,
    /// The file that held it; none where it was only named.
    pub path: Option<PathBuf>,
    /// When it was recorded, by this machine's clock.
    pub at: Option<Time>,
}

impl Baseline {
    /// What of it is a fact for a decision. Without any trace of the content there is none: it
    /// cannot be said what changed since.
    pub fn facts(&self) -> Option<decide::Baseline> {
        if self.hash.is_none() && self.blob.is_none() {
            return None;
        }
        Some(decide::Baseline {
            hash: self.hash,
            blob: self.blob,
            size: self.size.or(self.server_size).unwrap_or(0),
            server_hash: self.server_hash,
        })
    }

    /// Whether it is about the file at `path`. A file that is not where it was has moved; one that
    /// is still there is another than the one at `path`.
    fn is_of(&self, path: &Path) -> bool {
        let Some(before) = self.path.as_deref().filter(|before| *before != path) else {
            return true;
        };
        match before.canonicalize() {
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

    /// The same for many files, in their order: one look.
    pub fn baselines(&self, asked: &[(Key, PathBuf)]) -> Result<Vec<Option<Baseline>>, StateError> {
        let found = unpoisoned(&self.store).with(|connection| {
            let reading = connection.transaction()?;
            let found = asked.iter().map(|(key, _)| find(&reading, key));
            found.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let found = found.into_iter().zip(asked);
        let found = found.map(|(found, (_, path))| found.filter(|known| known.is_of(path)));
        Ok(found.collect())
    }

    /// What a file of that name and its slot last had in common, wherever it stood.
    pub fn last_in_sync(&self, key: &Key) -> Result<Option<Baseline>, StateError> {
        unpoisoned(&self.store).with(|connection| find(connection, key))
    }

    /// Where the file was seen that a slot last had something in common with.
    pub fn path_of(&self, key: &Key) -> Result<Option<PathBuf>, StateError> {
        let found = unpoisoned(&self.store).with(|connection| find(connection, key))?;
        Ok(found.and_then(|baseline| baseline.path))
    }

    /// The files of a game and what is known of them, in a slot.
    pub fn files_of(
        &self,
        device: &DeviceId,
        rom: RomId,
        slot: Option<&str>,
    ) -> Result<Vec<(String, Baseline)>, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let query = "SELECT hash, blob, size, mtime_ns, save, tracked, server_hash,
                server_size, server_updated_at, path, at, file_name
                FROM baselines WHERE device = ?1 AND rom = ?2 AND slot = ?3 ORDER BY file_name";
            let mut statement = connection.prepare_cached(query)?;
            let of_slot = (&device.0, rom.0, column::slot(slot));
            let rows = statement.query_map(of_slot, |row| Ok((row.get(11)?, read(row)?)))?;
            rows.collect()
        })
    }

    /// The saves that files of a game and slot last had something in common with.
    pub fn held_saves(
        &self,
        device: &DeviceId,
        rom: RomId,
        slot: &str,
    ) -> Result<HashSet<SaveId>, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let query = "SELECT save FROM baselines
                WHERE device = ?1 AND rom = ?2 AND slot = ?3 AND save IS NOT NULL";
            let mut statement = connection.prepare_cached(query)?;
            let slot = column::slot(Some(slot));
            let columns = (&device.0, rom.0, slot);
            let saves = statement.query_map(columns, |row| row.get(0).map(SaveId))?;
            saves.collect()
        })
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
    let slot = column::slot(key.slot.as_deref());
    (&key.device.0, key.rom.0, slot, &key.file_name)
}

pub(super) fn find(connection: &Connection, key: &Key) -> rusqlite::Result<Option<Baseline>> {
    let query = "SELECT hash, blob, size, mtime_ns, save, tracked, server_hash, server_size,
        server_updated_at, path, at
        FROM baselines WHERE device = ?1 AND rom = ?2 AND slot = ?3 AND file_name = ?4";
    let mut statement = connection.prepare_cached(query)?;
    statement.query_row(columns(key), read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Baseline> {
    let size = |column| {
        let size = row.get::<_, Option<i64>>(column);
        size.map(|size| size.map(i64::cast_unsigned))
    };
    let save = |column| row.get(column).map(|id: Option<i64>| id.map(SaveId));
    Ok(Baseline {
        hash: row.get::<_, Option<_>>(0)?.map(ContentHash),
        blob: row.get::<_, Option<_>>(1)?.map(BlobHash),
        size: size(2)?,
        mtime_ns: row.get(3)?,
        save: save(4)?,
        tracked: save(5)?,
        server_hash: row.get::<_, Option<_>>(6)?.map(ContentHash),
        server_size: size(7)?,
        server_updated_at: row.get::<_, Option<_>>(8)?.map(Time::from_micros),
        path: row.get::<_, Option<Vec<u8>>>(9)?.map(column::path_of),
        at: row.get::<_, Option<_>>(10)?.map(Time::from_micros),
    })
}

pub(super) fn insert(
    connection: &Connection,
    key: &Key,
    baseline: &Baseline,
) -> rusqlite::Result<()> {
    let statement = "INSERT OR REPLACE INTO baselines
        (device, rom, slot, file_name, hash, blob, size, mtime_ns, save, tracked, server_hash,
         server_size, server_updated_at, path, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let (device, rom, slot, file_name) = columns(key);
    connection.prepare_cached(statement)?.execute((
        device,
        rom,
        slot,
        file_name,
        baseline.hash.map(|hash| hash.0),
        baseline.blob.map(|blob| blob.0),
        baseline.size.map(u64::cast_signed),
        baseline.mtime_ns,
        baseline.save.map(|save| save.0),
        baseline.tracked.map(|save| save.0),
        baseline.server_hash.map(|hash| hash.0),
        baseline.server_size.map(u64::cast_signed),
        baseline.server_updated_at.map(Time::micros),
        baseline.path.as_deref().map(column::path),
        baseline.at.map(Time::micros),
    ))?;
    Ok(())
}
