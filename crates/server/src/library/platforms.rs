//! The platforms that are known by name: RomM's slugs, and what is known of each.
//!
//! A folder that stands here under its slug is that platform; any other is one too, named after
//! its folder.

/// A platform that is known by its slug.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "RomM's fields, in words")]
pub struct Known {
    pub slug: &'static str,
    pub name: &'static str,
    pub family: Option<&'static str>,
    pub category: Category,
    /// Of consoles and handhelds, as they are commonly counted.
    pub generation: Option<i64>,
    /// What libretro's database calls it.
    pub libretro: Option<&'static str>,
}

/// What kind of thing a platform is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own text")]
pub enum Category {
    Console,
    Portable,
    Computer,
    Arcade,
    Platform,
}

impl Category {
    /// As clients know it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Console => "Console",
            Self::Portable => "Portable Console",
            Self::Computer => "Computer",
            Self::Arcade => "Arcade",
            Self::Platform => "Platform",
        }
    }
}

/// What other catalogues call a platform.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct Elsewhere {
    pub igdb_slug: Option<&'static str>,
    pub moby_slug: Option<&'static str>,
    pub hltb_slug: Option<&'static str>,
    pub igdb_id: Option<i64>,
    pub moby_id: Option<i64>,
    pub launchbox_id: Option<i64>,
    pub ss_id: Option<i64>,
    pub ra_id: Option<i64>,
    pub hasheous_id: Option<i64>,
    pub tgdb_id: Option<i64>,
    pub logo: Option<&'static str>,
}

/// The platform of that slug.
pub fn known(slug: &str) -> Option<&'static Known> {
    TABLE.iter().find(|platform| platform.slug == slug)
}

/// What other catalogues call the platform of that slug.
pub fn elsewhere(slug: &str) -> Elsewhere {
    ELSEWHERE
        .iter()
        .find(|(known, _)| *known == slug)
        .map(|(_, elsewhere)| *elsewhere)
        .unwrap_or_default()
}

/// What to call the platform of that slug: its name, or the slug as a title.
pub fn name(slug: &str) -> String {
    known(slug).map_or_else(|| title(slug), |platform| platform.name.to_owned())
}

/// `my-homebrew` as `My Homebrew`.
fn title(slug: &str) -> String {
    let mut title = String::with_capacity(slug.len());
    let mut starts = true;
    for character in slug.replace('-', " ").chars() {
        if starts {
            title.extend(character.to_uppercase());
        } else {
            title.extend(character.to_lowercase());
        }
        starts = !character.is_alphabetic();
    }
    title
}

const fn row(
    slug: &'static str,
    name: &'static str,
    family: &'static str,
    category: Category,
    generation: i64,
    libretro: &'static str,
) -> Known {
    Known {
        slug,
        name,
        family: if family.is_empty() {
            None
        } else {
            Some(family)
        },
        category,
        generation: if generation == 0 {
            None
        } else {
            Some(generation)
        },
        libretro: if libretro.is_empty() {
            None
        } else {
            Some(libretro)
        },
    }
}

use Category::{Arcade, Computer, Console, Platform, Portable};

