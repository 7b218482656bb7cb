//! Before the first sync of a game: the slot that it is synced with from now on.

use std::collections::BTreeMap;

use keepsave_core::ids::RomId;
use keepsave_core::layouts::part_of;
use keepsave_core::setup::{self, Facts, Held, ServerSlot, Setup};

use super::listing::Listing;
use crate::files::content_at;
use crate::library::Game;
use crate::state::State;

/// What core says of a game whose slot nobody confirmed.
pub(super) fn set_up(
    game: &Game,
    rom: RomId,
    listing: &Listing,
    default_slot: &str,
    state: &State,
) -> Setup {
    setup::set_up(&Facts {
        here: game
            .save
            .files
            .iter()
            .map(|file| held(file, state))
            .collect(),
        slots: slots(listing, rom),
        archive: listing.saves_of(rom).iter().any(|save| save.slot.is_none()),
        default_slot: default_slot.to_owned(),
    })
}

/// A file that cannot be read has no hash, so it is the same as nothing.
fn held(file: &crate::library::SaveFile, state: &State) -> Held {
    let content = content_at(&file.path, file.form, state).ok().flatten();
    Held {
        part: file.part.clone(),
        hash: content.and_then(|file| file.content.hash),
    }
}

/// The slots of a game, by name, and what the newest saves of each show.
fn slots(listing: &Listing, rom: RomId) -> Vec<ServerSlot> {
    let mut slots: BTreeMap<&str, Vec<Held>> = BTreeMap::new();
    for save in listing.newest_of(rom) {
        if let Some(slot) = &save.slot {
            slots.entry(slot).or_default().push(Held {
                part: part_of(&save.file_name),
                hash: save.content_hash,
            });
        }
    }
    let slots = slots.into_iter();
    slots
        .map(|(name, heads)| ServerSlot {
            name: name.to_owned(),
            heads,
        })
        .collect()
}
