//! Which file of a save is which: the save itself, or a companion that only makes sense with it.
//!
//! Clients put several files of one save into one slot, and each is a timeline of its own, told
//! apart by its [`Part`]. Only the file's name is known here. A file is a companion when its
//! emulator never writes it without the save beside it; what can be a game's only file is a save
//! wherever it turns up (a Nintendo 64 controller pak, `.mpk`, is all that some games have),
//! because a companion is offered only to devices that have held one.

use std::fmt;

use crate::names;

/// A file's place in its save: empty for the save itself, else what tells a companion's name
/// from the save's.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part(String);

impl Part {
    /// The save itself.
    pub const fn save() -> Self {
        Self(String::new())
    }

    /// The part that is stored as `text`.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether this is the save itself.
    pub fn is_save(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is a clock or a machine's settings: it changes whenever a game is played, so a
    /// change of it alone is no progress.
    pub fn is_clock(&self) -> bool {
        CLOCKS.contains(&self.as_str())
    }

    /// The part as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The parts that change without progress.
const CLOCKS: &[&str] = &["rtc", "smpc"];

/// How companions' names end, and the part that is.
const COMPANIONS: &[(&str, &str)] = &[
    // The clock of a cartridge, beside its `.srm`: RetroArch for every core that has one (Gambatte,
    // SameBoy, Gearboy, TGB Dual, mGBA, Snes9x, bsnes), and Snes9x by itself.
    (".rtc", "rtc"),
    // Saturn: what the backup cartridge holds, and the console's clock and settings, beside the
    // `.bkr` (or `.srm`) of its own memory: Beetle Saturn, Mednafen, Kronos sharing with them.
    (".bcr", "bcr"),
    (".smpc", "smpc"),
    // Saturn: what a backup cartridge of that size holds, beside `.ram`: Kronos.
    ("-ext512k.ram", "ext512k.ram"),
    ("-ext1m.ram", "ext1m.ram"),
    ("-ext2m.ram", "ext2m.ram"),
    ("-ext4m.ram", "ext4m.ram"),
    // Mega CD: the backup cartridge, beside the console's `.brm`: Genesis Plus GX.
    ("_cart.brm", "cart.brm"),
    // Jaguar CD: the memory of the drive, beside the cartridge's `.srm`: Virtual Jaguar.
    (".cdrom.srm", "cdrom.srm"),
    // PlayStation: the cards in all slots but the first, beside `.srm` or `.0.mcr`: Beetle PSX,
    // Mednafen.
    (".1.mcr", "1.mcr"),
    (".2.mcr", "2.mcr"),
    (".3.mcr", "3.mcr"),
    (".4.mcr", "4.mcr"),
    (".5.mcr", "5.mcr"),
    (".6.mcr", "6.mcr"),
    (".7.mcr", "7.mcr"),
    // Dreamcast: the memory units in all slots but the first, beside `.A1.bin`: Flycast.
    (".a2.bin", "a2.bin"),
    (".b1.bin", "b1.bin"),
    (".b2.bin", "b2.bin"),
    (".c1.bin", "c1.bin"),
    (".c2.bin", "c2.bin"),
    (".d1.bin", "d1.bin"),
    (".d2.bin", "d2.bin"),
    // Neo Geo: the memory card, beside the machine's own `.fs`: FinalBurn Neo.
    (".memcard", "memcard"),
];

/// The part of the save that a file is. Case does not matter, and neither do tags.
pub fn part_of(file_name: &str) -> Part {
    let name = names::pairing_name(file_name).to_ascii_lowercase();
    COMPANIONS
        .iter()
        .find(|(ending, _)| name.len() > ending.len() && name.ends_with(ending))
        .map_or_else(Part::save, |(_, part)| Part::stored(*part))
}

impl Part {
    /// How a companion's name ends, behind what it shares with its save; none for the save itself
    /// and for what is not known here.
    pub fn ending(&self) -> Option<&'static str> {
        let known = COMPANIONS.iter().find(|(_, part)| *part == self.0);
        known.map(|(ending, _)| *ending)
    }
}

/// What the battery of a cartridge held, byte for byte: the same content by any of these names.
const BATTERY: &[&str] = &["srm", "sav"];

/// Whether saves with these extensions are of one kind, so that one may take the other's place.
pub fn are_one_kind(one: &str, other: &str) -> bool {
    let is_battery = |extension: &str| {
        BATTERY
            .iter()
            .any(|known| known.eq_ignore_ascii_case(extension))
    };
    one.eq_ignore_ascii_case(other) || (is_battery(one) && is_battery(other))
}

/// The extension on the wire of a save that ends so here: what the battery of a cartridge held has
/// one name there.
pub fn wire_extension(ending: &str) -> &str {
    let last = ending.rsplit('.').next().unwrap_or(ending);
    if are_one_kind(last, BATTERY[0]) {
        BATTERY[0]
    } else {
        last
    }
}

/// How a server's save with this extension is called here, where saves end in `ending`. What is of
/// another kind keeps its own.
pub fn ending_here(extension: &str, ending: &str) -> String {
    let last = ending.rsplit('.').next().unwrap_or(ending);
    if are_one_kind(extension, last) {
        ending.to_owned()
    } else {
        extension.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_battery_is_called_as_it_is_here_and_the_rest_keeps_its_name() {
        for (extension, ending, here) in [
            ("srm", "srm", "srm"),
            ("sav", "srm", "srm"),
            ("SRM", "gba.sav", "gba.sav"),
            ("sav", "sav", "sav"),
            ("dsv", "srm", "dsv"),
            ("dsv", "dsv", "dsv"),
            ("eep", "gba.sav", "eep"),
        ] {
            assert_eq!(ending_here(extension, ending), here, "{extension} {ending}");
        }
        for (ending, extension) in [("gba.sav", "srm"), ("srm", "srm"), ("dsv", "dsv"), ("", "")] {
            assert_eq!(wire_extension(ending), extension);
        }
    }

    #[test]
    fn companions_are_told_from_saves() {
        for (file_name, part) in [
            ("Pokemon Crystal (USA).srm", ""),
            ("Pokemon Crystal (USA).rtc", "rtc"),
            ("Pokemon Crystal (USA) [2026-11-20_07-28-30].rtc", "rtc"),
            (
                "G [2026-11-20 07-28-30-123] [2026-11-20_07-28-30].RTC",
                "rtc",
            ),
            ("Pokemon Crystal (USA).gbc.rtc", "rtc"),
            ("Nights.bkr", ""),
            ("Nights.bcr", "bcr"),
            ("Nights.smpc", "smpc"),
            ("Nights.d41d8cd98f00b204e9800998ecf8427e.bcr", "bcr"),
            ("Nights.ram", ""),
            ("Nights-ext512K.ram", "ext512k.ram"),
            ("Sonic CD.brm", ""),
            ("Sonic CD_cart.brm", "cart.brm"),
            ("scd_U.brm", ""),
            ("cart.brm", ""),
            ("Final Fantasy VII.0.mcr", ""),
            ("Final Fantasy VII.1.mcr", "1.mcr"),
            ("Final Fantasy VII.1 [2026-11-20_07-28-30].mcr", "1.mcr"),
            ("Final Fantasy VII.mcr", ""),
            ("Hack v1.1.sav", ""),
            ("Baldies.cdrom.srm", "cdrom.srm"),
            ("MK-51000.A1.bin", ""),
            ("MK-51000.B1.bin", "b1.bin"),
            ("mslug.fs", ""),
            ("mslug.memcard", "memcard"),
            ("memcard", ""),
            (".rtc", ""),
            ("rtc", ""),
            ("Mario Kart 64.mpk", ""),
            ("Game.dsv", ""),
            ("Game.eep", ""),
            ("Game.flash", ""),
            ("Game.zip", ""),
            ("", ""),
        ] {
            assert_eq!(part_of(file_name).as_str(), part, "{file_name:?}");
        }
    }

    #[test]
    fn every_companion_of_the_table_is_found_as_itself() {
        for (ending, part) in COMPANIONS {
            assert_eq!(part_of(&format!("Game{ending}")), Part::stored(*part));
            assert_eq!(Part::stored(*part).ending(), Some(*ending));
            assert!(ending.ends_with(part), "{ending} ends with its part");
            assert_eq!(*ending, ending.to_ascii_lowercase());
        }
        for clock in CLOCKS {
            assert!(COMPANIONS.iter().any(|(_, part)| part == clock));
        }
        let parts: std::collections::BTreeSet<_> =
            COMPANIONS.iter().map(|(_, part)| part).collect();
        assert_eq!(parts.len(), COMPANIONS.len());
    }

    #[test]
    fn the_save_is_the_empty_part() {
        assert!(Part::save().is_save());
        assert_eq!(Part::save(), Part::default());
        assert_eq!(Part::stored("rtc").to_string(), "rtc");
    }
}
