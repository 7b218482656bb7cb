//! Which core is meant, and what its folders are called.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;

use keepsave_core::states::Stamp;

use super::cfg::Cfg;
use super::core_names::{CORES, CoreName};
use crate::library::looking::Looking;

/// What an `.info` file says.
#[derive(Clone, Debug, Default)]
struct Info {
    name: Option<String>,
    version: Option<String>,
}

/// Cores by name, with what the installation's own `.info` files say of those that the table does
/// not know.
#[derive(Debug, Default)]
pub struct Cores {
    infos: Vec<PathBuf>,
    read: RefCell<HashMap<String, Option<Info>>>,
}

impl Cores {
    /// With the directories in which `.info` files may be, the most trusted first.
    pub fn new(infos: Vec<PathBuf>) -> Self {
        Self {
            infos,
            read: RefCell::default(),
        }
    }

    /// What the folders of a core may be called, the likeliest first. Empty for a core of which
    /// nothing is known.
    pub fn folders(&self, core: &str) -> Vec<String> {
        let file = file_of(core);
        match known(&file) {
            Some(core) => core.folders.iter().map(|&name| name.to_owned()).collect(),
            // For most cores `.info` has the folder's name.
            None => self
                .info(&file)
                .and_then(|info| info.name)
                .into_iter()
                .collect(),
        }
    }

    /// Which version of a core is here, as far as that is said, as it can stand in a name.
    pub fn version(&self, core: &str) -> Option<String> {
        let version = self.info(&file_of(core))?.version?;
        Some(Stamp::word(&version)).filter(|version| !version.is_empty())
    }

    fn info(&self, file: &str) -> Option<Info> {
        let known = self.read.borrow().get(file).cloned();
        known.unwrap_or_else(|| {
            let info = self.infos.iter().find_map(|directory| {
                let path = directory.join(format!("{file}_libretro.info"));
                let mut looking = Looking::default();
                let text = looking.text("a core", &path)?;
                let info = Cfg::parse(&text);
                let said = |key| Some(info.get(key).filter(|it| !it.is_empty())?.to_owned());
                let info = Info {
                    name: said("corename"),
                    version: said("display_version"),
                };
                (info.name.is_some() || info.version.is_some()).then_some(info)
            });
            self.read.borrow_mut().insert(file.to_owned(), info.clone());
            info
        })
    }
}

fn known(file: &str) -> Option<&'static CoreName> {
    CORES
        .iter()
        .find(|core| core.file.eq_ignore_ascii_case(file))
}

/// The core that a frontend means by `named`: a path, a file's name, or the core's bare name.
/// `mgba` for all of these.
pub fn file_of(named: &str) -> String {
    let name = named.rsplit(['/', '\\']).next().unwrap_or(named);
    let name = name.split('.').next().unwrap_or(name);
    let name = name.strip_suffix("_android").unwrap_or(name);
    name.strip_suffix("_libretro").unwrap_or(name).to_owned()
}

/// The core whose name in playlists is `display`.
pub fn by_display(display: &str) -> Option<&'static str> {
    let core = CORES.iter().find(|core| core.display == display)?;
    Some(core.file)
}

/// What saves by this core are tagged with on a server.
pub fn emulator_tag(core: Option<&str>) -> String {
    match core {
        Some(core) => format!("retroarch-{}", file_of(core).to_lowercase()),
        None => "retroarch".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::tree::Tree;

    #[test]
    fn a_core_is_known_however_it_is_spelled() {
        for named in [
            "mgba",
            "mgba_libretro",
            "mgba_libretro.so",
            "mgba_libretro_android.so",
            "/usr/lib/libretro/mgba_libretro.so",
            "C:\\cores\\mgba_libretro.dll",
        ] {
            assert_eq!(file_of(named), "mgba", "{named}");
        }
        assert_eq!(
            by_display("Nintendo - Game Boy Advance (mGBA)"),
            Some("mgba")
        );
        assert_eq!(by_display("mGBA"), None);
    }

    #[test]
    fn a_cores_folder_is_what_the_core_says_and_not_what_its_info_says() {
        let tree = Tree::new();
        let info = "corename = \"Dolphin\"\n";
        tree.file("/cores/dolphin_libretro.info", info);
        let cores = Cores::new(vec![tree.at("/cores")]);
        assert_eq!(cores.folders("dolphin_libretro.so"), ["dolphin-emu"]);
    }

    #[test]
    fn a_core_that_was_renamed_has_its_older_folders_too() {
        let cores = Cores::default();
        let names = ["Beetle Cygne", "Beetle WonderSwan"];
        assert_eq!(cores.folders("mednafen_wswan"), names);
        assert_eq!(cores.folders("bsnes2014_accuracy"), ["bsnes2014", "bsnes"]);
    }

    #[test]
    fn a_core_that_the_table_does_not_know_is_asked_for_in_its_info() {
        let tree = Tree::new();
        tree.file(
            "/user/newcore_libretro.info",
            "corename = \"New Core\"\ncorename = \"x\"",
        );
        tree.file("/cores/newcore_libretro.info", "corename = \"Old Core\"");
        tree.file("/cores/nameless_libretro.info", "corename=\"dropped\"");
        let cores = Cores::new(vec![tree.at("/user"), tree.at("/cores")]);
        assert_eq!(cores.folders("newcore"), ["New Core"]);
        assert_eq!(cores.folders("newcore"), ["New Core"], "and is read once");
        assert!(cores.folders("nameless").is_empty());
        assert!(cores.folders("nobody").is_empty());
    }

    #[test]
    fn every_core_of_the_table_is_there_once_and_has_a_folder() {
        let files: std::collections::BTreeSet<_> = CORES.iter().map(|core| core.file).collect();
        assert_eq!(files.len(), CORES.len());
        assert!(CORES.len() > 130);
        for core in CORES {
            assert_eq!(file_of(core.file), core.file);
            assert!(!core.folders.is_empty(), "{}", core.file);
            let plain = |name: &&str| !name.is_empty() && !name.contains(['/', '`', '*']);
            assert!(core.folders.iter().all(plain), "{}", core.file);
        }
    }

    #[test]
    fn a_save_is_tagged_with_its_core() {
        assert_eq!(
            emulator_tag(Some("DoubleCherryGB_libretro")),
            "retroarch-doublecherrygb"
        );
        assert_eq!(
            emulator_tag(Some("/cores/mgba_libretro.so")),
            "retroarch-mgba"
        );
        assert_eq!(emulator_tag(None), "retroarch");
    }
}
