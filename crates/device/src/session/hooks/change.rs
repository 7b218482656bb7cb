//! One change for a hook: shown before it is made, and made only to what was looked at.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::Refused;
use crate::library::looking;

/// Scripts may be run by everyone, and written by their owner.
const SCRIPT: u32 = 0o755;
/// What is no script may be read by everyone.
const PLAIN: u32 = 0o644;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A script is written.
    Write {
        /// Where.
        path: PathBuf,
        /// What we wrote there earlier.
        before: Option<String>,
        /// What is in it.
        text: String,
    },
    /// A setting of the frontend is changed.
    Set {
        /// In which file.
        path: PathBuf,
        /// The file as it is.
        before: Option<String>,
        /// The file as it will be.
        after: String,
        /// The line that is new.
        line: String,
    },
    /// A script of ours is removed.
    Remove {
        /// Which.
        path: PathBuf,
        /// What is in it.
        before: String,
    },
}

impl Change {
    /// What it will do, for a person.
    pub fn told(&self) -> String {
        match self {
            Self::Write { path, text, .. } => {
                let lines = text.lines().map(|line| format!("  {line}"));
                let lines: Vec<String> = lines.collect();
                format!("write {}:\n{}", path.display(), lines.join("\n"))
            }
            Self::Set { path, line, .. } => format!("in {}, set\n  {line}", path.display()),
            Self::Remove { path, .. } => format!("remove {}", path.display()),
        }
    }

    /// Makes it, if everything is still as it was looked at.
    pub fn make(&self) -> io::Result<()> {
        match self {
            Self::Write {
                path,
                before: None,
                text,
            } => {
                if let Some(directory) = path.parent() {
                    fs::create_dir_all(directory)?;
                }
                let mode = if text.starts_with("#!") {
                    SCRIPT
                } else {
                    PLAIN
                };
                let mut new = OpenOptions::new();
                let mut file = new.write(true).create_new(true).mode(mode).open(path)?;
                file.write_all(text.as_bytes())?;
                file.sync_all()
            }
            Self::Write { path, before, text } => {
                unchanged(path, before.as_deref())?;
                replace(path, text)
            }
            Self::Set {
                path,
                before,
                after,
                ..
            } => {
                unchanged(path, before.as_deref())?;
                replace(path, after)
            }
            Self::Remove { path, before } => {
                unchanged(path, Some(before))?;
                fs::remove_file(path)
            }
        }
    }
}

/// What is in a file, which may not be there.
pub(super) fn read(path: &Path) -> Result<Option<String>, Refused> {
    let refused = |why: String| Refused::Unreadable {
        path: path.to_owned(),
        why,
    };
    let text = looking::read(path).map_err(refused)?;
    // What is no text would not be written back as it was.
    match text {
        Some(text) if text.contains('\u{fffd}') => Err(refused("it is no text".to_owned())),
        text => Ok(text),
    }
}

fn unchanged(path: &Path, before: Option<&str>) -> io::Result<()> {
    let now = read(path).map_err(io::Error::other)?;
    if now.as_deref() == before {
        return Ok(());
    }
    let why = format!("{} changed meanwhile and stays as it is", path.display());
    Err(io::Error::other(why))
}

/// Puts a whole new file in the place of one, or of none. Where it is a link, what that leads to.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let beside = target.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(beside)?;
    let mut file = tempfile::NamedTempFile::new_in(beside)?;
    file.write_all(text.as_bytes())?;
    match target.metadata() {
        Ok(about) => file.as_file().set_permissions(about.permissions())?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    file.as_file().sync_all()?;
    file.persist(&target)?;
    Ok(())
}
