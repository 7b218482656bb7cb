//! How a content stands on the disk: as a file, as a packed one, or as folders.

use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// How every packed file begins.
pub(crate) const RZIP_MAGIC: [u8; 8] = *b"#RZIPv\x01#";

/// How a content stands on the disk.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// The file's bytes are the content.
    #[default]
    Raw,
    /// Packed, as `RetroArch` packs saves. On a server it is always unpacked: nothing else reads it.
    Rzip,
    /// A folder with this path. On a server it is a zip with the folder in it.
    Folder,
    /// All folders beside one another whose names begin with the last part of this path. On a server
    /// they are one zip.
    Folders,
}

impl Form {
    /// Whether it is no file, but one folder or several.
    pub const fn is_folder(self) -> bool {
        matches!(self, Self::Folder | Self::Folders)
    }

    /// Whether it is a file as it is.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks for a reference"
    )]
    pub(crate) fn is_raw(&self) -> bool {
        *self == Self::Raw
    }

    /// How a file that begins with `head` holds its content.
    pub fn of_head(head: &[u8]) -> Self {
        if head.starts_with(&RZIP_MAGIC) {
            Self::Rzip
        } else {
            Self::Raw
        }
    }

    /// How the file at `path` holds its content; a file that cannot be read does as it is.
    pub fn of_file(path: &Path) -> Self {
        let mut head = [0; RZIP_MAGIC.len()];
        let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
        read.map_or(Self::Raw, |()| Self::of_head(&head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_seen_in_the_first_bytes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.srm");
        for (bytes, form) in [
            (&b"#RZIPv\x01#"[..], Form::Rzip),
            (b"#RZIPv\x01# and more", Form::Rzip),
            (b"#RZIPv\x02#", Form::Raw),
            (b"#RZIPv", Form::Raw),
            (b"", Form::Raw),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(Form::of_file(&path), form, "{bytes:?}");
        }
        assert_eq!(Form::of_file(&directory.path().join("none")), Form::Raw);
    }
}
