//! One file that holds everything: the database as of one moment and every content it refers to.
//!
//! A tar archive: what it is, the database, the contents, each under its hash, and what was written,
//! so that one that ends early is known. It is written beside its place and renamed onto it when it
//! is complete and on the disk.

use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use keepsave_core::content::BlobHash;
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::{Progress, hold};
use crate::app::App;
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
    let folder = match to.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let room = room_in(folder)?;
    let file = tempfile::Builder::new().prefix(ROOM).tempfile_in(folder)?;
    let (written, file) = write(app, room.path(), BufWriter::new(file), progress)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(to).map_err(|failed| failed.error)?;
    fs_err::File::open(folder)?.sync_all()?;
    Ok(written)
}

/// Sends a backup to whoever reads it as it is written. The copy of the database stands in the data
/// directory meanwhile.
pub fn send(app: &App, to: impl Write, progress: Progress<'_>) -> Result<Written, NotBackedUp> {
    let room = room_in(&app.settings.data)?;
    let (written, mut to) = write(app, room.path(), to, progress)?;
    to.flush()?;
    Ok(written)
}

/// What those files are called that are gone in the end.
const ROOM: &str = ".keepsave-backup-";

fn room_in(folder: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new().prefix(ROOM).tempdir_in(folder)
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