#[rustfmt::skip]
const TABLE: &[Known] = &[
    row("3do", "3DO Interactive Multiplayer", "", Console, 5, "The 3DO Company - 3DO"),
    row("3ds", "Nintendo 3DS", "Nintendo", Portable, 8, "Nintendo - Nintendo 3DS"),
    row("64dd", "Nintendo 64DD", "Nintendo", Console, 5, "Nintendo - Nintendo 64DD"),
    row("acorn-archimedes", "Acorn Archimedes", "Acorn", Computer, 0, ""),
    row("acorn-electron", "Acorn Electron", "Acorn", Computer, 0, ""),
    row("acpc", "Amstrad CPC", "Amstrad", Computer, 0, "Amstrad - CPC"),
    row("amiga", "Amiga", "Commodore", Computer, 0, "Commodore - Amiga"),
    row("amiga-cd32", "Amiga CD32", "Commodore", Console, 5, "Commodore - CD32"),
    row("amstrad-gx4000", "Amstrad GX4000", "Amstrad", Console, 3, "Amstrad - GX4000"),
    row("android", "Android", "", Platform, 0, ""),
    row("apple-iigs", "Apple IIGS", "Apple", Computer, 0, "Apple - IIGS"),
    row("apple-pippin", "Apple Pippin", "Apple", Console, 5, ""),
    row("appleii", "Apple II", "Apple", Computer, 0, "Apple - II"),
    row("arcade", "Arcade", "", Arcade, 0, "MAME"),
    row("arcadia-2001", "Arcadia 2001", "", Console, 2, "Emerson - Arcadia 2001"),
    row("arduboy", "Arduboy", "", Portable, 0, "Arduboy Inc - Arduboy"),
    row("astrocade", "Bally Astrocade", "", Console, 2, ""),
    row("atari-jaguar-cd", "Atari Jaguar CD", "Atari", Console, 5, "Atari - Jaguar CD"),
    row("atari-st", "Atari ST/STE", "Atari", Computer, 0, "Atari - ST"),
    row("atari2600", "Atari 2600", "Atari", Console, 2, "Atari - 2600"),
    row("atari5200", "Atari 5200", "Atari", Console, 2, "Atari - 5200"),
    row("atari7800", "Atari 7800", "Atari", Console, 3, "Atari - 7800"),
    row("atari8bit", "Atari 8-bit", "Atari", Computer, 0, "Atari - 8-bit"),
    row("bbcmicro", "BBC Microcomputer System", "Acorn", Computer, 0, ""),
    row("browser", "Web browser", "", Platform, 0, ""),
    row("c-plus-4", "Commodore Plus/4", "Commodore", Computer, 0, "Commodore - Plus-4"),
    row("c128", "Commodore 128", "Commodore", Computer, 0, ""),
    row("c16", "Commodore 16", "Commodore", Computer, 0, ""),
    row("c64", "Commodore C64/128/MAX", "Commodore", Computer, 0, "Commodore - 64"),
    row("casio-loopy", "Casio Loopy", "", Console, 5, "Casio - Loopy"),
    row("colecovision", "ColecoVision", "", Console, 2, "Coleco - ColecoVision"),
    row("commodore-cdtv", "Commodore CDTV", "Commodore", Console, 4, "Commodore - CDTV"),
    row("cpet", "Commodore PET", "Commodore", Computer, 0, "Commodore - PET"),
    row("cps1", "CP System", "Capcom", Arcade, 0, ""),
    row("cps2", "CP System II", "Capcom", Arcade, 0, ""),
    row("cps3", "CP System III", "Capcom", Arcade, 0, ""),
    row("creativision", "VTech CreatiVision", "VTech", Console, 2, "VTech - CreatiVision"),
    row("dc", "Dreamcast", "Sega", Console, 6, "Sega - Dreamcast"),
    row("doja", "DoJa", "", Platform, 0, ""),
    row("dos", "DOS", "Microsoft", Platform, 0, "DOS"),
    row("dragon-32-slash-64", "Dragon 32/64", "", Computer, 0, ""),
    row("enterprise", "Enterprise", "", Computer, 0, "Enterprise - 128"),
    row("fairchild-channel-f", "Fairchild Channel F", "", Console, 2, "Fairchild - Channel F"),
    row("famicom", "Family Computer", "Nintendo", Console, 3, "Nintendo - Nintendo Entertainment System"),
    row("fds", "Family Computer Disk System", "Nintendo", Console, 3, "Nintendo - Family Computer Disk System"),
    row("fm-towns", "FM Towns", "Fujitsu", Computer, 0, ""),
    row("g-and-w", "Game & Watch", "Nintendo", Portable, 0, "Handheld Electronic Game"),
    row("game-dot-com", "Game.com", "", Portable, 5, "Tiger - Game.com"),
    row("gamegear", "Sega Game Gear", "Sega", Portable, 4, "Sega - Game Gear"),
    row("gb", "Game Boy", "Nintendo", Portable, 4, "Nintendo - Game Boy"),
    row("gba", "Game Boy Advance", "Nintendo", Portable, 6, "Nintendo - Game Boy Advance"),
    row("gbc", "Game Boy Color", "Nintendo", Portable, 5, "Nintendo - Game Boy Color"),
    row("genesis", "Sega Mega Drive/Genesis", "Sega", Console, 4, "Sega - Mega Drive - Genesis"),
    row("gp32", "GP32", "GamePark", Portable, 6, "GamePark - GP32"),
    row("hartung", "Hartung Game Master", "", Portable, 4, "Hartung - Game Master"),
    row("intellivision", "Intellivision", "Mattel", Console, 2, "Mattel - Intellivision"),
    row("j2me", "J2ME", "", Platform, 0, "Mobile - J2ME"),
    row("jaguar", "Atari Jaguar", "Atari", Console, 5, "Atari - Jaguar"),
    row("linux", "Linux", "", Platform, 0, ""),
    row("lynx", "Atari Lynx", "Atari", Portable, 4, "Atari - Lynx"),
    row("mac", "Mac", "Apple", Platform, 0, ""),
    row("mega-duck-slash-cougar-boy", "Mega Duck/Cougar Boy", "", Portable, 4, "Mega Duck"),
    row("model2", "Sega Model 2", "Sega", Arcade, 0, ""),
    row("model3", "Sega Model 3", "Sega", Arcade, 0, ""),
    row("msx", "MSX", "", Computer, 0, "Microsoft - MSX"),
    row("msx2", "MSX2", "", Computer, 0, "Microsoft - MSX2"),
    row("msx2plus", "MSX2+", "", Computer, 0, ""),
    row("mugen", "M.U.G.E.N", "", Platform, 0, ""),
    row("n64", "Nintendo 64", "Nintendo", Console, 5, "Nintendo - Nintendo 64"),
    row("nds", "Nintendo DS", "Nintendo", Portable, 7, "Nintendo - Nintendo DS"),
    row("neo-geo-cd", "Neo Geo CD", "SNK", Console, 4, "SNK - Neo Geo CD"),
    row("neo-geo-pocket", "Neo Geo Pocket", "SNK", Portable, 5, "SNK - Neo Geo Pocket"),
    row("neo-geo-pocket-color", "Neo Geo Pocket Color", "SNK", Portable, 5, "SNK - Neo Geo Pocket Color"),
    row("neogeoaes", "Neo Geo AES", "SNK", Console, 4, "SNK - Neo Geo"),
    row("neogeomvs", "Neo Geo MVS", "SNK", Arcade, 0, "SNK - Neo Geo"),
    row("nes", "Nintendo Entertainment System", "Nintendo", Console, 3, "Nintendo - Nintendo Entertainment System"),
    row("new-nintendo-3ds", "New Nintendo 3DS", "Nintendo", Portable, 8, "Nintendo - Nintendo 3DS"),
    row("ngage", "N-Gage", "Nokia", Portable, 6, ""),
    row("ngc", "Nintendo GameCube", "Nintendo", Console, 6, "Nintendo - GameCube"),
    row("nintendo-dsi", "Nintendo DSi", "Nintendo", Portable, 7, "Nintendo - Nintendo DSi"),
    row("odyssey-2", "Odyssey 2 / Videopac G7000", "", Console, 2, "Magnavox - Odyssey2"),
    row("openbor", "OpenBOR", "", Platform, 0, ""),
    row("oric", "Oric", "", Computer, 0, ""),
    row("ouya", "Ouya", "", Console, 8, ""),
    row("palm-os", "Palm OS", "", Platform, 0, ""),
    row("pc-8800-series", "PC-8800 Series", "NEC", Computer, 0, "NEC - PC-8001 - PC-8801"),
    row("pc-9800-series", "PC-9800 Series", "NEC", Computer, 0, "NEC - PC-98"),
    row("pc-fx", "PC-FX", "NEC", Console, 5, "NEC - PC-FX"),
    row("philips-cd-i", "Philips CD-i", "", Console, 4, "Philips - CD-i"),
    row("pico", "PICO-8", "", Platform, 0, "PICO-8"),
    row("playdate", "Playdate", "", Portable, 0, ""),
    row("playdia", "Playdia", "Bandai", Console, 5, "Bandai - Playdia"),
    row("pocketstation", "PocketStation", "Sony", Portable, 5, "Sony - PocketStation"),
    row("pokemon-mini", "Pokémon mini", "Nintendo", Portable, 6, "Nintendo - Pokemon Mini"),
    row("ps2", "PlayStation 2", "Sony", Console, 6, "Sony - PlayStation 2"),
    row("ps3", "PlayStation 3", "Sony", Console, 7, "Sony - PlayStation 3"),
    row("ps4", "PlayStation 4", "Sony", Console, 8, "Sony - PlayStation 4"),
    row("ps5", "PlayStation 5", "Sony", Console, 9, ""),
    row("psp", "PlayStation Portable", "Sony", Portable, 7, "Sony - PlayStation Portable"),
    row("psvita", "PlayStation Vita", "Sony", Portable, 8, "Sony - PlayStation Vita"),
    row("psx", "PlayStation", "Sony", Console, 5, "Sony - PlayStation"),
    row("sam-coupe", "SAM Coupé", "", Computer, 0, ""),
    row("satellaview", "Satellaview", "Nintendo", Console, 4, "Nintendo - Satellaview"),
    row("saturn", "Sega Saturn", "Sega", Console, 5, "Sega - Saturn"),
    row("scummvm", "ScummVM", "", Platform, 0, "ScummVM"),
    row("sega-pico", "Sega Pico", "Sega", Console, 4, "Sega - PICO"),
    row("sega32", "Sega 32X", "Sega", Console, 4, "Sega - 32X"),
    row("segacd", "Sega CD", "Sega", Console, 4, "Sega - Mega-CD - Sega CD"),
    row("series-x-s", "Xbox Series X|S", "Microsoft", Console, 9, ""),
    row("sfam", "Super Famicom", "Nintendo", Console, 4, "Nintendo - Super Nintendo Entertainment System"),
    row("sg1000", "SG-1000", "Sega", Console, 3, "Sega - SG-1000"),
    row("sharp-x68000", "Sharp X68000", "Sharp", Computer, 0, "Sharp - X68000"),
    row("sms", "Sega Master System/Mark III", "Sega", Console, 3, "Sega - Master System - Mark III"),
    row("snes", "Super Nintendo Entertainment System", "Nintendo", Console, 4, "Nintendo - Super Nintendo Entertainment System"),
    row("spectravideo", "Spectravideo", "", Computer, 0, "Spectravideo - SVI-318 - SVI-328"),
    row("steam", "Steam", "Valve", Platform, 0, ""),
    row("stv", "Sega ST-V", "Sega", Arcade, 0, "Sega - ST-V"),
    row("sufami-turbo", "Sufami Turbo", "Nintendo", Console, 4, "Nintendo - Sufami Turbo"),
    row("super-acan", "Super A'Can", "", Console, 4, "Funtech - Super Acan"),
    row("supergrafx", "PC Engine SuperGrafx", "NEC", Console, 4, "NEC - PC Engine SuperGrafx"),
    row("supervision", "Watara Supervision", "", Portable, 4, "Watara - Supervision"),
    row("switch", "Nintendo Switch", "Nintendo", Console, 8, ""),
    row("switch-2", "Nintendo Switch 2", "Nintendo", Console, 9, ""),
    row("tg16", "TurboGrafx-16/PC Engine", "NEC", Console, 4, "NEC - PC Engine - TurboGrafx 16"),
    row("ti-99", "Texas Instruments TI-99", "", Computer, 0, ""),
    row("tic-80", "TIC-80", "", Platform, 0, "TIC-80"),
    row("trs-80", "TRS-80", "Tandy", Computer, 0, ""),
    row("trs-80-color-computer", "TRS-80 Color Computer", "Tandy", Computer, 0, ""),
    row("turbografx-cd", "Turbografx-16/PC Engine CD", "NEC", Console, 4, "NEC - PC Engine CD - TurboGrafx-CD"),
    row("uzebox", "Uzebox", "", Console, 0, "Uzebox"),
    row("vectrex", "Vectrex", "", Console, 2, "GCE - Vectrex"),
    row("vic-20", "Commodore VIC-20", "Commodore", Computer, 0, "Commodore - VIC-20"),
    row("virtualboy", "Virtual Boy", "Nintendo", Console, 5, "Nintendo - Virtual Boy"),
    row("vmu", "Visual Memory Unit", "Sega", Portable, 6, "Sega - Visual Memory Unit"),
    row("vsmile", "V.Smile", "VTech", Console, 6, "VTech - V.Smile"),
    row("wasm-4", "WASM-4", "", Platform, 0, "WASM-4"),
    row("wii", "Wii", "Nintendo", Console, 7, "Nintendo - Wii"),
    row("wiiu", "Wii U", "Nintendo", Console, 8, "Nintendo - Wii U"),
    row("win", "PC (Microsoft Windows)", "Microsoft", Platform, 0, ""),
    row("wonderswan", "WonderSwan", "Bandai", Portable, 5, "Bandai - WonderSwan"),
    row("wonderswan-color", "WonderSwan Color", "Bandai", Portable, 6, "Bandai - WonderSwan Color"),
    row("x1", "Sharp X1", "Sharp", Computer, 0, "Sharp - X1"),
    row("xbox", "Xbox", "Microsoft", Console, 6, "Microsoft - Xbox"),
    row("xbox360", "Xbox 360", "Microsoft", Console, 7, "Microsoft - Xbox 360"),
    row("xboxone", "Xbox One", "Microsoft", Console, 8, ""),
    row("zeebo", "Zeebo", "", Console, 7, ""),
    row("zx81", "Sinclair ZX81", "Sinclair", Computer, 0, "Sinclair - ZX 81"),
    row("zxs", "ZX Spectrum", "Sinclair", Computer, 0, "Sinclair - ZX Spectrum"),
];

