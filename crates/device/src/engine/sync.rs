//! Syncs the games of this machine, without a manifest: who each is and where its save lies is known
//! already. Here is found out which can be synced, with which slot, and which files that are.
//!
//! What stands in the way of one game stops no other, and moves no byte of that one.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::ids::{RomId, SaveId};
use keepsave_core::layouts::part_of;
use keepsave_core::layouts::{self, Part};
use keepsave_core::names::NameParts;
use keepsave_core::setup::Setup;

pub use super::hindrance::Hindrance;
use super::listing::{Games, Listing};
use super::outcome::Done;
use super::plan::Plan;
use super::run::{OnConflict, Orders, Rehearsal, Report, Watch};
use super::selection::Selection;
use super::setup::set_up;
use super::states::{Going, States};
use super::stop::{Stop, unless_stopped};
use super::wishes::Wishes;
use super::{Engine, EngineError};
use crate::games::{Present, Standing};
use crate::library::{Game, SavePlace};
use crate::manifest::Entry;
use crate::server::Trouble;
use crate::server::seen::SeenSave;
use crate::state::{self, LookedAt, State, StateError};
use crate::threads::elsewhere;

/// How games are to be synced.
#[derive(Clone, Debug)]
pub struct Errand {
    /// What a person wishes beside what is decided for each file by itself.
    pub wishes: Wishes,
    /// What to do where a person must choose.
    pub on_conflict: OnConflict,
    /// The slot of games that are synced for the first time.
    pub default_slot: String,
    /// How many versions of a slot a RomM keeps.
    pub autocleanup: Option<u32>,
    /// How many games are worked on side by side.
    pub at_once: usize,
    /// The save that a person looked at when they chose.
    pub looked_at: Option<SaveId>,
    /// Whether save states travel too.
    pub states: bool,
}

/// A game, and whether it can be synced.
#[derive(Debug)]
pub struct Considered {
    /// The game.
    pub present: Present,
    /// The slot that it is synced with, if it is.
    pub slot: Option<String>,
    /// Whether that slot is not confirmed yet.
    pub is_first: bool,
    /// What stands in the way.
    pub hindrance: Option<Hindrance>,
    /// The core that it was last synced with, where that is another one.
    pub other_core: Option<String>,
}

/// What is synced of a game.
#[derive(Default)]
struct Chosen {
    /// With which slot; none while neither side has a save.
    slot: Option<String>,
    /// Which files.
    entries: Vec<Entry>,
    /// Where they are.
    place: SavePlace,
    /// Those that went on from a file at another place.
    grew_from: Vec<(PathBuf, PathBuf)>,
}

/// What became of the games.
#[derive(Debug)]
pub struct Synced<T> {
    /// Every game that was asked for.
    pub games: Vec<Considered>,
    /// What was done, or would be.
    pub report: T,
    /// The same of their save states, where these travel too.
    pub states: Option<States>,
}

impl Engine {
    /// Syncs these games.
    pub async fn sync(
        &self,
        present: Vec<Present>,
        errand: &Errand,
        watch: Arc<dyn Watch>,
        stop: Stop,
    ) -> Result<Synced<Report>, EngineError> {
        let synced = Box::pin(self.sync_as(present.clone(), errand, watch.clone(), stop.clone()));
        match synced.await {
            Err(EngineError::GameGone { .. }) => {
                let present = self.meet_again(present).await?;
                Box::pin(self.sync_as(present, errand, watch, stop)).await
            }
            synced => synced,
        }
    }

    /// The same, as which games they are taken for.
    async fn sync_as(
        &self,
        present: Vec<Present>,
        errand: &Errand,
        watch: Arc<dyn Watch>,
        stop: Stop,
    ) -> Result<Synced<Report>, EngineError> {
        let roms: BTreeSet<RomId> = present.iter().filter_map(Present::rom).collect();
        let _held = self.hold(&roms, &watch, &stop).await?;
        self.sync_held(present, errand, watch, stop).await
    }

