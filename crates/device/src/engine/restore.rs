//! The way back to a save of a game's slot, here and for every other device.
//!
//! A switch that only fetched would be undone by the next sync of any device, for the newest save of
//! a slot wins. So what is here is synced first. A Keepsave then makes all files of the save the
//! newest in one step, and they come down as any do. With a RomM the chosen save is fetched, and
//! then sent onto itself, which makes it the newest; a set that is on its way so is not confirmed
//! until all of it is, so that no half of it is taken for progress.

use std::collections::HashMap;
use std::sync::Arc;

use keepsave_core::ids::{RomId, SaveId};
use keepsave_core::layouts::{Part, part_of};
use keepsave_core::release::Speaks;
use keepsave_core::time::Time;
use serde::Serialize;

use super::line::ServerSave;
use super::listing::Listing;
use super::outcome::{Done, Outcome};
use super::run::Watch;
use super::stop::Stop;
use super::sync::{Errand, entries};
use super::take::Taken;
use super::upload::outgoing;
use super::{Engine, EngineError};
use crate::files::{Form, Snapshot, content_at};
use crate::games::Present;
use crate::manifest::Entry;
use crate::server::seen::SeenSave;
use crate::server::{Trouble, Unwatched};

/// What became of a switch.
#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Switched {
    /// The chosen save is here and the newest of its slot.
    Restored {
        /// What was here, in the journal.
        journal: Vec<String>,
    },
    /// Both sides changed: a person must settle that first. Nothing was changed.
    ConflictBlocked,
    /// What is here could not be synced first. Nothing was changed.
    PreflightFailed {
        /// Why.
        errors: Vec<String>,
    },
    /// The slot has no such save. Nothing was changed.
    NotFound,
    /// It did not come. Nothing was changed.
    DownloadFailed {
        /// Why.
        error: String,
    },
    /// It is not the newest for other devices yet. Doing it again is safe.
    PutFailed {
        /// Why.
        error: String,
    },
    /// It is the newest of its slot and has not come here yet. The next sync brings it.
    NotHereYet {
        /// Why.
        error: String,
    },
}

/// Companions that were stored so close to a save were stored with it.
const OF_ONE_SET_MICROS: i64 = 60 * 1_000_000;

impl Engine {
    /// Goes back to a save of the slot, here and for every other device.
    pub async fn restore(
        &self,
        present: &Present,
        errand: &Errand,
        chosen: SaveId,
        watch: Arc<dyn Watch>,
        stop: Stop,
    ) -> Result<Switched, EngineError> {
        if present.game.is_moving() {
            return Err(EngineError::Moving);
        }
        let _held = self.hold_in_order(present, &watch, &stop).await?;
        let going = (watch, stop);
        if let Some(blocked) = self.preflight(present, errand, &going).await? {
            return Ok(blocked);
        }
        let Some((rom, slot)) = self.slot_or_broken_off(present)? else {
            return Ok(Switched::NotFound);
        };
        let listing = self.listing_of(present).await?;
        let mut saves = listing.saves_of(rom).iter();
        if !saves.any(|save| save.id == chosen && is_of_slot(save, &slot)) {
            return Ok(Switched::NotFound);
        }
        match self.server.speaks().await? {
            Speaks::Lineage => {
                let back = self.make_current(rom, &slot, chosen).await?;
                match back {
                    Some(failed) => Ok(failed),
                    None => self.bring_here(present, (rom, &slot), errand, going).await,
                }
            }
            _ => {
                self.put_onto_itself(present, (rom, &slot, chosen), &listing, going)
                    .await
            }
        }
    }

    /// Has all that is here on the server, or says what stands in the way.
    async fn preflight(
        &self,
        present: &Present,
        errand: &Errand,
        (watch, stop): &(Arc<dyn Watch>, Stop),
    ) -> Result<Option<Switched>, EngineError> {
        let failed = |why| Some(Switched::PreflightFailed { errors: vec![why] });
        if self.slot_of(present)?.is_none() && self.slot_or_broken_off(present)?.is_some() {
            // A switch broke off: what is here may be half of one save and half of another.
            let listing = self.listing_of(present).await?;
            let missing = self.not_on_the_server(present, &listing);
            return Ok(missing.and_then(|path| {
                failed(format!("{}: the server does not have it", path.display()))
            }));
        }
        let before = vec![present.clone()];
        let synced = self.sync_held(before, errand, watch.clone(), stop.clone());
        let synced = synced.await?;
        if let Some(blocked) = blocked_by(&synced.report.outcomes) {
            return Ok(Some(blocked));
        }
        let mut hindrances = synced.hindrances().into_iter();
        Ok(hindrances.next().and_then(failed))
    }

