//! One file that holds everything: the database as of one moment and every content it refers to.
//!
//! A tar archive: what it is, the database, the contents, each under its hash, and what was written,
//! so that one that ends early is known. It is written in a room of its own beside its place, and
//! gets its name when it is complete and on the disk.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::content::BlobHash;
use keepsave_core::time::Time;
use keepsave_disk::{Disk, parent_of, random_digits};
use serde::{Deserialize, Serialize};

use super::{Progress, hold};
use crate::app::App;
use crate::vault::unfinished::Unfinished;
use crate::vault::{Blobs, Fault, StoreCopy, contents};

/// The archive's first entry.
pub(super) const ABOUT: &str = "keepsave-backup.json";
/// Its second.
pub(super) const DATABASE: &str = "keepsave.db";
/// The folder of the contents.
pub(super) const BLOBS: &str = "blobs";
/// The last entry.
pub(super) const WRITTEN: &str = "written.json";
/// What this program writes and reads.
pub(super) const FORMAT: u32 = 1;

/// What the archive says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The form of the archive.
    pub format: u32,
    /// The Keepsave that wrote it.
    pub keepsave: String,
    /// The moment that it shows.
    pub created_at: Time,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// How many contents.
    pub contents: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Contents that are missing or damaged here, and so are not in the backup.
    pub left_out: Vec<BlobHash>,
}

/// Why no backup was written.
#[derive(Debug, thiserror::Error)]
pub enum NotBackedUp {
    /// It would have replaced something.
    #[error("{} exists already; a backup replaces nothing. Choose another name.", .0.display())]
    Exists(PathBuf),
    /// The file could not be written.
    #[error("the backup could not be written: {0}. What was begun was removed.")]
    Unwritable(io::Error),
    /// The store failed.
    #[error("{0}")]
    Store(#[from] Fault),
}

impl From<io::Error> for NotBackedUp {
    fn from(error: io::Error) -> Self {
        Self::Unwritable(error)
    }
}

/// Writes a backup while others read and write.
pub fn backup(app: &App, to: &Path, progress: Progress<'_>) -> Result<Written, NotBackedUp> {
    if to.symlink_metadata().is_ok() {
        return Err(NotBackedUp::Exists(to.to_owned()));
    }
    let (disk, folder) = (app.vault.disk(), parent_of(to));
    let room = Room::begin(disk, folder)?;
    let file = Unfinished::begin(disk, &room.path, "")?;
    let file = BufWriter::with_capacity(WRITTEN_AT_ONCE, file);
    let (written, file) = write(app, &room.path, file, progress)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync()?;
    file.place_new(to)?;
    disk.sync_directory(folder)?;
    Ok(written)
}

/// Sends a backup to whoever reads it as it is written. The copy of the database stands in the data
/// directory meanwhile.
pub fn send(app: &App, to: impl Write, progress: Progress<'_>) -> Result<Written, NotBackedUp> {
    let room = Room::begin(app.vault.disk(), &app.settings.data)?;
    let (written, mut to) = write(app, &room.path, to, progress)?;
    to.flush()?;
    Ok(written)
}

/// How much is written in one piece.
const WRITTEN_AT_ONCE: usize = 128 * 1024;
/// What the name of a room begins with.
const ROOM: &str = ".keepsave-backup-";
/// For one's own eyes: there are password hashes in a backup.
const PRIVATE: u32 = 0o700;

/// A folder in which a backup is written; it goes with this value.
struct Room {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    // The folder is locked for as long as it is open, where there are locks.
    _lock: File,
}

impl Room {
    /// Begins one in a folder, from which those of backups that died are removed.
    fn begin(disk: &Arc<dyn Disk>, folder: &Path) -> io::Result<Self> {
        for entry in fs_err::read_dir(folder)? {
            let entry = entry?;
            let is_room = entry.file_name().to_string_lossy().starts_with(ROOM);
            if is_room && is_left(&entry.path()) {
                disk.remove_all(&entry.path())?;
            }
        }
        let path = folder.join(format!("{ROOM}{}", random_digits()));
        disk.create_directory(&path, PRIVATE)?;
        let lock = File::open(&path)?;
        // Where there are no locks, nobody takes the room for one that was left.
        let _where_there_are_locks = lock.try_lock();
        Ok(Self {
            disk: Arc::clone(disk),
            path,
            _lock: lock,
        })
    }
}

/// Whether nobody lives who writes in a room.
fn is_left(room: &Path) -> bool {
    File::open(room).is_ok_and(|lock| lock.try_lock().is_ok())
}

impl Drop for Room {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next backup.
        let _later = self.disk.remove_all(&self.path);
    }
}

fn write<W: Write>(
    app: &App,
    room: &Path,
    to: W,
    progress: Progress<'_>,
) -> Result<(Written, W), NotBackedUp> {
    let _hold = hold::keep_all(&app.settings.data)?;
    let about = About {
        format: FORMAT,
        keepsave: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: app.now(),
    };
    let copy = app.vault.copy_database(&room.join(DATABASE))?;
    let mut archive = tar::Builder::new(to);
    append_json(&mut archive, ABOUT, &about)?;
    let database = fs_err::File::open(copy.path())?;
    append(&mut archive, DATABASE, database.metadata()?.len(), database)?;
    let written = append_contents(&mut archive, &copy, app.vault.blobs(), progress)?;
    append_json(&mut archive, WRITTEN, &written)?;
    Ok((written, archive.into_inner()?))
}

fn append_contents<W: Write>(
    archive: &mut tar::Builder<W>,
    copy: &StoreCopy,
    blobs: &Blobs,
    progress: Progress<'_>,
) -> Result<Written, NotBackedUp> {
    let mut written = Written::default();
    for first in 0..=u8::MAX {
        progress(first.into(), 256);
        let mut held = copy.read(|tx| contents::beginning_with(tx, first))?;
        held.dedup_by_key(|(blob, _)| *blob);
        for (blob, _) in held {
            // Read twice: a damaged content must not spoil an archive that is half written.
            match blobs.examine(&blob) {
                Ok(stored) if stored.content.blob == blob => {
                    let name = format!("{BLOBS}/{first:02x}/{blob}");
                    append(archive, &name, stored.size, blobs.open(&blob)?)?;
                    written.contents += 1;
                    written.bytes += stored.size;
                }
                Ok(_) | Err(Fault::BlobMissing(_)) => written.left_out.push(blob),
                Err(fault) => return Err(fault.into()),
            }
        }
    }
    progress(256, 256);
    Ok(written)
}

fn append_json<W: Write>(
    archive: &mut tar::Builder<W>,
    name: &str,
    value: &impl Serialize,
) -> io::Result<()> {
    let text = serde_json::to_vec(value)?;
    append(archive, name, text.len() as u64, text.as_slice())
}

fn append<W: Write>(
    archive: &mut tar::Builder<W>,
    name: &str,
    size: u64,
    content: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    archive.append_data(&mut header, name, content)
}
