//! Which files were read and what they held: a cache. It may be behind, and it may be lost.

use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::content::{Blank, BlobHash, Content, ContentHash};
use keepsave_core::limits;
use keepsave_core::time::Time;
use rusqlite::{Connection, Row};

use super::store::unpoisoned;
use super::{State, StateError};
use crate::files::known::{Fingerprint, Hashed, Known, Packed, is_certain};
use crate::files::snapshot::Stamp;

/// What was learnt and is not in the file yet: one commit for many files.
pub(super) type Learnt = HashMap<(PathBuf, Hashed), Entry>;

#[derive(Clone, Copy)]
pub(super) struct Entry {
    stamp: Stamp,
    fingerprint: Fingerprint,
    read_at: Time,
}

impl Entry {
    fn certain(&self, stamp: &Stamp) -> Option<Fingerprint> {
        is_certain(&self.stamp, self.read_at, stamp).then_some(self.fingerprint)
    }
}

impl Known for State {
    fn now(&self) -> Time {
        self.clock.now()
    }

    fn find(&self, path: &Path, hashed: Hashed, stamp: &Stamp) -> Option<Fingerprint> {
        if let Some(entry) = self.learnt(path, hashed) {
            return entry.certain(stamp);
        }
        let found = unpoisoned(&self.store).with(|connection| find(connection, path, hashed));
        // A cache that cannot be read costs time and nothing else.
        found.ok().flatten()?.certain(stamp)
    }

    fn remember(
        &self,
        path: &Path,
        hashed: Hashed,
        stamp: &Stamp,
        fingerprint: &Fingerprint,
        read_at: Time,
    ) {
        let entry = Entry {
            stamp: *stamp,
            fingerprint: *fingerprint,
            read_at,
        };
        let mut learnt = unpoisoned(&self.learnt);
        learnt.insert((path.to_owned(), hashed), entry);
        let many = learnt.len() >= limits::HASHES_UNWRITTEN;
        drop(learnt);
        if many {
            self.write_learnt();
        }
    }
}

/// What was known of many files at one moment, looked up at once. What is learnt from then on is the
/// state's.
pub struct LookedUp {
    state: Arc<State>,
    entries: HashMap<PathBuf, Vec<(Hashed, Entry)>>,
}

impl Known for LookedUp {
    fn now(&self) -> Time {
        self.state.now()
    }

    fn find(&self, path: &Path, hashed: Hashed, stamp: &Stamp) -> Option<Fingerprint> {
        let known = self.entries.get(path).into_iter().flatten();
        let mut known = known.filter(|(of, _)| *of == hashed);
        let certain = known.find_map(|(_, entry)| entry.certain(stamp));
        certain.or_else(|| self.state.learnt(path, hashed)?.certain(stamp))
    }

    fn remember(
        &self,
        path: &Path,
        hashed: Hashed,
        stamp: &Stamp,
        fingerprint: &Fingerprint,
        read_at: Time,
    ) {
        self.state
            .remember(path, hashed, stamp, fingerprint, read_at);
    }
}

impl State {
    /// Looks up what is known of many files.
    pub fn look_up(self: &Arc<Self>, paths: Vec<PathBuf>) -> LookedUp {
        let found = unpoisoned(&self.store).with(|connection| {
            let reading = connection.transaction()?;
            let all = paths.iter().map(|path| all_of(&reading, path));
            all.collect::<rusqlite::Result<Vec<_>>>()
        });
        // A cache that cannot be read costs time and nothing else.
        let found = found.unwrap_or_default();
        LookedUp {
            state: self.clone(),
            entries: paths.into_iter().zip(found).collect(),
        }
    }

    /// What was learnt of a file and is not written down yet.
    fn learnt(&self, path: &Path, hashed: Hashed) -> Option<Entry> {
        let learnt = unpoisoned(&self.learnt);
        learnt.get(&(path.to_owned(), hashed)).copied()
    }

