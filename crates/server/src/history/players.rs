//! Which devices play a game with which emulator, as their saves tell.

use keepsave_core::ids::{RomId, UserId};

use crate::app::App;
use crate::vault::Fault;
use crate::vault::history;

/// A device and an emulator that it named with a save of a game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Player {
    /// The device's name.
    pub device: String,
    /// The emulator or core.
    pub emulator: String,
}

/// Who plays a game with what.
pub fn of_game(app: &App, user: UserId, rom: RomId) -> Result<Vec<Player>, Fault> {
    let found = app
        .vault
        .read(|tx| history::emulators(tx, user, rom))?
        .into_iter();
    Ok(found
        .map(|(device, emulator)| Player { device, emulator })
        .collect())
}

/// The devices that play with a core: an emulator of another program (`retroarch/mgba`) or another
/// spelling (`mGBA`) names the same one.
pub fn who_plays_with(players: &[Player], core: &str) -> Vec<String> {
    let core = plain(core);
    let mut devices: Vec<String> = players
        .iter()
        .filter(|player| plain(&player.emulator) == core)
        .map(|player| player.device.clone())
        .collect();
    devices.dedup();
    devices
}

fn plain(emulator: &str) -> String {
    let core = emulator.rsplit(['/', ':']).next().unwrap_or(emulator);
    let core = core.trim().to_lowercase();
    core.strip_suffix("_libretro").unwrap_or(&core).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_is_known_by_any_of_its_spellings() {
        let player = |device: &str, emulator: &str| Player {
            device: device.to_owned(),
            emulator: emulator.to_owned(),
        };
        let players = [
            player("Deck", "retroarch/mgba"),
            player("PC", "mGBA"),
            player("PC", "mgba_libretro"),
            player("Phone", "gpsp"),
        ];
        assert_eq!(who_plays_with(&players, "mgba"), ["Deck", "PC"]);
        assert_eq!(who_plays_with(&players, "snes9x"), [""; 0]);
    }
}