    /// The same, where the games are held already.
    pub(super) async fn sync_held(
        &self,
        present: Vec<Present>,
        errand: &Errand,
        watch: Arc<dyn Watch>,
        stop: Stop,
    ) -> Result<Synced<Report>, EngineError> {
        let left_behind = self.put_in_order(&present).await?;
        let considered: Result<_, EngineError> =
            unless_stopped(&stop, self.consider(present, errand)).await;
        let (games, mut selection) = considered?;
        selection.at_a_glance = games.len() == 1;
        self.confirm(&games).await?;
        let orders = Orders {
            on_conflict: errand.on_conflict,
            download_dir: None,
            autocleanup: errand.autocleanup,
            at_once: errand.at_once,
            looked_at: errand.looked_at,
        };
        if errand.states {
            self.see_states(&games).await?;
        }
        let report = self
            .run_held(
                (selection, left_behind),
                &orders,
                watch.clone(),
                stop.clone(),
            )
            .await?;
        self.note_what_was_done(&games, &report).await?;
        let states = if errand.states {
            let going = Going { watch, stop };
            let synced = self.sync_states(&games, &report.outcomes, errand, &going);
            Some(synced.await)
        } else {
            None
        };
        Ok(Synced {
            games,
            report,
            states,
        })
    }

    /// Says how these games stand. Writes nothing but what turns out to be in sync.
    pub async fn status(
        &self,
        present: Vec<Present>,
        errand: &Errand,
    ) -> Result<Synced<Rehearsal>, EngineError> {
        let considered = match self.consider(present.clone(), errand).await {
            Err(EngineError::GameGone { .. }) => {
                let present = self.meet_again(present).await?;
                self.consider(present, errand).await
            }
            considered => considered,
        };
        let (games, mut selection) = considered?;
        selection.at_a_glance = true;
        let report = self.rehearse(selection).await?;
        self.adopt(&report.plan).await?;
        let states = if errand.states {
            Some(self.states_status(&games, errand).await)
        } else {
            None
        };
        Ok(Synced {
            games,
            report,
            states,
        })
    }

    /// What was chosen without a person is what these games sync with from now on.
    async fn confirm(&self, games: &[Considered]) -> Result<(), EngineError> {
        let chosen = games.iter().filter(|game| game.is_first);
        let chosen: Vec<(RomId, String)> = chosen
            .filter_map(|game| Some((game.present.rom()?, game.slot.clone()?)))
            .collect();
        if chosen.is_empty() {
            return Ok(());
        }
        let state = self.state.clone();
        let confirm = move || {
            let games = chosen.iter().map(|(rom, slot)| (*rom, Some(slot.as_str())));
            state.confirm_slots(&games.collect::<Vec<_>>())
        };
        Ok(elsewhere(confirm).await??)
    }

    /// Which of the games can be synced, and which files those are. Writes nothing.
    async fn consider(
        &self,
        present: Vec<Present>,
        errand: &Errand,
    ) -> Result<(Vec<Considered>, Selection), EngineError> {
        let roms: HashSet<RomId> = present.iter().filter_map(Present::rom).collect();
        let games = match roms.len() {
            // One answer for each, or one for all.
            0 | 1 => Games::These(roms),
            _ => Games::All,
        };
        let listing = Listing::fetch(self, games).await?;
        if let [alone] = present.as_slice() {
            self.still_there(alone, &listing).await?;
        }
        let (engine, errand) = (self.clone(), errand.clone());
        let consider = move || -> Result<_, StateError> {
            let known = known_of(&present, &engine.state)?;
            let mut selection = Selection {
                wishes: errand.wishes,
                ..Selection::default()
            };
            let (mut forms, mut directories) = (HashMap::new(), HashSet::new());
            let mut games = Vec::with_capacity(present.len());
            for present in present {
                let known = present.rom().and_then(|rom| known.get(&rom));
                let slot = known.filter(|game| game.slot_confirmed);
                let slot = slot.and_then(|game| game.active_slot.clone());
                let other_core = known
                    .and_then(|game| game.last_synced_core.clone())
                    .filter(|core| present.game.core.as_ref().is_some_and(|now| now != core));
                let is_first = slot.is_none();
                let considered = engine.consider_one(&present, slot, &listing, &errand);
                if present.game.is_moving() {
                    selection.up_only.extend(present.rom());
                }
                let (slot, hindrance) = match considered {
                    Ok(chosen) => {
                        let place = &chosen.place;
                        let mut is_new = || directories.insert(place.directory.clone());
                        if !chosen.entries.is_empty() && is_new() {
                            selection.roots.extend(root_of(place));
                        }
                        let new = chosen.entries.iter();
                        forms.extend(new.map(|entry| (entry.path.clone(), place.form)));
                        selection.grew_from.extend(chosen.grew_from);
                        selection.entries.extend(chosen.entries);
                        (chosen.slot, None)
                    }
                    Err(hindrance) => (None, Some(hindrance)),
                };
                games.push(Considered {
                    present,
                    slot,
                    is_first,
                    hindrance,
                    other_core,
                });
            }
            selection.forms = Some(forms);
            selection.listing = Some(listing);
            Ok((games, selection))
        };
        Ok(elsewhere(consider).await??)
    }

