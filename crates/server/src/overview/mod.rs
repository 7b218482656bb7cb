//! What a person sees first, across games and devices: what waits for them, what happened lately,
//! where everything stands, what others share. Nothing here reads a request or writes a page.

pub mod community;
pub mod devices;
pub mod lately;
pub mod sessions;
pub mod shelf;
pub mod storage;

mod tiles;

use keepsave_core::ids::UserId;

use crate::app::App;
use crate::vault::{Fault, history, roms};

/// What every page shows of a person's saves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shell {
    /// How many games the server knows.
    pub games: u64,
    /// How many slots wait for the person.
    pub conflicts: u64,
}

/// What every page shows of a person's saves.
pub fn shell(app: &App, user: UserId) -> Result<Shell, Fault> {
    app.vault.read(|tx| {
        Ok(Shell {
            games: roms::count(tx)?,
            conflicts: history::count_unsettled(tx, user)?,
        })
    })
}
