//! How values stand in a column that SQLite knows no type for.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// A slot's name behind `=`; empty for the null slot, so that it can be part of a key.
pub(super) fn slot(slot: Option<&str>) -> String {
    slot.map(|slot| format!("={slot}")).unwrap_or_default()
}

/// The slot that a column holds.
pub(super) fn slot_of(column: &str) -> Option<String> {
    column.strip_prefix('=').map(str::to_owned)
}

/// A path in whatever encoding.
pub(super) fn path(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

/// The path that a column holds.
pub(super) fn path_of(column: Vec<u8>) -> PathBuf {
    OsString::from_vec(column).into()
}
