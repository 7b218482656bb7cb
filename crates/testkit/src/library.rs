//! The seed library: the six games that the recorded exchanges, the benchmark and the end-to-end
//! tests know.

use std::path::Path;
use std::{fs, io};

use sha2::{Digest, Sha256};

/// The files of the seed library: the platform's folder and the path below it.
pub const SEED_FILES: [(&str, &str); 7] = [
    ("gba", "Golden Sun (USA) (Rev 1).gba"),
    ("gba", "Metroid Fusion (Europe).gba"),
    ("gba", "Pokemon Emerald (USA).gba"),
    (
        "psx",
        "Final Fantasy VII (USA)/Final Fantasy VII (USA) (Disc 1).bin",
    ),
    (
        "psx",
        "Final Fantasy VII (USA)/Final Fantasy VII (USA) (Disc 2).bin",
    ),
    ("snes", "Chrono Trigger (USA).sfc"),
    ("snes", "Super Metroid (Japan, USA) (En,Ja).sfc"),
];

/// Writes the seed library below `library`, in the layout `roms/<platform>/<game>`.
///
/// Every file is 2,048 bytes made from its own name, so that hashes are known and differ.
pub fn seed_library(library: &Path) -> io::Result<()> {
    for (platform, name) in SEED_FILES {
        let file = library.join("roms").join(platform).join(name);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, Sha256::digest(name.as_bytes()).repeat(64))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use md5::Md5;

    use super::*;

    #[test]
    fn the_files_have_the_hashes_that_romm_recorded() {
        let folder = tempfile::tempdir().unwrap();
        seed_library(folder.path()).unwrap();
        let roms = folder.path().join("roms");
        for (path, md5) in [
            (
                "gba/Pokemon Emerald (USA).gba",
                "fc25079fb50e06d1a76d8d0ca3abf73a",
            ),
            (
                "psx/Final Fantasy VII (USA)/Final Fantasy VII (USA) (Disc 1).bin",
                "380b8fd1ce33454a7dfe8acf000abeb6",
            ),
            (
                "snes/Chrono Trigger (USA).sfc",
                "d6f3bf290b9fc48e13ddc0bd44ba799c",
            ),
        ] {
            let bytes = fs::read(roms.join(path)).unwrap();
            assert_eq!(bytes.len(), 2048);
            assert_eq!(hex::encode(Md5::digest(&bytes)), md5, "{path}");
        }
    }
}
