//! Blobs as read-only files: `blobs/ab/<hash>`, written beside, flushed, renamed, flushed again.
//!
//! A folder is made when the first blob comes into it: making all of them would be most of what a
//! first start does.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use keepsave_core::content::BlobHash;
use tempfile::NamedTempFile;

use super::lately::Lately;
use super::{Fault, READ_ONLY, Reader};

pub struct Disk {
    blobs: PathBuf,
    staging: PathBuf,
    quarantine: PathBuf,
    /// Which folders are there and would survive a power cut.
    folders: Mutex<[bool; 256]>,
    pub(super) lately: Lately,
}

impl Disk {
    pub(super) fn open(data: &Path) -> Result<Self, Fault> {
        let disk = Self {
            blobs: data.join("blobs"),
            staging: data.join("staging"),
            quarantine: data.join("quarantine"),
            folders: Mutex::new([false; 256]),
            lately: Lately::default(),
        };
        fs_err::create_dir_all(&disk.staging)?;
        if !disk.blobs.try_exists()? {
            fs_err::create_dir_all(&disk.blobs)?;
            flush_directory(data)?;
        }
        disk.find_folders()?;
        Ok(disk)
    }

    /// A run that ended early may have left folders that were never flushed.
    fn find_folders(&self) -> Result<(), Fault> {
        flush_directory(&self.blobs)?;
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
            fs_err::create_dir_all(self.folder(first))?;
            flush_directory(&self.blobs)?;
            *there = true;
        }
        Ok(())
    }

    pub(super) fn discard_unfinished(&self) -> Result<(), Fault> {
        for file in fs_err::read_dir(&self.staging)? {
            fs_err::remove_file(file?.path())?;
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
        let removal = || fs_err::remove_file(self.blob_path(hash));
        match self.lately.unless_lately(hash, removal) {
            None => Ok(false),
            Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            Some(_) => Ok(true),
        }
    }

    pub(super) fn quarantine(&self, hash: &BlobHash) -> Result<PathBuf, Fault> {
        fs_err::create_dir_all(&self.quarantine)?;
        let to = self.quarantine.join(hash.to_string());
        fs_err::rename(self.blob_path(hash), &to)?;
        flush_directory(&self.quarantine)?;
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

    pub(super) fn stage(&self, begun: &[u8]) -> Result<NamedTempFile, Fault> {
        let mut file = NamedTempFile::new_in(&self.staging)?;
        file.write_all(begun)?;
        Ok(file)
    }

    pub(super) fn keep_bytes(&self, hash: &BlobHash, bytes: &[u8]) -> Result<(), Fault> {
        if self.already_kept(hash, bytes.len() as u64)? {
            return Ok(());
        }
        self.place(hash, self.stage(bytes)?)
    }

    pub(super) fn keep_file(&self, hash: &BlobHash, file: NamedTempFile) -> Result<(), Fault> {
        if self.already_kept(hash, file.as_file().metadata()?.len())? {
            return Ok(());
        }
        self.place(hash, file)
    }

    fn place(&self, hash: &BlobHash, file: NamedTempFile) -> Result<(), Fault> {
        file.as_file()
            .set_permissions(Permissions::from_mode(READ_ONLY))?;
        file.as_file().sync_all()?;
        self.need_folder(hash)?;
        let path = self.blob_path(hash);
        file.persist(&path).map_err(|failed| failed.error)?;
        flush_parent(&path)
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
            flush_parent(&path)?;
        }
        Ok(kept)
    }
}

fn flush_parent(path: &Path) -> Result<(), Fault> {
    path.parent().map_or(Ok(()), flush_directory)
}

fn flush_directory(directory: &Path) -> Result<(), Fault> {
    Ok(File::open(directory)?.sync_all()?)
}