const ELSEWHERE: &[(&str, Elsewhere)] = &[
    (
        "gba",
        Elsewhere {
            igdb_slug: Some("gba"),
            moby_slug: Some("gameboy-advance"),
            hltb_slug: Some("game-boy-advance"),
            igdb_id: Some(24),
            moby_id: Some(12),
            launchbox_id: Some(29),
            ss_id: Some(12),
            ra_id: Some(5),
            hasheous_id: Some(71),
            tgdb_id: Some(5),
            logo: Some("pl74"),
        },
    ),
    (
        "psx",
        Elsewhere {
            igdb_slug: Some("ps"),
            moby_slug: Some("playstation"),
            hltb_slug: Some("playstation"),
            igdb_id: Some(7),
            moby_id: Some(6),
            launchbox_id: Some(47),
            ss_id: Some(57),
            ra_id: Some(12),
            hasheous_id: Some(100),
            tgdb_id: Some(10),
            logo: Some("plmb"),
        },
    ),
    (
        "snes",
        Elsewhere {
            igdb_slug: Some("snes"),
            moby_slug: Some("snes"),
            hltb_slug: Some("super-nintendo"),
            igdb_id: Some(19),
            moby_id: Some(15),
            launchbox_id: Some(53),
            ss_id: Some(4),
            ra_id: Some(3),
            hasheous_id: Some(74),
            tgdb_id: Some(6),
            logo: Some("ifw2tvdkynyxayquiyk4"),
        },
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_stand_once_and_in_order() {
        let slugs: Vec<_> = TABLE.iter().map(|platform| platform.slug).collect();
        assert!(slugs.is_sorted_by(|one, next| one < next), "{slugs:?}");
    }

    #[test]
    fn unknown_folders_are_named_after_themselves() {
        assert_eq!(name("gba"), "Game Boy Advance");
        assert_eq!(name("my-homebrew"), "My Homebrew");
        assert_eq!(name("x11apps"), "X11Apps");
        assert_eq!(name("ÉTUDES"), "Études");
    }
}
