//! The saves of a game's slot, and the way back to one of them.
//!
//! A switch that only fetched would be undone by the next sync of any device, for the newest save of
//! a slot wins. So what is here is synced first, the chosen save is fetched, and then sent onto
//! itself, which makes it the newest.

use std::collections::HashMap;
use std::sync::Arc;

use keepsave_core::ids::SaveId;
use keepsave_core::layouts::{Part, part_of};
use keepsave_core::time::Time;
use serde::Serialize;

use super::listing::{Games, Listing};
use super::outcome::{Done, Outcome};
use super::run::Watch;
use super::selection::Selection;
use super::stop::Stop;
use super::sync::{Errand, entries, root_of};
use super::take::Taken;
use super::upload::outgoing;
use super::{Engine, EngineError};
use crate::files::{Form, Snapshot, content_at};
use crate::games::Present;
use crate::server::Unwatched;
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
}

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
    /// It is here, but other devices still see the save that was newest. Doing it again is safe.
    PutFailed {
        /// Why.
        error: String,
    },
}

/// Companions that were stored so close to a save were stored with it.
const OF_ONE_SET_MICROS: i64 = 60 * 1_000_000;

impl Engine {
    /// The saves of the slot that a game syncs with, the newest first.
    pub async fn versions(&self, present: &Present) -> Result<Vec<Version>, EngineError> {
        let Some((rom, slot)) = self.slot_of(present)? else {
            return Ok(Vec::new());
        };
        let listing = self.listing_of(present).await?;
        let own = self.state.own_uploads(rom)?;
        let held = self.state.held_saves(&self.device, rom, &slot)?;
        let of_slot = |save: &&SeenSave| save.slot.as_deref() == Some(&slot);
        let saves = listing.saves_of(rom).iter().filter(of_slot);
        let mut versions: Vec<Version> = saves
            .map(|save| Version {
                is_here: held.contains(&save.id),
                uploaded_by_us: own.made(save.id),
                save: save.clone(),
            })
            .collect();
        versions
            .sort_by_key(|version| std::cmp::Reverse((version.save.updated_at, version.save.id)));
        Ok(versions)
    }

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
        let roms = present.rom().into_iter().collect();
        let _held = self.hold(&roms, &watch, &stop).await?;
        let before = vec![present.clone()];
        let synced = self.sync_held(before, errand, watch.clone(), stop.clone());
        let synced = synced.await?;
        if let Some(blocked) = blocked_by(&synced.report.outcomes) {
            return Ok(blocked);
        }
        if let Some(hindrance) = synced.hindrances().into_iter().next() {
            return Ok(Switched::PreflightFailed {
                errors: vec![hindrance],
            });
        }
        let Some((rom, slot)) = self.slot_of(present)? else {
            return Ok(Switched::NotFound);
        };
        let listing = self.listing_of(present).await?;
        let taken = set_of(listing.saves_of(rom), &slot, chosen);
        let Some(taken) = taken else {
            return Ok(Switched::NotFound);
        };
        let Ok(entries) = entries(&present.game, rom, &slot, &listing) else {
            return Ok(Switched::NotFound);
        };
        let taken = entries.into_iter().filter_map(|entry| {
            let save = taken.get(&part_of(&entry.file_name))?.clone();
            Some(Taken { entry, save })
        });
        let taken: Vec<Taken> = taken.collect();
        let forms = taken.iter();
        let forms = forms.map(|one| (one.entry.path.clone(), present.game.save.form));
        let selection = Selection {
            forms: Some(forms.collect()),
            up_only: present.up_only(),
            roots: root_of(&present.game.save).into_iter().collect(),
            ..Selection::default()
        };
        let outcomes = self.take(taken.clone(), selection, watch, stop).await?;
        if let Some(error) = failure_of(&outcomes) {
            return Ok(Switched::DownloadFailed { error });
        }
        for one in &taken {
            let form = present.game.save.form;
            if let Err(error) = self.make_newest(one, form).await {
                return Ok(Switched::PutFailed { error });
            }
        }
        Ok(Switched::Restored {
            journal: outcomes.iter().filter_map(kept_in_journal).collect(),
        })
    }

    /// Sends the save's own bytes onto it, so that every device sees it as the newest.
    async fn make_newest(&self, taken: &Taken, form: Form) -> Result<(), String> {
        let path = &taken.entry.path;
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let file = content_at(path, form, &*self.state).map_err(|error| told(&error))?;
        let file: Snapshot = file.ok_or_else(|| format!("{}: is gone", path.display()))?;
        let entry = &taken.entry;
        let key = self.key(entry.rom, entry.slot.as_deref(), &entry.file_name);
        let placed = self
            .state
            .baseline(&key, path)
            .map_err(|error| told(&error))?;
        // A RomM would give up what the save shows for what was written meanwhile.
        if placed.and_then(|placed| placed.blob) != Some(file.content.blob) {
            return Err(format!("{}: it was written to meanwhile", path.display()));
        }
        let outgoing = outgoing(&file, &taken.entry.file_name);
        let put =
            self.server
                .replace_save(taken.save.id, &self.device, &outgoing, Arc::new(Unwatched));
        let seen = put.await.map_err(|error| told(&error))?.seen;
        if !seen
            .sync_of(&self.device)
            .is_some_and(|sync| sync.is_current)
        {
            let confirmed = self.server.confirm_download(seen.id, &self.device).await;
            confirmed.map_err(|error| told(&error))?;
        }
        let speaks = self.server.speaks().await.map_err(|error| told(&error))?;
        let save = super::line::ServerSave::of(&seen, speaks, &self.device);
        let baseline = self.baseline_of(&file, &save);
        self.state
            .record(&key, &baseline)
            .map_err(|error| told(&error))
    }

    pub(super) async fn listing_of(&self, present: &Present) -> Result<Listing, EngineError> {
        let games = Games::These(present.rom().into_iter().collect());
        Ok(Listing::fetch(self, games).await?)
    }

    /// The game and the slot that it syncs with, once that is confirmed.
    pub(super) fn slot_of(
        &self,
        present: &Present,
    ) -> Result<Option<(keepsave_core::ids::RomId, String)>, EngineError> {
        let Some(rom) = present.rom() else {
            return Ok(None);
        };
        let known = self.state.game(rom)?.filter(|game| game.slot_confirmed);
        Ok(known.and_then(|game| Some((rom, game.active_slot?))))
    }
}

/// The chosen save and the companions that were stored with it, by part.
fn set_of(saves: &[SeenSave], slot: &str, chosen: SaveId) -> Option<HashMap<Part, SeenSave>> {
    let of_slot = |save: &&SeenSave| save.slot.as_deref() == Some(slot) && !save.missing_from_fs;
    let chosen = saves
        .iter()
        .filter(of_slot)
        .find(|save| save.id == chosen)?;
    let part = part_of(&chosen.file_name);
    let mut set = HashMap::from([(part.clone(), chosen.clone())]);
    let at = chosen.updated_at.map(Time::micros)?;
    let apart = |save: &SeenSave| {
        save.updated_at
            .map_or(i64::MAX, |time| (time.micros() - at).abs())
    };
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
        _ => None,
    }
}
