//! Which platform a folder of games is: its name here, and what a server calls the platform.
//!
//! Makers of firmwares name the same platform's folder differently, and one name may stand for
//! several platforms of a server: a folder `FC` holds what RomM has as `nes` and as `famicom`.
//! Whoever looks a game up asks for all of them; nothing here chooses one.

pub mod databases;

/// Whose names a library's folders have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// ES-DE, and what is built around it: `RetroDECK`, `EmuDeck`.
    EsDe,
    /// Batocera and Knulli.
    Batocera,
    /// ROCKNIX and `ArkOS`.
    Rocknix,
    /// muOS, whose folders are free but usually one of those that it assigns by itself.
    Muos,
    /// Onion, and Koriki.
    Onion,
    /// `MinUI` and `NextUI`, where what stands in the last parentheses counts.
    MinUi,
    /// spruce, and the firmware that `TrimUI` ships.
    Spruce,
}

const NAMINGS: [Naming; 7] = [
    Naming::EsDe,
    Naming::Batocera,
    Naming::Rocknix,
    Naming::Muos,
    Naming::Onion,
    Naming::MinUi,
    Naming::Spruce,
];

/// What a folder of games called `folder` may be on a server, the likeliest first. The folder's own
/// name is always among them, because a server's library may have a folder of that name.
pub fn platforms_of(naming: Naming, folder: &str) -> Vec<String> {
    let known = known_as(naming, folder);
    let rows = if known.is_empty() {
        known_anywhere(folder)
    } else {
        known
    };
    let own = folder.trim().to_lowercase();
    slugs_of(&rows, Some(own))
}

/// The platforms that a server calls so, each by all of its names.
fn platforms_of_slugs(slugs: &[&str]) -> Vec<String> {
    let rows = slugs
        .iter()
        .filter_map(|slug| TABLE.iter().find(|row| row.is_called(slug)));
    slugs_of(&rows.collect::<Vec<_>>(), None)
}

fn slugs_of(rows: &[&'static Row], own: Option<String>) -> Vec<String> {
    // What RomM calls each of them now goes before what it called them once.
    let current = rows.iter().filter_map(|row| row.slugs().next());
    let former = rows.iter().flat_map(|row| row.slugs().skip(1));
    let mut slugs: Vec<String> = Vec::new();
    for slug in current.chain(former).map(str::to_owned).chain(own) {
        if !slug.is_empty() && !slugs.contains(&slug) {
            slugs.push(slug);
        }
    }
    slugs
}

/// The names of folders that may hold games of the platform `slug`, the usual one first; of
/// `MinUI` the tags.
pub fn folders_of(naming: Naming, slug: &str) -> Vec<&'static str> {
    let rows = TABLE.iter().filter(|row| row.is_called(slug));
    let mut folders: Vec<(usize, &str)> = rows
        .flat_map(|row| row.folders(naming).enumerate())
        .collect();
    folders.sort_by_key(|(rank, _)| *rank);
    let mut names = Vec::new();
    for (_, name) in folders {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether two slugs are the same platform: the same, or both names of one that RomM has.
pub fn are_the_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || TABLE
            .iter()
            .any(|row| row.is_called(one) && row.is_called(other))
}

/// What stands in the last parentheses of a folder's name, else the name: `GBA` of
/// `Game Boy Advance (GBA)`. `MinUI` chooses the emulator and the folder of saves by it.
pub fn tag(folder: &str) -> &str {
    let folder = folder.trim();
    let tag = folder
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('))
        .map_or(folder, |(_, tag)| tag.trim());
    if tag.is_empty() { folder } else { tag }
}

/// The platforms whose folders that maker calls so. Those of which it is the first name go first.
fn known_as(naming: Naming, folder: &str) -> Vec<&'static Row> {
    let folder = match naming {
        Naming::MinUi => tag(folder),
        _ => folder.trim(),
    };
    let mut rows: Vec<(usize, &Row)> = TABLE
        .iter()
        .filter_map(|row| {
            let is_it = |name: &str| name.eq_ignore_ascii_case(folder);
            Some((row.folders(naming).position(is_it)?, row))
        })
        .collect();
    rows.sort_by_key(|(rank, _)| *rank);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The platforms that a server calls so, else those whose folders any maker calls so.
fn known_anywhere(folder: &str) -> Vec<&'static Row> {
    let called: Vec<&Row> = TABLE
        .iter()
        .filter(|row| row.is_called(folder.trim()))
        .collect();
    if !called.is_empty() {
        return called;
    }
    let somewhere = NAMINGS.map(|naming| known_as(naming, folder));
    let found = somewhere.into_iter().find(|rows| !rows.is_empty());
    found.unwrap_or_default()
}

/// A platform: RomM's slugs, today's first, then older ones and IGDB's; and how each maker calls
/// its folder, in the order of [`NAMINGS`], the usual name first. Of two platforms in one folder the
/// likelier stands first in the table.
struct Row {
    slugs: &'static str,
    folders: [&'static str; NAMINGS.len()],
}

impl Row {
    fn slugs(&self) -> impl Iterator<Item = &'static str> {
        self.slugs.split(", ")
    }

    fn is_called(&self, slug: &str) -> bool {
        self.slugs().any(|called| called.eq_ignore_ascii_case(slug))
    }

    fn folders(&self, naming: Naming) -> impl Iterator<Item = &'static str> {
        let at = NAMINGS.iter().position(|known| *known == naming);
        let cell = at.map_or("", |at| self.folders[at]);
        cell.split(", ").filter(|name| !name.is_empty())
    }
}

