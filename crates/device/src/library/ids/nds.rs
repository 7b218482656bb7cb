//! Nintendo DS: whether a game is one of those that a `DSi` keeps in its own memory.

use std::io::Read;
use std::path::Path;

/// The upper half of their title ids.
const DSIWARE: [u8; 4] = 0x0003_0004_u32.to_le_bytes();

/// Whether the game at `path` is `DSiWare`; false for what cannot be read, an archive among it.
pub fn is_dsiware(path: &Path) -> bool {
    let mut head = [0; 0x238];
    let Ok((mut file, _)) = crate::files::reading::open(path) else {
        return false;
    };
    // Second byte: which consoles it is for.
    file.read_exact(&mut head).is_ok() && head[0x12] & 2 != 0 && head[0x234..] == DSIWARE
}
