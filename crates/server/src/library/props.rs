//! Changes what a person notes about a game.

use keepsave_core::ids::{RomId, UserId};

use crate::app::App;
use crate::vault::rom_users::{self, RomUser};
use crate::vault::{Fault, roms};

/// What to change; none stays as it is.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct Change {
    pub is_main_sibling: Option<bool>,
    pub backlogged: Option<bool>,
    pub now_playing: Option<bool>,
    pub hidden: Option<bool>,
    pub rating: Option<i64>,
    pub difficulty: Option<i64>,
    pub completion: Option<i64>,
    /// Where the person stands; `Some(None)` takes it back.
    pub status: Option<Option<&'static str>>,
    /// When it was last played.
    pub played: Played,
}

/// What becomes of the moment a game was last played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own text")]
pub enum Played {
    #[default]
    AsItWas,
    Now,
    Never,
}

/// Changes what a person notes. None when there is no such game.
pub async fn change(
    app: &App,
    user: UserId,
    rom: RomId,
    change: Change,
) -> Result<Option<RomUser>, Fault> {
    let now = app.now();
    app.vault
        .write(move |tx| {
            if !roms::exists(tx, rom)? {
                return Ok(None);
            }
            let mut noted = rom_users::ensure(tx, user, rom, now)?;
            noted.is_main_sibling = change.is_main_sibling.unwrap_or(noted.is_main_sibling);
            noted.backlogged = change.backlogged.unwrap_or(noted.backlogged);
            noted.now_playing = change.now_playing.unwrap_or(noted.now_playing);
            noted.hidden = change.hidden.unwrap_or(noted.hidden);
            noted.rating = change.rating.unwrap_or(noted.rating);
            noted.difficulty = change.difficulty.unwrap_or(noted.difficulty);
            noted.completion = change.completion.unwrap_or(noted.completion);
            if let Some(status) = change.status {
                noted.status = status.map(str::to_owned);
            }
            match change.played {
                Played::AsItWas => {}
                Played::Now => noted.last_played = Some(now),
                Played::Never => noted.last_played = None,
            }
            rom_users::update(tx, &noted, now)?;
            rom_users::get(tx, user, rom)
        })
        .await
}
