//! Takes the saves that are in no slot into one.
//!
//! They are told apart by what they hold, never by what they are called. Of each file of the save
//! the newest goes up into the slot, and stays where it was besides: nothing is deleted. What is
//! here is replaced only where a person said so, and is in the journal before.

use std::sync::Arc;

use keepsave_core::ids::RomId;
use keepsave_core::layouts::part_of;

use super::carry::{Carry, has_content_of};
use super::listing::Listing;
use super::run::{OnConflict, Watch};
use super::slots::{SlotTrouble, named};
use super::stop::Stop;
use super::sync::{Errand, entries};
use super::take::each_with;
use super::wishes::{Only, Wishes};
use super::{Engine, EngineError};
use crate::files::content_at;
use crate::games::Present;
use crate::server::seen::SeenSave;

/// Which one is to be the newest of the slot, where what is here is another save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// What is here; the other one is the version before it.
    Local,
    /// What was in no slot; what is here goes into the journal.
    Server,
}

impl Engine {
    /// Takes the newest saves that are in no slot into that one, and says how many those are. A
    /// game that syncs with no other slot does so with this one from now on.
    pub async fn migrate_archive(
        &self,
        present: &Present,
        to: &str,
        keep: Option<Keep>,
        errand: &Errand,
        (watch, stop): (Arc<dyn Watch>, Stop),
    ) -> Result<usize, SlotTrouble> {
        let rom = present.rom().ok_or(SlotTrouble::Unmatched)?;
        named(to)?;
        if present.game.is_moving() {
            return Err(EngineError::Moving.into());
        }
        let _held = self.hold_in_order(present, &watch, &stop).await?;
        let listing = self.listing_of(present).await?;
        let archived = newest_of(&listing, rom, None);
        if archived.is_empty() {
            return Err(SlotTrouble::NothingArchived);
        }
        let active = self.slot_of(present)?.map(|(_, slot)| slot);
        let comes_here = active.is_none_or(|active| active == to);
        let other = comes_here
            .then(|| self.differs(present, &archived))
            .flatten();
        if let (Some(path), None) = (&other, keep) {
            return Err(SlotTrouble::Differs(path.display().to_string()));
        }
        let saves = listing.saves_of(rom).iter();
        let there: Vec<SeenSave> = saves
            .filter(|save| save.slot.as_deref() == Some(to))
            .cloned()
            .collect();
        if !there.iter().all(|save| has_content_of(&archived, save)) {
            return Err(SlotTrouble::Taken(to.to_owned()));
        }
        let carrying = self.carrying(rom, to, (watch.clone(), stop.clone()));
        let carried = carrying.await?.saves(&archived, there, Carry::Copy).await?;
        if comes_here {
            if keep == Some(Keep::Server) {
                // Until all of it is here nothing moves by itself: half of it would be progress.
                self.state
                    .change_game(rom, |game| game.slot_confirmed = false)?;
                self.take_newest(present, (rom, to), (watch.clone(), stop.clone()))
                    .await?;
            }
            self.state.confirm_slot(rom, Some(to))?;
            self.sync_what_is_left(present, errand, (watch, stop))
                .await?;
        }
        Ok(carried.len())
    }

    /// A file here that holds something else than the save that was in no slot. A clock tells
    /// nothing.
    fn differs(&self, present: &Present, archived: &[SeenSave]) -> Option<std::path::PathBuf> {
        let is_other = |file: &&crate::library::SaveFile| {
            let mut of_part = archived.iter();
            let Some(save) = of_part.find(|save| part_of(&save.file_name) == file.part) else {
                return false;
            };
            let here = content_at(&file.path, file.form, &*self.state);
            let here = here.ok().flatten();
            let here = here.and_then(|file| file.content.hash);
            !file.part.is_clock() && (here.is_none() || here != save.content_hash)
        };
        let mut files = present.game.save.files.iter();
        files.find(is_other).map(|file| file.path.clone())
    }

    /// What the slot has takes the place of what is here.
    async fn take_newest(
        &self,
        present: &Present,
        (rom, slot): (RomId, &str),
        (watch, stop): (Arc<dyn Watch>, Stop),
    ) -> Result<(), SlotTrouble> {
        let listing = self.listing_of(present).await?;
        let newest = newest_of(&listing, rom, Some(slot));
        let entries = entries(&present.game, rom, slot, &listing).unwrap_or_default();
        let taken = each_with(entries, newest.iter());
        let outcomes = self.take(present, &taken, watch, stop).await?;
        match outcomes.iter().find(|outcome| !outcome.result.is_settled()) {
            Some(failed) => Err(SlotTrouble::Incomplete(failed.said())),
            None => Ok(()),
        }
    }

    /// The ordinary sync does the rest: what is not here comes, and what was to be kept goes up.
    async fn sync_what_is_left(
        &self,
        present: &Present,
        errand: &Errand,
        (watch, stop): (Arc<dyn Watch>, Stop),
    ) -> Result<(), SlotTrouble> {
        let errand = Errand {
            wishes: Wishes {
                ask_on_first_difference: true,
                only: Only::Both,
                ..errand.wishes
            },
            on_conflict: OnConflict::KeepLocal,
            ..errand.clone()
        };
        let synced = self
            .sync_held(vec![present.clone()], &errand, watch, stop)
            .await?;
        let mut outcomes = synced.report.outcomes.iter();
        match outcomes.find(|outcome| !outcome.result.is_settled()) {
            Some(failed) => Err(SlotTrouble::Broken(failed.said())),
            None => Ok(()),
        }
    }
}

/// The newest save of each file of a slot, or of those in none. The save itself is last, for who
/// knows of no companions takes what a slot got last.
fn newest_of(listing: &Listing, rom: RomId, slot: Option<&str>) -> Vec<SeenSave> {
    let newest = listing.newest_of(rom).into_iter().rev();
    let of_slot = newest.filter(|save| save.slot.as_deref() == slot);
    of_slot.cloned().collect()
}
