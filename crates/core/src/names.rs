//! Names of files: what is taken from an upload, how it is tagged, taken apart and sent.
//!
//! RomM's rules, as measured, because clients know them: what they pair, strip and show depends
//! on these names to the letter. Nothing here knows what a file holds or where it is kept.

mod headers;
mod parts;
mod tags;
mod titles;

use std::fmt;

use crate::limits;

pub use self::headers::{Disposition, content_disposition, rom_content_disposition};
pub use self::parts::NameParts;
pub use self::tags::{distinct, pairing_name, tagged, untagged};
pub use self::titles::{RomTitle, sort_key};

/// A name that is safe as one component of a path: no separator, not empty, no `.` or `..`.
///
/// Names that mean a device on Windows (`NUL`, `com1.srm`) are names like any other, as they are
/// to RomM: a save is found by its id and stored by its hash, never by opening its name. Who
/// writes names to a disk where such a name is special has to see to it there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

impl FileName {
    /// A name that was taken before, read back from where it was stored.
    pub fn stored(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for FileName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

/// Why an upload's name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// There is none.
    Missing,
    /// Nothing of it is left.
    Empty,
    /// It would not fit on a disk once it is tagged.
    TooLong,
    /// It has characters that no name has.
    ControlCharacters,
}

/// What is uploaded. It gives the sentences of [`NameError`] their subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssetKind {
    /// A save.
    Save,
    /// A save state.
    State,
    /// A screenshot.
    Screenshot,
}

impl NameError {
    /// The sentence for the client: RomM's where RomM has one.
    pub fn detail(self, kind: AssetKind) -> String {
        let (subject, noun) = match kind {
            AssetKind::Save => ("Save", "save"),
            AssetKind::State => ("State", "state"),
            AssetKind::Screenshot => ("Screenshot", "screenshot"),
        };
        let because = match self {
            Self::Missing => return format!("{subject} file has no filename"),
            Self::Empty => "Filename cannot be empty after sanitization".to_owned(),
            Self::TooLong => format!(
                "Filename cannot be longer than {} bytes",
                limits::FILE_NAME_BYTES
            ),
            Self::ControlCharacters => "Filename cannot have control characters".to_owned(),
        };
        format!("Invalid {noun} filename: {because}")
    }
}

/// Takes the name of an upload.
///
/// What stands before the last `/` is dropped; `\`, `:` and `|` become hyphens; `*?"<>+` and NUL
/// are removed; space around it is stripped. RomM answers names that its disk refuses with 500
/// and takes control characters; both are refused here.
pub fn sanitise(raw: &str) -> Result<FileName, NameError> {
    if raw.is_empty() {
        return Err(NameError::Missing);
    }
    let base = raw.rsplit('/').next().unwrap_or(raw);
    let kept: String = base
        .chars()
        .filter(|character| !matches!(character, '*' | '?' | '"' | '<' | '>' | '+' | '\0'))
        .map(|character| match character {
            '\\' | ':' | '|' => '-',
            other => other,
        })
        .collect();
    let name = kept.trim_matches(is_space);
    if matches!(name, "" | "." | "..") {
        return Err(NameError::Empty);
    }
    if name.chars().any(char::is_control) {
        return Err(NameError::ControlCharacters);
    }
    if name.len() > limits::PATH_COMPONENT_BYTES || untagged(name).len() > limits::FILE_NAME_BYTES {
        return Err(NameError::TooLong);
    }
    Ok(FileName(name.to_owned()))
}

/// White space, and the separators that Python counts among it.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1C'..='\x1F')
}

/// The name without its last extension, and the extension with its dot. Leading dots begin no
/// extension.
fn split_extension(name: &str) -> (&str, &str) {
    let dots = name.len() - name.trim_start_matches('.').len();
    match name.rfind('.') {
        Some(dot) if dot >= dots => name.split_at(dot),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests;
