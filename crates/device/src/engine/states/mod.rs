//! The save states of the games that are synced.
//!
//! They go beside the saves, never through them: [`gather`] says what is here and on the server and
//! has core decide, [`act`] does it, [`offer`] shows what a person may take and takes it. A RomM is
//! sent states and asked for none: it says too little of them to be followed unasked.
//!
//! With which save a state was made is noted before a sync moves any save, and whether one would be
//! loaded over another is decided after.

mod act;
mod gather;
mod guard;
mod offer;
mod report;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use keepsave_core::ids::RomId;
use keepsave_core::layouts::part_of;
use keepsave_core::limits;
use keepsave_core::states::Loader;

use self::gather::Work;
pub use self::guard::Guard;
pub use self::offer::{Offer, TakeError, TakenState, Taking};
pub use self::report::{StateLine, States, Waiting};
use super::outcome::{Done, Outcome};
use super::run::Watch;
use super::stop::Stop;
use super::sync::{Considered, Errand, Hindrance};
use super::{Engine, EngineError};
use crate::files::{Form, Parents};
use crate::games::Present;
use crate::library::StatePlace;
use crate::threads::elsewhere;

/// Who watches, and who may stop it.
pub struct Going {
    /// Is told how it goes.
    pub watch: Arc<dyn Watch>,
    /// Turns true when it is to end.
    pub stop: Stop,
}

/// A game whose states are synced.
#[derive(Clone, Debug)]
struct Subject {
    rom: RomId,
    /// What its states are called after on a server.
    stem: String,
    emulator: Option<String>,
    place: StatePlace,
    loader: Loader,
    /// Its save, which may not be there; none where it is not known which file that is.
    save: Option<PathBuf>,
    save_form: Form,
    /// The slot that its save is synced with.
    slot: Option<String>,
}

impl Subject {
    /// None where nothing of it is looked for, and why not where it should be.
    fn of(present: &Present, slot: Option<&str>) -> Option<Result<Self, Waiting>> {
        let (rom, game) = (present.rom()?, &present.game);
        let place = game.save.states.clone()?;
        let wait = |why: String| Some(Err(Waiting { rom, why }));
        if game.is_moving() {
            return wait("its save is to be moved first: see `keepsave layout status`".into());
        }
        if let Some(stopped) = &place.stopped {
            return wait(stopped.to_string());
        }
        let Some(loader) = place.loader.clone() else {
            return wait(
                "which core plays it is not known, and so not what loads its states".into(),
            );
        };
        let save = &game.save;
        let is_known = save.stopped.is_none() && save.elsewhere.is_empty();
        Some(Ok(Self {
            rom,
            stem: game.path.file_stem()?.to_string_lossy().into_owned(),
            emulator: game.emulator.clone(),
            loader,
            save: is_known.then(|| save.main()),
            save_form: save.form,
            slot: slot.map(str::to_owned),
            place,
        }))
    }
}

/// The games whose states are synced, and those of which they wait.
fn subjects(games: &[Considered], outcomes: &[Outcome]) -> (Vec<Subject>, Vec<Waiting>) {
    let came: HashMap<RomId, PathBuf> = outcomes
        .iter()
        .filter_map(|outcome| match &outcome.result {
            Done::Downloaded { path, .. } if part_of(&outcome.line.file_name).is_save() => {
                Some((outcome.line.rom, path.clone()))
            }
            _ => None,
        })
        .collect();
    let (mut subjects, mut waiting) = (Vec::new(), Vec::new());
    for game in games {
        let subject = Subject::of(&game.present, game.slot.as_deref());
        match subject.map(|subject| subject.and_then(|subject| may_move(game, subject))) {
            Some(Ok(mut subject)) => {
                if let Some(path) = came.get(&subject.rom) {
                    subject.save = Some(path.clone());
                }
                subjects.push(subject);
            }
            Some(Err(why)) => waiting.push(why),
            None => {}
        }
    }
    (subjects, waiting)
}

/// A game that waits for a person moves no byte. Where only its save is one that is not synced, its
/// states are.
fn may_move(game: &Considered, subject: Subject) -> Result<Subject, Waiting> {
    match game.hindrance {
        None | Some(Hindrance::Stopped(_) | Hindrance::OtherKind { .. }) => Ok(subject),
        Some(_) => Err(Waiting {
            rom: subject.rom,
            why: "its save waits for an answer, and so do they".to_owned(),
        }),
    }
}

impl Engine {
    /// Notes with which saves the states were made that are here, before any save moves.
    pub(super) async fn see_states(&self, games: &[Considered]) -> Result<(), EngineError> {
        let (subjects, _) = subjects(games, &[]);
        let engine = self.clone();
        let see = move || subjects.iter().try_for_each(|subject| engine.see(subject));
        Ok(elsewhere(see).await??)
    }

    /// Says what would be done with the states of these games.
    pub(super) async fn states_status(&self, games: &[Considered], errand: &Errand) -> States {
        let (subjects, waiting) = subjects(games, &[]);
        let mut states = States::waiting(waiting);
        match self.plan_states(subjects, errand).await {
            Ok(plan) => {
                states.notes.extend(plan.notes);
                states.lines = plan.works.into_iter().map(|work| work.line).collect();
            }
            Err(error) => states.trouble = Some(error.to_string()),
        }
        states
    }

    /// Syncs the states of these games, whose saves were synced before. What goes wrong with states
    /// takes nothing back of that.
    pub(super) async fn sync_states(
        &self,
        games: &[Considered],
        outcomes: &[Outcome],
        errand: &Errand,
        going: &Going,
    ) -> States {
        let (subjects, waiting) = subjects(games, outcomes);
        let mut states = States::waiting(waiting);
        let cleared = self.clear_states(&subjects).await;
        let plan = match cleared {
            Ok(cleared) => {
                states.notes.extend(cleared);
                self.plan_states(subjects, errand).await
            }
            Err(error) => Err(error),
        };
        match plan {
            Ok(plan) => {
                states.notes.extend(plan.notes);
                let keep = errand.autocleanup.map_or(usize::MAX, |keep| keep as usize);
                going
                    .watch
                    .expects(plan.works.iter().map(Work::bytes).sum());
                let works = stream::iter(plan.works);
                let works = works.map(|work| self.do_state(work, keep, going));
                let at_once = errand.at_once.clamp(1, limits::TRANSFERS);
                states.lines = works.buffered(at_once).collect().await;
            }
            Err(error) => states.trouble = Some(error.to_string()),
        }
        states
    }

    /// Clears away what killed runs left behind among the states.
    async fn clear_states(&self, subjects: &[Subject]) -> Result<Vec<String>, EngineError> {
        let directories = subjects.iter();
        let directories: BTreeSet<PathBuf> = directories
            .map(|subject| subject.place.directory.clone())
            .collect();
        let engine = self.clone();
        let clear = move || {
            let notes = directories.iter();
            notes
                .flat_map(|directory| engine.clear(directory, &[]))
                .collect()
        };
        Ok(elsewhere(clear).await?)
    }
}

/// A directory for states is made when it is needed: one that a missing card holds was stopped at.
const PARENTS: Parents = Parents::Create;
