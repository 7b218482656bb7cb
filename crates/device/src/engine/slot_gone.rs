//! A slot that a game syncs with and that is gone from the server: another device moved it, or someone
//! deleted it, while the game has other slots there.
//!
//! The slot of a game is never another one by itself, and what is gone is not begun anew unasked: the
//! game waits until a person says with which slot it goes on. Where they choose the one that it
//! became, what was in sync stays so, and what was played on since goes up to that.

use std::collections::BTreeSet;

use keepsave_core::ids::RomId;
use keepsave_core::layouts::part_of;
use keepsave_core::release::Speaks;

use super::hindrance::Hindrance;
use super::line::ServerSave;
use super::listing::Listing;
use super::{Engine, EngineError};
use crate::server::seen::SeenSave;
use crate::state::{Baseline, Key, StateError};

impl Engine {
    /// The slot, unless it is gone from the server.
    pub(super) fn still_a_slot(
        &self,
        rom: RomId,
        slot: String,
        listing: &Listing,
    ) -> Result<String, Hindrance> {
        match self.slots_instead(rom, &slot, listing) {
            Ok(None) => Ok(slot),
            Ok(Some(offers)) => Err(Hindrance::SlotGone { slot, offers }),
            Err(error) => Err(Hindrance::Unread(error.to_string())),
        }
    }

    /// The slots that the server has, where that one is gone from there. What never was there is not
    /// gone; and where nothing else is, what was there was deleted, which is decided file by file.
    pub(super) fn slots_instead(
        &self,
        rom: RomId,
        slot: &str,
        listing: &Listing,
    ) -> Result<Option<Vec<String>>, StateError> {
        let saves = listing.saves_of(rom);
        let others: BTreeSet<&String> =
            saves.iter().filter_map(|save| save.slot.as_ref()).collect();
        if others.is_empty() || others.iter().any(|other| *other == slot) {
            return Ok(None);
        }
        let held = self.state.held_saves(&self.device, rom, slot)?;
        // An old RomM shows content that two slots have in one of them.
        let is_elsewhere =
            listing.speaks() != Speaks::Lineage && saves.iter().any(|save| held.contains(&save.id));
        let is_gone = !held.is_empty() && !is_elsewhere;
        Ok(is_gone.then(|| others.into_iter().cloned().collect()))
    }

    /// A slot that is gone from the server became that one, where it has all that this device last
    /// had in sync: the game goes on with it. Says whether it does.
    pub(super) async fn follow_moved(
        &self,
        rom: RomId,
        (from, to): (&str, &str),
        listing: &Listing,
    ) -> Result<bool, EngineError> {
        if self.slots_instead(rom, from, listing)?.is_none() {
            return Ok(false);
        }
        let speaks = listing.speaks();
        let saves = listing.saves_of(rom).iter();
        let there: Vec<&SeenSave> = saves
            .filter(|save| save.slot.as_deref() == Some(to))
            .collect();
        let follows = |(name, was): (String, Baseline)| {
            let is_it = |save: &&&SeenSave| {
                let is_same = was.server_hash.is_some() && save.content_hash == was.server_hash;
                part_of(&save.file_name) == part_of(&name) && (Some(save.id) == was.save || is_same)
            };
            let now = there.iter().filter(is_it);
            let now = now.max_by_key(|save| (save.updated_at, save.id))?;
            let now = ServerSave::of(now, speaks, &self.device);
            Some((self.key(rom, Some(to), &name), was.of_another(&now)))
        };
        let files = self.state.files_of(&self.device, rom, Some(from))?;
        let follows: Option<Vec<(Key, Baseline)>> = files.into_iter().map(follows).collect();
        let Some(follows) = follows else {
            return Ok(false);
        };
        if speaks != Speaks::Lineage {
            for save in follows.iter().filter_map(|(_, now)| now.save) {
                self.server.confirm_download(save, &self.device).await?;
            }
        }
        self.state.follow_slot((rom, from), to, &follows)?;
        self.state.remove_slot(&self.device, rom, Some(from))?;
        Ok(true)
    }
}
