//! What is on this machine: installations of emulators, their games, and where each game's save is
//! or would be.
//!
//! Reads only. Asks no server, decides nothing, writes nothing. What cannot be read is said
//! ([`Looked`]) and the rest goes on; a root that is named and missing stops its games
//! ([`Stopped`]) and never looks like a machine without saves.

pub mod added;
pub mod arkos;
pub mod batocera;
pub mod clashes;
pub mod desktop;
pub mod emudeck;
pub mod es_de;
pub mod es_de_desktop;
pub mod folders;
pub mod game;
pub mod gather;
pub(crate) mod ids;
mod laid;
pub mod looking;
pub mod machine;
pub mod minui;
pub mod muos;
pub mod once;
pub mod onion;
pub mod retroarch;
pub mod retrodeck;
pub mod rocknix;
pub mod roms;
pub mod standing;

#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
pub(crate) mod tree;

pub use self::added::Added;
pub use self::game::{
    Form, Found, Game, KnownBy, Looked, SaveFile, SavePlace, SharedFile, StateFile, StatePlace,
    Stopped,
};
pub use self::laid::{Laid, Layout};
pub use self::machine::Machine;

use self::looking::Looking;

/// Everything that was found.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// In the order in which they were looked for.
    pub installations: Vec<Installation>,
    /// What was looked for to know which installations are here.
    pub looked: Vec<Looked>,
}

/// One way in which games are played here.
#[derive(Clone, Debug, Default)]
pub struct Installation {
    /// As its people call it: `RetroDECK`.
    pub name: String,
    /// Its games.
    pub games: Vec<Game>,
    /// What was looked for, found or not.
    pub looked: Vec<Looked>,
    /// How what plays them lays out saves, where its own settings decide that.
    pub laid: Vec<Laid>,
    /// The port on which its `RetroArch` takes commands, where a person allowed that.
    pub commands: Option<u16>,
}

/// What each kind of installation is found by.
const KINDS: [fn(&Machine, &mut Looking) -> Option<Installation>; 9] = [
    retrodeck::find,
    emudeck::find,
    es_de_desktop::find,
    batocera::find,
    rocknix::find,
    arkos::find,
    muos::find,
    onion::find,
    minui::find,
];

impl Library {
    /// Looks at a machine, and at folders that a person added.
    pub fn find(machine: &Machine, added: &[Added]) -> Self {
        let mut looking = Looking::default();
        let mut installations: Vec<Installation> = KINDS
            .iter()
            .filter_map(|find| find(machine, &mut looking))
            .collect();
        installations.extend(desktop::find(machine, &mut looking));
        installations.extend(added::find(machine, added));
        let mut library = Self {
            installations,
            looked: looking.looked,
        };
        once::name(&mut library.installations);
        clashes::stop(&mut library.installations);
        library
    }

    /// How every `RetroArch` whose settings decide that lays out saves, each once.
    pub fn laid(&self) -> Vec<&Laid> {
        let mut all: Vec<&Laid> = Vec::new();
        for laid in self.installations.iter().flat_map(|found| &found.laid) {
            if all.iter().all(|known| known.config != laid.config) {
                all.push(laid);
            }
        }
        all
    }

    /// Every game of every installation.
    pub fn games(&self) -> impl Iterator<Item = &Game> {
        self.installations.iter().flat_map(|found| &found.games)
    }
}
