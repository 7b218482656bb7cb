//! `keepsave state`: what this device knows, to and from the files of decky-romm-sync.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use keepsave_core::ids::DeviceId;
use keepsave_device::server::{Address, Trouble};
use keepsave_device::settings::Settings;
use keepsave_device::state::Imported;
use keepsave_device::state::document::{Document, SettingsDocument, StateDocument};
use serde_json::json;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::{Reach, Reached, settings_of, settings_path};
use crate::terminal::{note, print, print_json, table};

/// What this device knows of its saves, to and from the files of decky-romm-sync
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave state import ~/homebrew/data/decky-romm-sync/save_sync_state.json \\
      ~/homebrew/settings/decky-romm-sync/settings.json
  keepsave state export --to ~/backup"
)]
pub struct StateCommand {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Import(Import),
    Export(Export),
}

/// Takes over what decky-romm-sync knew, so that nothing has to be synced anew
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave state import save_sync_state.json
  keepsave state import save_sync_state.json settings.json

What is known here already stays as it is, and so do the files. Slots keep their names. Playtime is
taken over as a total, and none of it is sent to the server.")]
struct Import {
    /// `save_sync_state.json` and `settings.json`, either or both
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The files are of this server and user, even where they name another or do not say
    #[arg(long)]
    same_server: bool,
}

/// Writes the files that decky-romm-sync would have
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave state export
  keepsave state export --to ~/backup --json

It writes save_sync_state.json and settings.json, and no file in place of another.")]
struct Export {
    /// The directory to write them to
    #[arg(long, value_name = "DIR", default_value = ".")]
    to: PathBuf,
}

impl StateCommand {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        match &self.command {
            Command::Import(import) => import.run(&self.reach, shared),
            Command::Export(export) => export.run(&self.reach, shared),
        }
    }
}

impl Import {
    fn run(&self, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
        let (state, chosen) = self.read()?;
        let reached = reach.open(shared)?;
        let names_this = self.names_this_server(&reached, chosen.as_ref())?;
        // Before anything is taken over: it is to be both or neither.
        let settings = settings_path(shared)?;
        Settings::load(&settings).map_err(Failure::usage)?;
        let mut imported = Imported::default();
        let mut device = None;
        if let Some(document) = &state {
            let state = reached.state()?;
            let here = state.machine().map_err(Failure::failed)?.server_device_id;
            device = device_of(&reached, document, here, names_this)?;
            imported = state
                .import(document, device.as_ref())
                .map_err(Failure::failed)?;
            if reached.account.device().is_none() {
                reached.save(|saved| saved.device.clone_from(&device))?;
            }
        }
        let taken = choose(&settings, state.as_ref(), chosen.as_ref())?;
        if shared.json {
            print_json(&json!({
                "games": imported.games,
                "files": imported.files,
                "playtimes": imported.playtimes,
                "known": imported.known,
                "settings": taken,
                "device": device,
            }))?;
        } else {
            print(&told(&imported, &taken));
        }
        Ok(Exit::Done)
    }

    fn read(&self) -> Result<(Option<StateDocument>, Option<SettingsDocument>), Failure> {
        let (mut state, mut settings) = (None, None);
        for file in &self.files {
            let document = Document::read(file).map_err(Failure::failed)?;
            let name = document.name();
            let is_second = match document {
                Document::State(document) => state.replace(*document).is_some(),
                Document::Settings(document) => settings.replace(document).is_some(),
            };
            if is_second {
                return Err(Failure::usage(format!(
                    "{}: is a second {name}. Nothing was imported: name one",
                    file.display()
                )));
            }
        }
        Ok((state, settings))
    }

    /// Whether the files are known to be of this server and user. Fails where they name others.
    fn names_this_server(
        &self,
        reached: &Reached,
        settings: Option<&SettingsDocument>,
    ) -> Result<bool, Failure> {
        if self.same_server {
            return Ok(true);
        }
        let Some(settings) = settings else {
            return Ok(false);
        };
        let Some(server) = &settings.server else {
            return Ok(false);
        };
        let here = reached.account.origin();
        if Address::parse(server).is_ok_and(|there| there.origin() != here) {
            return Err(Failure::failed(format!(
                "settings.json is of {server}, and this account is at {here}. Nothing was \
                 imported: sign in there, or say --same-server if both lead to the same"
            )));
        }
        if let Some(user) = &settings.user {
            let (_, name) = reached.who()?;
            if !user.eq_ignore_ascii_case(&name) {
                return Err(Failure::failed(format!(
                    "settings.json is of user {user}, and this account is {name}'s. Nothing was \
                     imported: sign in as {user}"
                )));
            }
        }
        Ok(true)
    }
}

