//! `RetroDECK`: ES-DE and `RetroArch` in one Flatpak, and one file that says where everything is.
//!
//! Its own file is the authority on the root of the saves: it writes `savefile_directory` anew
//! itself, so what `retroarch.cfg` says there is not read. How saves are sorted is read there.

use std::path::{Path, PathBuf};

use keepsave_core::platforms::Naming;
use serde::Deserialize;

use super::Installation;
use super::es_de::Frontend;
use super::game::{Found, KnownBy, Stopped};
use super::gather::Gathering;
use super::looking::Looking;
use super::machine::Machine;
use super::retroarch::RetroArch;
use super::retroarch::install::Install;
use super::retroarch::spelling::Spelling;
use super::retroarch::states::StatesRoot;

/// The id of its Flatpak.
const ID: &str = "net.retrodeck.retrodeck";

/// `retrodeck.json`, as far as it matters.
#[derive(Debug, Default, Deserialize)]
struct Settings {
    #[serde(default)]
    paths: Paths,
}

#[derive(Debug, Default, Deserialize)]
struct Paths {
    #[serde(rename = "rd_home_path")]
    home: Option<PathBuf>,
    #[serde(rename = "roms_path")]
    roms: Option<PathBuf>,
    #[serde(rename = "saves_path")]
    saves: Option<PathBuf>,
    #[serde(rename = "states_path")]
    states: Option<PathBuf>,
}

/// Looks for it.
pub fn find(machine: &Machine, absent: &mut Looking) -> Option<Installation> {
    let own = machine.home(format!(".var/app/{ID}"));
    if !absent.directory("RetroDECK", &own) {
        return None;
    }
    let mut gathering = Gathering::new(machine, "RetroDECK", Naming::EsDe, KnownBy::RomFolder);
    let config = own.join("config");
    let (paths, unreadable) = read(
        &mut gathering.looking,
        &config.join("retrodeck/retrodeck.json"),
    );
    let at = |path: &Option<PathBuf>| path.as_deref().map(|path| machine.at(path));
    let home = at(&paths.home).unwrap_or_else(|| machine.home("retrodeck"));
    let saves = at(&paths.saves).unwrap_or_else(|| machine.home("retrodeck/saves"));
    let roms = at(&paths.roms).unwrap_or_else(|| home.join("roms"));
    if gathering.looking.directory("saves of RetroDECK", &saves) {
        set_aside(&mut gathering.looking, &saves);
    }

    let mut install = Install::beside(
        "RetroDECK's RetroArch",
        &config.join("retroarch/retroarch.cfg"),
        Spelling::flatpak(machine, ID),
    );
    install.infos = deployed(
        machine,
        &[
            "components/retroarch/rd_extras/cores",
            "../share/libretro/info",
        ],
    );
    install.root = Some(saves.clone());
    let states = at(&paths.states);
    install.states = Some(StatesRoot {
        always_there: states.clone().unwrap_or_else(|| home.clone()),
        directory: states.unwrap_or_else(|| home.join("states")),
        by_folder: false,
    });
    let retroarch = RetroArch::read(install);

    let bundled = deployed(
        machine,
        &[
            "components/es-de/share/es-de/resources/systems/linux",
            "components/es-de/share/es-de/resources/systems/unix",
            "../share/es-de/resources/systems/linux",
        ],
    );
    let data = data_of(&config, &home);
    let frontend = Frontend::read(&mut gathering.looking, &data, &bundled);
    gathering.looking.directory("games of RetroDECK", &roms);
    for shelf in gathering.shelves(&frontend, &roms) {
        gathering.take_shelf(&shelf, &retroarch, |path| shelf.played(path));
    }
    // A root that nobody named is made when it is needed, unless what would name another cannot be
    // read.
    if paths.saves.is_none() {
        gathering.made_when_needed(&saves, unreadable.as_ref());
    }
    gathering.looked_first(&retroarch.looked);
    gathering.laid(&retroarch);
    Some(gathering.done())
}

/// Where its ES-DE keeps its settings and scripts, if `RetroDECK` is here.
pub fn data(machine: &Machine) -> Option<PathBuf> {
    let config = machine.home(format!(".var/app/{ID}/config"));
    if !config.is_dir() {
        return None;
    }
    let settings = config.join("retrodeck/retrodeck.json");
    let (paths, _) = read(&mut Looking::default(), &settings);
    let home = paths.home.map(|home| machine.at(&home));
    let home = home.unwrap_or_else(|| machine.home("retrodeck"));
    Some(data_of(&config, &home))
}

fn data_of(config: &Path, home: &Path) -> PathBuf {
    let linked = config.join("ES-DE");
    if linked.is_dir() {
        linked
    } else {
        home.join("ES-DE")
    }
}

/// When it links an emulator's folder into its own it sets the one that was there aside: saves may
/// be left in it.
fn set_aside(looking: &mut Looking, saves: &Path) {
    for entry in std::fs::read_dir(saves).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().ends_with(b".old") {
            looking.note("saves that were set aside", &entry.path(), Found::Yes);
        }
    }
}

/// What the file says, and why it cannot be read.
fn read(looking: &mut Looking, path: &Path) -> (Paths, Option<Stopped>) {
    let what = "settings of RetroDECK";
    let text = looking.text(what, path);
    let said = looking.looked.last().map(|looked| looked.found.clone());
    let why = match (text, said) {
        (Some(text), _) => match serde_json::from_str::<Settings>(&text) {
            Ok(settings) if settings.paths.saves.is_some() => return (settings.paths, None),
            Ok(_) => "it does not say where saves are".to_owned(),
            Err(error) => error.to_string(),
        },
        (None, Some(Found::Unreadable(why))) => why,
        (None, _) => return (Paths::default(), None),
    };
    looking.fault(what, path, Some(why.clone()));
    let path = path.to_owned();
    (Paths::default(), Some(Stopped::Unreadable { path, why }))
}

/// Where a part of the Flatpak may be: installed for everyone, or for one user.
fn deployed(machine: &Machine, parts: &[&str]) -> Vec<PathBuf> {
    let active = format!("flatpak/app/{ID}/current/active/files/retrodeck");
    let roots = [
        machine.at(&Path::new("/var/lib").join(&active)),
        machine.home(Path::new(".local/share").join(&active)),
    ];
    let below = |part: &&str| match part.strip_prefix("../") {
        Some(beside) => roots.clone().map(|root| root.with_file_name(beside)),
        None => roots.clone().map(|root| root.join(part)),
    };
    parts.iter().flat_map(below).collect()
}
