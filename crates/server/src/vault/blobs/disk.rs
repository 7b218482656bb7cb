//! Blobs as read-only files: `blobs/ab/<hash>`, written beside, flushed, renamed, flushed again.
//!
//! A folder is made when the first blob comes into it: making all of them would be most of what a
//! first start does.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use keepsave_core::content::BlobHash;
use keepsave_disk::{Disk, make_directory, parent_of};

use super::lately::Lately;
use super::{Fault, READ_ONLY, Reader};
use crate::vault::FOLDER;
use crate::vault::unfinished::Unfinished;

pub struct Files {
    disk: Arc<dyn Disk>,
    blobs: PathBuf,
    staging: PathBuf,
    quarantine: PathBuf,
    /// Which folders are there and would survive a power cut.
    folders: Mutex<[bool; 256]>,
    pub(super) lately: Lately,
}

impl Files {
    pub(super) fn open(disk: Arc<dyn Disk>, data: &Path) -> Result<Self, Fault> {
        let files = Self {
            disk,
            blobs: data.join("blobs"),
            staging: data.join("staging"),
            quarantine: data.join("quarantine"),
            folders: Mutex::new([false; 256]),
            lately: Lately::default(),
        };
        files.disk.create_directory(&files.staging, FOLDER)?;
        make_directory(&*files.disk, &files.blobs, FOLDER)?;
        files.find_folders()?;
        Ok(files)
    }

    /// A run that ended early may have left folders that were never flushed.
    fn find_folders(&self) -> Result<(), Fault> {
        self.disk.sync_directory(&self.blobs)?;
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        for (first, there) in (0..=u8::MAX).zip(folders.iter_mut()) {
            *there = self.folder(first).try_exists()?;
        }
        Ok(())
    }

    fn folder(&self, first: u8) -> PathBuf {
        self.blobs.join(format!("{first:02x}"))
    }

    /// Under the lock: whoever comes second must not rely on a folder before it is flushed.
    fn need_folder(&self, hash: &BlobHash) -> Result<(), Fault> {
        let first = hash.0[0];
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let there = &mut folders[usize::from(first)];
        if !*there {
            self.disk.create_directory(&self.folder(first), FOLDER)?;
            self.disk.sync_directory(&self.blobs)?;
            *there = true;
        }
        Ok(())
    }

    pub(super) fn discard_unfinished(&self) -> Result<(), Fault> {
        for file in fs_err::read_dir(&self.staging)? {
            self.disk.remove(&file?.path())?;
        }
        Ok(())
    }

    pub(super) fn blob_path(&self, hash: &BlobHash) -> PathBuf {
        self.folder(hash.0[0]).join(hash.to_string())
    }

    pub(super) fn open_blob(&self, hash: &BlobHash) -> Result<Reader, Fault> {
        let file = File::open(self.blob_path(hash)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Fault::BlobMissing(*hash),
            _ => Fault::File(error),
        })?;
        let size = file.metadata()?.len();
        Ok(Reader::File { file, size })
    }

    pub(super) fn contains(&self, hash: &BlobHash) -> Result<bool, Fault> {
        Ok(self.blob_path(hash).try_exists()?)
    }

    pub(super) fn remove(&self, hash: &BlobHash) -> Result<bool, Fault> {
        let removal = || self.disk.remove(&self.blob_path(hash));
        match self.lately.unless_lately(hash, removal) {
            None => Ok(false),
            Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            Some(_) => Ok(true),
        }
    }

    pub(super) fn quarantine(&self, hash: &BlobHash) -> Result<PathBuf, Fault> {
        make_directory(&*self.disk, &self.quarantine, FOLDER)?;
        let (from, to) = (self.blob_path(hash), self.quarantine.join(hash.to_string()));
        self.disk.rename(&from, &to)?;
        // A power cut may have left it both names, and then a rename does nothing.
        if from.try_exists()? {
            self.disk.remove(&from)?;
        }
        self.disk.sync_directory(&self.quarantine)?;
        self.disk.sync_directory(parent_of(&from))?;
        Ok(to)
    }

    pub(super) fn beginning_with(&self, first: u8) -> Result<Vec<(BlobHash, u64)>, Fault> {
        let mut found = Vec::new();
        let folder = self.folder(first);
        if !folder.try_exists()? {
            return Ok(found);
        }
        for entry in fs_err::read_dir(folder)? {
            let entry = entry?;
            if let Some(hash) = entry.file_name().to_str().and_then(|it| it.parse().ok()) {
                found.push((hash, entry.metadata()?.len()));
            }
        }
        Ok(found)
    }

    pub(super) fn stage(&self, begun: &[u8]) -> Result<Unfinished, Fault> {
        let mut file = Unfinished::begin(&self.disk, &self.staging, "")?;
        file.write_all(begun)?;
        Ok(file)
    }

    pub(super) fn keep_bytes(&self, hash: &BlobHash, bytes: &[u8]) -> Result<(), Fault> {
        if self.already_kept(hash, bytes.len() as u64)? {
            return Ok(());
        }
        self.place(hash, self.stage(bytes)?)
    }

    pub(super) fn keep_file(&self, hash: &BlobHash, file: Unfinished) -> Result<(), Fault> {
        if self.already_kept(hash, file.file().metadata()?.len())? {
            return Ok(());
        }
        self.place(hash, file)
    }

    fn place(&self, hash: &BlobHash, file: Unfinished) -> Result<(), Fault> {
        file.set_mode(READ_ONLY)?;
        file.sync()?;
        self.need_folder(hash)?;
        let path = self.blob_path(hash);
        file.place(&path)?;
        Ok(self.disk.sync_directory(parent_of(&path))?)
    }

    /// Another upload may have renamed the same content a moment ago and not flushed the directory
    /// yet, so that is done here too before anyone relies on it. A file that lost bytes is none.
    fn already_kept(&self, hash: &BlobHash, size: u64) -> Result<bool, Fault> {
        self.lately.note(hash);
        let path = self.blob_path(hash);
        let kept = match path.metadata() {
            Ok(file) => file.len() == size,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
            Err(error) => return Err(error.into()),
        };
        if kept {
            self.disk.sync_directory(parent_of(&path))?;
        }
        Ok(kept)
    }
}
