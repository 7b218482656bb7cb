//! `PlayStation` Portable: the id in the `PARAM.SFO` of a disc, or of a program that is one file.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::is_sony;
use super::iso::read_file;
use super::sectors::Sectors;

/// The largest of them that is read.
const SFO_BYTES: u32 = 64 * 1024;

/// The id of a game: `ULUS10064`.
pub fn psp_id(path: &Path) -> Option<String> {
    let sfo = match in_program(path) {
        Some(sfo) => sfo,
        None => read_file(
            &mut Sectors::open(path)?,
            &["PSP_GAME", "PARAM.SFO"],
            SFO_BYTES,
        )?,
    };
    let id = value(&sfo, "DISC_ID")?;
    is_sony(id.get(..4)?, id.get(4..)?).then_some(id)
}

/// What stands first in a `PBP`.
fn in_program(path: &Path) -> Option<Vec<u8>> {
    let (mut file, _) = crate::files::reading::open(path).ok()?;
    let mut head = [0; 16];
    file.read_exact(&mut head).ok()?;
    if !head.starts_with(b"\0PBP") {
        return None;
    }
    let four = |at: usize| Some(u32::from_le_bytes(head[at..at + 4].try_into().ok()?));
    let (start, end) = (four(8)?, four(12)?);
    file.seek(SeekFrom::Start(start.into())).ok()?;
    let mut sfo = Vec::new();
    let size = end.checked_sub(start)?.min(SFO_BYTES);
    file.take(size.into()).read_to_end(&mut sfo).ok()?;
    Some(sfo)
}

/// The text that a key has.
fn value(sfo: &[u8], key: &str) -> Option<String> {
    let four =
        |at: usize| usize::try_from(u32::from_le_bytes(sfo.get(at..at + 4)?.try_into().ok()?)).ok();
    let two = |at: usize| {
        Some(usize::from(u16::from_le_bytes(
            sfo.get(at..at + 2)?.try_into().ok()?,
        )))
    };
    if !sfo.starts_with(b"\0PSF") {
        return None;
    }
    let (keys, data, count) = (four(8)?, four(12)?, four(16)?);
    for entry in (0..count.min(256)).map(|number| 20 + 16 * number) {
        let name = sfo.get(keys.checked_add(two(entry)?)?..)?;
        if name.split(|&byte| byte == 0).next()? != key.as_bytes() {
            continue;
        }
        let start = data.checked_add(four(entry + 12)?)?;
        let value = sfo.get(start..start.checked_add(four(entry + 4)?)?)?;
        let text = value.split(|&byte| byte == 0).next()?;
        return Some(std::str::from_utf8(text).ok()?.to_owned());
    }
    None
}