    /// Fails where the server does not have a game any more that has a save here and none there.
    /// Which game it is, may be remembered from long ago: a library that is scanned anew gives its
    /// games new ids.
    async fn still_there(&self, present: &Present, listing: &Listing) -> Result<(), EngineError> {
        let rom = present
            .rom()
            .filter(|rom| listing.saves_of(*rom).is_empty() && !present.game.save.files.is_empty());
        let Some(rom) = rom else {
            return Ok(());
        };
        match self.server.game(rom).await {
            Err(error) if matches!(error.trouble, Trouble::NotFound { .. }) => {
                Err(EngineError::GameGone { rom })
            }
            _ => Ok(()),
        }
    }

    /// The slot of one game and the files that are synced with it, or what stands in the way.
    fn consider_one(
        &self,
        present: &Present,
        confirmed: Option<String>,
        listing: &Listing,
        errand: &Errand,
    ) -> Result<Chosen, Hindrance> {
        let game = &present.game;
        let rom = match &present.standing {
            Standing::Known { rom, .. } => *rom,
            Standing::Unsure { roms, reason } => {
                return Err(Hindrance::Unsure {
                    roms: roms.clone(),
                    reason: *reason,
                });
            }
            Standing::Unknown => return Err(Hindrance::Unknown),
        };
        if let Some(stopped) = &game.save.stopped {
            return Err(Hindrance::Stopped(stopped.clone()));
        }
        if !game.save.elsewhere.is_empty() {
            let here = game.save.files.iter().map(|file| file.path.clone()).take(1);
            let all = here.chain(game.save.elsewhere.iter().cloned());
            return Err(Hindrance::Several(all.collect()));
        }
        let read = self.where_it_is_read(game, rom, confirmed.as_deref())?;
        let game = &*read.game;
        let slot = match confirmed {
            Some(slot) => self.still_a_slot(rom, slot, listing)?,
            None => match set_up(game, rom, listing, &errand.default_slot, &self.state) {
                Setup::Nothing => return Ok(Chosen::default()),
                Setup::Confirm { slot, .. } => slot,
                Setup::Ask { scenario, offers } => {
                    return Err(Hindrance::Unconfirmed { scenario, offers });
                }
            },
        };
        let entries = entries(game, rom, &slot, listing)?;
        Ok(Chosen {
            slot: Some(slot),
            entries,
            place: game.save.clone(),
            grew_from: read.grew_from,
        })
    }

    /// What is in sync by content is what was last in sync.
    async fn adopt(&self, plan: &Plan) -> Result<(), EngineError> {
        let adopted = plan.adopted(self);
        if adopted.is_empty() {
            return Ok(());
        }
        let state = self.state.clone();
        Ok(elsewhere(move || state.record_all(&adopted)).await??)
    }

