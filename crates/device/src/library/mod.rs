//! What is on this machine: installations of emulators, their games, and where each game's save is
//! or would be.
//!
//! Reads only. Asks no server, decides nothing, writes nothing. What cannot be read is said
//! ([`Looked`]) and the rest goes on; a root that is named and missing stops its games
//! ([`Stopped`]) and never looks like a machine without saves.

pub mod es_de;
pub mod folders;
pub mod game;
pub mod looking;
pub mod machine;
pub mod retroarch;
pub mod roms;

#[cfg(test)]
pub(crate) mod tree;

pub use self::game::{
    Form, Found, Game, KnownBy, Looked, SaveFile, SavePlace, SharedFile, Stopped,
};
pub use self::machine::Machine;

/// Everything that was found.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// In the order in which they were looked for.
    pub installations: Vec<Installation>,
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
}

impl Library {
    /// Every game of every installation.
    pub fn games(&self) -> impl Iterator<Item = &Game> {
        self.installations.iter().flat_map(|found| &found.games)
    }
}
