//! Saves: one use case, one file. Each gathers facts from the vault, lets core decide, and does
//! what was decided in one transaction. Nothing here knows of HTTP.

pub mod change;
pub mod confirm;
pub mod delete;
pub mod download;
pub mod replace;
pub mod track;
pub mod upload;
pub mod view;
pub mod visibility;

use keepsave_core::ids::{RomId, SaveId};
use keepsave_core::time::Time;

use self::change::tree_path;
use crate::app::App;
use crate::bind;
use crate::screenshots::{self, Companion, Picture};
use crate::vault::saves::{Hidden, Save};
use crate::vault::tree::TreeStep;
use crate::vault::{Fault, Tx, saves, screenshots as shots};

/// Gives a save the picture that came with it.
fn illustrate(
    tx: &Tx<'_>,
    row: SaveId,
    picture: &Picture,
    now: Time,
) -> Result<Vec<TreeStep>, Fault> {
    let Some(save) = saves::by_id(tx, row)? else {
        return Ok(Vec::new());
    };
    let companion = Companion {
        user: save.user_id,
        rom: save.rom_id,
        is_public: save.is_public,
        picture: save.screenshot_id,
    };
    let (shot, steps) = screenshots::store_for(tx, &companion, picture, now)?;
    saves::set_screenshot(tx, row, shot)?;
    Ok(steps)
}

/// Takes a save out of every listing, and its picture with it.
pub fn hide(tx: &Tx<'_>, save: &Save, why: Hidden, now: Time) -> Result<Vec<TreeStep>, Fault> {
    saves::hide(tx, save.id, why, now)?;
    let mut steps = vec![TreeStep::Withdraw {
        path: tree_path(save),
    }];
    let picture = match save.screenshot_id {
        Some(id) => shots::by_id(tx, id)?,
        None => None,
    };
    if let Some(shot) = picture {
        steps.push(screenshots::hide(tx, &shot, now)?);
    }
    Ok(steps)
}

/// Whether there is a game of that id, its file missing or not.
pub fn game_exists(app: &App, rom: RomId) -> Result<bool, Fault> {
    app.vault
        .read(|tx| tx.exists("SELECT 1 FROM roms WHERE id = $1", bind![rom]))
}