    /// Writes down which files were read. It is done by itself when the state is dropped, too.
    pub fn write_hashes(&self) -> Result<(), StateError> {
        let learnt = std::mem::take(&mut *unpoisoned(&self.learnt));
        if learnt.is_empty() {
            return Ok(());
        }
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            for ((path, hashed), entry) in &learnt {
                insert(&transaction, path, *hashed, entry)?;
            }
            let forget = "DELETE FROM hashes
                WHERE number <= (SELECT max(number) FROM hashes) - ?1";
            transaction.execute(forget, [limits::HASHES_KNOWN])?;
            transaction.commit()
        })
    }

    fn write_learnt(&self) {
        if let Err(error) = self.write_hashes() {
            tracing::debug!(%error, "what files hold was not written down; they are read again");
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.write_learnt();
    }
}

fn find(connection: &Connection, path: &Path, hashed: Hashed) -> rusqlite::Result<Option<Entry>> {
    let mut of_path = all_of(connection, path)?.into_iter();
    Ok(of_path.find_map(|(of, entry)| (of == hashed).then_some(entry)))
}

/// What is known of one file, in each way that it was hashed.
fn all_of(connection: &Connection, path: &Path) -> rusqlite::Result<Vec<(Hashed, Entry)>> {
    let query =
        "SELECT size, mtime_ns, ctime_ns, inode, device, hash, blob, blank, read_at, content_size,
        file_blob, hashed FROM hashes WHERE path = ?1";
    let mut statement = connection.prepare_cached(query)?;
    let known = statement.query_map([path.as_os_str().as_bytes()], |row| {
        let hashed = hashed_of(row.get(11)?);
        hashed.map(|hashed| Ok((hashed, read(row)?))).transpose()
    })?;
    known.filter_map(Result::transpose).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let unsigned = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
    Ok(Entry {
        stamp: Stamp {
            size: unsigned(0)?,
            mtime_ns: row.get(1)?,
            ctime_ns: row.get(2)?,
            inode: unsigned(3)?,
            device: unsigned(4)?,
        },
        fingerprint: Fingerprint {
            content: Content {
                hash: row.get::<_, Option<_>>(5)?.map(ContentHash),
                blob: BlobHash(row.get(6)?),
            },
            blank: match row.get(7)? {
                Some(0) => Some(Blank::Empty),
                Some(1) => Some(Blank::Zeros),
                Some(2) => Some(Blank::Ones),
                Some(_) => Some(Blank::Formatted),
                None => None,
            },
            packed: match (row.get(9)?, row.get(10)?) {
                (Some(size), Some(file)) => Some(Packed {
                    size: i64::cast_unsigned(size),
                    file: BlobHash(file),
                }),
                _ => None,
            },
        },
        read_at: Time::from_micros(row.get(8)?),
    })
}

fn number_of(hashed: Hashed) -> i64 {
    match hashed {
        Hashed::File => 0,
        Hashed::Content => 1,
        Hashed::Bytes => 2,
        Hashed::Largest => 3,
    }
}

fn hashed_of(number: i64) -> Option<Hashed> {
    [
        Hashed::File,
        Hashed::Content,
        Hashed::Bytes,
        Hashed::Largest,
    ]
    .into_iter()
    .find(|hashed| number_of(*hashed) == number)
}

fn insert(
    connection: &Connection,
    path: &Path,
    hashed: Hashed,
    entry: &Entry,
) -> rusqlite::Result<()> {
    let statement = "INSERT OR REPLACE INTO hashes
        (path, size, mtime_ns, ctime_ns, inode, device, hash, blob, blank, read_at, hashed,
            content_size, file_blob)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    let Entry {
        stamp,
        fingerprint:
            Fingerprint {
                content,
                blank,
                packed,
            },
        read_at,
    } = entry;
    connection.prepare_cached(statement)?.execute((
        path.as_os_str().as_bytes(),
        stamp.size.cast_signed(),
        stamp.mtime_ns,
        stamp.ctime_ns,
        stamp.inode.cast_signed(),
        stamp.device.cast_signed(),
        content.hash.map(|hash| hash.0),
        content.blob.0,
        blank.map(|blank| match blank {
            Blank::Empty => 0,
            Blank::Zeros => 1,
            Blank::Ones => 2,
            Blank::Formatted => 3,
        }),
        read_at.micros(),
        number_of(hashed),
        packed.map(|packed| packed.size.cast_signed()),
        packed.map(|packed| packed.file.0),
    ))?;
    Ok(())
}