    /// Notes when the games were looked at, with which core, and what was sent from here.
    async fn note_what_was_done(
        &self,
        games: &[Considered],
        report: &Report,
    ) -> Result<(), EngineError> {
        let looked_at = games.iter().filter(|game| game.slot.is_some());
        let looked_at: Vec<LookedAt> = looked_at
            .filter_map(|considered| {
                let game = &considered.present.game;
                Some(LookedAt {
                    rom: considered.present.rom()?,
                    system: game.folder.clone(),
                    emulator: game.emulator.clone(),
                    core: game.core.clone(),
                })
            })
            .collect();
        let sent = report.outcomes.iter();
        let sent: Vec<_> = sent
            .filter_map(|outcome| match outcome.result {
                Done::Uploaded { save } => Some((outcome.line.rom, save)),
                _ => None,
            })
            .collect();
        let engine = self.clone();
        let note = move || -> Result<(), StateError> {
            engine.state.looked_at(&looked_at, engine.clock.now())?;
            for (rom, save) in sent {
                engine.state.uploaded(rom, save)?;
            }
            Ok(())
        };
        Ok(elsewhere(note).await??)
    }
}

/// What is known of the games beside their files.
fn known_of(present: &[Present], state: &State) -> Result<HashMap<RomId, state::Game>, StateError> {
    if let [alone] = present {
        let known = alone.rom().map(|rom| Ok((rom, state.game(rom)?)));
        let known = known.transpose()?.into_iter();
        return Ok(known.filter_map(|(rom, game)| Some((rom, game?))).collect());
    }
    Ok(state.games()?.into_iter().collect())
}

/// The files of a game's save: those that are here, and those that only the server has.
pub(super) fn entries(
    game: &Game,
    rom: RomId,
    slot: &str,
    listing: &Listing,
) -> Result<Vec<Entry>, Hindrance> {
    let entry = |path: PathBuf, file_name: String| Entry {
        rom,
        path,
        outside: None,
        file_name,
        slot: Some(slot.to_owned()),
        emulator: game.emulator.clone(),
    };
    let place = &game.save;
    let here = place.files.iter();
    let mut entries: Vec<Entry> = here
        .map(|file| entry(file.path.clone(), file.wire_name.clone()))
        .collect();
    let heads = listing.newest_of(rom).into_iter();
    for save in heads.filter(|save| save.slot.as_deref() == Some(slot)) {
        let part = part_of(&save.file_name);
        let extension = NameParts::of(&save.file_name).extension;
        if let Some(file) = place.files.iter().find(|file| file.part == part) {
            is_readable(save, &extension, place, &file.path, &part)?;
            continue;
        }
        is_readable(save, &extension, place, &place.path(), &part)?;
        if let Some((path, name)) = place.place_of(&part, &extension) {
            let name = name.map(str::to_owned);
            let name = name.unwrap_or_else(|| wire_name(&game.path, &part, &extension));
            entries.push(entry(path, name));
        }
    }
    Ok(entries)
}

/// Whether a save of the server may take the place of the file here.
fn is_readable(
    save: &SeenSave,
    extension: &str,
    place: &SavePlace,
    here: &Path,
    part: &Part,
) -> Result<(), Hindrance> {
    if !part.is_save() || place.reads(extension, here) {
        return Ok(());
    }
    Err(Hindrance::OtherKind {
        theirs: save.file_name.clone(),
        ours: here.to_owned(),
    })
}

/// What a file of the save of that ROM is called on the wire.
fn wire_name(rom: &Path, part: &Part, extension: &str) -> String {
    let stem = rom.file_stem().unwrap_or_default().to_string_lossy();
    match part.ending() {
        Some(ending) => format!("{stem}{ending}"),
        None => format!("{stem}.{}", layouts::wire_extension(extension)),
    }
}

/// The first directory above a save that is there: what the library names is not missing as a
/// whole.
pub(super) fn root_of(place: &SavePlace) -> Option<PathBuf> {
    let mut above = place.directory.ancestors();
    above.find(|path| path.is_dir()).map(Path::to_owned)
}
