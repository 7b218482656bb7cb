//! The manifest: a file that says which saves are synced as which game.
//!
//! What is wrong with the file as such is an error; what is wrong with the file of one entry is that
//! entry's problem, and the others go on. Nothing here knows a server.

mod check;
mod json;

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use keepsave_core::ids::RomId;
use keepsave_core::layouts::Part;
use keepsave_core::limits;
use keepsave_core::names::{NameError, pairing_name, sanitise};

use crate::files::ReadError;

/// The files that are to be synced.
#[derive(Debug)]
pub struct Manifest {
    /// Where the manifest is: relative paths begin there.
    pub directory: PathBuf,
    /// In the order of the manifest.
    pub entries: Vec<Entry>,
    /// The entries that cannot be synced as they are.
    pub problems: Vec<EntryProblem>,
}

/// A file that is to be synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The game.
    pub rom: RomId,
    /// The file.
    pub path: PathBuf,
    /// Where its links lead, if that is outside of the manifest's directory while the path is not.
    pub outside: Option<PathBuf>,
    /// What the file is called on the server.
    pub file_name: String,
    /// The slot.
    pub slot: Option<String>,
    /// The emulator.
    pub emulator: Option<String>,
}

impl Entry {
    /// The name under which the server's saves are paired with it.
    pub fn pairing_name(&self) -> String {
        paired(&self.file_name).unwrap_or_else(|_| pairing_name(&self.file_name))
    }
}

/// As the server will call it: it does not take every character.
fn paired(file_name: &str) -> Result<String, NameError> {
    sanitise(file_name).map(|name| pairing_name(name.as_str()))
}

/// An entry that cannot be synced as it is.
#[derive(Debug, thiserror::Error)]
#[error("entry {number} (game {rom}, {}): {fault}", path.display())]
pub struct EntryProblem {
    /// Which entry of the manifest it is, from 1.
    pub number: usize,
    /// The game.
    pub rom: RomId,
    /// The file.
    pub path: PathBuf,
    /// The slot.
    pub slot: Option<String>,
    /// Which file of the save it is meant to be.
    pub part: Part,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with an entry.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// What is there cannot be read, or is no file.
    #[error(transparent)]
    Read(ReadError),
    /// Servers know names as text only.
    #[error("its name is no UTF-8: give it one with `file_name`")]
    NameNotUtf8,
    /// The path leads to no file.
    #[error("its path names no file")]
    NoName,
    /// No server takes the name.
    #[error("{0}: give it another one with `file_name`")]
    Name(String),
    /// No server takes so long a text.
    #[error("`{field}` is longer than {limit} characters")]
    TooLong {
        /// The key.
        field: &'static str,
        /// How long it may be.
        limit: usize,
    },
}

/// Why there is no manifest. Nothing was synced.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(ReadError),
    /// It is not there.
    #[error("{}: there is no such file: name the manifest", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// It is larger than any manifest.
    #[error("{}: is larger than {limit} bytes: this is no manifest", path.display())]
    TooLarge {
        /// The manifest.
        path: PathBuf,
        /// How large it may be.
        limit: u64,
    },
    /// It has more entries than a server takes at once.
    #[error("{}: has more than {limit} entries: split it", path.display())]
    TooMany {
        /// The manifest.
        path: PathBuf,
        /// How many it may have.
        limit: usize,
    },
    /// It is not UTF-8.
    #[error("{}: line {line} is no UTF-8: save it as UTF-8", path.display())]
    NotUtf8 {
        /// The manifest.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// It is no JSON, or not that of a manifest.
    #[error("{}: {message}", path.display())]
    Json {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, with entry, line and column.
        message: String,
    },
    /// Two entries mean the same save.
    #[error(
        "{}: entry {first} and entry {second} mean the same save: game {rom}, {}, name {name:?}. Remove one, or give one another slot",
        path.display(), slot_text(slot.as_deref())
    )]
    SameSave {
        /// The manifest.
        path: PathBuf,
        /// The one.
        first: usize,
        /// The other.
        second: usize,
        /// The game.
        rom: RomId,
        /// The slot.
        slot: Option<String>,
        /// The name under which both are paired.
        name: String,
    },
    /// Two entries mean the same file.
    #[error(
        "{}: entry {first} and entry {second} mean the same file, {}. Remove one",
        path.display(), file.display()
    )]
    SameFile {
        /// The manifest.
        path: PathBuf,
        /// The one.
        first: usize,
        /// The other.
        second: usize,
        /// The file, links followed.
        file: PathBuf,
    },
}

fn slot_text(slot: Option<&str>) -> String {
    slot.map_or("no slot".to_owned(), |slot| format!("slot {slot:?}"))
}

impl Manifest {
    /// Reads the manifest at `path` and looks at the files it names.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let bytes = read_bytes(path)?;
        let entries = parse(path, &bytes)?;
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let directory = absolute.parent().unwrap_or(&absolute).to_owned();
        check::look(path, directory, entries)
    }
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, ManifestError> {
    let (file, _) = crate::files::reading::open(path).map_err(|error| match error {
        ReadError::Unreadable { path, source } if source.kind() == io::ErrorKind::NotFound => {
            ManifestError::Missing { path }
        }
        error => ManifestError::Unreadable(error),
    })?;
    let mut bytes = Vec::new();
    let read = file
        .take(limits::MANIFEST_BYTES + 1)
        .read_to_end(&mut bytes);
    read.map_err(|source| {
        ManifestError::Unreadable(ReadError::Unreadable {
            path: path.to_owned(),
            source,
        })
    })?;
    if bytes.len() as u64 > limits::MANIFEST_BYTES {
        return Err(ManifestError::TooLarge {
            path: path.to_owned(),
            limit: limits::MANIFEST_BYTES,
        });
    }
    Ok(bytes)
}

pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Vec<json::Entry>, ManifestError> {
    let path = || path.to_owned();
    // Editors on Windows begin a file with a mark.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Err(error) = std::str::from_utf8(bytes) {
        let line = bytes[..error.valid_up_to()]
            .split(|byte| *byte == b'\n')
            .count();
        return Err(ManifestError::NotUtf8 { path: path(), line });
    }
    let entries = json::parse(bytes).map_err(|error| ManifestError::Json {
        path: path(),
        message: error.to_string(),
    })?;
    if entries.len() > limits::INVENTORY_SAVES {
        return Err(ManifestError::TooMany {
            path: path(),
            limit: limits::INVENTORY_SAVES,
        });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests;
