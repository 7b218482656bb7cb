//! Where installations of `RetroArch` are, and how each spells its paths.
//!
//! Distributions that ship one hand in where theirs is; those that anyone may have are found here.

use std::path::{Path, PathBuf};

use super::spelling::Spelling;
use super::states::StatesRoot;
use crate::library::Layout;
use crate::library::game::Found;
use crate::library::looking::Looking;
use crate::library::machine::Machine;

/// The id under which Flathub has it.
pub const FLATPAK: &str = "org.libretro.RetroArch";

/// An installation.
#[derive(Clone, Debug)]
pub struct Install {
    /// As its people call it.
    pub name: String,
    /// `retroarch.cfg`; need not be there.
    pub config: PathBuf,
    /// Settings that it is started with in addition, later ones over earlier ones.
    pub appended: Vec<PathBuf>,
    /// Where everything is by default: saves, playlists, overrides.
    pub tree: PathBuf,
    /// How paths in its settings are to be read.
    pub spelling: Spelling,
    /// Where saves are, if the distribution decides that and the settings do not.
    pub root: Option<PathBuf>,
    /// The same of save states.
    pub states: Option<StatesRoot>,
    /// Where `.info` files may be, beside where the settings say.
    pub infos: Vec<PathBuf>,
    /// What the distribution writes into its settings anew before each launch.
    pub decided: &'static str,
    /// Which version it is, if that is known: (1, 18) and later stack how saves are sorted.
    pub version: Option<(u32, u32)>,
}

impl Install {
    /// The one whose settings are at `config`, a real path, and everything else beside them.
    pub fn beside(name: &str, config: &Path, spelling: Spelling) -> Self {
        let tree = config.parent().unwrap_or(config).to_owned();
        Self {
            name: name.to_owned(),
            config: config.to_owned(),
            appended: Vec::new(),
            infos: Vec::new(),
            tree,
            spelling,
            root: None,
            states: None,
            decided: "",
            version: None,
        }
    }

    /// How its saves are to be taken to be laid out, instead of how its settings say.
    pub fn laid_out(&self) -> Option<&Layout> {
        let own = self.decided.is_empty();
        let machine = self.spelling.machine();
        own.then(|| machine.layout_of(&self.config)).flatten()
    }
}

/// The installations that anyone may have: the system's own, the Flatpak, Steam's, `AppImage`s.
pub fn find(machine: &Machine, looking: &mut Looking) -> Vec<Install> {
    let mut found = Vec::new();
    let mut candidates = vec![native(machine), flatpak(machine)];
    candidates.extend(steam(machine, looking));
    candidates.extend(app_images(machine));
    for install in candidates {
        let is_there = install.config.is_file();
        let what = format!("settings of {}", install.name);
        let is_found = if is_there { Found::Yes } else { Found::No };
        looking.note(&what, &install.config, is_found);
        if is_there {
            found.push(install);
        }
    }
    found
}

/// The system's own, which an `AppImage` without a home of its own shares.
fn native(machine: &Machine) -> Install {
    let tree = machine
        .named_or_home("XDG_CONFIG_HOME", ".config")
        .join("retroarch");
    let usual = tree.join("retroarch.cfg");
    let others = [
        machine.home(".config/retroarch/retroarch.cfg"),
        machine.home(".retroarch.cfg"),
    ];
    let other = others
        .into_iter()
        .find(|path| !usual.is_file() && path.is_file());
    let config = other.unwrap_or(usual);
    let system = ["/usr/share/libretro/info", "/usr/local/share/libretro/info"];
    Install {
        tree,
        infos: system
            .iter()
            .map(|path| machine.at(Path::new(path)))
            .collect(),
        ..Install::beside("RetroArch", &config, Spelling::plain(machine))
    }
}

fn flatpak(machine: &Machine) -> Install {
    let config = Path::new(".var/app")
        .join(FLATPAK)
        .join("config/retroarch/retroarch.cfg");
    let spelling = Spelling::flatpak(machine, FLATPAK);
    let infos = ["/app/share/libretro/info", "/app/share/retroarch/info"];
    Install {
        infos: infos
            .iter()
            .filter_map(|path| spelling.real(path))
            .collect(),
        ..Install::beside(
            "RetroArch (Flatpak)",
            &machine.home(config),
            spelling.clone(),
        )
    }
}

/// Where Steam may keep its own files.
const STEAM: [&str; 4] = [
    ".steam/steam",
    ".local/share/Steam",
    ".steam/debian-installation",
    ".var/app/com.valvesoftware.Steam/.local/share/Steam",
];

/// One for each of Steam's libraries.
fn steam(machine: &Machine, looking: &mut Looking) -> Vec<Install> {
    let mut libraries: Vec<PathBuf> = Vec::new();
    for steam in STEAM.map(|path| machine.home(path)) {
        let list = steam.join("steamapps/libraryfolders.vdf");
        if !list.exists() {
            continue;
        }
        let text = looking.text("Steam's libraries", &list);
        let named = text.map(|text| library_paths(&text)).unwrap_or_default();
        let named = named.iter().map(|path| machine.at(Path::new(path)));
        libraries.extend(std::iter::once(steam).chain(named));
    }
    let mut installs: Vec<Install> = Vec::new();
    let mut seen: Vec<PathBuf> = Vec::new();
    for library in libraries {
        let directory = library.join("steamapps/common/RetroArch");
        // Steam's own directory goes by several names.
        let Ok(real) = directory.canonicalize() else {
            continue;
        };
        if seen.contains(&real) {
            continue;
        }
        seen.push(real);
        let spelling = Spelling::with_application(machine, &directory);
        let config = directory.join("retroarch.cfg");
        let mut install = Install::beside("RetroArch (Steam)", &config, spelling);
        install.infos.push(directory.join("info"));
        installs.push(install);
    }
    installs
}

