//! Where settings come from: flags over our variables over RomM's over the file.
//!
//! What was given is handed in, so that nothing here reads the environment. Every wrong value is
//! told at once, not one in each try.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::Settings;
use super::table::{PREFIX, SETTINGS, Setting};

/// The variable that names the file.
pub const FILE_VARIABLE: &str = "KEEPSAVE_CONFIG";

/// What the operator gave, besides the file.
#[derive(Default)]
pub struct Given {
    /// Flags: the setting's name and the value as written.
    pub flags: Vec<(String, String)>,
    /// The environment.
    pub variables: Vec<(OsString, OsString)>,
}

/// Settings that were read, and what the operator should know about them.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// Nothing that stops a server, but a mistake in all likelihood.
    pub warnings: Vec<String>,
}

/// Everything that is wrong with what the operator gave: one sentence each.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong(pub Vec<String>);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Wrong {}

/// A value and where it was written.
#[derive(Clone)]
struct Written {
    text: String,
    place: String,
}

impl Given {
    /// Reads the settings from what was given and the text of the file, which is named for errors.
    pub fn load(&self, file: Option<(&Path, &str)>) -> Result<Loaded, Wrong> {
        let mut wrong = Vec::new();
        let in_file = match file {
            Some((path, text)) => read_file(path, text, &mut wrong),
            None => Vec::new(),
        };
        let mut chosen: Vec<(&Setting, Written)> = Vec::new();
        for setting in SETTINGS {
            let written = self
                .flag(setting)
                .or_else(|| self.variable(setting, &mut wrong));
            let written = written.or_else(|| {
                let found = in_file.iter().find(|(name, _)| name == setting.name);
                found.map(|(_, written)| written.clone())
            });
            if let Some(written) = written {
                chosen.push((setting, written));
            }
        }
        // Some defaults are below the data directory.
        let data = chosen.iter().find(|(setting, _)| setting.name == "data");
        let data = data.map_or(Settings::DEFAULT_DATA, |(_, written)| &written.text);
        let mut settings = Settings::for_data(Path::new(data));
        for (setting, Written { text, place }) in &chosen {
            settings.places.insert(setting.name, place.clone());
            if setting.set(&mut settings, text).is_none() {
                let expected = setting.expected;
                wrong.push(if setting.secret {
                    format!("{place}: `{}` must be {expected}", setting.name)
                } else {
                    format!(
                        "{place}: `{}` is `{text}` but must be {expected}",
                        setting.name
                    )
                });
            }
        }
        if !wrong.is_empty() {
            return Err(Wrong(wrong));
        }
        let mut warnings = self.unknown_variables();
        warnings.extend(not_in_this_version(&settings));
        Ok(Loaded { settings, warnings })
    }

    fn flag(&self, setting: &Setting) -> Option<Written> {
        let (_, text) = self.flags.iter().find(|(name, _)| name == setting.name)?;
        Some(Written {
            text: text.clone(),
            place: format!("--{}", setting.flag()?),
        })
    }

    /// An empty variable counts as none: that is how compose files say so.
    fn variable(&self, setting: &Setting, wrong: &mut Vec<String>) -> Option<Written> {
        let ours = setting.variable();
        let names = std::iter::once(ours.as_str()).chain(setting.romm);
        for name in names {
            let Some((_, value)) = self.variables.iter().find(|(known, _)| known == name) else {
                continue;
            };
            match value.to_str() {
                Some("") => {}
                Some(text) => {
                    return Some(Written {
                        text: text.to_owned(),
                        place: name.to_owned(),
                    });
                }
                None => wrong.push(format!("{name}: the value is not UTF-8")),
            }
        }
        None
    }

    fn unknown_variables(&self) -> Vec<String> {
        let known: Vec<String> = SETTINGS.iter().map(Setting::variable).collect();
        let names = self.variables.iter().filter_map(|(name, _)| name.to_str());
        names
            .filter(|name| name.starts_with(PREFIX) && *name != FILE_VARIABLE)
            .filter(|name| !known.iter().any(|known| known == name))
            .map(|name| {
                let hint = did_you_mean(name, known.iter().map(String::as_str));
                format!("the variable {name} is not known and does nothing{hint}")
            })
            .collect()
    }
}

/// The values of the file; what is wrong with it is added to `wrong`.
fn read_file(path: &Path, text: &str, wrong: &mut Vec<String>) -> Vec<(String, Written)> {
    let path = path.display();
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            wrong.push(format!("{path}: {}", error.to_string().trim_end()));
            return Vec::new();
        }
    };
    let mut values = Vec::new();
    for (key, value) in table.get_ref() {
        let line = 1 + text[..key.span().start].matches('\n').count();
        let place = format!("{path}, line {line}");
        let name = key.get_ref();
        let Some(setting) = Setting::named(name) else {
            let mut hint = did_you_mean(name, SETTINGS.iter().map(|setting| setting.name));
            if hint.is_empty() && matches!(value.get_ref(), DeValue::Table(_)) {
                "; settings stand in no section".clone_into(&mut hint);
            }
            wrong.push(format!("{place}: there is no setting `{name}`{hint}"));
            continue;
        };
        match as_text(value.get_ref()) {
            Some(text) => values.push((name.to_string(), Written { text, place })),
            None => wrong.push(format!("{place}: `{name}` must be {}", setting.expected)),
        }
    }
    values
}

/// A value as it would stand in a variable.
fn as_text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .map(|number| number.to_string()),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| as_text(item.get_ref()));
            Some(items.collect::<Option<Vec<_>>>()?.join(","))
        }
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    /// Beyond this, a name is another name, not a slip.
    const ALIKE: f64 = 0.7;
    let name = name.to_lowercase();
    known
        .map(|known| (strsim::jaro_winkler(&name, &known.to_lowercase()), known))
        .filter(|(alike, _)| *alike > ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map_or_else(String::new, |(_, known)| {
            format!("; did you mean `{known}`?")
        })
}

fn not_in_this_version(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    if settings.enable_sync_push_pull {
        warnings.push(
            "`enable_sync_push_pull` does nothing: push-pull is not in this version yet".to_owned(),
        );
    }
    if settings.enable_sync_folder_watcher {
        warnings.push("`enable_sync_folder_watcher` does nothing: the watcher of the sync folder is not in this version yet".to_owned());
    }
    warnings
}

#[cfg(test)]
mod tests;
