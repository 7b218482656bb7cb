//! The memory cards of a `PlayStation`: whose they are depends on what is chosen for each slot.

use super::super::cfg::Cfg;
use super::{Instead, Medium, Root, Set};
use crate::library::ids;

pub(super) fn beetle_psx(prefix: &str, options: &Cfg) -> Set {
    let chosen = |key: &str| options.get(&format!("{prefix}_{key}"));
    let is_own = chosen("use_mednafen_memcard0_method") == Some("mednafen");
    if chosen("shared_memory_cards") == Some("enabled") {
        let shared = |slot| format!("mednafen_psx_libretro_shared.{slot}.mcr");
        let (first, second) = (shared(0), shared(1));
        return if is_own {
            let change = "set its shared memory cards to disabled in the core's options";
            Set::shared(Root::Saves, &[&first, &second], Some(change))
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

/// What to choose where cards are named by what cannot be read.
const LIBRETRO_CARD: &str = "set its first memory card to libretro in the core's options";

pub(super) fn pcsx_rearmed(options: &Cfg, medium: Medium<'_>) -> Set {
    let set = match options.get("pcsx_rearmed_memcard1") {
        Some("serial") => match medium.ask(ids::ps1_serial) {
            Some(serial) => Set::files("", &["_1.mcd"], &[]).named(serial),
            None => Set::other(
                "PCSX-ReARMed names the card after the disc's serial number, which can be read from \
                 the image of one disc only: set its first memory card to libretro in the core's \
                 options",
            ),
        },
        Some("shared") => Set::shared(Root::Saves, &["pcsx-card1.mcd"], Some(LIBRETRO_CARD)),
        Some("none") => Set::instead(Instead::OnlyShared(Some(LIBRETRO_CARD))),
        _ => Set::files("", &[".srm"], &[]),
    };
    match options.get("pcsx_rearmed_memcard2") {
        None | Some("shared" | "enabled") => set.and_shared(Root::Saves, &["pcsx-card2.mcd"]),
        Some("serial") => Set::other(
            "PCSX-ReARMed was told to keep two memory cards for a game, which nothing tells apart: \
             set the second one to none in the core's options",
        ),
        Some(_) => set,
    }
}

pub(super) fn swanstation(options: &Cfg, medium: Medium<'_>) -> Set {
    let card = |slot| options.get(&format!("swanstation_MemoryCards_Card{slot}Type"));
    let set = match card(1) {
        None | Some("Libretro") => Set::files("", &[".srm"], &[]),
        Some("PerGameFileTitle") => Set::files("", &["_1.mcd"], &[]),
        Some("PerGame") => match medium.ask(ids::ps1_serial) {
            Some(serial) => Set::files("", &["_1.mcd"], &[]).named(serial),
            None => Set::other(
                "SwanStation names the card after the disc's serial number, which can be read from \
                 the image of one disc only: set its first memory card to Libretro in the core's \
                 options",
            ),
        },
        Some("Shared") => {
            let file = ["duckstation_shared_card_1.mcd"];
            Set::shared(Root::Saves, &file, Some(LIBRETRO_CARD))
        }
        Some("None" | "NonPersistent") => Set::other(
            "SwanStation was told to keep no memory card: set its first one to Libretro in the \
             core's options",
        ),
        Some(_) => Set::other(
            "SwanStation names cards after titles that only it knows: set its first memory card to \
             Libretro in the core's options",
        ),
    };
    match card(2) {
        None | Some("None" | "NonPersistent" | "Libretro") => set,
        Some("Shared") => set.and_shared(Root::Saves, &["duckstation_shared_card_2.mcd"]),
        Some(_) => Set::other(
            "SwanStation was told to keep two memory cards for a game, which nothing tells apart: \
             set the second one to None in the core's options",
        ),
    }
}
