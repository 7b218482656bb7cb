//! The server's settings as flags of the command line, made from the table of settings.

use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use keepsave_server::config::Settings;
use keepsave_server::config::sources::{FILE_VARIABLE, Given, Loaded};
use keepsave_server::config::table::{SETTINGS, Setting};

use crate::exit::Failure;

/// Those that `-h` shows; `--help` shows all.
const FIRST: [&str; 3] = ["listen", "data", "library"];
/// Those that the operator's commands understand, too.
const EVERYWHERE: [&str; 2] = ["data", "library"];

/// The flags that were given.
pub struct SettingFlags(Vec<(String, String)>);

impl SettingFlags {
    /// Reads the settings from these flags, the environment and the file.
    pub fn load(&self, config: Option<&Path>) -> Result<Loaded, Failure> {
        let given = Given {
            flags: self.0.clone(),
            variables: std::env::vars_os().collect(),
        };
        let by_variable = || std::env::var_os(FILE_VARIABLE).filter(|path| !path.is_empty());
        let path = config
            .map(Path::to_owned)
            .or_else(|| by_variable().map(PathBuf::from));
        let text = match &path {
            Some(path) => {
                Some(std::fs::read_to_string(path).map_err(|error| unread(path, &error))?)
            }
            None => None,
        };
        let file = path.as_deref().zip(text.as_deref());
        given.load(file).map_err(Failure::usage)
    }
}

fn unread(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!(
        "the settings cannot be read from {}: {error}. Name their file with --config or \
         {FILE_VARIABLE}, or none: the server needs none.",
        path.display()
    ))
}

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        command.args(SETTINGS.iter().filter_map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn argument(setting: &'static Setting) -> Option<Arg> {
    let default = setting.show(&Settings::for_data(Path::new(Settings::DEFAULT_DATA)));
    let help = match default.as_str() {
        "" => setting.meaning.to_owned(),
        default => format!("{} [default: {default}]", setting.meaning),
    };
    let argument = Arg::new(setting.name)
        .long(setting.flag()?)
        .help(help)
        .value_name("VALUE")
        .hide_short_help(!FIRST.contains(&setting.name))
        .global(EVERYWHERE.contains(&setting.name))
        .help_heading("Settings");
    Some(if setting.is_switch() {
        argument
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
    } else {
        argument
    })
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = SETTINGS
            .iter()
            .filter(|setting| setting.flag().is_some())
            .filter(|setting| matches.value_source(setting.name) == Some(ValueSource::CommandLine));
        let value = |setting: &Setting| matches.get_one::<String>(setting.name).cloned();
        Ok(Self(
            given
                .filter_map(|setting| Some((setting.name.to_owned(), value(setting)?)))
                .collect(),
        ))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
