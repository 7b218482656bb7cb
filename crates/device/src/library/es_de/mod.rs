//! ES-DE, and the frontends that read its kind of files: which systems there are, where their games
//! lie, and what plays each of them.
//!
//! Reads what the frontend wrote; knows nothing of saves. The files are XML only by look
//! ([`xml`]): what is broken is said, and what stands before the fault counts.

pub mod find_rules;
pub mod gamelist;
pub mod settings;
pub mod station;
pub mod systems;
pub mod xml;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use self::find_rules::{Candidate, FindRules};
use self::gamelist::Gamelist;
use self::settings::Settings;
pub use self::systems::{Command, Player, System};
use super::looking::Looking;
use super::machine::Machine;

/// What ES-DE is set up to do.
#[derive(Clone, Debug, Default)]
pub struct Frontend {
    /// The systems it knows.
    pub systems: Vec<System>,
    /// Whether these are all: what it came with could be read, or does not count.
    pub complete: bool,
    settings: Settings,
    rules: FindRules,
    gamelists: Option<PathBuf>,
}

/// What was chosen to play the games of one system.
#[derive(Debug, Default)]
pub struct Chosen {
    system_label: Option<String>,
    game_labels: HashMap<PathBuf, String>,
}

impl Frontend {
    /// One that knows these systems and notes nothing about games.
    pub fn of(systems: Vec<System>) -> Self {
        Self {
            complete: !systems.is_empty(),
            systems,
            ..Self::default()
        }
    }

    /// Reads what ES-DE wrote into its directory `data`, over what it came with: the first of
    /// `bundled` that has its systems.
    pub fn read(looking: &mut Looking, data: &Path, bundled: &[PathBuf]) -> Self {
        let mut frontend = Self {
            gamelists: Some(data.join("gamelists")),
            ..Self::default()
        };
        let settings = data.join("settings/es_settings.xml");
        if let Some(text) = looking.text("settings of ES-DE", &settings) {
            let (settings_read, fault) = settings::parse(&text);
            looking.fault("settings of ES-DE", &settings, fault);
            frontend.settings = settings_read;
        }
        let own = data.join("custom_systems");
        let own_systems = read_systems(looking, &own).unwrap_or_default();
        let own_rules = read_rules(looking, &own).unwrap_or_default();
        if own_systems.exclusive {
            frontend.systems = own_systems.list;
            frontend.rules = own_rules;
            frontend.complete = true;
            return frontend;
        }
        let bundle = bundled
            .iter()
            .find_map(|directory| Some((directory, read_systems(looking, directory)?)));
        frontend.complete = bundle.is_some();
        let (rules, systems) = match bundle {
            Some((directory, systems)) => {
                (read_rules(looking, directory).unwrap_or_default(), systems)
            }
            None => Default::default(),
        };
        frontend.systems = own_systems.over(systems);
        frontend.rules = own_rules.over(rules);
        frontend
    }

    /// Where its games are. `usual` is where they are when nobody chose.
    pub fn roms(&self, machine: &Machine, usual: PathBuf) -> PathBuf {
        match &self.settings.rom_directory {
            Some(named) => real(machine, named, None),
            None => usual,
        }
    }

    /// Where the games of a system are.
    pub fn folder(system: &System, machine: &Machine, roms: &Path) -> PathBuf {
        if system.path.is_empty() {
            roms.join(&system.name)
        } else {
            real(machine, &system.path, Some(roms))
        }
    }

    /// What was chosen to play the games in `folder`, which are those of `system`.
    pub fn chosen(
        &self,
        looking: &mut Looking,
        machine: &Machine,
        system: &System,
        folder: &Path,
    ) -> Chosen {
        let Some(gamelists) = &self.gamelists else {
            return Chosen::default();
        };
        let directory = if self.settings.gamelists_beside_games {
            folder.to_owned()
        } else {
            gamelists.join(&system.name)
        };
        let path = directory.join("gamelist.xml");
        // Most systems have none: that is nothing to tell.
        if !path.exists() {
            return Chosen::default();
        }
        let what = format!("what ES-DE notes about {}", system.name);
        let Some(text) = looking.text(&what, &path) else {
            return Chosen::default();
        };
        let (list, fault) = gamelist::parse(&text);
        looking.fault(&what, &path, fault);
        self.settle(machine, list, folder)
    }

