//! Where saves stand whose layout changed.
//!
//! `RetroArch` moves no save when its settings say another layout: it writes to the new places from
//! then on, and what it wrote before stays where it was. So whoever works with the games of this
//! machine has them from [`Located`], which sees first whether a layout changed; nothing else makes
//! one. While a change is not settled a game has several places ([`Game::moving`]): its save is read
//! where [`reading`] says, nothing is written to any of them, and only [`migrate`] moves it.
//!
//! Knows no server.

mod located;
pub mod migrate;
mod moving;
pub mod reading;
#[cfg(test)]
mod tests;

pub use self::located::{Located, Pending};

use crate::library::Game;

impl Game {
    /// Whether its layout changed and its save was not moved yet.
    pub fn is_moving(&self) -> bool {
        !self.moving.is_empty()
    }
}
