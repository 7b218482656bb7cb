//! Where a path leads: links are followed to the real file, also to one that is not there yet.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use keepsave_core::limits;

use super::disk::parent_of;
use super::snapshot::ReadError;

/// The place that a path means.
#[derive(Debug)]
pub(crate) struct Place {
    /// Free of links.
    pub real: PathBuf,
    /// The regular file there, if there is one.
    pub found: Option<Metadata>,
}

/// Follows `path`. A link to a file that is not there leads to where the file would be; a link into
/// a directory that is not there leads nowhere, for that is what a card that is not mounted looks
/// like.
pub(crate) fn find(path: &Path) -> Result<Place, ReadError> {
    let unreadable = |source| ReadError::Unreadable {
        path: path.to_owned(),
        source,
    };
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Place {
            real: path.canonicalize().map_err(unreadable)?,
            found: Some(metadata),
        }),
        Ok(metadata) => Err(not_a_file(path, &metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Place {
            real: where_it_would_be(path)?,
            found: None,
        }),
        Err(source) => Err(unreadable(source)),
    }
}

pub(crate) fn not_a_file(path: &Path, metadata: &Metadata) -> ReadError {
    let path = path.to_owned();
    let kind = metadata.file_type();
    let kind = match () {
        () if kind.is_dir() => return ReadError::Directory { path },
        () if kind.is_socket() => "a socket",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_block_device() || kind.is_char_device() => "a device",
        () => "no regular file",
    };
    ReadError::NotAFile { path, kind }
}

/// The path with its links followed, as far as they lead.
fn where_it_would_be(path: &Path) -> Result<PathBuf, ReadError> {
    let mut at = path.to_owned();
    for _ in 0..limits::LINKS_FOLLOWED {
        let Ok(target) = std::fs::read_link(&at) else {
            break;
        };
        at = parent_of(&at).join(target);
        if !parent_of(&at).is_dir() {
            return Err(leads_nowhere(path, &at));
        }
    }
    if let Some(link) = broken_link_above(&at) {
        return Err(leads_nowhere(path, link));
    }
    Ok(match (parent_of(&at).canonicalize(), at.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => at,
    })
}

fn leads_nowhere(path: &Path, to: &Path) -> ReadError {
    ReadError::LeadsNowhere {
        path: path.to_owned(),
        to: to.to_owned(),
    }
}

/// A directory that is only missing can be made; one that a link promises cannot.
fn broken_link_above(path: &Path) -> Option<&Path> {
    let mut above = path.ancestors().skip(1);
    let nearest = above.find_map(|at| Some((at, at.symlink_metadata().ok()?)))?;
    (nearest.1.is_symlink() && !nearest.0.is_dir()).then_some(nearest.0)
}
