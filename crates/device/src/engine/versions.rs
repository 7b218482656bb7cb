//! The saves of a game's slot.

use std::collections::{HashMap, HashSet};

use keepsave_core::ids::{RomId, SaveId};
use keepsave_core::release::Speaks;

use super::listing::{Games, Listing};
use super::{Engine, EngineError};
use crate::games::Present;
use crate::server::seen::SeenSave;

/// A save of a game's slot.
#[derive(Clone, Debug)]
pub struct Version {
    /// The save.
    pub save: SeenSave,
    /// Whether it is what this device last had in sync.
    pub is_here: bool,
    /// Whether it was uploaded from here; none where nobody knows.
    pub uploaded_by_us: Option<bool>,
    /// What it has in common with the other files of its set, where the server says so.
    pub set: Option<String>,
}

impl Engine {
    /// The saves of the slot that a game syncs with, the newest first.
    pub async fn versions(&self, present: &Present) -> Result<Vec<Version>, EngineError> {
        let Some((rom, slot)) = self.slot_of(present)? else {
            return Ok(Vec::new());
        };
        let listing = self.listing_of(present).await?;
        let own = self.state.own_uploads(rom)?;
        let held = self.state.held_saves(&self.device, rom, &slot)?;
        let sets = self.sets_of(rom, &slot).await?;
        let of_slot = |save: &&SeenSave| save.slot.as_deref() == Some(&slot);
        let saves = listing.saves_of(rom).iter().filter(of_slot);
        let mut versions: Vec<Version> = saves
            .map(|save| Version {
                is_here: held.contains(&save.id),
                uploaded_by_us: own.made(save.id),
                set: sets.get(&save.id).cloned(),
                save: save.clone(),
            })
            .collect();
        versions
            .sort_by_key(|version| std::cmp::Reverse((version.save.updated_at, version.save.id)));
        Ok(versions)
    }

    /// The sets of a slot's saves, where the server knows sets.
    async fn sets_of(
        &self,
        rom: RomId,
        slot: &str,
    ) -> Result<HashMap<SaveId, String>, EngineError> {
        if self.server.speaks().await? != Speaks::Lineage {
            return Ok(HashMap::new());
        }
        let (mut sets, mut seen) = (HashMap::new(), HashSet::new());
        // The newest first: that is what a save shows.
        for version in self.server.versions_of_slot(rom, slot).await? {
            let (Some(save), set) = (version.save_id, version.set_id) else {
                continue;
            };
            if seen.insert(save) {
                sets.extend(set.map(|set| (save, set)));
            }
        }
        Ok(sets)
    }

    pub(super) async fn listing_of(&self, present: &Present) -> Result<Listing, EngineError> {
        let games = Games::These(present.rom().into_iter().collect());
        Ok(Listing::fetch(self, games).await?)
    }

    /// The game and the slot that it syncs with, once that is confirmed.
    pub(super) fn slot_of(
        &self,
        present: &Present,
    ) -> Result<Option<(RomId, String)>, EngineError> {
        let Some(rom) = present.rom() else {
            return Ok(None);
        };
        let known = self.state.game(rom)?.filter(|game| game.slot_confirmed);
        Ok(known.and_then(|game| Some((rom, game.active_slot?))))
    }
}
