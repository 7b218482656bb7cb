//! Which files a core keeps a game's progress in: the game's own, and those that games share.
//!
//! Facts about cores only. What a file of many games holds is never one game's save: restored for
//! one it would roll back all the others.

use super::cfg::Cfg;
use super::cores;

/// What a core writes for a game.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// What the save itself may be called. New ones are written as the first.
    pub saves: Vec<Pattern>,
    /// What goes with it.
    pub companions: Vec<Pattern>,
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
    /// A folder, below the directory of saves; `*` is the stem.
    Folder(&'static str),
    /// Only what is shared.
    OnlyShared,
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
    ("melonds", "", &[".sav"], &[]),
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
    ("mame", Instead::Folder("mame/nvram/*")),
    (
        "mednafen_gba",
        Instead::Other("Beetle GBA names saves after the game's MD5"),
    ),
    (
        "np2kai",
        Instead::Other("Neko Project II kai saves within the disk's own image"),
    ),
    ("panda3ds", Instead::Folder("Panda3DS")),
    ("play", Instead::Folder("Play Data Files")),
    ("ppsspp", Instead::Folder("PSP/SAVEDATA")),
    ("prboom", Instead::Folder("*")),
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

    /// What `core` writes, given its options. `disc` says whether the game is a disc.
    pub fn of(core: Option<&str>, options: &Cfg, disc: bool) -> Self {
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
            return Self::shared(*root, names);
        }
        let chosen = |key: &str| options.get(key);
        match core {
            "fbneo" => fbneo(chosen("fbneo-memcard-mode")),
            "flycast" => {
                flycast(chosen("flycast_per_content_vmus").or(chosen("reicast_per_content_vmus")))
            }
            "genesis_plus_gx" if disc => mega_cd(options),
            "geolith" => Self::files("", &[".nv", ".srm", ".mcr", ".brm"], &[]),
            "kronos" => kronos(chosen("kronos_use_beetle_saves")),
            "mame2003" => mame2003("mame2003", chosen("mame2003_core_save_subfolder")),
            "mame2003_plus" => {
                mame2003("mame2003-plus", chosen("mame2003-plus_core_save_subfolder"))
            }
            "mednafen_psx" => beetle_psx("beetle_psx", options),
            "mednafen_psx_hw" => beetle_psx("beetle_psx_hw", options),
            "mednafen_saturn" => beetle_saturn(options),
            "neocd" if !matches!(chosen("neocd_per_content_saves"), Some("On" | "enabled")) => {
                Self::shared(Root::System, &["neocd/neocd.srm"])
            }
            "opera" => opera(options),
            "pcsx2" if chosen("pcsx2_shared_memory_cards") == Some("disabled") => {
                Self::files("", &[".ps2"], &[])
            }
            "pcsx2" => Self::shared(
                Root::System,
                &["pcsx2/memcards/Mcd001.ps2", "pcsx2/memcards/Mcd002.ps2"],
            ),
            "pcsx_rearmed" => pcsx_rearmed(options),
            "swanstation" => swanstation(options),
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

    fn shared(root: Root, names: &[&str]) -> Self {
        Self::instead(Instead::OnlyShared).and_shared(root, names)
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

fn flycast(per_content: Option<&str>) -> Set {
    let cards = [
        "dc/vmu_save_A1.bin",
        "dc/vmu_save_B1.bin",
        "dc/vmu_save_C1.bin",
        "dc/vmu_save_D1.bin",
    ];
    match per_content {
        None | Some("disabled") => Set::shared(Root::System, &cards),
        Some(_) => Set::instead(Instead::Other(
            "Flycast names a game's memory units after the disc's product number",
        )),
    }
}

fn mega_cd(options: &Cfg) -> Set {
    let chosen = ["genesis_plus_gx_system_bram", "genesis_plus_gx_bram"];
    let chosen = chosen.iter().find_map(|key| options.get(key));
    if chosen != Some("per game") {
        return Set::shared(Root::Saves, &["scd_U.brm", "scd_E.brm", "scd_J.brm"]);
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

fn beetle_psx(prefix: &str, options: &Cfg) -> Set {
    let chosen = |key: &str| options.get(&format!("{prefix}_{key}"));
    let is_own = chosen("use_mednafen_memcard0_method") == Some("mednafen");
    if chosen("shared_memory_cards") == Some("enabled") {
        let shared = |slot| format!("mednafen_psx_libretro_shared.{slot}.mcr");
        let (first, second) = (shared(0), shared(1));
        return if is_own {
            Set::shared(Root::Saves, &[&first, &second])
        } else {
            Set::files("", &[".srm"], &[]).and_shared(Root::Saves, &[&second])
        };
    }
    let others = [
        ".1.mcr", ".2.mcr", ".3.mcr", ".4.mcr", ".5.mcr", ".6.mcr", ".7.mcr",
    ];
    match (is_own, chosen("memcard_left_index")) {
        (false, _) => Set::files("", &[".srm"], &others),
        (true, None | Some("0")) => Set::files("", &[".0.mcr"], &others),
        (true, Some(_)) => Set::instead(Instead::Other(
            "the first card that the core was told to use is one of those that go with a save",
        )),
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
        return Set::shared(Root::Saves, &shared);
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
        return Set::shared(Root::Saves, &["opera/shared/nvram.srm"]);
    }
    let version = options.get("opera_nvram_version").unwrap_or("0");
    let mut set = Set::files("opera/per_game", &[&format!(".{version}.srm")], &[]);
    set.saves.extend(Set::files("", &[".srm"], &[]).saves);
    set
}

fn pcsx_rearmed(options: &Cfg) -> Set {
    let set = match options.get("pcsx_rearmed_memcard1") {
        Some("serial") => Set::instead(Instead::Other(
            "PCSX-ReARMed names the card after the disc's serial number",
        )),
        Some("shared") => Set::shared(Root::Saves, &["pcsx-card1.mcd"]),
        Some("none") => Set::instead(Instead::OnlyShared),
        _ => Set::files("", &[".srm"], &[]),
    };
    match options.get("pcsx_rearmed_memcard2") {
        None | Some("shared" | "enabled") => set.and_shared(Root::Saves, &["pcsx-card2.mcd"]),
        Some(_) => set,
    }
}

fn swanstation(options: &Cfg) -> Set {
    let card = |slot| options.get(&format!("swanstation_MemoryCards_Card{slot}Type"));
    let by_disc = "SwanStation names cards after what it knows of the disc";
    let set = match card(1) {
        None | Some("Libretro") => Set::files("", &[".srm"], &[]),
        Some("PerGameFileTitle") => Set::files("", &["_1.mcd"], &[]),
        Some("Shared") => Set::shared(Root::Saves, &["duckstation_shared_card_1.mcd"]),
        Some("None" | "NonPersistent") => Set::instead(Instead::Other(
            "SwanStation was told to keep no memory card",
        )),
        Some(_) => Set::instead(Instead::Other(by_disc)),
    };
    match card(2) {
        None | Some("None" | "NonPersistent" | "Libretro") => set,
        Some("Shared") => set.and_shared(Root::Saves, &["duckstation_shared_card_2.mcd"]),
        Some(_) => Set::instead(Instead::Other(
            "SwanStation was told to keep two memory cards for a game, which nothing tells apart",
        )),
    }
}

#[cfg(test)]
mod tests;
