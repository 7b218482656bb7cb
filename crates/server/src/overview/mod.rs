//! What a person sees first, across games and devices: what waits for them, what happened lately,
//! where everything stands. Nothing here reads a request or writes a page.

use keepsave_core::ids::UserId;
pub use keepsave_core::status::State;

use crate::app::App;
use crate::vault::{Fault, attention, roms};

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
            conflicts: attention::of_user(tx, user)?
                .len()
                .try_into()
                .unwrap_or(u64::MAX),
        })
    })
}
