//! Which files a core keeps a game's progress in: the game's own, and those that games share.
//!
//! Facts about cores only. What a file of many games holds is never one game's save: restored for
//! one it would roll back all the others.

mod cards;

use std::path::Path;

use super::cfg::Cfg;
use super::cores;
use crate::files::Form;
use crate::library::ids;

/// What a core writes for a game.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// What the save itself may be called. New ones are written as the first.
    pub saves: Vec<Pattern>,
    /// What goes with it.
    pub companions: Vec<Pattern>,
    /// By what its files are named where that is not the game's own name.
    pub stem: Option<String>,
    /// What it keeps in folders.
    pub folder: Option<InFolders>,
    /// What it shares with other games.
    pub shared: Vec<Shared>,
    /// Why there is no save that could be synced.
    pub instead: Option<Instead>,
}

/// A file's name: what comes after the stem, in a folder below the directory of saves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Empty for the directory itself.
    pub below: String,
    /// `.srm`
    pub after: String,
}

/// A save that is one folder or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFolders {
    /// In which folder of the directory of saves; empty for the directory itself.
    pub below: &'static str,
    /// One that is called as the game's files are, or all that so begin.
    pub form: Form,
}

/// The medium that a game is on: what names of saves are made of beside its own name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Medium<'a> {
    /// Whether it is a disc.
    pub is_disc: bool,
    /// Its file.
    pub file: Option<&'a Path>,
}

impl Medium<'_> {
    fn ask<T: Default>(self, ask: fn(&Path) -> T) -> T {
        self.file.map(ask).unwrap_or_default()
    }
}

/// A file that games share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Below what.
    pub root: Root,
    /// Its path there.
    pub name: String,
}

/// Where cores write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// The game's directory of saves.
    Saves,
    /// The directory of the system's files.
    System,
}

