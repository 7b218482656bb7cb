//! What libretro's databases call a platform: `RetroArch` names its playlists after them.

use super::platforms_of_slugs;

/// What the games of a playlist may be on a server, the likeliest first: none when it is named
/// after no database.
pub fn platforms_of_database(name: &str) -> Vec<String> {
    let name = name.strip_suffix(".lpl").unwrap_or(name);
    let row = DATABASES.iter().find(|(database, _)| *database == name);
    row.map(|(_, slugs)| platforms_of_slugs(slugs))
        .unwrap_or_default()
}

#[rustfmt::skip]
const DATABASES: &[(&str, &[&str])] = &[
    ("Amstrad - CPC", &["acpc"]),
    ("Atari - 2600", &["atari2600"]),
    ("Atari - 5200", &["atari5200"]),
    ("Atari - 7800", &["atari7800"]),
    ("Atari - 8-bit", &["atari8bit"]),
    ("Atari - Jaguar", &["jaguar"]),
    ("Atari - Lynx", &["lynx"]),
    ("Atari - ST", &["atari-st"]),
    ("Bandai - WonderSwan", &["wonderswan"]),
    ("Bandai - WonderSwan Color", &["wonderswan-color"]),
    ("Cave Story", &["cave-story"]),
    ("Coleco - ColecoVision", &["colecovision"]),
    ("Commodore - 64", &["c64"]),
    ("Commodore - Amiga", &["amiga", "amiga-cd32"]),
    ("Commodore - CD32", &["amiga-cd32"]),
    ("Commodore - CDTV", &["commodore-cdtv"]),
    ("Commodore - Plus-4", &["c-plus-4"]),
    ("Commodore - VIC-20", &["vic-20"]),
    ("DOS", &["dos"]),
    ("Emerson - Arcadia 2001", &["arcadia-2001"]),
    ("FBNeo - Arcade Games", &["arcade"]),
    ("Fairchild - Channel F", &["fairchild-channel-f"]),
    ("GCE - Vectrex", &["vectrex"]),
    ("Handheld Electronic Game", &["g-and-w"]),
    ("MAME", &["arcade"]),
    ("MAME 2003-Plus", &["arcade"]),
    ("Mattel - Intellivision", &["intellivision"]),
    ("Microsoft - MSX", &["msx"]),
    ("Microsoft - MSX2", &["msx2"]),
    ("Microsoft - XBOX", &["xbox"]),
    ("NEC - PC Engine SuperGrafx", &["supergrafx"]),
    ("NEC - PC-98", &["pc-9800-series"]),
    ("NEC - PC-FX", &["pc-fx"]),
    ("Nintendo - Family Computer Disk System", &["fds"]),
    ("Nintendo - Game Boy", &["gb"]),
    ("Nintendo - Game Boy Advance", &["gba"]),
    ("Nintendo - Game Boy Color", &["gbc"]),
    ("Nintendo - GameCube", &["ngc"]),
    ("Nintendo - Nintendo 3DS", &["3ds"]),
    ("Nintendo - Nintendo 64", &["n64"]),
    ("Nintendo - Nintendo 64DD", &["64dd", "n64"]),
    ("Nintendo - Nintendo DS", &["nds"]),
    ("Nintendo - Nintendo Entertainment System", &["nes", "famicom"]),
    ("Nintendo - Pokemon Mini", &["pokemon-mini"]),
    ("Nintendo - Satellaview", &["satellaview"]),
    ("Nintendo - Super Nintendo Entertainment System", &["snes", "sfam"]),
    ("Nintendo - Virtual Boy", &["virtualboy"]),
    ("Nintendo - Wii", &["wii"]),
    ("Nintendo - Wii U", &["wiiu"]),
    ("Philips - Videopac+", &["odyssey-2"]),
    ("SNK - Neo Geo", &["neogeoaes", "neogeomvs"]),
    ("SNK - Neo Geo CD", &["neo-geo-cd"]),
    ("SNK - Neo Geo Pocket", &["neo-geo-pocket"]),
    ("SNK - Neo Geo Pocket Color", &["neo-geo-pocket-color"]),
    ("ScummVM", &["scummvm"]),
    ("Sega - 32X", &["sega32"]),
    ("Sega - Dreamcast", &["dc"]),
    ("Sega - Game Gear", &["gamegear"]),
    ("Sega - Master System - Mark III", &["sms"]),
    ("Sega - Mega Drive - Genesis", &["genesis"]),
    ("Sega - Mega-CD - Sega CD", &["segacd"]),
    ("Sega - PICO", &["pico"]),
    ("Sega - SG-1000", &["sg1000"]),
    ("Sega - Saturn", &["saturn"]),
    ("Sharp - X1", &["x1"]),
    ("Sharp - X68000", &["sharp-x68000"]),
    ("Sinclair - ZX Spectrum", &["zxs"]),
    ("Sony - PlayStation", &["psx"]),
    ("Sony - PlayStation 2", &["ps2"]),
    ("Sony - PlayStation Portable", &["psp"]),
    ("The 3DO Company - 3DO", &["3do"]),
];

#[cfg(test)]
mod tests {
    use super::super::are_the_same;
    use super::*;

    #[test]
    fn a_playlist_is_named_after_its_platforms_database() {
        for (name, first) in [
            ("Nintendo - Game Boy Advance.lpl", "gba"),
            ("Nintendo - Game Boy Advance", "gba"),
            ("Sega - Mega Drive - Genesis.lpl", "genesis"),
            ("Sony - PlayStation.lpl", "psx"),
            ("MAME.lpl", "arcade"),
        ] {
            assert_eq!(platforms_of_database(name)[0], first, "{name}");
        }
        assert!(platforms_of_database("My Favourites.lpl").is_empty());
    }

    #[test]
    fn every_database_names_platforms_that_are_known_and_each_once() {
        let names: std::collections::BTreeSet<_> = DATABASES.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), DATABASES.len());
        for (name, slugs) in DATABASES {
            let found = platforms_of_database(name);
            for slug in *slugs {
                assert!(
                    found.iter().any(|found| are_the_same(found, slug)),
                    "{name}"
                );
            }
        }
    }
}
