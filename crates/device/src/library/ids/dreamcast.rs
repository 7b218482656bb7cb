//! Dreamcast: the product number at the head of a disc's first program track.

use std::path::{Path, PathBuf};

use super::sectors::Sectors;

/// The largest list of tracks that is read.
const LIST_BYTES: u64 = 64 * 1024;

/// The product number of a game, as Flycast names files after it: `MK-51000`.
pub fn dreamcast_product(path: &Path) -> Option<String> {
    let tracks = tracks_of(path)?;
    tracks.iter().find_map(|track| {
        let head = Sectors::open(track)?.read(0, 256)?;
        if !head.starts_with(b"SEGA SEGAKATANA ") {
            return None;
        }
        let number = std::str::from_utf8(&head[0x40..0x4A]).ok()?.trim_end();
        let is_text = !number.is_empty()
            && number
                .bytes()
                .all(|byte| byte.is_ascii_graphic() || byte == b' ');
        let written = |c: char| if " /\\:*?|<>".contains(c) { '_' } else { c };
        is_text.then(|| number.chars().map(written).collect())
    })
}

/// The files of a disc's tracks, where `path` is a list of them: a `GDI` or a cue sheet.
pub(super) fn tracks_of(path: &Path) -> Option<Vec<PathBuf>> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    if extension != "gdi" && extension != "cue" {
        return None;
    }
    let (file, _) = crate::files::reading::open(path).ok()?;
    let mut list = String::new();
    std::io::Read::read_to_string(&mut std::io::Read::take(file, LIST_BYTES), &mut list).ok()?;
    let directory = path.parent()?;
    let name = |line: &str| -> Option<String> {
        let line = line.trim();
        let quoted = || Some(line.split('"').nth(1)?.to_owned());
        if extension == "cue" {
            let rest = line.strip_prefix("FILE ")?;
            return quoted().or_else(|| Some(rest.split_whitespace().next()?.to_owned()));
        }
        quoted().or_else(|| Some(line.split_whitespace().nth(4)?.to_owned()))
    };
    // What leads out of the disc's directory is none of its tracks.
    let track = |name: String| {
        crate::files::names::local_name(&name)
            .ok()
            .map(|_| directory.join(&name))
    };
    Some(list.lines().filter_map(name).filter_map(track).collect())
}
