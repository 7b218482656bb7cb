//! How a file holds a content: as it is, or packed.

use std::io::Read;
use std::path::Path;

use serde::Serialize;

/// How every packed file begins.
pub(crate) const RZIP_MAGIC: [u8; 8] = *b"#RZIPv\x01#";

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

impl Form {
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