/// The device that synced the files, which this machine is from now on.
fn device_of(
    reached: &Reached,
    document: &StateDocument,
    here: Option<DeviceId>,
    names_this: bool,
) -> Result<Option<DeviceId>, Failure> {
    let there = document.machine.server_device_id.clone();
    let has_files = document.games.values().any(|game| !game.files.is_empty());
    let Some(there) = there else {
        return match here {
            _ if !has_files => Ok(here),
            Some(here) if names_this => Ok(Some(here)),
            Some(_) => Err(Failure::failed(
                "save_sync_state.json does not say which server it is of. Nothing was imported: \
                 import its settings.json beside it, or say --same-server",
            )),
            None => Err(unregistered()),
        };
    };
    if here.as_ref() == Some(&there) {
        return Ok(here);
    }
    match (reached.wait(reached.server.device(&there)), here) {
        (Ok(_), None) => {
            note(&format!("this machine is the device {there} from now on"));
            Ok(Some(there))
        }
        (Ok(_), Some(here)) => {
            note(&format!(
                "this machine stays the device {here}; what {there} synced is known to it now"
            ));
            Ok(Some(here))
        }
        (Err(error), here) if matches!(error.trouble, Trouble::NoDevice { .. }) => {
            if !names_this {
                return Err(Failure::failed(format!(
                    "the server does not know the device {there}: the file is of another server \
                     or user, or the device was removed there. Nothing was imported: if it was \
                     removed, say --same-server"
                )));
            }
            here.map(Some).ok_or_else(unregistered)
        }
        (Err(error), _) => Err(error.into()),
    }
}

fn unregistered() -> Failure {
    Failure::signed_out(
        "this machine is no device of the server yet, so nothing was imported: make it one with \
         `keepsave sync device register --name NAME`, and import again",
    )
}

/// Takes over what was chosen and is not chosen here. Which choices that were.
fn choose(
    path: &Path,
    state: Option<&StateDocument>,
    settings: Option<&SettingsDocument>,
) -> Result<Vec<&'static str>, Failure> {
    // Where both have them, settings.json is the younger.
    let documents = [
        settings.map(|document| &document.chosen),
        state.map(|document| &document.chosen),
    ];
    let documents: Vec<_> = documents.into_iter().flatten().collect();
    if documents.iter().any(|chosen| chosen.had_no_slot) {
        note(
            "there saves went to no slot by default; here they go to a slot, which \
             `keepsave settings set default_slot NAME` chooses",
        );
    }
    let mut offered = documents
        .into_iter()
        .flat_map(|chosen| &chosen.values)
        .peekable();
    if offered.peek().is_none() {
        return Ok(Vec::new());
    }
    let changed = Settings::change(path, |settings| {
        let mut taken = Vec::new();
        for (setting, value) in offered {
            if settings.is_chosen(setting) {
                continue;
            }
            settings.set(setting, value)?;
            taken.push(setting.name);
        }
        Ok(taken)
    });
    Ok(changed.map_err(Failure::usage)?.of)
}

fn told(imported: &Imported, taken: &[&str]) -> String {
    let counts = [
        ("games", imported.games),
        ("files", imported.files),
        ("playtimes", imported.playtimes),
        ("settings", taken.len() as u64),
        ("known here already", imported.known),
    ];
    let rows = counts.map(|(what, count)| [what.to_owned(), count.to_string()]);
    table(["imported", "count"], &rows)
}

impl Export {
    fn run(&self, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
        let reached = reach.open(shared)?;
        let choices = settings_of(shared)?.choices;
        let state = reached.state()?;
        state.machine_id().map_err(Failure::failed)?;
        let document = state.export().map_err(Failure::failed)?;
        let server = reached.account.address.to_string();
        let documents = [
            Document::State(Box::new(document)),
            Document::Settings(SettingsDocument::of(&choices, Some(server))),
        ];
        let paths = documents
            .each_ref()
            .map(|document| self.to.join(document.name()));
        if let Some(there) = paths.iter().find(|path| path.symlink_metadata().is_ok()) {
            return Err(Failure::failed(format!(
                "{}: is there already, and nothing was written: name another directory with --to",
                there.display()
            )));
        }
        fs_err::create_dir_all(&self.to).map_err(Failure::failed)?;
        for (path, document) in paths.iter().zip(&documents) {
            let text = serde_json::to_string_pretty(&document.json()).map_err(Failure::failed)?;
            write_new(path, &text)
                .map_err(|error| Failure::failed(format!("{}: {error}", path.display())))?;
        }
        if shared.json {
            print_json(&json!({ "written": paths }))?;
        } else {
            let paths = paths.each_ref().map(|path| path.display().to_string());
            print(&paths.join("\n"));
        }
        Ok(Exit::Done)
    }
}

/// It says what a person plays: it is its owner's alone.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::File::options();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}
