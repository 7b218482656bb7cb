//! Blobs as read-only files: `blobs/ab/<hash>`, written beside, flushed, renamed, flushed again.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use keepsave_core::content::BlobHash;
use tempfile::NamedTempFile;

use super::{Fault, READ_ONLY, Reader};

pub struct Disk {
    blobs: PathBuf,
    staging: PathBuf,
}

impl Disk {
    pub(super) fn open(data: &Path) -> Result<Self, Fault> {
        let disk = Self {
            blobs: data.join("blobs"),
            staging: data.join("staging"),
        };
        fs_err::create_dir_all(&disk.staging)?;
        fs_err::create_dir_all(&disk.blobs)?;
        let mut made = false;
        for first in 0..=u8::MAX {
            match fs_err::create_dir(disk.blobs.join(format!("{first:02x}"))) {
                Ok(()) => made = true,
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        if made {
            flush_directory(&disk.blobs)?;
            flush_directory(data)?;
        }
        Ok(disk)
    }

    pub(super) fn discard_unfinished(&self) -> Result<(), Fault> {
        for file in fs_err::read_dir(&self.staging)? {
            fs_err::remove_file(file?.path())?;
        }
        Ok(())
    }

    pub(super) fn blob_path(&self, hash: &BlobHash) -> PathBuf {
        let name = hash.to_string();
        self.blobs.join(&name[..2]).join(name)
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

    pub(super) fn remove(&self, hash: &BlobHash) -> Result<(), Fault> {
        match fs_err::remove_file(self.blob_path(hash)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    pub(super) fn each(
        &self,
        visit: &mut dyn FnMut(BlobHash, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for directory in fs_err::read_dir(&self.blobs)? {
            for entry in fs_err::read_dir(directory?.path())? {
                let entry = entry?;
                if let Some(hash) = entry
                    .file_name()
                    .to_str()
                    .and_then(|name| name.parse().ok())
                {
                    visit(hash, entry.metadata()?.len())?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn stage(&self, begun: &[u8]) -> Result<NamedTempFile, Fault> {
        let mut file = NamedTempFile::new_in(&self.staging)?;
        file.write_all(begun)?;
        Ok(file)
    }

    pub(super) fn keep_bytes(&self, hash: &BlobHash, bytes: &[u8]) -> Result<(), Fault> {
        if self.already_kept(hash)? {
            return Ok(());
        }
        self.keep_file(hash, self.stage(bytes)?)
    }

    pub(super) fn keep_file(&self, hash: &BlobHash, file: NamedTempFile) -> Result<(), Fault> {
        if self.already_kept(hash)? {
            return Ok(());
        }
        file.as_file()
            .set_permissions(Permissions::from_mode(READ_ONLY))?;
        file.as_file().sync_all()?;
        let path = self.blob_path(hash);
        file.persist(&path).map_err(|failed| failed.error)?;
        flush_parent(&path)
    }

    /// Another upload may have renamed the same content a moment ago and not flushed the directory
    /// yet, so that is done here too before anyone relies on it.
    fn already_kept(&self, hash: &BlobHash) -> Result<bool, Fault> {
        let path = self.blob_path(hash);
        let kept = path.try_exists()?;
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
