//! How a file holds a content: as it is, or packed.

use serde::Serialize;

/// How a file holds its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// The file's bytes are the content.
    #[default]
    Raw,
    /// Packed, as `RetroArch` packs saves. On a server it is always unpacked: nothing else reads it.
    Rzip,
}
