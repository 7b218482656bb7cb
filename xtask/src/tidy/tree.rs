//! The repository's files as the rules see them: those that git tracks, by path, with their text.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use super::Finding;

/// Every tracked text file.
pub struct Tree {
    pub files: Vec<File>,
}

/// One text file.
pub struct File {
    /// Below the repository's root, with `/`.
    pub path: String,
    pub text: String,
}

impl Tree {
    /// Reads what git tracks below `root`. A file that is not UTF-8 text is left out.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        // A checkout that belongs to another user is read all the same: nothing in it is run.
        let output = Command::new("git")
            .args(["-c", "safe.directory=*", "ls-files", "-z"])
            .current_dir(root)
            .output()
            .context("tidy asks git for the list of files, and git could not be started")?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr);
            bail!("git could not list the files: {}", reason.trim());
        }
        let mut files = Vec::new();
        for path in String::from_utf8(output.stdout)?.split_terminator('\0') {
            // Deleted but not yet committed, or a link to a folder.
            let Ok(bytes) = std::fs::read(root.join(path)) else {
                continue;
            };
            if let Ok(text) = String::from_utf8(bytes)
                && !text.contains('\0')
            {
                files.push(File::new(path, text));
            }
        }
        Ok(Self { files })
    }

    /// The file at `path`, if it is tracked.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Every Rust source.
    pub fn rust_files(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.has_extension("rs"))
    }
}

impl File {
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    /// Whether the path ends in `.extension`.
    pub fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| found == extension)
    }

    /// A finding about the file as a whole.
    pub fn finding(&self, message: impl Into<String>) -> Finding {
        Finding::new(&self.path, message)
    }

    /// A finding about one line, counted from zero.
    pub fn finding_at(&self, index: usize, message: impl Into<String>) -> Finding {
        Finding::new(format!("{}:{}", self.path, index + 1), message)
    }
}
