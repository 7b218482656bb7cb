//! Small files of our own, written as a whole: all of it or nothing, and durably.

use std::fs::{DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use super::disk::parent_of;

/// Directories that are made for such files are their owner's alone.
const PRIVATE_DIRECTORY: u32 = 0o700;

/// Writes a file that is its owner's alone. Where it is a link, what that leads to is replaced.
pub(crate) fn write_whole(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder
        .recursive(true)
        .mode(PRIVATE_DIRECTORY)
        .create(parent_of(path))?;
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let beside = parent_of(&target);
    // Such a file is its owner's alone from the start.
    let mut file = tempfile::NamedTempFile::new_in(beside)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist(&target)?;
    File::open(beside)?.sync_all()
}