const fn row(slugs: &'static str, folders: [&'static str; NAMINGS.len()]) -> Row {
    Row { slugs, folders }
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    row("3do, 3do-interactive-multiplayer", ["3do", "3do", "3do", "3do, The 3DO Company - 3DO", "", "", ""]),
    row("3ds, n3ds, nintendo-3ds", ["n3ds", "3ds", "3ds", "", "", "3DS", ""]),
    row("64dd", ["n64dd", "", "", "", "", "", ""]),
    row("acorn-archimedes", ["archimedes", "", "", "", "", "", ""]),
    row("acorn-electron", ["electron", "", "", "", "", "", ""]),
    row("acpc, amstrad-cpc, amstradcpc", ["amstradcpc", "amstradcpc", "amstradcpc", "cpc, gx4000, Amstrad", "CPC", "CPC", "CPC"]),
    row("amiga, commodore-amiga", ["amiga, amiga600, amiga1200", "amiga500, amiga1200", "amiga, amigacd32", "amiga, Commodore Amiga", "AMIGA", "PUAE", "AMIGA"]),
    row("amiga-cd32, amigacd32", ["amigacd32", "amigacd32", "amigacd32", "", "", "", ""]),
    row("apple-iigs", ["apple2gs", "apple2gs", "", "", "", "", ""]),
    row("appleii, apple, apple-ii", ["apple2", "apple2", "apple2", "", "", "", ""]),
    row("arcade", ["arcade, mame, fbneo, fba, cps, cps1, cps2, cps3, mame-advmame", "arcade, mame, fbneo, neogeo", "arcade, mame, fbneo, neogeo", "arcade, mame, cps1, cps2, cps3, fba, fbneo, neogeo, Arcade", "ARCADE", "FBN", "ARCADE, CPS1, CPS2, CPS3, FBNEO, MAME2003PLUS, NAOMI"]),
    row("arcadia-2001", ["arcadia", "", "", "", "", "", ""]),
    row("arduboy", ["arduboy", "arduboy", "arduboy", "Arduboy", "ARDUBOY", "", "ARDUBOY"]),
    row("astrocade", ["astrocde", "", "", "", "", "", ""]),
    row("atari-jaguar-cd", ["atarijaguarcd", "jaguarcd", "", "", "", "", ""]),
    row("atari-st, atari-st--ste, atarist", ["atarist", "atarist", "atarist", "Atari ST-STE-TT-Falcon", "ATARIST", "", "ATARIST"]),
    row("atari2600, atari-2600", ["atari2600", "atari2600", "atari2600", "a2600, atari, Atari 2600", "ATARI", "A2600", "ATARI, ATARI2600"]),
    row("atari5200, atari-5200", ["atari5200", "atari5200", "atari5200", "a5200, Atari 5200", "FIFTYTWOHUNDRED", "A5200", "FIFTYTWOHUNDRED"]),
    row("atari7800, atari-7800", ["atari7800", "atari7800", "atari7800", "a7800, Atari 7800", "SEVENTYEIGHTHUNDRED", "A7800", "SEVENTYEIGHTHUNDRED, ATARI7800"]),
    row("atari8bit, atari800", ["atari800, atarixe", "atari800", "atari800", "", "", "", "EIGHTHUNDRED"]),
    row("bbcmicro", ["bbcmicro", "", "", "", "", "", ""]),
    row("c-plus-4", ["plus4", "", "", "", "", "", ""]),
    row("c128", ["", "c128", "c128", "c128, Commodore C128", "", "C128", ""]),
    row("c16", ["c16", "", "c16", "", "", "", ""]),
    row("c64, commodore-64, commodore-c64-128", ["c64", "c64", "c64", "c64, Commodore C64", "COMMODORE", "C64", "COMMODORE"]),
    row("cave-story", ["cavestory", "cavestory", "", "Cave Story", "", "", ""]),
    row("colecovision, coleco-vision", ["colecovision", "colecovision", "coleco", "ColecoVision", "COLECO", "COLECO", "COLECO"]),
    row("commodore-cdtv", ["cdtv", "", "", "", "", "", ""]),
    row("cpet", ["pet", "pet", "pet", "Commodore PET", "", "PET", ""]),
    row("cps1", ["cps1, cps", "", "", "", "CPS1", "", ""]),
    row("cps2", ["cps2, cps", "", "", "", "CPS2", "", ""]),
    row("cps3", ["cps3, cps", "", "", "", "CPS3", "", ""]),
    row("creativision", ["crvision", "", "", "", "", "", ""]),
    row("dc, dreamcast", ["dreamcast", "dreamcast", "dreamcast", "dc, dreamcast, Sega Dreamcast", "DC", "DC", "DC"]),
    row("dos, pc", ["dos", "dos", "pc", "dos, DOS", "DOS", "", "DOS"]),
    row("dragon-32-slash-64", ["dragon32", "", "", "", "", "", ""]),
    row("fairchild-channel-f", ["channelf", "channelf", "channelf", "channelf, Fairchild ChannelF", "FAIRCHILD", "", "FAIRCHILD"]),
    row("nes, nintendo-entertainment-system--famicom", ["nes, famicom", "nes", "nes", "nes, fc, Nintendo NES-Famicom", "FC", "FC", "FC"]),
    row("famicom", ["famicom, nes", "nes", "famicom", "fc, nes, Nintendo NES-Famicom", "FC", "FC", "FC"]),
    row("fds, family-computer-disk-system", ["fds", "fds", "fds", "fds, Nintendo FDS", "FDS", "FDS", "FDS"]),
    row("fm-towns", ["fmtowns", "", "", "", "", "", ""]),
    row("g-and-w", ["gameandwatch", "gameandwatch", "gameandwatch", "gw, Handheld Electronic - Game and Watch", "GW", "", "GW"]),
    row("galaksija", ["", "", "", "Galaksija Retro Computer", "", "", ""]),
    row("game-dot-com", ["gamecom", "", "", "", "", "", ""]),
    row("gamegear, game-gear, sega-game-gear", ["gamegear", "gamegear", "gamegear", "gg, Sega Game Gear", "GG", "GG", "GG"]),
    row("gb, game-boy", ["gb", "gb", "gb", "gb, Nintendo Game Boy", "GB", "GB", "GB, SGB"]),
    row("gba, game-boy-advance", ["gba", "gba", "gba", "gba, Nintendo Game Boy Advance", "GBA", "GBA, MGBA", "GBA"]),
    row("gbc, game-boy-color", ["gbc", "gbc", "gbc", "gbc, Nintendo Game Boy Color", "GBC", "GBC", "GBC"]),
    row("genesis, genesis--mega-drive, genesis-slash-megadrive, sega-genesis, sega-mega-drive--genesis, mega-drive, megadrive", ["genesis, megadrive, megadrivejp, genesiswide", "megadrive", "megadrive", "genesis, md, nomad, Sega Mega Drive - Genesis", "MD", "MD", "MD, MSUMD"]),
    row("hartung", ["gmaster", "", "", "", "", "", ""]),
    row("intellivision", ["intellivision", "intellivision", "intellivision", "intv, Mattel - Intellivision", "INTELLIVISION", "", "INTELLIVISION"]),
    row("j2me", ["j2me", "", "j2me", "j2me, java, Java J2ME", "", "", ""]),
    row("jaguar, atari-jaguar, atarijaguar", ["atarijaguar", "jaguar", "atarijaguar", "jaguar, Atari Jaguar", "", "", ""]),
    row("lynx, atari-lynx, atarilynx", ["atarilynx", "lynx", "atarilynx", "lynx, Atari Lynx", "LYNX", "LYNX", "LYNX"]),
    row("mac", ["macintosh", "", "", "", "", "", ""]),
    row("mame", ["mame", "mame", "mame", "mame", "", "", ""]),
    row("mega-duck-slash-cougar-boy", ["megaduck", "megaduck", "megaduck", "megaduck, Mega Duck", "MEGADUCK", "", "MEGADUCK"]),
    row("model2", ["model2", "", "", "", "", "", ""]),
    row("model3", ["model3", "", "", "", "", "", ""]),
    row("msx", ["msx, msx1, msxturbor", "msx1, msx2, msx2plus, msxturbor", "msx, msx2", "msx, msx2, Microsoft - MSX", "MSX", "MSX", "MSX"]),
    row("msx2", ["msx2", "msx2", "msx2", "msx2", "", "", ""]),
    row("msx2plus", ["", "msx2plus", "", "", "", "", ""]),
    row("mugen", ["mugen", "", "", "", "", "", ""]),
    row("n64, nintendo-64", ["n64", "n64", "n64", "n64, Nintendo N64", "N64", "N64", "N64"]),
    row("naomi", ["naomi", "", "", "", "", "", ""]),
    row("nds, nintendo-ds", ["nds", "nds", "nds, ndsiware", "ds, nds, Nintendo DS", "NDS", "NDS", "NDS"]),
    row("neo-geo-cd, neogeocd", ["neogeocd", "neogeocd", "neocd", "neocd, SNK Neo Geo CD", "NEOCD", "", "NEOCD"]),
    row("neo-geo-pocket, ngp", ["ngp", "ngp", "ngp", "ngp, SNK Neo Geo Pocket - Color", "NGP", "NGP", "NGP"]),
    row("neo-geo-pocket-color, ngpc", ["ngpc", "ngpc", "ngpc", "ngpc, SNK Neo Geo Pocket - Color", "NGP", "NGPC", "NGPC"]),
    row("neogeoaes, neo-geo-aes, neogeo", ["neogeo", "neogeo", "neogeo", "neogeo, SNK Neo Geo", "NEOGEO", "", "NEOGEO"]),
    row("neogeomvs, neo-geo-mvs, neogeo", ["neogeo", "neogeo", "neogeo", "neogeo, SNK Neo Geo", "NEOGEO", "", "NEOGEO"]),
    row("ngage", ["ngage", "", "", "", "", "", ""]),
    row("ngc, gamecube, gc, nintendo-gamecube", ["gc", "gamecube", "gamecube", "", "", "", ""]),
    row("odyssey-2, odyssey-2--videopac-g7000, odyssey2, odyssey", ["odyssey2, videopac", "odyssey2", "odyssey", "odyssey2, Magnavox Odyssey - VideoPac", "ODYSSEY", "", "ODYSSEY"]),
    row("openbor", ["openbor", "openbor", "openbor", "openbor, OpenBOR", "OPENBOR", "", "OPENBOR"]),
    row("oric", ["oric", "", "", "", "", "", ""]),
    row("palm-os", ["palm", "", "", "", "", "", ""]),
    row("pc-8800-series, pc-8000", ["pc88", "pc88", "pc88", "NEC PC-8000 - PC-8800 series", "", "", ""]),
    row("pc-9800-series", ["pc98", "pc98", "pc98", "NEC PC98", "", "", "PC98"]),
    row("pc-fx, pcfx", ["pcfx", "pcfx", "pcfx", "NEC PC-FX", "", "", ""]),
    row("philips-cd-i, cdi", ["cdi", "cdi", "cdi", "cdi, Philips CDi", "", "", ""]),
    row("pico, pico-8", ["pico8", "pico8", "pico-8", "pico8, PICO-8", "PICO", "P8", "PICO8, FAKE08"]),
    row("pokemon-mini, pokemini", ["pokemini", "pokemini", "pokemini", "poke, pokemini, Nintendo Pokemon Mini", "POKE", "PKM", "POKE"]),
    row("ports", ["ports", "", "", "", "PORTS", "", ""]),
    row("ps2, playstation-2", ["ps2", "ps2", "ps2", "", "PS2", "PS2", "PS2"]),
    row("ps3, playstation-3", ["ps3", "ps3", "ps3", "", "", "", ""]),
    row("psp, playstation-portable", ["psp", "psp", "psp", "psp, Sony Playstation Portable", "PSP", "PSP", "PSP"]),
    row("psvita, playstation-vita, vita", ["psvita", "", "", "", "", "", ""]),
    row("psx, playstation, ps", ["psx", "psx, ps1", "psx", "ps, ps1, psx, Sony Playstation", "PS", "PS", "PS"]),
    row("sam-coupe", ["samcoupe", "", "", "", "", "", ""]),
    row("satellaview", ["satellaview", "", "", "", "SATELLAVIEW", "", "SATELLAVIEW"]),
    row("saturn, sega-saturn", ["saturn, saturnjp", "saturn", "saturn", "saturn, Sega Saturn", "", "", "SATURN, SS"]),
    row("scummvm", ["scummvm", "scummvm", "scummvm", "scummvm", "SCUMMVM", "", "SCUMMVM"]),
    row("sega32, sega-32x, sega32x", ["sega32x, sega32xjp, sega32xna", "sega32x", "sega32x", "sega32x, Sega 32X", "THIRTYTWOX", "32X", "THIRTYTWOX"]),
    row("segacd, sega-cd, mega-cd, megacd", ["segacd, megacd, megacdjp", "segacd", "segacd", "segacd, mdcd, Sega Mega CD - Sega CD", "SEGACD", "SEGACD", "SEGACD"]),
    row("snes, super-nintendo-entertainment-system--super-famicom", ["snes, sfc, snesna, sneshd, snesmsu1", "snes", "snes", "snes, sfc, Nintendo SNES - SFC", "SFC", "SFC", "SFC, MSU1"]),
    row("sfam, sfc", ["sfc, snes", "snes", "snes", "sfc, snes, sufami, Nintendo SNES - SFC", "SFC", "SFC", "SFC, MSU1"]),
    row("sg1000, sega-sg-1000, sg-1000", ["sg-1000", "sg1000", "sg-1000", "sg1000, Sega SG-1000", "SEGASGONE", "SG1000", "SEGASGONE"]),
    row("sgb", ["sgb", "", "", "", "SGB", "", ""]),
    row("sharp-x68000", ["x68000", "x68000", "x68000", "x68000, x68k, Sharp X68000", "X68000", "", "X68000"]),
    row("sms, master-system, sega-master-system--mark-iii", ["mastersystem, mark3", "mastersystem", "mastersystem", "ms, sms, Sega Master System", "MS", "SMS", "MS"]),
    row("spectravideo", ["spectravideo", "", "", "", "", "", ""]),
    row("stv", ["stv", "", "", "", "", "", ""]),
    row("sufami-turbo", ["sufami", "", "", "", "SUFAMI", "", "SUFAMI"]),
    row("super-acan", ["supracan", "", "", "", "", "", ""]),
    row("supergrafx, pc-engine-supergrafx, super-grafx", ["supergrafx", "supergrafx", "sgfx", "supergrafx, NEC PC Engine SuperGrafx", "SGFX", "", "SGFX"]),
    row("supervision", ["supervision", "supervision", "supervision", "supervision, Watara Supervision", "SUPERVISION", "", "SUPERVISION"]),
    row("switch, nintendo-switch", ["switch", "", "", "", "", "", ""]),
    row("tg16, turbografx-16, pc-engine, pcengine, turbografx-16--pc-engine", ["tg16, pcengine", "pcengine", "pcengine, tg16, tg16cd", "pce, tg16, turbografx, NEC PC Engine", "PCE", "PCE", "PCE"]),
    row("ti-99", ["ti99", "", "", "", "", "", ""]),
    row("tic-80", ["tic80", "tic80", "tic-80", "tic80, TIC-80", "TIC", "", "TIC"]),
    row("trs-80", ["trs-80", "", "", "", "", "", ""]),
    row("trs-80-color-computer", ["coco", "", "", "", "", "", ""]),
    row("turbografx-cd, tg-cd, pc-engine-cd, pcenginecd, turbografx-cd--pc-engine-cd", ["tg-cd, pcenginecd", "pcenginecd", "pcenginecd", "pcecd, tgcd, turbografxcd, NEC PC Engine CD", "PCECD", "", "PCECD"]),
    row("uzebox", ["uzebox", "", "", "", "", "", ""]),
    row("vectrex", ["vectrex", "vectrex", "vectrex", "vectrex, GCE - Vectrex", "VECTREX", "", "VECTREX"]),
    row("vic-20, vic20", ["vic20", "c20", "vic20", "Commodore VIC-20", "VIC20", "VIC", "VIC20"]),
    row("videopac, videopac-g7400", ["videopac, odyssey2", "", "videopac", "", "VIDEOPAC", "", "VIDEOPAC"]),
    row("virtualboy, virtual-boy", ["virtualboy", "virtualboy", "virtualboy", "vb, Nintendo Virtual Boy", "VB", "VB", "VB"]),
    row("vsmile", ["vsmile", "", "", "", "", "", ""]),
    row("wasm-4", ["wasm4", "", "", "", "", "", ""]),
    row("wii", ["wii", "wii", "wii, wiiware", "", "", "", ""]),
    row("wiiu, wii-u", ["wiiu", "wiiu", "wiiu", "", "", "", ""]),
    row("win, windows", ["windows", "", "windows", "", "", "", ""]),
    row("wonderswan, wonder-swan", ["wonderswan", "wswan", "wonderswan", "ws, Bandai WonderSwan-Color", "WS", "WS", "WS"]),
    row("wonderswan-color, wonder-swan-color, wonderswancolor", ["wonderswancolor", "wswanc", "wonderswancolor", "wsc", "WS", "WSC", "WSC"]),
    row("x1", ["x1", "x1", "x1", "x1, Sharp X1", "", "", ""]),
    row("xbox", ["xbox", "xbox", "", "", "", "", ""]),
    row("xbox360, xbox-360", ["xbox360", "xbox360", "", "", "", "", ""]),
    row("zx81", ["zx81", "zx81", "zx81", "zx81, Sinclair ZX 81", "", "", ""]),
    row("zxs, zx-spectrum, zxspectrum", ["zxspectrum", "zxspectrum", "zxspectrum", "spectrum, Sinclair ZX Spectrum", "ZXS", "", "ZXS"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_of_the_table_leads_to_its_platform_and_back() {
        for row in TABLE {
            let slug = row.slugs().next().expect("a row has a slug");
            for naming in NAMINGS {
                for folder in row.folders(naming) {
                    for spelt in [folder.to_owned(), folder.to_uppercase()] {
                        let slugs = platforms_of(naming, &spelt);
                        for called in row.slugs() {
                            let found = slugs.iter().any(|slug| slug == called);
                            assert!(found, "{naming:?} {spelt}: {slugs:?} lacks {called}");
                        }
                    }
                    for called in row.slugs() {
                        let folders = folders_of(naming, called);
                        assert!(
                            folders.contains(&folder),
                            "{naming:?} {called}: {folders:?}"
                        );
                    }
                }
            }
            assert_eq!(
                platforms_of(Naming::EsDe, slug)[0],
                slug,
                "what a server calls so is that"
            );
        }
    }

    #[test]
    fn every_platform_stands_once_and_no_cell_is_careless() {
        let firsts: BTreeSet<_> = TABLE.iter().map(|row| row.slugs().next()).collect();
        assert_eq!(firsts.len(), TABLE.len());
        for row in TABLE {
            for name in row
                .slugs()
                .chain(NAMINGS.into_iter().flat_map(|n| row.folders(n)))
            {
                assert_eq!(name, name.trim());
                assert!(
                    !name.is_empty() && !name.contains([',', '/', '(']),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn the_likeliest_platform_is_first() {
        for (naming, folder, first) in [
            (Naming::EsDe, "gba", "gba"),
            (Naming::EsDe, "megadrive", "genesis"),
            (Naming::EsDe, "famicom", "famicom"),
            (Naming::EsDe, "nes", "nes"),
            (Naming::EsDe, "sfc", "sfam"),
            (Naming::EsDe, "n3ds", "3ds"),
            (Naming::EsDe, "gc", "ngc"),
            (Naming::EsDe, "pcengine", "tg16"),
            (Naming::EsDe, "neogeo", "neogeoaes"),
            (Naming::EsDe, "mame", "mame"),
            (Naming::Batocera, "wswan", "wonderswan"),
            (Naming::Batocera, "neogeo", "neogeoaes"),
            (Naming::Batocera, "gb2players", "gb2players"),
            (Naming::Rocknix, "coleco", "colecovision"),
            (Naming::Rocknix, "sgfx", "supergrafx"),
            (Naming::Muos, "Sega Mega Drive - Genesis", "genesis"),
            (Naming::Onion, "FC", "nes"),
            (Naming::Onion, "THIRTYTWOX", "sega32"),
            (Naming::MinUi, "Game Boy Advance (MGBA)", "gba"),
            (Naming::MinUi, "Handhelds (2024) (GBC)", "gbc"),
            (Naming::MinUi, "WS", "wonderswan"),
            (Naming::Spruce, "MSUMD", "genesis"),
            (Naming::Spruce, "GBA", "gba"),
            // One maker's name in another's library.
            (Naming::Muos, "megadrive", "genesis"),
            (Naming::EsDe, "Nintendo Game Boy", "gb"),
        ] {
            let slugs = platforms_of(naming, folder);
            assert_eq!(slugs[0], first, "{naming:?} {folder}: {slugs:?}");
        }
    }

    #[test]
    fn one_folder_may_hold_several_platforms() {
        for (naming, folder, slugs) in [
            (Naming::Onion, "FC", ["nes", "famicom"]),
            (Naming::EsDe, "famicom", ["famicom", "nes"]),
            (Naming::EsDe, "snes", ["snes", "sfam"]),
            (
                Naming::Onion,
                "NGP",
                ["neo-geo-pocket", "neo-geo-pocket-color"],
            ),
            (Naming::EsDe, "genesis", ["genesis", "megadrive"]),
            (Naming::Batocera, "Homebrew", ["homebrew", "homebrew"]),
        ] {
            let found = platforms_of(naming, folder);
            for slug in slugs {
                assert!(
                    found.iter().any(|found| found == slug),
                    "{folder}: {found:?}"
                );
            }
        }
        assert!(are_the_same("gba", "game-boy-advance"));
        assert!(are_the_same("My-Own", "my-own"));
        assert!(!are_the_same("nes", "famicom"), "a server may have both");
    }

    #[test]
    fn a_tag_is_what_the_last_parentheses_hold() {
        for (folder, expected) in [
            ("Game Boy Advance (GBA)", "GBA"),
            ("Handhelds (2024) ( GBC ) ", "GBC"),
            ("GBA", "GBA"),
            ("Empty ()", "Empty ()"),
            ("Half (GBA", "Half (GBA"),
            ("(GBA) Advance", "(GBA) Advance"),
            (")", ")"),
            ("", ""),
        ] {
            assert_eq!(tag(folder), expected, "{folder:?}");
        }
    }
}
