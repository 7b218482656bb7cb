//! Where the save of a game is read whose layout changed: at one of its places, or nowhere before a
//! person has its saves moved.

use std::borrow::Cow;
use std::path::PathBuf;

use keepsave_core::ids::RomId;

use super::Engine;
use super::sync::Hindrance;
use crate::layout::reading::{Known, newest};
use crate::library::{Game, SaveFile, SavePlace};

/// A game with its save where that is read.
pub(super) struct Read<'a> {
    /// The game.
    pub game: Cow<'a, Game>,
    /// Its files that went on from one at another place, which stands there still.
    pub grew_from: Vec<(PathBuf, PathBuf)>,
}

impl Engine {
    /// Finds out where the save of a game is read, given the slot that it is synced with.
    pub(super) fn where_it_is_read<'a>(
        &self,
        game: &'a Game,
        rom: RomId,
        slot: Option<&str>,
    ) -> Result<Read<'a>, Hindrance> {
        let known = Known {
            state: &self.state,
            synced: slot.map(|slot| (&self.device, rom, slot)),
        };
        let chosen = newest(game, &known).map_err(|error| Hindrance::Unread(error.to_string()))?;
        let Some(chosen) = chosen else {
            return Ok(Read {
                game: Cow::Borrowed(game),
                grew_from: Vec::new(),
            });
        };
        if chosen.verdict.is_some_and(|verdict| !verdict.surely) {
            let main = |place: &SavePlace| Some(place.files.first()?.path.clone());
            let paths = game.moving.iter().filter_map(main).collect();
            return Err(Hindrance::TwoCopies { paths });
        }
        let before = chosen.grew_from.map_or(&[][..], |place| &place.files);
        let went_on = |file: &SaveFile| {
            let other = before.iter().find(|other| other.part == file.part)?;
            Some((file.path.clone(), other.path.clone()))
        };
        let grew_from = chosen.place.files.iter().filter_map(went_on);
        Ok(Read {
            grew_from: grew_from.collect(),
            game: Cow::Owned(Game {
                save: chosen.place.clone(),
                ..game.clone()
            }),
        })
    }
}
