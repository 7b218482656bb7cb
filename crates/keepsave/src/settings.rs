//! `keepsave settings`: what a person chose for this machine.

use clap::{Args, Subcommand};
use keepsave_device::settings::{self, SETTINGS, Setting, Settings, Value};
use serde_json::json;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::{settings_of, settings_path};
use crate::terminal::{note, print, print_json, table};

const EXAMPLES: &str = "\
Examples:
  keepsave settings list
  keepsave settings get default_slot
  keepsave settings set sync_states on
  keepsave settings set added_folders /media/card/gba \"/media/card/snes\"
  keepsave settings set sync_states --default

They stand in settings.toml in the directory of the configuration (~/.config/keepsave), or in the
file that --config or KEEPSAVE_CONFIG names. Comments in it stay.";

/// What is chosen for this machine
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = EXAMPLES,
    after_long_help = long_help()
)]
pub struct SettingsCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Shows every setting and what counts
    #[command(after_help = "\
Examples:
  keepsave settings list")]
    List,
    /// Shows what counts for one setting
    #[command(after_help = "\
Examples:
  keepsave settings get default_slot")]
    Get {
        /// Its name, as `list` shows it
        name: String,
    },
    Set(Set),
}

/// Chooses a value for a setting
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave settings set launch_budget_seconds 5
  keepsave settings set added_folders /media/card/gba /media/card/snes
  keepsave settings set added_folders --default")]
struct Set {
    /// Its name, as `list` shows it
    name: String,
    /// The value; several for a list
    #[arg(required_unless_present = "default", allow_negative_numbers = true)]
    value: Vec<String>,
    /// Lets the default count again
    #[arg(long, conflicts_with = "value")]
    default: bool,
}

/// The examples again, and each setting with its meaning.
fn long_help() -> String {
    let described = SETTINGS.iter().map(|setting| {
        let default = setting.get(&settings::Choices::default());
        format!(
            "  {}\n      {}\n      Must be {}. Default: {}",
            setting.name,
            setting.meaning,
            setting.kind.expected(),
            shown(&default),
        )
    });
    let described: Vec<String> = described.collect();
    format!("{EXAMPLES}\n\nSettings:\n{}", described.join("\n"))
}

impl SettingsCommand {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        match &self.command {
            Command::List => list(shared),
            Command::Get { name } => get(name, shared),
            Command::Set(set) => set.run(shared),
        }
    }
}

fn list(shared: &Shared) -> Result<Exit, Failure> {
    let settings = settings_of(shared)?;
    if shared.json {
        let all: Vec<_> = SETTINGS.iter().map(|one| as_json(one, &settings)).collect();
        print_json(&all)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = SETTINGS
        .iter()
        .map(|setting| {
            let by = if settings.is_chosen(setting) {
                "chosen"
            } else {
                "default"
            };
            let value = setting.get(&settings.choices);
            [setting.name.to_owned(), shown(&value), by.to_owned()]
        })
        .collect();
    print(&table(["setting", "value", "by"], &rows));
    Ok(Exit::Done)
}

fn get(name: &str, shared: &Shared) -> Result<Exit, Failure> {
    let setting = settings::named(name).map_err(Failure::usage)?;
    let settings = settings_of(shared)?;
    if shared.json {
        print_json(&as_json(setting, &settings))?;
    } else {
        print(&setting.get(&settings.choices).to_string());
    }
    Ok(Exit::Done)
}

impl Set {
    fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let setting = settings::named(&self.name).map_err(Failure::usage)?;
        let path = settings_path(shared)?;
        let value = if self.default {
            None
        } else {
            let value = setting.kind.of_words(&self.value);
            Some(value.ok_or_else(|| {
                Failure::usage(settings::SettingsError::Refused {
                    name: setting.name,
                    expected: setting.kind.expected(),
                })
            })?)
        };
        let changed = Settings::change(&path, |settings| {
            match &value {
                Some(value) => settings.set(setting, value)?,
                None => settings.reset(setting),
            }
            Ok(as_json(setting, settings))
        });
        let changed = changed.map_err(Failure::usage)?;
        if let Some(aside) = changed.aside {
            note(&format!(
                "{} could not be read and is kept as {}: what was chosen there does not count \
                 any more. Repair it and put it back, or choose anew",
                path.display(),
                aside.display()
            ));
        }
        if shared.json {
            print_json(&changed.of)?;
        }
        Ok(Exit::Done)
    }
}

fn as_json(setting: &Setting, settings: &Settings) -> serde_json::Value {
    json!({
        "name": setting.name,
        "value": setting.get(&settings.choices),
        "default": setting.get(&settings::Choices::default()),
        "chosen": settings.is_chosen(setting),
        "expected": setting.kind.expected(),
        "meaning": setting.meaning,
    })
}

fn shown(value: &Value) -> String {
    match value {
        Value::List(paths) if !paths.is_empty() => paths.join(", "),
        value if value.to_string().is_empty() => "-".to_owned(),
        value => value.to_string(),
    }
}