/// The libraries that Steam's list names: every `"path" "..."` in it.
fn library_paths(text: &str) -> Vec<String> {
    let path = |line: &str| {
        let mut words = line.split('"').skip(1).step_by(2);
        let is_path = words.next()? == "path";
        is_path.then(|| words.next().map(|path| path.replace("\\\\", "\\")))?
    };
    text.lines().filter_map(path).collect()
}

/// Directories in which `AppImage`s are usually put.
const APP_IMAGES: [&str; 3] = ["Applications", "Downloads", ""];

/// Those that carry a home of their own beside them.
fn app_images(machine: &Machine) -> Vec<Install> {
    let mut installs = Vec::new();
    for directory in APP_IMAGES.map(|path| machine.home(path)) {
        let entries = std::fs::read_dir(&directory).into_iter().flatten();
        let mut homes: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        homes.sort();
        for home in homes {
            let name = home
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let name = name.to_ascii_lowercase();
            if name.starts_with("retroarch") && name.ends_with(".appimage.home") {
                let config = home.join(".config/retroarch/retroarch.cfg");
                let spelling = Spelling::with_home(machine, &home);
                installs.push(Install::beside("RetroArch (AppImage)", &config, spelling));
            }
        }
    }
    installs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::tree::Tree;

    fn found(tree: &Tree) -> Vec<(String, PathBuf)> {
        let installs = find(&tree.machine(), &mut Looking::default());
        let of = |install: Install| (install.name, install.config);
        installs.into_iter().map(of).collect()
    }

    #[test]
    fn nothing_is_found_on_an_empty_machine_and_it_is_said_where_it_was_looked_for() {
        let tree = Tree::new();
        let mut looking = Looking::default();
        let installs = find(&tree.machine(), &mut looking);
        let looked = looking.looked;
        assert!(installs.is_empty());
        assert_eq!(looked.len(), 2);
        assert!(looked.iter().all(|looked| looked.found == Found::No));
    }

    #[test]
    fn the_systems_own_is_where_xdg_says() {
        let mut tree = Tree::new();
        let plain = tree.file("~/.config/retroarch/retroarch.cfg", b"");
        assert_eq!(found(&tree), [("RetroArch".to_owned(), plain.clone())]);
        tree.variable("XDG_CONFIG_HOME", "/cfg");
        assert_eq!(found(&tree)[0].1, plain, "an older one is still one");
        let named = tree.file("/cfg/retroarch/retroarch.cfg", b"");
        assert_eq!(found(&tree)[0].1, named);
    }

    #[test]
    fn settings_in_the_home_itself_have_their_saves_in_the_usual_tree() {
        let tree = Tree::new();
        let config = tree.file("~/.retroarch.cfg", b"");
        let install = find(&tree.machine(), &mut Looking::default()).remove(0);
        assert_eq!(install.config, config);
        assert_eq!(install.tree, tree.at("~/.config/retroarch"));
    }

    #[test]
    fn the_flatpak_is_found_with_its_own_spelling() {
        let tree = Tree::new();
        let base = "~/.var/app/org.libretro.RetroArch/config/retroarch";
        let config = tree.file(&format!("{base}/retroarch.cfg"), b"");
        let install = find(&tree.machine(), &mut Looking::default()).remove(0);
        assert_eq!(install.config, config);
        assert_eq!(install.tree, tree.at(base));
        let saves = install.spelling.real("/var/config/retroarch/saves");
        assert_eq!(saves, Some(tree.at(&format!("{base}/saves"))));
    }

    #[test]
    fn steams_is_in_any_of_its_libraries_and_once() {
        let tree = Tree::new();
        let list = "\"libraryfolders\"\n{\n \"0\"\n {\n  \"path\"  \"/players/deck/.local/share/Steam\"\n }\n \"1\"\n {\n  \"path\"\t\t\"/run/media/card\"\n  \"label\" \"\"\n }\n}\n";
        tree.file("~/.local/share/Steam/steamapps/libraryfolders.vdf", list);
        let below = "steamapps/common/RetroArch/retroarch.cfg";
        let inner = tree.file(&format!("~/.local/share/Steam/{below}"), b"");
        let card = tree.file(&format!("/run/media/card/{below}"), b"");
        tree.directory("~/.steam");
        std::os::unix::fs::symlink("../.local/share/Steam", tree.at("~/.steam/steam")).unwrap();
        let mut looking = Looking::default();
        let installs = find(&tree.machine(), &mut looking);
        let looked = looking.looked;
        let configs: Vec<_> = installs
            .iter()
            .map(|install| install.config.canonicalize().unwrap())
            .collect();
        let [inner, card] = [inner, card].map(|path| path.canonicalize().unwrap());
        assert_eq!(configs, [inner, card]);
        assert_eq!(
            installs[1].spelling.real(":/saves"),
            Some(tree.at("/run/media/card/steamapps/common/RetroArch/saves"))
        );
        assert!(
            looked
                .iter()
                .any(|looked| looked.what == "Steam's libraries")
        );
    }

    #[test]
    fn an_app_image_may_have_a_home_beside_it() {
        let tree = Tree::new();
        let home = "~/Applications/RetroArch-Linux-x86_64.AppImage.home";
        let config = tree.file(&format!("{home}/.config/retroarch/retroarch.cfg"), b"");
        let install = find(&tree.machine(), &mut Looking::default()).remove(0);
        assert_eq!(install.config, config);
        assert_eq!(
            install.spelling.real("~/saves"),
            Some(tree.at(&format!("{home}/saves")))
        );
    }
}