    /// The slot that the game syncs with, also where a switch broke off.
    fn slot_or_broken_off(
        &self,
        present: &Present,
    ) -> Result<Option<(RomId, String)>, EngineError> {
        let Some(rom) = present.rom() else {
            return Ok(None);
        };
        let known = self.state.game(rom)?;
        Ok(known.and_then(|game| Some((rom, game.active_slot?))))
    }

    /// A Keepsave makes every file of the save the newest. What went wrong, if something did.
    async fn make_current(
        &self,
        rom: RomId,
        slot: &str,
        chosen: SaveId,
    ) -> Result<Option<Switched>, EngineError> {
        let versions = self.server.versions_of_slot(rom, slot).await?;
        let shown = versions
            .iter()
            .filter(|version| version.save_id == Some(chosen));
        let Some(version) = shown.max_by_key(|version| version.ordinal) else {
            return Ok(Some(Switched::NotFound));
        };
        let Err(error) = self.server.restore_version(version.id).await else {
            return Ok(None);
        };
        Ok(Some(match error.trouble {
            Trouble::NotFound { .. } => Switched::NotFound,
            _ => Switched::PutFailed {
                error: error.to_string(),
            },
        }))
    }

    /// What a Keepsave has as the newest by now comes down.
    async fn bring_here(
        &self,
        present: &Present,
        (rom, slot): (RomId, &str),
        errand: &Errand,
        (watch, stop): (Arc<dyn Watch>, Stop),
    ) -> Result<Switched, EngineError> {
        self.state.confirm_slot(rom, Some(slot))?;
        let synced = self.sync_held(vec![present.clone()], errand, watch, stop);
        let outcomes = synced.await?.report.outcomes;
        Ok(match failure_of(&outcomes) {
            Some(error) => Switched::NotHereYet { error },
            None => restored(&outcomes),
        })
    }

    /// The way of a RomM.
    async fn put_onto_itself(
        &self,
        present: &Present,
        (rom, slot, chosen): (RomId, &str, SaveId),
        listing: &Listing,
        (watch, stop): (Arc<dyn Watch>, Stop),
    ) -> Result<Switched, EngineError> {
        let Some(set) = set_of(listing.saves_of(rom), slot, chosen) else {
            return Ok(Switched::NotFound);
        };
        let Ok(entries) = entries(&present.game, rom, slot, listing) else {
            return Ok(Switched::NotFound);
        };
        let taken = entries.into_iter().filter_map(|entry| {
            let save = set.get(&part_of(&entry.file_name))?.clone();
            let save = Some(save);
            Some(Taken { entry, save })
        });
        let taken: Vec<Taken> = taken.collect();
        if taken.len() > 1 {
            self.state
                .change_game(rom, |game| game.slot_confirmed = false)?;
        }
        let outcomes = self.take(present, &taken, watch, stop).await?;
        if let Some(error) = failure_of(&outcomes) {
            self.state.confirm_slot(rom, Some(slot))?;
            return Ok(Switched::DownloadFailed { error });
        }
        let form = present.game.save.form;
        for Taken { entry, save } in &taken {
            let Some(save) = save else { continue };
            if let Err(error) = self.make_newest(entry, save.id, form).await {
                return Ok(Switched::PutFailed { error });
            }
        }
        self.state.confirm_slot(rom, Some(slot))?;
        let aside = self.guard_chosen(&present.game).await?;
        let mut switched = restored(&outcomes);
        if let (Switched::Restored { journal }, Some(kept)) = (&mut switched, aside) {
            journal.push(kept.id);
        }
        Ok(switched)
    }

