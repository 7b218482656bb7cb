//! What a person chose for this machine: a TOML file that needs not be there.
//!
//! [`Choices`] holds the values, [`table`] describes each of them once. What a person wrote into
//! the file stays as it was written, comments too, and a file that cannot be read is never written
//! over. Nothing here acts on a setting.

pub mod table;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use toml_edit::{Array, DocumentMut, Item, Value as Toml};

pub use self::table::{Choices, SETTINGS, Setting, Value};
use crate::files::disk::{RealDisk, make_directory, parent_of, random_digits};
use crate::files::whole::write_whole;

/// The name of the file, in the directory of what a person chose.
pub const FILE: &str = "settings.toml";
/// The variable that names another file.
pub const FILE_VARIABLE: &str = "KEEPSAVE_CONFIG";

/// The settings of this machine.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What counts: what the file says, and defaults.
    pub choices: Choices,
    path: PathBuf,
    document: DocumentMut,
}

/// Settings that cannot be used. None of them changed anything.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read or written.
    #[error(
        "{}: {error}. No setting was changed. See who may use that file, or name another with \
         --config or {FILE_VARIABLE}",
        path.display()
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// It is no TOML.
    #[error(
        "{}, line {line}: {why}. The file was left as it is. Repair that line, or set any setting: \
         then the file is kept under another name and a new one begun",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// It says what no setting is.
    #[error("{}", .0.join("\n"))]
    Wrong(Vec<String>),
    /// There is no such setting.
    #[error("there is no setting `{name}`{hint}\n`keepsave settings list` shows all")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        hint: String,
    },
    /// That is no value for it.
    #[error("`{name}` must be {expected}. No setting was changed")]
    Refused {
        /// The setting.
        name: &'static str,
        /// What it takes.
        expected: String,
    },
}

/// What became of a change.
#[derive(Debug)]
pub struct Changed<T> {
    /// What the change gave.
    pub of: T,
    /// Where a file was kept that could not be read.
    pub aside: Option<PathBuf>,
}

impl Settings {
    /// Reads the file; without one, defaults count.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(unusable(path, error)),
        };
        Self::read(path, &text)
    }

    pub(crate) fn read(path: &Path, text: &[u8]) -> Result<Self, SettingsError> {
        let damaged = |at: usize, why: &str| SettingsError::Damaged {
            path: path.to_owned(),
            line: line_of(text, at),
            why: why.to_owned(),
        };
        let readable = std::str::from_utf8(text)
            .map_err(|error| damaged(error.valid_up_to(), "it is no text"))?;
        let parsed = toml_edit::Document::parse(readable)
            .map_err(|error| damaged(error.span().map_or(0, |span| span.start), error.message()))?;
        let mut choices = Choices::default();
        let mut wrong = Vec::new();
        for (name, item) in parsed.iter() {
            let at = item.span().or_else(|| parsed.key(name)?.span());
            let line = line_of(text, at.map_or(0, |span| span.start));
            let mut say = |what: String| {
                wrong.push(format!("{}, line {line}: {what}", path.display()));
            };
            let Some(setting) = Setting::named(name) else {
                let hint = did_you_mean(name);
                say(format!("there is no setting `{name}`{hint}"));
                continue;
            };
            match value_of(item).filter(|value| setting.kind.takes(value)) {
                Some(value) => setting.set(&mut choices, &value),
                None => say(format!("`{name}` must be {}", setting.kind.expected())),
            }
        }
        if !wrong.is_empty() {
            return Err(SettingsError::Wrong(wrong));
        }
        Ok(Self {
            choices,
            path: path.to_owned(),
            document: parsed.into_mut(),
        })
    }

    /// Changes the file, while no one else does. One that cannot be read is kept under another name
    /// and a new one begun.
    pub fn change<T>(
        path: &Path,
        change: impl FnOnce(&mut Self) -> Result<T, SettingsError>,
    ) -> Result<Changed<T>, SettingsError> {
        let failed = |error| unusable(path, error);
        let directory = parent_of(path);
        make_directory(&RealDisk, directory, 0o700).map_err(failed)?;
        let alone = File::open(directory).map_err(failed)?;
        // Where there are no locks, two who write at once are bad luck.
        let _as_far_as_there_are_locks = flock(&alone, FlockOperation::LockExclusive);
        let (mut settings, is_damaged) = match Self::load(path) {
            Err(SettingsError::Damaged { .. }) => (Self::read(path, b"")?, true),
            loaded => (loaded?, false),
        };
        let of = change(&mut settings)?;
        let aside = is_damaged.then(|| set_aside(path)).transpose();
        let aside = aside.map_err(failed)?;
        let text = settings.document.to_string();
        write_whole(&settings.path, text.as_bytes()).map_err(failed)?;
        Ok(Changed { of, aside })
    }

    /// The file as it would be written.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn text(&self) -> String {
        self.document.to_string()
    }

    /// Whether the file says it, rather than the defaults.
    pub fn is_chosen(&self, setting: &Setting) -> bool {
        self.document.contains_key(setting.name)
    }

    /// Chooses a value.
    pub fn set(&mut self, setting: &'static Setting, value: &Value) -> Result<(), SettingsError> {
        if !setting.kind.takes(value) {
            return Err(SettingsError::Refused {
                name: setting.name,
                expected: setting.kind.expected(),
            });
        }
        setting.set(&mut self.choices, value);
        let new = toml_of(value);
        match self
            .document
            .get_mut(setting.name)
            .and_then(Item::as_value_mut)
        {
            Some(value) => {
                // What stands around it, a comment behind it too, stays.
                let around = value.decor().clone();
                *value = new;
                *value.decor_mut() = around;
            }
            None => {
                self.document.insert(setting.name, Item::Value(new));
            }
        }
        Ok(())
    }

    /// Lets the default count again.
    pub fn reset(&mut self, setting: &'static Setting) {
        let default = setting.get(&Choices::default());
        setting.set(&mut self.choices, &default);
        self.document.remove(setting.name);
    }
}

