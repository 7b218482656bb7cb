//! The slots of a game: which there are, which one it syncs with, and how that is changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use keepsave_core::ids::SaveId;
use keepsave_core::setup::Setup;
use keepsave_core::slots::{Slot, SlotError};
use keepsave_core::time::Time;
use serde::Serialize;

use super::listing::Listing;
use super::outcome::{Done, Outcome};
use super::run::Watch;
use super::setup::set_up;
use super::stop::Stop;
use super::sync::{Considered, Errand, entries};
use super::take::each_with;
use super::{Engine, EngineError};
use crate::files::content_at;
use crate::games::Present;
use crate::library::SaveFile;
use crate::state::{SlotEntry, SlotSource, StateError};

/// A slot of a game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GameSlot {
    /// Its name.
    pub name: String,
    /// Who has it.
    pub source: &'static str,
    /// Whether the game syncs with it.
    pub is_active: bool,
    /// Its saves on the server.
    pub saves: Vec<SaveId>,
    /// How many files here were last in sync with it.
    pub tracked_files: usize,
    /// When the newest of its saves was stored.
    pub latest_updated_at: Option<Time>,
}

/// Why a slot was not changed. Nothing was.
#[derive(Debug, thiserror::Error)]
pub enum SlotTrouble {
    /// The engine could not do its part.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// No slot can be called so.
    #[error("{0}")]
    Name(#[from] SlotError),
    /// The server does not have the game.
    #[error("it is not known which game of the server this is: see `keepsave games`")]
    Unmatched,
    /// There is no such slot.
    #[error("the game has no slot `{0}`: see `keepsave slots list`")]
    Missing(String),
    /// The game syncs with it.
    #[error("the game syncs with slot `{0}`: switch to another one first")]
    Active(String),
    /// What is here is not on the server.
    #[error("what is here is not in sync, so the slot stays: run `keepsave sync` first ({0})")]
    Unsynced(String),
    /// Nothing is to be done.
    #[error("a slot is neither copied nor moved onto itself: name another one")]
    Same,
    /// Nothing is called nothing.
    #[error("a slot needs a name")]
    Blank,
    /// There is nothing to take over.
    #[error("every save that the server has of the game is in a slot: see `keepsave slots list`")]
    NothingArchived,
    /// A person must choose between two saves.
    #[error(
        "{0}: is another save than the one in no slot. Nothing was changed: say which is to be the \
         newest with --keep local or --keep server"
    )]
    Differs(String),
    /// The other slot has something else.
    #[error("slot `{0}` has other saves already: choose another name. Nothing was changed")]
    Taken(String),
    /// Not every save is in the other slot yet.
    #[error("{0}. Nothing was deleted: run the same again, it goes on where it ended")]
    Broken(String),
    /// It goes on with what its slot became, and something is left to do.
    #[error("the game syncs with that slot now, and is not in sync with it yet: {0}")]
    Followed(String),
    /// What is in the other slot did not come.
    #[error(
        "switch_incomplete: {0}. The slot is not confirmed; nothing moves until `keepsave slots \
         switch` is run again"
    )]
    Incomplete(String),
}

impl From<StateError> for SlotTrouble {
    fn from(error: StateError) -> Self {
        Self::Engine(error.into())
    }
}

impl Engine {
    /// The slots of a game, by name: the server's, and those that are only here.
    pub async fn slots(&self, present: &Present) -> Result<Vec<GameSlot>, SlotTrouble> {
        let rom = present.rom().ok_or(SlotTrouble::Unmatched)?;
        let listing = self.listing_of(present).await?;
        let active = self.slot_of(present)?.map(|(_, slot)| slot);
        let mut slots: BTreeMap<String, GameSlot> = BTreeMap::new();
        for save in listing.saves_of(rom) {
            let Some(name) = &save.slot else { continue };
            let slot = slots.entry(name.clone()).or_insert_with(|| GameSlot {
                name: name.clone(),
                source: SlotSource::Server.as_str(),
                is_active: active.as_ref() == Some(name),
                saves: Vec::new(),
                tracked_files: 0,
                latest_updated_at: None,
            });
            slot.saves.push(save.id);
            slot.latest_updated_at = slot.latest_updated_at.max(save.updated_at);
        }
        let theirs: Vec<SlotEntry> = slots.values().map(as_entry).collect();
        self.state.server_slots(rom, &theirs)?;
        for known in self.state.slots(rom)? {
            let Some(name) = known.name else { continue };
            let is_active = active.as_ref() == Some(&name);
            slots.entry(name.clone()).or_insert(GameSlot {
                name,
                source: known.source.as_str(),
                is_active,
                saves: Vec::new(),
                tracked_files: 0,
                latest_updated_at: None,
            });
        }
        for slot in slots.values_mut() {
            slot.tracked_files = self.state.held_saves(&self.device, rom, &slot.name)?.len();
        }
        Ok(slots.into_values().collect())
    }

