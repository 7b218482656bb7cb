//! `RetroArch`: where an installation of it keeps a game's save.
//!
//! [`install`] says where installations are, [`RetroArch::place`] where a game's save is, from
//! [`content`] (what the game is to it), [`cores`] (what the core's folder is called),
//! [`overrides`] (which settings hold), [`directory`] (what they come to) and [`sets`] (which files
//! the core writes). What a file there holds decides over everything computed. [`states`] says where
//! its save states are.

pub mod cfg;
pub mod content;
pub mod core_names;
pub mod cores;
pub mod directory;
pub mod install;
mod layout;
pub mod overrides;
mod place;
pub mod playlist;
pub mod sets;
pub mod spelling;
pub mod states;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use self::cfg::Cfg;
use self::content::Content;
use self::cores::Cores;
use self::install::Install;
use self::overrides::Layers;
use self::place::Searched;
use super::Layout;
use super::folders::Folders;
use super::game::{Found, Looked, Stopped};
use super::looking::Looking;

/// The port on which it takes commands unless it is told another.
const COMMANDS: u16 = 55355;

/// An installation whose settings were read. It reads each other file that games need once.
#[derive(Debug)]
pub struct RetroArch {
    /// Where it is.
    pub install: Install,
    /// What was looked for.
    pub looked: Vec<Looked>,
    settings: Cfg,
    overrides: PathBuf,
    cores: Cores,
    folders: Folders,
    files: RefCell<HashMap<PathBuf, OneFile>>,
    searched: RefCell<Option<Searched>>,
    /// Saves are looked for under this layout and no other.
    only_as: Option<Layout>,
    unreadable: Option<Stopped>,
}

impl RetroArch {
    /// Reads an installation's settings. Without a file, what `RetroArch` does by default holds.
    pub fn read(mut install: Install) -> Self {
        let what = format!("settings of {}", install.name);
        let mut looking = Looking::default();
        let spelling = &install.spelling;
        let mut settings = Cfg::read(&what, &install.config, spelling, &mut looking);
        for appended in &install.appended {
            let more = Cfg::read("appended settings", appended, spelling, &mut looking);
            settings.append(&more);
        }
        settings.append(&Cfg::parse(install.decided));
        let only_as = install.laid_out().cloned();
        if let Some(layout) = &only_as {
            layout::lay_out(&mut install, &mut settings, layout);
        }
        let overrides = overrides_of(&install, &settings);
        let named = Layers::plain(&settings);
        let infos = named.directory(
            "libretro_info_path",
            &install.spelling,
            &install.tree.join("info"),
        );
        let mut directories = vec![infos.directory];
        directories.extend(install.infos.iter().cloned());
        Self {
            unreadable: looking.looked.iter().find_map(unreadable),
            overrides,
            cores: Cores::new(directories),
            install,
            looked: looking.looked,
            settings,
            folders: Folders::default(),
            files: RefCell::default(),
            searched: RefCell::default(),
            only_as,
        }
    }

    /// What the installation's own settings say.
    pub fn settings(&self) -> &Cfg {
        &self.settings
    }

    /// The port on which it takes commands, where a person allowed that.
    pub fn commands(&self) -> Option<u16> {
        let is_on = self.settings.flag("network_cmd_enable") == Some(true);
        let port = self.settings.get("network_cmd_port");
        let port = port.and_then(|port| port.parse().ok());
        is_on.then(|| port.unwrap_or(COMMANDS))
    }

    /// The settings that hold for a game that is played by a core with these folders.
    fn layers(&self, content: &Content, cores: &[String]) -> Layers<'_> {
        let mut layers = Layers::plain(&self.settings);
        if self.settings.flag("auto_overrides_enable") == Some(false) {
            return layers;
        }
        if let Some(core) = self.own_folder(cores) {
            for name in [core, content.parent.as_str(), content.stem.as_str()] {
                let path = self.overrides.join(core).join(format!("{name}.cfg"));
                match self.file(&path) {
                    OneFile::Is(over) => layers.take(path, &over),
                    OneFile::Missing => {}
                    OneFile::Unreadable(stopped) => layers.stopped = Some(stopped),
                }
            }
        }
        layers
    }

    /// The options that hold for a game: the first file of these that is there, none merged.
    fn options(&self, content: &Content, cores: &[String], layers: &mut Layers<'_>) -> Rc<Cfg> {
        let own = |core: &str, name: &str| self.overrides.join(core).join(format!("{name}.opt"));
        let mut files = Vec::new();
        let has_own = |core: &&String| self.folders.has(&self.overrides.join(core));
        for core in cores.iter().filter(has_own) {
            if layers.flag("game_specific_options") != Some(false) {
                files.extend([own(core, &content.stem), own(core, &content.parent)]);
            }
            if layers.flag("global_core_options") != Some(true) {
                files.push(own(core, core));
            }
        }
        let named = self
            .settings
            .get("core_options_path")
            .filter(|path| !path.is_empty());
        let named = named.and_then(|path| self.install.spelling.real(path));
        files.extend(named);
        files.push(self.config_directory().join("retroarch-core-options.cfg"));
        for path in files {
            match self.file(&path) {
                OneFile::Is(options) => return options,
                OneFile::Missing => {}
                OneFile::Unreadable(stopped) => layers.stopped = Some(stopped),
            }
        }
        Rc::default()
    }

    fn config_directory(&self) -> &Path {
        let config = &self.install.config;
        config.parent().unwrap_or(config)
    }

    /// The core's folder among the overrides: of the names that it had, one that is there.
    fn own_folder<'a>(&self, cores: &'a [String]) -> Option<&'a str> {
        let is_there = |core: &&String| self.folders.has(&self.overrides.join(core));
        cores.iter().find(is_there).map(String::as_str)
    }

    /// A file that is written like settings, if it is there.
    fn file(&self, path: &Path) -> OneFile {
        if !self.folders.has(path) {
            return OneFile::Missing;
        }
        if let Some(known) = self.files.borrow().get(path) {
            return known.clone();
        }
        let read = self.read_file(path);
        let mut files = self.files.borrow_mut();
        files.insert(path.to_owned(), read.clone());
        read
    }

    fn read_file(&self, path: &Path) -> OneFile {
        let mut looking = Looking::default();
        let cfg = Cfg::read("an override", path, &self.install.spelling, &mut looking);
        match looking.looked.iter().find_map(unreadable) {
            Some(stopped) => OneFile::Unreadable(stopped),
            None => OneFile::Is(Rc::new(cfg)),
        }
    }
}

/// What came of reading a file that games need.
#[derive(Clone, Debug)]
enum OneFile {
    Is(Rc<Cfg>),
    Missing,
    /// Where saves are is not known without it.
    Unreadable(Stopped),
}

/// Where overrides are. Blank here means something else than for the other directories.
fn overrides_of(install: &Install, settings: &Cfg) -> PathBuf {
    let beside = install.config.parent().unwrap_or(&install.config);
    match settings.get("rgui_config_directory") {
        None => install.tree.join("config"),
        Some("" | "default") => beside.to_owned(),
        Some(spelled) => install
            .spelling
            .real(spelled)
            .unwrap_or_else(|| beside.to_owned()),
    }
}

fn unreadable(looked: &Looked) -> Option<Stopped> {
    match &looked.found {
        Found::Unreadable(why) => Some(Stopped::Unreadable {
            path: looked.path.clone(),
            why: why.clone(),
        }),
        Found::Yes | Found::No => None,
    }
}
