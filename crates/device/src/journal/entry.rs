//! An entry of the journal: which content was kept, where it was, and why it was replaced.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use keepsave_core::content::{BlobHash, Content, ContentHash};
use keepsave_core::ids::RomId;
use keepsave_core::limits;
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

use crate::files::Form;
use crate::files::disk::random_digits;

/// Whose content it was, and why it was about to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The server and user that it was synced with.
    pub account: String,
    /// The game.
    pub rom: RomId,
    /// The slot.
    pub slot: Option<String>,
    /// The name under which it is paired.
    pub file_name: String,
    /// In one sentence.
    pub reason: String,
}

/// A content in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// By which a person names it.
    pub id: String,
    /// When it was kept, by this machine's clock.
    pub at: Time,
    /// The file that held it.
    pub path: PathBuf,
    /// Whether it was a file, or folders that are kept as a zip.
    pub form: Form,
    /// Its hashes.
    pub content: Content,
    /// In bytes.
    pub size: u64,
    /// The file's own time.
    pub mtime: Time,
    /// Whose it was, and why it was about to be replaced.
    pub about: About,
}

/// What stands in the file. Fields that a later version adds are no error.
#[derive(Serialize, Deserialize)]
struct Record {
    id: String,
    at: Time,
    path: String,
    /// When its path is no UTF-8: the bytes of it, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    #[serde(default, skip_serializing_if = "Form::is_raw")]
    form: Form,
    hash: Option<ContentHash>,
    blob: BlobHash,
    size: u64,
    mtime: Time,
    account: String,
    rom_id: RomId,
    slot: Option<String>,
    file_name: String,
    reason: String,
}

impl Kept {
    pub(super) fn to_json(&self) -> io::Result<Vec<u8>> {
        let about = self.about.clone();
        let utf8 = self.path.to_str().is_some();
        let record = Record {
            id: self.id.clone(),
            at: self.at,
            path: self.path.to_string_lossy().into_owned(),
            path_bytes: (!utf8).then(|| hex::encode(self.path.as_os_str().as_bytes())),
            form: self.form,
            hash: self.content.hash,
            blob: self.content.blob,
            size: self.size,
            mtime: self.mtime,
            account: about.account,
            rom_id: about.rom,
            slot: about.slot,
            file_name: about.file_name,
            reason: about.reason,
        };
        let mut json = serde_json::to_vec_pretty(&record)?;
        json.push(b'\n');
        Ok(json)
    }

    /// Reads an entry's file, or says what is wrong about it.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let (file, _) = crate::files::reading::open(path).map_err(|error| error.to_string())?;
        let mut json = Vec::new();
        file.take(limits::JOURNAL_ENTRY_BYTES)
            .read_to_end(&mut json)
            .map_err(|error| error.to_string())?;
        let record: Record = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
        if path.file_stem() != Some(record.id.as_ref()) {
            return Err(format!("it says that it is entry {:?}", record.id));
        }
        let path = match record.path_bytes {
            None => record.path.into(),
            Some(digits) => {
                let bytes = hex::decode(digits).map_err(|error| error.to_string())?;
                OsString::from_vec(bytes).into()
            }
        };
        Ok(Self {
            id: record.id,
            at: record.at,
            path,
            form: record.form,
            content: Content {
                hash: record.hash,
                blob: record.blob,
            },
            size: record.size,
            mtime: record.mtime,
            about: About {
                account: record.account,
                rom: record.rom_id,
                slot: record.slot,
                file_name: record.file_name,
                reason: record.reason,
            },
        })
    }
}

/// `20261120-072830-1a2b3c4d`: sorts by time, and no two are the same.
pub(super) fn new_id(now: Time) -> String {
    let at = now.civil();
    let (year, month, day) = (at.year(), at.month(), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    let random = random_digits();
    let random = &random[..8];
    format!("{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}-{random}")
}
