//! Saves that are folders: several files in one folder, or in several beside one another.
//!
//! Such a save is one content: a zip that is made of the folders while they are read, always the same
//! bytes for the same files ([`Zipping`]). It travels as that, is hashed as that, and stands in the
//! journal as that. What comes down is unpacked beside its place and then takes it ([`placing`]); what
//! a run left behind that died meanwhile is put in order by [`recovery`].

mod placing;
pub(crate) mod recovery;
mod room;
mod tree;
pub(crate) mod unpacking;
mod zipping;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use keepsave_core::content::{Content, Digester};
use keepsave_core::limits;

pub(super) use self::placing::commit;
pub(crate) use self::placing::put_away;
pub(crate) use self::tree::{Place, Tree, find};
pub(crate) use self::zipping::{Zipping, is_change};
use super::form::Form;
use super::known::{Fingerprint, Hashed, Known};
use super::reading::{Broken, Sink, Whole};
use super::snapshot::{ReadError, Snapshot, Stamp};

/// How much is read at once.
const PIECE_BYTES: usize = 128 * 1024;

/// What the folders at `path` hold, as one content. None where there are none, or no file in them.
pub(crate) fn snapshot(
    path: &Path,
    form: Form,
    known: &dyn Known,
) -> Result<Option<Snapshot>, ReadError> {
    let Place { real, roots } = find(path, form)?;
    let tree = Tree::of(&roots, path)?;
    if tree.is_empty() {
        return Ok(None);
    }
    let stamp = tree.stamp();
    if let Some(fingerprint) = known.find(path, Hashed::Content, &stamp) {
        return Ok(Some(of_folder(path, real, form, stamp, fingerprint)));
    }
    // Before the bytes: a change that comes after them must not look older than this.
    let now = known.now();
    let mut look = || Tree::of(&find(path, form)?.roots, path);
    let (stamp, fingerprint) = match steady(path, &mut look, &mut ()) {
        Ok(Some((stamp, _, fingerprint))) => (stamp, fingerprint),
        Ok(None) => return Ok(None),
        Err(Broken::Read(error)) => return Err(error),
        Err(Broken::Sink(source)) => return Err(unreadable(path, source)),
    };
    known.remember(path, Hashed::Content, &stamp, &fingerprint, now);
    Ok(Some(of_folder(path, real, form, stamp, fingerprint)))
}

/// The stamp of all that the folders at `path` hold; none where there are none.
pub(crate) fn stamp(path: &Path, form: Form) -> Option<Stamp> {
    let tree = Tree::of(&find(path, form).ok()?.roots, path).ok()?;
    (!tree.is_empty()).then(|| tree.stamp())
}

/// Hands on the zip of folders, wherever they stand. `path` is what is said of them.
pub(crate) fn whole(
    path: &Path,
    look: &mut dyn FnMut() -> Result<Tree, ReadError>,
    sink: &mut dyn Sink,
) -> Result<Option<Whole>, Broken> {
    let first = look()?.first_root().map(Path::to_owned);
    let Some(first) = first else { return Ok(None) };
    let file = File::open(first).map_err(|source| unreadable(path, source))?;
    let read = steady(path, look, sink)?;
    Ok(read.map(|(stamp, digest, fingerprint)| Whole {
        file,
        stamp,
        digest,
        content: fingerprint.content,
    }))
}

/// Reads folders until nothing changed meanwhile.
fn steady(
    path: &Path,
    look: &mut dyn FnMut() -> Result<Tree, ReadError>,
    sink: &mut dyn Sink,
) -> Result<Option<(Stamp, keepsave_core::content::Digest, Fingerprint)>, Broken> {
    for _ in 0..limits::READS_OF_A_CHANGING_FILE {
        let tree = look()?;
        if tree.is_empty() {
            return Ok(None);
        }
        let before = tree.stamp();
        sink.begin().map_err(Broken::Sink)?;
        let mut zipping = Zipping::of(tree);
        let mut own = Digester::new();
        let mut buffer = vec![0; PIECE_BYTES];
        let read = loop {
            match zipping.read(&mut buffer) {
                Ok(0) => break Ok(()),
                Ok(length) => {
                    own.update(&buffer[..length]);
                    sink.piece(&buffer[..length]).map_err(Broken::Sink)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        match read {
            Ok(()) if look()?.stamp() == before => {
                let digest = own.finish();
                let fingerprint = Fingerprint {
                    content: Content {
                        hash: Some(zipping.hash()),
                        blob: digest.blob,
                    },
                    blank: zipping.blank(),
                    packed: None,
                };
                return Ok(Some((before, digest, fingerprint)));
            }
            Err(error) if !is_change(&error) => return Err(unreadable(path, error).into()),
            _ => {}
        }
    }
    Err(Broken::Read(ReadError::Changing {
        path: path.to_owned(),
    }))
}

fn of_folder(
    path: &Path,
    real: PathBuf,
    form: Form,
    stamp: Stamp,
    fingerprint: Fingerprint,
) -> Snapshot {
    Snapshot {
        form,
        ..Snapshot::new(path, real, stamp, fingerprint)
    }
}

fn unreadable(path: &Path, source: io::Error) -> ReadError {
    ReadError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