/// The setting of that name.
pub fn named(name: &str) -> Result<&'static Setting, SettingsError> {
    Setting::named(name).ok_or_else(|| SettingsError::Unknown {
        name: name.to_owned(),
        hint: did_you_mean(name),
    })
}

fn unusable(path: &Path, error: io::Error) -> SettingsError {
    let path = path.to_owned();
    SettingsError::Io { path, error }
}

fn line_of(text: &[u8], at: usize) -> usize {
    let before = &text[..at.min(text.len())];
    before.split(|byte| *byte == b'\n').count()
}

fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".damaged-{}", &random_digits()[..8]));
    let aside = PathBuf::from(name);
    std::fs::rename(path, &aside)?;
    Ok(aside)
}

fn value_of(item: &Item) -> Option<Value> {
    let value = item.as_value()?;
    Some(match value {
        Toml::Boolean(value) => Value::Switch(*value.value()),
        Toml::Integer(value) => Value::Number(u64::try_from(*value.value()).ok()?),
        Toml::String(value) => Value::Text(value.value().clone()),
        Toml::Array(values) => {
            let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
            Value::List(texts.collect::<Option<_>>()?)
        }
        Toml::Float(_) | Toml::Datetime(_) | Toml::InlineTable(_) => return None,
    })
}

fn toml_of(value: &Value) -> Toml {
    match value {
        Value::Switch(value) => (*value).into(),
        // No setting takes a number that TOML has not.
        Value::Number(number) => i64::try_from(*number).unwrap_or(i64::MAX).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(texts) => texts.iter().map(String::as_str).collect::<Array>().into(),
    }
}

fn did_you_mean(name: &str) -> String {
    /// Beyond this, a name is another name, not a slip.
    const ALIKE: f64 = 0.6;
    let name = name.to_lowercase().replace('-', "_");
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(known, &name);
    SETTINGS
        .iter()
        .map(|setting| (likeness(setting.name), setting.name))
        .filter(|(alike, _)| *alike > ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map_or_else(String::new, |(_, known)| {
            format!("; did you mean `{known}`?")
        })
}

#[cfg(test)]
mod tests;
