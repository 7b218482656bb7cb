//! Unpacks a zip that came in: into a directory of our own, and only what can be a save of the
//! folders that it is for.

use std::collections::BTreeSet;
use std::fs::{File, FileTimes, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};

use keepsave_core::content::{Unzip, UnzipError};
use keepsave_core::limits;

use super::super::disk::Disk;
use super::super::form::Form;
use super::super::incoming::Problem;
use super::super::names::local_name;
use super::super::placing::{system_time, tolerate};
use keepsave_core::time::Time;

const FILE_MODE: u32 = 0o666;
const DIRECTORY_MODE: u32 = 0o777;

/// What may come, and how it is to look.
pub(crate) struct Welcome<'a> {
    pub disk: &'a dyn Disk,
    /// One folder, or several that begin alike.
    pub form: Form,
    /// The folder's name, or how theirs begin.
    pub name: &'a str,
    /// Whose the directory is that they come into.
    pub owner: &'a Metadata,
    pub mtime: Option<Time>,
}

/// Unpacks all of the zip, and gives the names of the folders. Every byte is durable then.
pub(crate) fn unpack(
    zip: &File,
    into: &Path,
    welcome: &Welcome<'_>,
) -> Result<Vec<String>, Problem> {
    let mut unzip = Unzip::open(io::BufReader::new(zip)).ok_or_else(|| refused("it is no zip"))?;
    if let Some(link) = unzip.link() {
        return Err(refused(&format!("{link:?} is a link")));
    }
    let members = unzip.members();
    let size: u64 = members.iter().map(|member| member.size).sum();
    if members.is_empty() || size > limits::FOLDER_SAVE_BYTES {
        return Err(refused("it holds nothing, or more than a save does"));
    }
    let mut roots = BTreeSet::new();
    let mut made = BTreeSet::new();
    for (at, member) in members.iter().enumerate() {
        let (root, below) = welcome.path_of(&member.name)?;
        roots.insert(root);
        let path = into.join(&below);
        welcome.make_above(&below, into, &mut made)?;
        let mut file = welcome.disk.create(&path, FILE_MODE)?;
        let mut sink = Sink(welcome.disk, &mut file);
        unzip.copy(at, &mut sink).map_err(|error| match error {
            UnzipError::Sink(error) => error.into(),
            error @ UnzipError::Damaged(_) => refused(&error.to_string()),
        })?;
        welcome.dress(&file)?;
    }
    for directory in made.iter().rev() {
        welcome.disk.sync_directory(directory)?;
    }
    welcome.disk.sync_directory(into)?;
    Ok(roots.into_iter().collect())
}

impl Welcome<'_> {
    /// The folder that a file is in, and where it goes.
    fn path_of(&self, name: &str) -> Result<(String, PathBuf), Problem> {
        let parts: Vec<&str> = name.split('/').collect();
        let is_safe = parts.iter().all(|part| local_name(part).is_ok());
        if !is_safe || parts.len() > limits::FOLDER_SAVE_DEPTH {
            return Err(refused(&format!(
                "{name:?} leads elsewhere, or can be no file"
            )));
        }
        let root = parts[0];
        let is_ours = match self.form {
            Form::Folders => root.starts_with(self.name),
            _ => root == self.name,
        };
        if !is_ours || parts.len() < 2 {
            let name = self.name;
            return Err(refused(&format!(
                "it holds {root:?}, and {name:?} is meant"
            )));
        }
        Ok((root.to_owned(), parts.iter().collect()))
    }

    /// Makes the folders that a file is in.
    fn make_above(
        &self,
        below: &Path,
        into: &Path,
        made: &mut BTreeSet<PathBuf>,
    ) -> Result<(), Problem> {
        let above: Vec<&Path> = below.ancestors().skip(1).collect();
        for folder in above.into_iter().rev() {
            if folder.as_os_str().is_empty() || made.contains(&into.join(folder)) {
                continue;
            }
            let folder = into.join(folder);
            self.disk.create_directory(&folder, DIRECTORY_MODE)?;
            self.give(&File::open(&folder)?)?;
            made.insert(folder);
        }
        Ok(())
    }

    fn dress(&self, file: &File) -> Result<(), Problem> {
        self.give(file)?;
        if let Some(mtime) = self.mtime {
            let times = FileTimes::new().set_modified(system_time(mtime));
            tolerate(file.set_times(times))?;
        }
        Ok(self.disk.sync(file)?)
    }

    /// What comes belongs to whom the directory does, where that can be had.
    fn give(&self, file: &File) -> io::Result<()> {
        let (new, owner) = (file.metadata()?, self.owner);
        if (new.uid(), new.gid()) == (owner.uid(), owner.gid()) {
            return Ok(());
        }
        tolerate(fchown(file, Some(owner.uid()), Some(owner.gid())))
    }
}

fn refused(why: &str) -> Problem {
    Problem::Refused(why.to_owned())
}

struct Sink<'a>(&'a dyn Disk, &'a mut File);

impl Write for Sink<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.write(self.1, piece)?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