/// What there is instead of a save that could be synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// A folder for all games, below the directory of saves.
    Folder(&'static str),
    /// Only what is shared; and what to choose, if one can, for files of its own.
    OnlyShared(Option<&'static str>),
    /// Something else, in a sentence.
    Other(&'static str),
}

/// Cores whose save is one file named after the game, whatever is chosen: core, folder, what comes
/// after the stem, companions.
const PLAIN: &[(&str, &str, &[&str], &[&str])] = &[
    ("cap32", "", &[".dsk.sav"], &[]),
    ("clownmdemu", "", &[".srm", ".brm"], &[]),
    ("desmume", "", &[".dsv"], &[]),
    ("dosbox_pure", "", &[".pure.zip"], &[]),
    ("fbalpha2012", "", &[".fs"], &[]),
    ("fbalpha2012_cps1", "", &[".nv"], &[]),
    ("fbalpha2012_cps2", "", &[".fs"], &[]),
    ("fbalpha2012_cps3", "", &[".fs"], &[]),
    ("fbalpha2012_neogeo", "", &[".fs"], &[]),
    ("mame2000", "mame2000/nvram", &[".nv"], &[]),
    ("mame2010", "mame2010/nvram", &[".nv"], &[]),
    ("mednafen_ngp", "", &[".flash"], &[]),
    ("noods", "", &[".sav"], &[]),
    ("pokemini", "", &[".eep"], &[]),
    ("puae", "", &[".nvr"], &[]),
    ("race", "", &[".ngf"], &[]),
    ("virtualjaguar", "", &[".srm"], &[".cdrom.srm"]),
];

/// Cores whose save is something else, whatever is chosen.
const OTHERWISE: &[(&str, Instead)] = &[
    ("azahar", Instead::Folder("Azahar")),
    ("citra", Instead::Folder("Citra")),
    (
        "desmume2015",
        Instead::Other("DeSmuME 2015 saves in the directory that it was started in"),
    ),
    ("dolphin", Instead::Folder("User")),
    (
        "easyrpg",
        Instead::Other("EasyRPG saves beside the game, in files that are not named after it"),
    ),
    (
        "hatari",
        Instead::Other("Hatari saves within the disk's own image"),
    ),
    (
        "mednafen_gba",
        Instead::Other(
            "Beetle GBA names saves after the game's MD5, so they are no other core's: play it with \
             mGBA",
        ),
    ),
    (
        "np2kai",
        Instead::Other("Neko Project II kai saves within the disk's own image"),
    ),
    ("panda3ds", Instead::Folder("Panda3DS")),
    ("play", Instead::Folder("Play Data Files")),
    (
        "scummvm",
        Instead::Other("ScummVM names saves after its own targets"),
    ),
];

/// Cores that keep everything in files of all games: core, root, files.
const SHARED: &[(&str, Root, &[&str])] = &[
    (
        "cannonball",
        Root::Saves,
        &[
            "hiscores.sav",
            "hiscores_timetrial.sav",
            "hiscores_continuous.sav",
        ],
    ),
    (
        "nxengine",
        Root::Saves,
        &[
            "profile.dat",
            "profile2.dat",
            "profile3.dat",
            "profile4.dat",
            "profile5.dat",
        ],
    ),
    ("openlara", Root::Saves, &["openlara/savegame.dat"]),
    ("px68k", Root::System, &["keropi/sram.dat"]),
    ("yabasanshiro", Root::Saves, &["yabasanshiro/backup.bin"]),
];

impl Set {
    /// What is written by a core that leaves it to `RetroArch`: a battery, and a clock if it has one.
    pub fn battery() -> Self {
        Self::files("", &[".srm"], &[".rtc"])
    }

    /// What `core` writes for the game on a medium, given its options.
    pub fn of(core: Option<&str>, options: &Cfg, medium: Medium<'_>) -> Self {
        let Some(core) = core.map(cores::file_of) else {
            return Self::battery();
        };
        let core = core.as_str();
        if let Some((_, below, saves, companions)) = PLAIN.iter().find(|(is, ..)| *is == core) {
            return Self::files(below, saves, companions);
        }
        if let Some((_, instead)) = OTHERWISE.iter().find(|(is, _)| *is == core) {
            return Self::instead(instead.clone());
        }
        if let Some((_, root, names)) = SHARED.iter().find(|(is, ..)| *is == core) {
            return Self::shared(*root, names, None);
        }
        let chosen = |key: &str| options.get(key);
        match core {
            "fbneo" => fbneo(chosen("fbneo-memcard-mode")),
            "flycast" => {
                let chosen = chosen("flycast_per_content_vmus");
                flycast(chosen.or(options.get("reicast_per_content_vmus")), medium)
            }
            "genesis_plus_gx" if medium.is_disc => mega_cd(options),
            "geolith" => Self::files("", &[".nv", ".srm", ".mcr", ".brm"], &[]),
            "kronos" => kronos(chosen("kronos_use_beetle_saves")),
            "mame" => Self::in_folders("mame/nvram", Form::Folder, None),
            "melonds" | "melondsds" if medium.ask(ids::is_dsiware) => dsiware(core),
            "melonds" => Self::files("", &[".sav"], &[]),
            "mame2003" => mame2003("mame2003", chosen("mame2003_core_save_subfolder")),
            "mame2003_plus" => {
                mame2003("mame2003-plus", chosen("mame2003-plus_core_save_subfolder"))
            }
            "mednafen_psx" => cards::beetle_psx("beetle_psx", options),
            "mednafen_psx_hw" => cards::beetle_psx("beetle_psx_hw", options),
            "mednafen_saturn" => beetle_saturn(options),
            "neocd" if !matches!(chosen("neocd_per_content_saves"), Some("On" | "enabled")) => {
                let change = "set neocd_per_content_saves to On in the core's options";
                Self::shared(Root::System, &["neocd/neocd.srm"], Some(change))
            }
            "opera" => opera(options),
            "pcsx2" if chosen("pcsx2_shared_memory_cards") == Some("disabled") => {
                Self::files("", &[".ps2"], &[])
            }
            "pcsx2" => Self::shared(
                Root::System,
                &["pcsx2/memcards/Mcd001.ps2", "pcsx2/memcards/Mcd002.ps2"],
                Some("set pcsx2_shared_memory_cards to disabled in the core's options"),
            ),
            "pcsx_rearmed" => cards::pcsx_rearmed(options, medium),
            "ppsspp" => ppsspp(medium),
            "prboom" => Self::in_folders("", Form::Folder, None),
            "swanstation" => cards::swanstation(options, medium),
            _ => Self::battery(),
        }
    }

    fn files(below: &str, saves: &[&str], companions: &[&str]) -> Self {
        let pattern = |after: &&str| Pattern {
            below: below.to_owned(),
            after: (*after).to_owned(),
        };
        Self {
            saves: saves.iter().map(pattern).collect(),
            companions: companions.iter().map(pattern).collect(),
            ..Self::default()
        }
    }

    fn instead(instead: Instead) -> Self {
        Self {
            instead: Some(instead),
            ..Self::default()
        }
    }

    fn other(why: &'static str) -> Self {
        Self::instead(Instead::Other(why))
    }

    fn shared(root: Root, names: &[&str], change: Option<&'static str>) -> Self {
        Self::instead(Instead::OnlyShared(change)).and_shared(root, names)
    }

    fn in_folders(below: &'static str, form: Form, stem: Option<String>) -> Self {
        Self {
            stem,
            folder: Some(InFolders { below, form }),
            ..Self::default()
        }
    }

    /// Its files are named after what the disc says of itself.
    fn named(self, stem: String) -> Self {
        Self {
            stem: Some(stem),
            ..self
        }
    }

    fn and_shared(mut self, root: Root, names: &[&str]) -> Self {
        let shared = |name: &&str| Shared {
            root,
            name: (*name).to_owned(),
        };
        self.shared.extend(names.iter().map(shared));
        self
    }
}

fn fbneo(cards: Option<&str>) -> Set {
    match cards {
        Some("per-game") => Set::files("fbneo", &[".fs"], &[".memcard"]),
        Some("shared") => {
            Set::files("fbneo", &[".fs"], &[]).and_shared(Root::Saves, &["fbneo/shared.memcard"])
        }
        _ => Set::files("fbneo", &[".fs"], &[]),
    }
}

fn flycast(per_content: Option<&str>, medium: Medium<'_>) -> Set {
    let units = |names: [&str; 4]| names.map(|port| format!("dc/vmu_save_{port}.bin"));
    let all = units(["A1", "B1", "C1", "D1"]);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let is_all = match per_content {
        None | Some("disabled") => {
            let change = "set Per-Game VMUs (reicast_per_content_vmus) to All VMUs in the core's \
                          options";
            return Set::shared(Root::System, &all, Some(change));
        }
        Some(chosen) => chosen == "All VMUs",
    };
    let Some(product) = medium.ask(ids::dreamcast_product) else {
        return Set::other(
            "Flycast names a game's memory units after the disc's product number, which can be read \
             from a GDI or a cue sheet only: keep the game as one of these",
        );
    };
    let others = [
        ".A2.bin", ".B1.bin", ".B2.bin", ".C1.bin", ".C2.bin", ".D1.bin", ".D2.bin",
    ];
    if is_all {
        return Set::files("", &[".A1.bin"], &others).named(product);
    }
    let set = Set::files("", &[".A1.bin"], &[]).named(product);
    set.and_shared(Root::System, &all[1..])
}

fn dsiware(core: &str) -> Set {
    if core == "melonds" {
        return Set::other(
            "melonDS keeps what DSiWare saves in the console's own memory, which all games share: \
             nothing of it can be synced for one",
        );
    }
    Set::other(
        "melonDS DS keeps what DSiWare saves in up to three files of which none is the save, and \
         they are not synced: copy the .public.sav, .private.sav and .banner.sav by hand",
    )
}

fn ppsspp(medium: Medium<'_>) -> Set {
    match medium.ask(ids::psp_id) {
        Some(id) => Set::in_folders("PSP/SAVEDATA", Form::Folders, Some(id)),
        None => Set::other(
            "PPSSPP names a game's folders after the id on its disc, which can be read from an ISO, \
             a CSO or a PBP only: keep the game as one of these",
        ),
    }
}

fn mega_cd(options: &Cfg) -> Set {
    let chosen = ["genesis_plus_gx_system_bram", "genesis_plus_gx_bram"];
    let chosen = chosen.iter().find_map(|key| options.get(key));
    if chosen != Some("per game") {
        let files = ["scd_U.brm", "scd_E.brm", "scd_J.brm"];
        let change = "set CD System BRAM (genesis_plus_gx_system_bram) to per game in the core's \
                      options";
        return Set::shared(Root::Saves, &files, Some(change));
    }
    if options.get("genesis_plus_gx_cart_bram") == Some("per game") {
        let sizes = ["128Kbit", "256Kbit", "512Kbit", "1Mbit", "2Mbit", "4Mbit"];
        let carts = sizes.map(|size| format!("_{size}_cart.brm"));
        let mut carts: Vec<&str> = carts.iter().map(String::as_str).collect();
        carts.push("_cart.brm");
        return Set::files("", &[".brm"], &carts);
    }
    Set::files("", &[".brm"], &[]).and_shared(Root::Saves, &["cart.brm"])
}

fn kronos(as_beetle: Option<&str>) -> Set {
    if as_beetle == Some("enabled") {
        return Set::files("", &[".bkr"], &[".bcr"]);
    }
    let carts = ["-ext512K.ram", "-ext1M.ram", "-ext2M.ram", "-ext4M.ram"];
    Set::files("kronos/saturn", &[".ram"], &carts)
}

fn mame2003(folder: &str, in_folder: Option<&str>) -> Set {
    match in_folder {
        Some("disabled") => Set::files("nvram", &[".nv"], &[]),
        _ => Set::files(&format!("{folder}/nvram"), &[".nv"], &[]),
    }
}

fn beetle_saturn(options: &Cfg) -> Set {
    let method = options.get("beetle_saturn_save_method");
    let enabled = |key| options.get(key) == Some("enabled");
    // A core that has options and not this one is older than it, and knows one way only.
    let is_older = method.is_none() && options.knows("beetle_saturn_");
    if enabled("beetle_saturn_shared_int") {
        let shared = [
            "mednafen_saturn_libretro_shared.bkr",
            "mednafen_saturn_libretro_shared.bcr",
        ];
        let change = "set beetle_saturn_shared_int to disabled in the core's options";
        return Set::shared(Root::Saves, &shared, Some(change));
    }
    let saves: &[&str] = match method {
        Some("mednafen") => &[".bkr"],
        _ if is_older => &[".bkr"],
        _ => &[".srm"],
    };
    if enabled("beetle_saturn_shared_ext") {
        let cart = ["mednafen_saturn_libretro_shared.bcr"];
        return Set::files("", saves, &[".smpc"]).and_shared(Root::Saves, &cart);
    }
    Set::files("", saves, &[".bcr", ".smpc"])
}

fn opera(options: &Cfg) -> Set {
    if options.get("opera_nvram_storage") == Some("shared") {
        let change = "set opera_nvram_storage to per game in the core's options";
        return Set::shared(Root::Saves, &["opera/shared/nvram.srm"], Some(change));
    }
    let version = options.get("opera_nvram_version").unwrap_or("0");
    let mut set = Set::files("opera/per_game", &[&format!(".{version}.srm")], &[]);
    set.saves.extend(Set::files("", &[".srm"], &[]).saves);
    set
}

#[cfg(test)]
mod tests;
