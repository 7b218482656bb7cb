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

use keepsave_core::ids::{RomId, UserId};

use crate::app::App;
use crate::bind;
use crate::vault::{Fault, Tx};

/// Whether there is a game of that id, its file missing or not.
pub fn game_exists(app: &App, rom: RomId) -> Result<bool, Fault> {
    app.vault
        .read(|tx| tx.exists("SELECT 1 FROM roms WHERE id = $1", bind![rom]))
}

/// Below the asset directory: `users/557365723a31/saves/gba/3/mgba`.
pub fn folder(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    emulator: Option<&str>,
) -> Result<Option<String>, Fault> {
    let platform: Option<String> = tx.optional(
        "SELECT p.fs_slug FROM roms r JOIN platforms p ON p.id = r.platform_id WHERE r.id = $1",
        bind![rom],
        |row| row.get(),
    )?;
    Ok(platform.map(|platform| {
        let owner = hex::encode(format!("User:{user}"));
        let folder = format!("users/{owner}/saves/{platform}/{rom}");
        match emulator {
            Some(emulator) if !emulator.is_empty() => format!("{folder}/{emulator}"),
            _ => folder,
        }
    }))
}
