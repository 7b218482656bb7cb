//! What a client did or was told, for whoever judges it.

use bytes::Bytes;
use keepsave_core::content::{ContentHash, Digest, zip_content_hash};

use crate::world::client::Said;

/// What a client did or was told about one file of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The game.
    pub rom: i64,
    /// The file.
    pub file: String,
    /// What.
    pub what: What,
}

/// What a deed was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It showed this hash, which may not be its file's, and was told this.
    Told {
        /// The hash.
        shown: Option<ContentHash>,
        /// What the file held.
        held: Option<Bytes>,
        /// RomM's word for what is to be done.
        action: String,
        /// Why.
        reason: String,
    },
    /// It was told to upload this, and did not.
    HeldBack(Bytes),
    /// It sent this up.
    Sent {
        /// The bytes.
        content: Bytes,
        /// Whether a person had chosen them over the server's.
        overwrite: bool,
        /// The status; none when no answer came.
        status: Option<u16>,
    },
    /// All of a row's bytes came.
    Received {
        /// The row.
        row: i64,
        /// What the row's file is called.
        file_name: String,
        /// The bytes.
        content: Bytes,
        /// Whether the server counts them as held without hearing more.
        optimistic: bool,
    },
    /// The file now holds other bytes.
    Replaced {
        /// What it held before.
        before: Option<Bytes>,
        /// What it holds.
        after: Bytes,
    },
    /// What came was put beside the file.
    PutBeside(Bytes),
    /// It told the server that it holds what it was sent; whether an answer came.
    Confirmed(bool),
    /// It noted the file's content as in sync, whatever that is.
    Adopted(Bytes),
    /// A person has to choose between this and what the server has.
    Asked(Bytes),
    /// A person chose an older row.
    WentBack,
}

/// The hash that RomM and its clients compare; none of a zip that cannot be read.
pub(super) fn hash_of(bytes: &Bytes) -> Option<ContentHash> {
    let zip = zip_content_hash(std::io::Cursor::new(bytes));
    Digest::of(bytes).content(zip).hash
}

/// What a client that did this says it did.
pub(super) fn said(deeds: &[Deed]) -> Vec<(String, Said)> {
    let said = |deed: &Deed| {
        let said = match &deed.what {
            What::Sent {
                content,
                status: Some(200..=299),
                ..
            } => Said::Uploaded(hash_of(content)?),
            What::Replaced { after, .. } => Said::Downloaded(hash_of(after)?),
            What::Adopted(content) => Said::Synced(hash_of(content)),
            What::Asked(_) => Said::Conflict,
            _ => return None,
        };
        Some((deed.file.clone(), said))
    };
    deeds.iter().filter_map(said).collect()
}
