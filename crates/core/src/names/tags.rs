//! The moment that RomM writes into the name of a slotted save: `Game [2026-11-20_07-28-30].srm`.
//!
//! Clients take it out again to find the file that the emulator reads, each in its own way: all
//! tags, the first one, or only one right before the extension. So a name has one tag, that is
//! where it stands, and nothing else is ever added to a name.

use jiff::civil::DateTime;

use super::{FileName, split_extension};
use crate::time::Time;

/// ` [2026-11-20_07-28-30]`, with `d` for a digit.
const TAG: &[u8] = b" [dddd-dd-dd_dd-dd-dd]";
/// ` [2026-11-20 07-28-30-123]`: what Ludo writes into names before it uploads them.
const LUDO_TAG: &[u8] = b" [dddd-dd-dd dd-dd-dd-ddd]";

/// The name under which a slot keeps a save that came `at`.
pub fn tagged(name: &FileName, at: Time) -> FileName {
    distinct(name, at, 1)
}

/// The `n`th name for saves of one name that came within one second; the first is [`tagged`].
///
/// A second that no clock shows tells them apart, `07-28-60` and on to `07-28-99`, then a minute,
/// then an hour: it is a tag to everyone who strips tags, it is no other save's moment, and it
/// sorts behind the minute that it belongs to. Two moments of one minute share these names, so
/// try one `n` after the other until a name is free.
pub fn distinct(name: &FileName, at: Time, n: u32) -> FileName {
    let (stem, extension) = split_extension(name.as_str());
    let stem = without(stem, TAG);
    let tag = tag(at.civil(), n);
    FileName(format!("{stem} [{tag}]{extension}"))
}

fn tag(at: DateTime, n: u32) -> String {
    const SECONDS: u32 = 40;
    const MINUTES: u32 = 40 * 100;
    const HOURS: u32 = 76 * 100 * 100;
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    let clock = match n.checked_sub(2) {
        None => format!("{hour:02}-{minute:02}-{second:02}"),
        Some(k) if k < SECONDS => format!("{hour:02}-{minute:02}-{:02}", 60 + k),
        Some(k) if k - SECONDS < MINUTES => {
            let k = k - SECONDS;
            format!("{hour:02}-{:02}-{:02}", 60 + k / 100, k % 100)
        }
        Some(k) => {
            let k = (k - SECONDS - MINUTES) % HOURS;
            let (hour, minute, second) = (24 + k / 10_000, k / 100 % 100, k % 100);
            format!("{hour:02}-{minute:02}-{second:02}")
        }
    };
    let (year, month, day) = (at.year(), at.month(), at.day());
    format!("{year:04}-{month:02}-{day:02}_{clock}")
}

/// The name without our tags.
pub fn untagged(name: &str) -> String {
    let (stem, extension) = split_extension(name);
    without(stem, TAG) + extension
}

/// The name by which files are paired: without our tags and without Ludo's.
pub fn pairing_name(name: &str) -> String {
    let (stem, extension) = split_extension(name);
    without(&without(stem, TAG), LUDO_TAG) + extension
}

/// Removes every occurrence of `pattern`.
fn without(text: &str, pattern: &[u8]) -> String {
    if text.len() < pattern.len() {
        return text.to_owned();
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = find(rest, pattern) {
        kept += &rest[..start];
        rest = &rest[start + pattern.len()..];
    }
    kept + rest
}

/// Where `pattern` first occurs. It is all ASCII, so both its ends are ends of characters.
fn find(text: &str, pattern: &[u8]) -> Option<usize> {
    text.as_bytes().windows(pattern.len()).position(|window| {
        window
            .iter()
            .zip(pattern)
            .all(|(&byte, &wanted)| match wanted {
                b'd' => byte.is_ascii_digit(),
                _ => byte == wanted,
            })
    })
}