    fn settle(&self, machine: &Machine, list: Gamelist, folder: &Path) -> Chosen {
        let roms = folder.parent().unwrap_or(folder);
        let game_labels = if self.settings.emulator_per_game {
            list.game_labels
        } else {
            HashMap::new()
        };
        let real = |(path, label): (String, String)| {
            let path = match path.strip_prefix("./") {
                Some(below) => folder.join(below),
                None => real(machine, &path, Some(roms)),
            };
            (path, label)
        };
        Chosen {
            system_label: list.system_label,
            game_labels: game_labels.into_iter().map(real).collect(),
        }
    }

    /// The program that ES-DE starts as the emulator `name`.
    pub fn program(&self, machine: &Machine, name: &str) -> Option<PathBuf> {
        let mut candidates = self.rules.of(name).iter();
        candidates.find_map(|candidate| match candidate {
            Candidate::Program(name) => program(machine, name),
            Candidate::File(path) => file_like(&real(machine, path, None)),
        })
    }
}

impl Chosen {
    /// The command that plays the game at `path`, and why it is that one. What was chosen and is
    /// not there any more does not count.
    pub fn command<'a>(&self, system: &'a System, path: &Path) -> Option<(&'a Command, String)> {
        let labelled = |label: &String| system.commands.iter().find(|known| known.label == *label);
        // A directory that stands for the game in it is what people choose for.
        let for_game = self.game_labels.get(path).or_else(|| {
            let around = path.parent()?;
            let stands_for_it = around.file_name() == path.file_name();
            self.game_labels.get(around).filter(|_| stands_for_it)
        });
        if let Some(command) = for_game.and_then(labelled) {
            let why = format!("{} was chosen for this game in ES-DE", command.label);
            return Some((command, why));
        }
        if let Some(command) = self.system_label.as_ref().and_then(labelled) {
            let why = format!("{} was chosen for {} in ES-DE", command.label, system.name);
            return Some((command, why));
        }
        let command = system.commands.first()?;
        let why = format!(
            "{} plays {} unless another is chosen",
            command.label, system.name
        );
        Some((command, why))
    }
}

fn read_systems(looking: &mut Looking, directory: &Path) -> Option<systems::Systems> {
    let (what, path) = ("systems of ES-DE", directory.join("es_systems.xml"));
    let text = looking.text(what, &path)?;
    let (systems, fault) = systems::parse(&text);
    looking.fault(what, &path, fault);
    Some(systems)
}

fn read_rules(looking: &mut Looking, directory: &Path) -> Option<FindRules> {
    let (what, path) = (
        "where ES-DE looks for emulators",
        directory.join("es_find_rules.xml"),
    );
    let text = looking.text(what, &path)?;
    let (rules, fault) = find_rules::parse(&text);
    looking.fault(what, &path, fault);
    Some(rules)
}

/// Where a path of ES-DE's really is.
fn real(machine: &Machine, path: &str, roms: Option<&Path>) -> PathBuf {
    if let (Some(below), Some(roms)) = (path.strip_prefix("%ROMPATH%"), roms) {
        return roms.join(below.trim_start_matches(['/', '\\']));
    }
    match path.strip_prefix('~') {
        Some(below) => machine.home(below.trim_start_matches('/')),
        None => machine.at(Path::new(path)),
    }
}

/// A program of that name: where the environment says that programs are, else where they usually
/// are, and where Flatpak puts those of its applications.
fn program(machine: &Machine, name: &str) -> Option<PathBuf> {
    const USUAL: &str = "/usr/local/bin:/usr/bin:/bin:/var/lib/flatpak/exports/bin";
    let named = machine.variable("PATH").unwrap_or_default();
    let user = machine.home(".local/share/flatpak/exports/bin");
    let directories = named.split(':').chain(USUAL.split(':'));
    let real = directories.filter(|directory| !directory.is_empty());
    let mut real = real.map(|directory| machine.at(Path::new(directory)));
    let found = real.find_map(|directory| present(directory.join(name)));
    found.or_else(|| present(user.join(name)))
}

/// A link may lead where only the machine itself can follow: that it is there is enough.
fn present(path: PathBuf) -> Option<PathBuf> {
    path.symlink_metadata().is_ok().then_some(path)
}

/// The file at `path`, in whose name one `*` may stand for anything. Of several, the last by name.
fn file_like(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let Some((before, after)) = name.split_once('*') else {
        return present(path.to_owned());
    };
    let fits = |name: &str| {
        name.len() >= before.len() + after.len()
            && name.starts_with(before)
            && name.ends_with(after)
    };
    let entries = std::fs::read_dir(path.parent()?).ok()?;
    let names = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    let last = names.filter(|name| fits(name)).max()?;
    Some(path.with_file_name(last))
}

#[cfg(test)]
mod tests;
