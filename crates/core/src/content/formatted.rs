//! Memory cards that were formatted and never saved to: what a new machine writes when a game is
//! started for the first time.
//!
//! Only what surely holds no save is one. A card from which saves were deleted is none: that was a
//! person's doing.

/// The largest memory that is looked at: a Nintendo 64's, as cores keep it.
pub(super) const LARGEST: usize = N64;

const CARD: usize = 131_072;
const SATURN: usize = 32_768;
const MEGA_CD: usize = 8_192;
const N64: usize = 296_960;

/// Whether these bytes are a formatted memory with nothing in it.
pub(super) fn is_formatted(bytes: &[u8]) -> bool {
    match bytes.len() {
        CARD => is_playstation(bytes) || is_dreamcast(bytes),
        SATURN => is_saturn(bytes),
        MEGA_CD => is_mega_cd(bytes),
        N64 => is_n64(bytes),
        _ => false,
    }
}

/// Fifteen blocks, each of them free and never used.
fn is_playstation(card: &[u8]) -> bool {
    const FREE: [u8; 4] = [0xA0, 0, 0, 0];
    let directory = &card[128..16 * 128];
    let all_free = directory.chunks(128).all(|frame| frame.starts_with(&FREE));
    card.starts_with(b"MC") && all_free && is_uniform(&card[8192..])
}

/// A root that says that it is formatted, and a directory without a file.
fn is_dreamcast(unit: &[u8]) -> bool {
    let (root, directory) = (&unit[255 * 512..], &unit[241 * 512..254 * 512]);
    root.starts_with(&[0x55; 16]) && is_zero(directory)
}

/// The mark in the first block, and nothing after it.
fn is_saturn(memory: &[u8]) -> bool {
    let (mark, rest) = memory.split_at(64);
    mark == b"BackUpRam FormatBackUpRam FormatBackUpRam FormatBackUpRam Format" && is_zero(rest)
}

/// The mark in the last block, and nothing before it.
fn is_mega_cd(memory: &[u8]) -> bool {
    let (saves, mark) = memory.split_at(MEGA_CD - 64);
    let is_marked = mark.windows(11).any(|bytes| bytes == b"SEGA_CD_ROM");
    is_marked && is_zero(saves)
}

/// A chip of each kind and four packs: none was written to, and the packs have no note.
fn is_n64(memory: &[u8]) -> bool {
    let (eeprom, rest) = memory.split_at(0x800);
    let (packs, rest) = rest.split_at(4 * 0x8000);
    let (sram, flash) = rest.split_at(0x8000);
    [eeprom, sram, flash].into_iter().all(is_uniform) && packs.chunks(0x8000).all(is_empty_pack)
}

fn is_empty_pack(pack: &[u8]) -> bool {
    const FREE: [u8; 2] = [0, 3];
    let pages = &pack[0x100 + 10..0x200];
    let notes = &pack[0x300..0x500];
    is_uniform(pack) || is_zero(notes) && pages.chunks(2).all(|page| page == FREE)
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == 0)
}

fn is_uniform(bytes: &[u8]) -> bool {
    is_zero(bytes) || bytes.iter().all(|&byte| byte == 0xFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Blank, Digest};

    fn playstation() -> Vec<u8> {
        let mut card = vec![0; CARD];
        card[..2].copy_from_slice(b"MC");
        card[127] = 0x0E;
        for frame in card[128..16 * 128].chunks_mut(128) {
            frame[0] = 0xA0;
            (frame[8], frame[9], frame[127]) = (0xFF, 0xFF, 0xA0);
        }
        card
    }

    fn dreamcast() -> Vec<u8> {
        let mut unit = vec![0; CARD];
        unit[255 * 512..255 * 512 + 16].fill(0x55);
        unit[254 * 512] = 0xFC;
        unit
    }

    fn saturn() -> Vec<u8> {
        let mut memory = b"BackUpRam Format".repeat(4);
        memory.resize(SATURN, 0);
        memory
    }

    fn mega_cd() -> Vec<u8> {
        let mut memory = vec![0; MEGA_CD];
        memory[MEGA_CD - 32..MEGA_CD - 21].copy_from_slice(b"SEGA_CD_ROM");
        memory
    }

    fn n64() -> Vec<u8> {
        let mut memory = vec![0xFF; N64];
        for pack in memory[0x800..0x800 + 4 * 0x8000].chunks_mut(0x8000) {
            pack.fill(0);
            pack[0x20] = 0x81;
            pack[0x10A..0x200].copy_from_slice(&[0, 3].repeat(123));
            pack[0x20A..0x300].copy_from_slice(&[0, 3].repeat(123));
        }
        memory
    }

    type Made = fn() -> Vec<u8>;

    /// Where the first save of a game would leave its trace.
    const TRACES: [(&str, Made, usize); 7] = [
        ("a card's block", playstation, 128),
        ("a deleted save", playstation, 5 * 128),
        ("a card's data", playstation, 8192),
        ("a unit's directory", dreamcast, 253 * 512),
        ("a Saturn's memory", saturn, 128),
        ("a Mega CD's memory", mega_cd, 0),
        ("a pack's note", n64, 0x800 + 0x300),
    ];

    #[test]
    fn a_memory_that_was_only_formatted_is_blank_until_the_first_save() {
        for (name, made, at) in TRACES {
            let mut memory = made();
            let blank = |bytes: &[u8]| Digest::of(bytes).blank;
            assert_eq!(blank(&memory), Some(Blank::Formatted), "{name}");
            memory[at] = 0x51;
            assert_eq!(blank(&memory), None, "{name}");
            assert_eq!(blank(&made()[1..]), None, "{name}: of no such size");
        }
        for at in [0, 0x800 + 0x10C, 0x20800, 0x28800] {
            let mut memory = n64();
            memory[at] = 0x51;
            assert_eq!(Digest::of(&memory).blank, None, "{at:x}");
        }
    }
}