    /// What would be chosen for a game that no slot is confirmed for.
    pub async fn slot_offers(
        &self,
        present: &Present,
        default_slot: &str,
    ) -> Result<Setup, SlotTrouble> {
        let rom = present.rom().ok_or(SlotTrouble::Unmatched)?;
        let listing = self.listing_of(present).await?;
        Ok(set_up(
            &present.game,
            rom,
            &listing,
            default_slot,
            &self.state,
        ))
    }

    /// The game syncs with that slot from now on. Moves no byte. One that is gone from the server is
    /// begun anew.
    pub async fn choose_slot(&self, present: &Present, name: &str) -> Result<(), SlotTrouble> {
        let rom = present.rom().ok_or(SlotTrouble::Unmatched)?;
        let slot = named(name)?;
        if !self.state.held_saves(&self.device, rom, name)?.is_empty() {
            let listing = self.listing_of(present).await?;
            if self.slots_instead(rom, name, &listing)?.is_some() {
                self.state.remove_slot(&self.device, rom, Some(name))?;
            }
        }
        Ok(self.state.confirm_slot(rom, Some(slot.as_str()))?)
    }

    /// Begins a slot that the server has when something is uploaded to it.
    pub fn create_slot(&self, present: &Present, name: &str) -> Result<(), SlotTrouble> {
        let rom = present.rom().ok_or(SlotTrouble::Unmatched)?;
        let slot = named(name)?;
        Ok(self.state.create_slot(rom, Some(slot.as_str()))?)
    }

    /// Switches a game to another slot: what that one has takes the place of what is here, which
    /// must be in sync. With `carry`, files that the slot does not have stay and go up to it; else
    /// they go into the journal. A slot that is gone from the server may have become this one: then
    /// the game goes on with it where it was.
    pub async fn switch_slot(
        &self,
        present: &Present,
        name: &str,
        errand: &Errand,
        carry: bool,
        (watch, stop): (Arc<dyn Watch>, Stop),
    ) -> Result<Vec<Outcome>, SlotTrouble> {
        let rom = present.rom().ok_or(SlotTrouble::Unmatched)?;
        if present.game.is_moving() {
            return Err(EngineError::Moving.into());
        }
        if self
            .slots(present)
            .await?
            .iter()
            .all(|slot| slot.name != name)
        {
            return Err(SlotTrouble::Missing(name.to_owned()));
        }
        let _held = self.hold_in_order(present, &watch, &stop).await?;
        let listing = self.listing_of(present).await?;
        if let Some((_, before)) = self.slot_of(present)?
            && self.follow_moved(rom, (&before, name), &listing).await?
        {
            return self.go_on(present, errand, (watch, stop)).await;
        }
        self.demand_in_sync(present, errand, &listing).await?;
        let entries = entries(&present.game, rom, name, &listing);
        let entries = entries
            .map_err(|_| SlotTrouble::Unsynced("the slot's save is of another kind".to_owned()))?;
        // Until all is done nothing moves by itself: a switch that breaks off is not a change.
        self.state
            .change_game(rom, |game| game.slot_confirmed = false)?;
        let of_slot = listing.newest_of(rom).into_iter();
        let of_slot = of_slot.filter(|save| save.slot.as_deref() == Some(name));
        let mut taken = each_with(entries, of_slot);
        taken.retain(|one| one.save.is_some() || !carry);
        let outcomes = self.take(present, &taken, watch, stop).await?;
        if let Some(failed) = outcomes.iter().find(|outcome| !outcome.result.is_settled()) {
            return Err(SlotTrouble::Incomplete(failed.said()));
        }
        self.state.confirm_slot(rom, Some(name))?;
        self.guard_chosen(&present.game).await?;
        Ok(outcomes)
    }

