//! `PlayStation`: the serial number of the program that a disc starts.

use std::path::Path;

use super::dreamcast::tracks_of;
use super::is_sony;
use super::iso::read_file;
use super::sectors::Sectors;

/// The largest `SYSTEM.CNF` that is read.
const CNF_BYTES: u32 = 16 * 1024;

/// The serial number of the game on a disc: `SLUS-01234`. A list of discs has none: each of them has
/// its own.
pub fn ps1_serial(path: &Path) -> Option<String> {
    let image = match tracks_of(path) {
        Some(tracks) => tracks.into_iter().next()?,
        None => path.to_owned(),
    };
    let cnf = read_file(&mut Sectors::open(&image)?, &["SYSTEM.CNF"], CNF_BYTES)?;
    let cnf = String::from_utf8_lossy(&cnf);
    let boot = cnf.lines().find_map(|line| {
        let (key, program) = line.split_once('=')?;
        (key.trim() == "BOOT").then(|| program.trim().to_owned())
    })?;
    let program = boot.rsplit(['\\', '/', ':']).next()?;
    let program = program.split(';').next()?.to_ascii_uppercase();
    let (letters, digits) = program.split_once(['_', '-'])?;
    let digits = digits.replace('.', "");
    is_sony(letters, &digits).then(|| format!("{letters}-{digits}"))
}
