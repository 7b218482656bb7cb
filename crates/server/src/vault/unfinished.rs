//! A file on its way to its place: gone again unless it gets there.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_disk::{Disk, is_unsupported, random_digits};

/// Until it has its place it is no one else's business.
const PRIVATE: u32 = 0o600;

/// A file that has no place yet.
pub struct Unfinished {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    file: File,
    is_placed: bool,
}

impl Unfinished {
    /// Begins one in a folder, under a name that begins so.
    pub fn begin(disk: &Arc<dyn Disk>, folder: &Path, prefix: &str) -> io::Result<Self> {
        let path = folder.join(format!("{prefix}{}", random_digits()));
        Ok(Self {
            disk: Arc::clone(disk),
            file: disk.create(&path, PRIVATE)?,
            path,
            is_placed: false,
        })
    }

    /// What it is by now.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// It again, to be read from its beginning.
    pub fn reopen(&self) -> io::Result<File> {
        File::open(&self.path)
    }

    /// Says who may read and write it.
    pub fn set_mode(&self, mode: u32) -> io::Result<()> {
        self.disk.set_mode(&self.file, mode)
    }

    /// Returns when its bytes would survive a power cut.
    pub fn sync(&self) -> io::Result<()> {
        self.disk.sync(&self.file)
    }

    /// Takes its place. What was there is gone.
    pub fn place(mut self, to: &Path) -> io::Result<()> {
        self.disk.rename(&self.path, to)?;
        self.is_placed = true;
        Ok(())
    }

    /// Takes its place, if nothing is there.
    pub fn place_new(mut self, to: &Path) -> io::Result<()> {
        match self.disk.rename_new(&self.path, to) {
            // Then it has both names, until this one goes.
            Err(error) if is_unsupported(&error) => self.disk.link(&self.path, to),
            renamed => {
                self.is_placed = renamed.is_ok();
                renamed
            }
        }
    }
}

impl Write for Unfinished {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.disk.write(&mut self.file, piece)?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_placed {
            // What cannot be removed now is swept at the next start.
            let _later = self.disk.remove(&self.path);
        }
    }
}