    /// Syncs a game with the slot that its own became. Gives what came down.
    async fn go_on(
        &self,
        present: &Present,
        errand: &Errand,
        (watch, stop): (Arc<dyn Watch>, Stop),
    ) -> Result<Vec<Outcome>, SlotTrouble> {
        let synced = self.sync_held(vec![present.clone()], errand, watch, stop);
        let synced = synced.await?;
        let mut outcomes = synced.report.outcomes;
        let open = outcomes.iter().find(|outcome| !outcome.result.is_settled());
        let open = open.map(Outcome::said);
        if let Some(open) = open.or_else(|| synced.games.iter().find_map(Considered::waits_for)) {
            return Err(SlotTrouble::Followed(open));
        }
        outcomes.retain(|outcome| matches!(outcome.result, Done::Downloaded { .. }));
        Ok(outcomes)
    }

    /// Deletes a slot: its saves on the server, and what is known of it here. One that is only here
    /// needs no server.
    pub async fn delete_slot(
        &self,
        present: &Present,
        name: &str,
        (watch, stop): (Arc<dyn Watch>, Stop),
    ) -> Result<usize, SlotTrouble> {
        let rom = present.rom().ok_or(SlotTrouble::Unmatched)?;
        let _held = self.hold(&[rom].into(), &watch, &stop).await?;
        let active = self.slot_of(present)?.map(|(_, slot)| slot);
        if active.as_deref() == Some(name) {
            return Err(SlotTrouble::Active(name.to_owned()));
        }
        let slots = self.slots(present).await?;
        let slot = slots.into_iter().find(|slot| slot.name == name);
        let slot = slot.ok_or_else(|| SlotTrouble::Missing(name.to_owned()))?;
        if !slot.saves.is_empty() {
            let deleted = self.server.delete_saves(&slot.saves).await;
            deleted.map_err(EngineError::from)?;
        }
        self.state.remove_slot(&self.device, rom, Some(name))?;
        Ok(slot.saves.len())
    }

    /// Fails unless the server has all that is here of the game: in its slot, or where no slot is
    /// confirmed, or its slot is gone, in any.
    async fn demand_in_sync(
        &self,
        present: &Present,
        errand: &Errand,
        listing: &Listing,
    ) -> Result<(), SlotTrouble> {
        let is_unsure = match self.slot_of(present)? {
            Some((rom, slot)) => self.slots_instead(rom, &slot, listing)?.is_some(),
            None => true,
        };
        if is_unsure {
            return match self.not_on_the_server(present, listing) {
                Some(path) => Err(SlotTrouble::Unsynced(path.display().to_string())),
                None => Ok(()),
            };
        }
        let status = self.status(vec![present.clone()], errand).await?;
        let mut open = status
            .statuses()
            .into_iter()
            .filter(|game| !game.is_settled());
        match open.next() {
            Some(game) => Err(SlotTrouble::Unsynced(game.why)),
            None => Ok(()),
        }
    }

    /// A file of the save whose content no save of the game has. A clock is no progress.
    pub(super) fn not_on_the_server(
        &self,
        present: &Present,
        listing: &Listing,
    ) -> Option<std::path::PathBuf> {
        let saves = present.rom().map_or(&[][..], |rom| listing.saves_of(rom));
        let is_there = |file: &SaveFile| {
            let content = content_at(&file.path, file.form, &*self.state);
            let content = content.ok().flatten();
            let hash = content.and_then(|file| file.content.hash);
            hash.is_some() && saves.iter().any(|save| save.content_hash == hash)
        };
        let mut files = present.game.save.files.iter();
        let missing = files.find(|file| !file.part.is_clock() && !is_there(file))?;
        Some(missing.path.clone())
    }
}

/// A name that a slot can be given here. A RomM takes an empty one for none.
pub(super) fn named(name: &str) -> Result<Slot, SlotTrouble> {
    if name.trim().is_empty() {
        return Err(SlotTrouble::Blank);
    }
    Ok(Slot::new(name)?)
}

fn as_entry(slot: &GameSlot) -> SlotEntry {
    SlotEntry {
        name: Some(slot.name.clone()),
        source: SlotSource::Server,
        saves: i64::try_from(slot.saves.len()).ok(),
        latest_updated_at: slot.latest_updated_at,
    }
}