    /// Sends the save's own bytes onto it, so that every device sees it as the newest.
    async fn make_newest(&self, entry: &Entry, save: SaveId, form: Form) -> Result<(), String> {
        let path = &entry.path;
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let file = content_at(path, form, &*self.state).map_err(|error| told(&error))?;
        let file: Snapshot = file.ok_or_else(|| format!("{}: is gone", path.display()))?;
        let key = self.key(entry.rom, entry.slot.as_deref(), &entry.file_name);
        let placed = self
            .state
            .baseline(&key, path)
            .map_err(|error| told(&error))?;
        // A RomM would give up what the save shows for what was written meanwhile.
        if placed.and_then(|placed| placed.blob) != Some(file.content.blob) {
            return Err(format!("{}: it was written to meanwhile", path.display()));
        }
        let outgoing = outgoing(&file, &entry.file_name);
        let watch = Arc::new(Unwatched);
        let put = self
            .server
            .replace_save(save, &self.device, &outgoing, watch);
        let seen = put.await.map_err(|error| told(&error))?.seen;
        if !seen
            .sync_of(&self.device)
            .is_some_and(|sync| sync.is_current)
        {
            let confirmed = self.server.confirm_download(seen.id, &self.device).await;
            confirmed.map_err(|error| told(&error))?;
        }
        let speaks = self.server.speaks().await.map_err(|error| told(&error))?;
        let save = ServerSave::of(&seen, speaks, &self.device);
        let baseline = self.baseline_of(&file, &save);
        self.state
            .record(&key, &baseline)
            .map_err(|error| told(&error))
    }
}

/// The chosen save and the companions that were stored with it, by part.
fn set_of(saves: &[SeenSave], slot: &str, chosen: SaveId) -> Option<HashMap<Part, SeenSave>> {
    let of_slot = |save: &&SeenSave| is_of_slot(save, slot);
    let chosen = saves
        .iter()
        .filter(of_slot)
        .find(|save| save.id == chosen)?;
    let part = part_of(&chosen.file_name);
    let mut set = HashMap::from([(part.clone(), chosen.clone())]);
    // When it came into being: a save that is made the newest again is changed by that.
    let stored = |save: &SeenSave| save.created_at.or(save.updated_at).map(Time::micros);
    let at = stored(chosen)?;
    let apart = |save: &SeenSave| stored(save).map_or(i64::MAX, |time| (time - at).abs());
    for save in saves.iter().filter(of_slot) {
        let of = part_of(&save.file_name);
        if of == part || apart(save) > OF_ONE_SET_MICROS {
            continue;
        }
        let nearest = set.entry(of).or_insert_with(|| save.clone());
        if apart(save) < apart(nearest) {
            *nearest = save.clone();
        }
    }
    Some(set)
}

/// What stands in the way of a switch after the sync before it.
fn blocked_by(outcomes: &[Outcome]) -> Option<Switched> {
    let asks = |outcome: &Outcome| matches!(outcome.result, Done::Conflict { .. });
    if outcomes.iter().any(asks) {
        return Some(Switched::ConflictBlocked);
    }
    let failed = outcomes
        .iter()
        .filter(|outcome| !outcome.result.is_settled());
    let errors: Vec<String> = failed.map(Outcome::said).collect();
    (!errors.is_empty()).then_some(Switched::PreflightFailed { errors })
}

fn failure_of(outcomes: &[Outcome]) -> Option<String> {
    let failed = outcomes.iter().find(|outcome| !outcome.result.is_settled());
    failed.map(Outcome::said)
}

fn kept_in_journal(outcome: &Outcome) -> Option<String> {
    match &outcome.result {
        Done::Downloaded { kept, .. } => Some(kept.as_ref()?.id.clone()),
        Done::PutAway { kept, .. } => Some(kept.id.clone()),
        _ => None,
    }
}

/// Whether the slot shows that save, and has its bytes.
fn is_of_slot(save: &SeenSave, slot: &str) -> bool {
    save.slot.as_deref() == Some(slot) && !save.missing_from_fs
}

fn restored(outcomes: &[Outcome]) -> Switched {
    Switched::Restored {
        journal: outcomes.iter().filter_map(kept_in_journal).collect(),
    }
}
