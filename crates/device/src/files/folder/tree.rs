//! What is in the folders of a save, before any of it is read.

use std::ffi::OsStr;
use std::fs::{Metadata, ReadDir};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use keepsave_core::content::Digest;
use keepsave_core::limits;

use super::super::disk::parent_of;
use super::super::form::Form;
use super::super::names::local_name;
use super::super::place;
use super::super::scratch;
use super::super::snapshot::{ReadError, Stamp};
use super::{unreadable, zipping};

/// Where a save's folders are, or would be.
#[derive(Debug)]
pub(crate) struct Place {
    /// The path that was asked for, links followed.
    pub real: PathBuf,
    /// The folders that are there, by name.
    pub roots: Vec<PathBuf>,
}

/// Looks for the folders that `path` means in that form.
pub(crate) fn find(path: &Path, form: Form) -> Result<Place, ReadError> {
    let missing = || -> Result<Place, ReadError> {
        let real = place::find(path)?.real;
        let roots = Vec::new();
        Ok(Place { real, roots })
    };
    if form == Form::Folder {
        return match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                let real = path
                    .canonicalize()
                    .map_err(|error| unreadable(path, error))?;
                let roots = vec![real.clone()];
                Ok(Place { real, roots })
            }
            Ok(_) => Err(part(path, "is a file, and a folder is meant")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing(),
            Err(error) => Err(unreadable(path, error)),
        };
    }
    let container = match parent_of(path).canonicalize() {
        Ok(container) => container,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return missing(),
        Err(error) => return Err(unreadable(path, error)),
    };
    let prefix = path.file_name().unwrap_or_default();
    let entries = std::fs::read_dir(&container).map_err(|error| unreadable(&container, error))?;
    let roots = named(entries, prefix).map_err(|error| unreadable(&container, error))?;
    Ok(Place {
        real: container.join(prefix),
        roots,
    })
}

/// The folders whose names so begin. A link to one is taken for it here, and refused when it is read.
fn named(entries: ReadDir, prefix: &OsStr) -> io::Result<Vec<PathBuf>> {
    let mut roots = Vec::new();
    for entry in entries {
        let entry = entry?;
        let is_named = entry.file_name().as_bytes().starts_with(prefix.as_bytes());
        if is_named && entry.path().is_dir() {
            roots.push(entry.path());
        }
    }
    roots.sort();
    Ok(roots)
}

/// A file or a folder, as it stands in the zip.
#[derive(Debug)]
pub(crate) struct Node {
    /// From the root on; that of a folder ends with a slash.
    pub name: String,
    pub path: PathBuf,
    pub stamp: Stamp,
}

impl Node {
    pub fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }
}

/// All that is in the folders of a save, each folder before what is in it.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(super) nodes: Vec<Node>,
    bytes: u64,
}

impl Tree {
    /// What is in these folders. `path` is what the whole is called.
    pub fn of(roots: &[PathBuf], path: &Path) -> Result<Self, ReadError> {
        let mut tree = Self::default();
        for root in roots {
            let metadata = metadata(root)?;
            tree.add(root, &metadata, "", 0, path)?;
        }
        Ok(tree)
    }

    fn add(
        &mut self,
        at: &Path,
        metadata: &Metadata,
        above: &str,
        depth: usize,
        whole: &Path,
    ) -> Result<(), ReadError> {
        let name = at.file_name().unwrap_or_default();
        let Some(name) = name.to_str().filter(|name| local_name(name).is_ok()) else {
            return Err(part(at, "has a name that not every system can have"));
        };
        if self.nodes.len() >= limits::ZIP_ENTRIES || depth > limits::FOLDER_SAVE_DEPTH {
            return Err(part(whole, "holds more files than a save does"));
        }
        let stamp = Stamp::of(metadata);
        if metadata.is_dir() {
            let name = format!("{above}{name}/");
            let inner = children(at)?;
            self.nodes.push(Node {
                name: name.clone(),
                path: at.to_owned(),
                stamp,
            });
            for (path, metadata) in inner {
                self.add(&path, &metadata, &name, depth + 1, whole)?;
            }
            return Ok(());
        }
        if !metadata.is_file() {
            return Err(part(at, "is neither a file nor a folder"));
        }
        self.bytes = self.bytes.saturating_add(stamp.size);
        if self.bytes > limits::FOLDER_SAVE_BYTES {
            return Err(part(whole, "is larger than a save is"));
        }
        self.nodes.push(Node {
            name: format!("{above}{name}"),
            path: at.to_owned(),
            stamp,
        });
        Ok(())
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.nodes.iter().all(Node::is_folder)
    }

    pub fn first_root(&self) -> Option<&Path> {
        let root = self.nodes.first().filter(|_| !self.is_empty());
        root.map(|root| root.path.as_path())
    }

    /// One stamp for all of it. As size it has that of the zip.
    pub fn stamp(&self) -> Stamp {
        let mut all = Vec::new();
        let (mut mtime_ns, mut ctime_ns) = (i64::MIN, i64::MIN);
        for node in &self.nodes {
            let stamp = &node.stamp;
            all.extend_from_slice(node.name.as_bytes());
            all.push(0);
            // Where it stands is no part of what it is: a folder that is moved is the same.
            for number in [stamp.mtime_ns, stamp.ctime_ns, stamp.inode.cast_signed()] {
                all.extend_from_slice(&number.to_le_bytes());
            }
            all.extend_from_slice(&stamp.size.to_le_bytes());
            ctime_ns = ctime_ns.max(stamp.ctime_ns);
            if !node.is_folder() {
                mtime_ns = mtime_ns.max(stamp.mtime_ns);
            }
        }
        let digest = Digest::of(&all).blob.0;
        let (inode, _) = digest.split_at(8);
        Stamp {
            size: zipping::size_of(&self.nodes),
            mtime_ns,
            ctime_ns,
            inode: inode.try_into().map_or(0, u64::from_le_bytes),
            device: self.nodes.first().map_or(0, |node| node.stamp.device),
        }
    }
}

/// What is in a folder, by name. What is being written there is not part of it.
fn children(folder: &Path) -> Result<Vec<(PathBuf, Metadata)>, ReadError> {
    let failed = |error| unreadable(folder, error);
    let mut inner = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if scratch::is_scratch(&entry.file_name()) {
            continue;
        }
        let path = entry.path();
        let metadata = metadata(&path)?;
        inner.push((path, metadata));
    }
    inner.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(inner)
}

fn metadata(path: &Path) -> Result<Metadata, ReadError> {
    let metadata = path.symlink_metadata();
    let metadata = metadata.map_err(|error| unreadable(path, error))?;
    if metadata.is_symlink() {
        return Err(part(
            path,
            "is a link, and a save that is a folder holds none",
        ));
    }
    Ok(metadata)
}

fn part(path: &Path, why: &'static str) -> ReadError {
    ReadError::Part {
        path: path.to_owned(),
        why,
    }
}
