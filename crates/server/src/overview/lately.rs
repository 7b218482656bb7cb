//! What happened lately, game by game: who saved last, and where the devices are since.

use std::collections::HashMap;

use keepsave_core::ids::{RomId, UserId};
use keepsave_core::limits;
use keepsave_core::whereabouts::Whereabouts;

use super::tiles;
use crate::app::App;
use crate::vault::roms::Rom;
use crate::vault::roms::listing::{self, Filter, Order};
use crate::vault::shelf::{self, Newest};
use crate::vault::{Fault, saves};

/// A game that something happened to.
#[derive(Clone, Debug)]
pub struct Lately {
    /// The game.
    pub rom: Rom,
    /// Its newest save; none where only states or sessions came.
    pub newest: Option<Newest>,
    /// Where its devices are.
    pub whereabouts: Option<Whereabouts>,
}

/// The games that something happened to last.
pub fn list(app: &App, user: UserId) -> Result<Vec<Lately>, Fault> {
    let now = app.now();
    app.vault.read(|tx| {
        let ids = shelf::played_last(tx, user, limits::LATELY_GAMES)?;
        let filter = Filter {
            only: Some(ids.clone()),
            ..Filter::all(user)
        };
        let roms = listing::page(tx, &filter, Order::BY_NAME, limits::LATELY_GAMES, 0)?;
        let mut roms: HashMap<RomId, Rom> = roms.into_iter().map(|rom| (rom.id, rom)).collect();
        let mut newest: HashMap<RomId, Newest> = HashMap::new();
        for save in shelf::newest(tx, user, &ids)? {
            newest.entry(save.rom).or_insert(save);
        }
        let mut whereabouts = tiles::of(tx, user, &ids, now)?;
        let lately = ids.iter().filter_map(|id| {
            Some(Lately {
                rom: roms.remove(id)?,
                newest: newest.remove(id),
                whereabouts: whereabouts.remove(id),
            })
        });
        Ok(lately.collect())
    })
}

/// Whether the person has any save at all.
pub fn has_saves(app: &App, user: UserId) -> Result<bool, Fault> {
    app.vault.read(|tx| saves::any(tx, user))
}
