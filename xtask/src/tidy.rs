//! The rules of the house that a machine can check and the compiler does not.
//!
//! A rule is a function from files or metadata to findings; it reads nothing itself, so its test
//! can hand it a bad example. Only this file and `tree` touch the disk.

mod crates;
mod documents;
mod hygiene;
mod licences;
mod rust_code;
mod rust_files;
mod tree;

use std::fmt;
use std::path::Path;

use anyhow::Context as _;

use self::crates::Metadata;
use self::licences::Allowed;
use self::tree::Tree;

/// One broken rule at one place.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    place: String,
    message: String,
}

impl Finding {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Every broken rule in the repository at `root`.
pub fn findings(root: &Path) -> anyhow::Result<Vec<Finding>> {
    let tree = Tree::read(root)?;
    let metadata = Metadata::ask_cargo(root)?;
    let deny = tree.file("deny.toml").context("deny.toml is missing")?;
    let allowed = Allowed::from_deny_toml(&deny.text)?;

    let mut findings = Vec::new();
    findings.extend(tree.files.iter().flat_map(hygiene::findings));
    findings.extend(tree.rust_files().flat_map(rust_files::findings));
    findings.extend(crates::findings(&metadata));
    findings.extend(licences::findings(&metadata, &allowed));
    findings.extend(documents::findings(&tree));
    Ok(findings)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_repository_is_tidy() {
        let findings = super::findings(crate::repository()).unwrap();
        let report: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(report.is_empty(), "\n{}\n", report.join("\n"));
    }
}
