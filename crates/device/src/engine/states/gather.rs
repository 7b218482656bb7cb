//! What is here of a game's states, what the server has of them, and what core decides.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use keepsave_core::ids::{RomId, StateId};
use keepsave_core::limits;
use keepsave_core::release::Speaks;
use keepsave_core::states::{
    Baseline, Decision, Ending, Facts, Held, Here, Mark, May, Row, SaveHere, Stamp, decide,
};

use super::Subject;
use super::report::StateLine;
use crate::engine::sync::Errand;
use crate::engine::wishes::Only;
use crate::engine::{Engine, EngineError};
use crate::files::{Snapshot, content_at, unpacked};
use crate::server::seen::SeenState;
use crate::state::{Sighting, StateBaseline, StateError};
use crate::threads::elsewhere;

/// A state, and what doing what was decided about it takes.
pub(super) struct Work {
    pub line: StateLine,
    pub subject: Subject,
    pub ending: Ending,
    /// What is here.
    pub found: Option<Snapshot>,
    /// What it is sent as.
    pub send: Option<Stamp>,
    /// What comes down.
    pub bring: Option<(SeenState, Stamp)>,
    /// What the server has of it.
    pub rows: Vec<Row>,
}

impl Work {
    /// How many bytes it moves, its picture not counted.
    pub fn bytes(&self) -> u64 {
        let sent = self.found.as_ref().filter(|_| self.send.is_some());
        let sent = sent.map_or(0, |found| found.size);
        let come = self
            .bring
            .as_ref()
            .and_then(|(state, _)| state.file_size_bytes);
        sent + come.unwrap_or_default()
    }
}

/// What is to be done with states.
pub(super) struct Plan {
    pub works: Vec<Work>,
    pub notes: Vec<String>,
}

/// The stamped states of the server, by game.
pub(super) type Stamped = HashMap<RomId, Vec<(SeenState, Stamp)>>;

impl Engine {
    /// Notes with which save a game's states were made. What was seen with its content before keeps
    /// the save that was here then.
    pub(super) fn see(&self, subject: &Subject) -> Result<(), StateError> {
        for file in &subject.place.files {
            // What cannot be read says so when something is to be done with it.
            let Ok(Some(found)) = unpacked(&file.path, &*self.state) else {
                continue;
            };
            let before = self.state.sighting(&file.path)?;
            let content = found.content.blob;
            if before.is_some_and(|before| before.content == content) {
                continue;
            }
            let never_seen = before.is_none();
            let was_there_before =
                never_seen && file.ending == Ending::Auto && self.came_over(subject, &found)?;
            let save = match self.save_here(subject) {
                SaveHere::Is(save) if !was_there_before => save,
                SaveHere::Is(_) | SaveHere::Unknown => Some(Mark::UNKNOWN),
            };
            let rom = subject.rom;
            self.state
                .saw(&file.path, &Sighting { rom, content, save })?;
        }
        Ok(())
    }

    /// Whether the save that is here came from another device when the state was there already.
    /// Both are files of this disk, which says of each when it was put there.
    fn came_over(&self, subject: &Subject, state: &Snapshot) -> Result<bool, StateError> {
        let Some(path) = &subject.save else {
            return Ok(false);
        };
        let Ok(Some(save)) = content_at(path, subject.save_form, &*self.state) else {
            return Ok(false);
        };
        let of_slot = self
            .state
            .files_of(&self.device, subject.rom, subject.slot.as_deref())?;
        let mut of_slot = of_slot.into_iter();
        let same = of_slot.find(|(_, before)| before.blob == Some(save.content.blob));
        let Some(id) = same.and_then(|(_, before)| before.save) else {
            return Ok(false);
        };
        let is_anothers = self.state.own_uploads(subject.rom)?.made(id) == Some(false);
        Ok(is_anothers && save.stamp.ctime_ns > state.stamp.ctime_ns)
    }

    /// The save that is here now.
    pub(super) fn save_here(&self, subject: &Subject) -> SaveHere {
        let Some(path) = &subject.save else {
            return SaveHere::Unknown;
        };
        match content_at(path, subject.save_form, &*self.state) {
            Ok(found) => SaveHere::Is(found.map(|found| Mark::of_save(&found.content))),
            Err(_) => SaveHere::Unknown,
        }
    }

    /// The save with which the state at `path` was made, as far as that is known.
    pub(super) fn made_with(
        &self,
        path: &Path,
        found: &Snapshot,
        now: SaveHere,
    ) -> Result<Option<Mark>, StateError> {
        let seen = self.state.sighting(path)?;
        let seen = seen.filter(|seen| seen.content == found.content.blob);
        Ok(match (seen, now) {
            (Some(seen), _) => seen.save,
            (None, SaveHere::Is(save)) => save,
            (None, SaveHere::Unknown) => Some(Mark::UNKNOWN),
        })
    }

    /// Gathers and decides. Writes nothing.
    pub(super) async fn plan_states(
        &self,
        subjects: Vec<Subject>,
        errand: &Errand,
    ) -> Result<Plan, EngineError> {
        if subjects.is_empty() {
            let (works, notes) = Default::default();
            return Ok(Plan { works, notes });
        }
        let only = errand.wishes.only;
        let follows = self.server.speaks().await? == Speaks::Lineage;
        let (stamped, notes) = self.stamped(&subjects).await?;
        let engine = self.clone();
        let plan = move || -> Result<Vec<Work>, StateError> {
            let mut works = Vec::new();
            for subject in subjects {
                let may = May {
                    send: only != Only::Down,
                    bring: follows && only != Only::Up,
                    move_aside: subject.place.loads_by_itself,
                };
                let there = stamped.get(&subject.rom).map_or(&[][..], Vec::as_slice);
                engine.works(&subject, there, may, &mut works)?;
            }
            Ok(works)
        };
        let works = elsewhere(plan).await??;
        Ok(Plan { works, notes })
    }

    /// The server's states of these games, in one answer.
    pub(super) async fn stamped(
        &self,
        subjects: &[Subject],
    ) -> Result<(Stamped, Vec<String>), EngineError> {
        let one = match subjects {
            [one] => Some(one.rom),
            _ => None,
        };
        let listed = self.server.states(one).await?.seen;
        let mut stamped = Stamped::new();
        for state in listed.rows {
            if let Some(stamp) = Stamp::read(&state.file_name) {
                stamped
                    .entry(state.rom_id)
                    .or_default()
                    .push((state, stamp));
            }
        }
        let notes = listed.unreadable.iter().map(ToString::to_string);
        Ok((stamped, notes.collect()))
    }

    /// One for each state that is here, and for each that the server has of the game's core.
    fn works(
        &self,
        subject: &Subject,
        there: &[(SeenState, Stamp)],
        may: May,
        works: &mut Vec<Work>,
    ) -> Result<(), StateError> {
        let of_core = |(_, stamp): &&(SeenState, Stamp)| stamp.core == subject.loader.core;
        let there: Vec<&(SeenState, Stamp)> = there.iter().filter(of_core).collect();
        let here = subject.place.files.iter().map(|file| file.ending);
        let endings = here.chain(there.iter().map(|(_, stamp)| stamp.ending));
        let save = self.save_here(subject);
        for ending in endings.collect::<BTreeSet<Ending>>() {
            let of_it = there.iter().copied();
            let of_it: Vec<_> = of_it.filter(|(_, stamp)| stamp.ending == ending).collect();
            works.push(match unpacked(&subject.place.path(ending), &*self.state) {
                Ok(found) => self.work(subject, ending, (found, save), &of_it, may)?,
                Err(error) => Work::unreadable(subject, ending, error.to_string()),
            });
        }
        Ok(())
    }

    fn work(
        &self,
        subject: &Subject,
        ending: Ending,
        (found, save): (Option<Snapshot>, SaveHere),
        there: &[&(SeenState, Stamp)],
        may: May,
    ) -> Result<Work, StateError> {
        let rows = there.iter().map(|(state, stamp)| Row {
            id: state.id,
            stamp: stamp.clone(),
        });
        let rows: Vec<Row> = rows.collect();
        let core = &subject.loader.core;
        let baseline = self.state.state_baseline(subject.rom, core, ending)?;
        let held = match &found {
            Some(found) => Some(Held {
                content: Mark::of(&found.content.blob),
                blank: found.blank.is_some(),
                save: self.made_with(&found.path, found, save)?,
            }),
            None => None,
        };
        let size = found.as_ref().map_or(0, |found| found.size);
        let is_too_large = size > limits::STATE_BYTES;
        let decision = decide(&Facts {
            ending,
            here: held,
            baseline: baseline.as_ref().map(known),
            rows: &rows,
            loader: &subject.loader,
            save,
            may: May {
                send: may.send && !is_too_large,
                ..may
            },
        });
        let mut work = Work::of(subject, ending, decision, there);
        work.send = held.filter(|_| work.line.decision.send).map(|held| Stamp {
            ending,
            core: core.clone(),
            version: subject.loader.version.clone(),
            content: held.content,
            parent: baseline.map(|before| Mark::of(&before.content)),
            save: held.save,
        });
        if is_too_large {
            let limit = limits::STATE_BYTES / (1024 * 1024);
            let why = format!("it is larger than {limit} MiB, and so it is not sent");
            work.line.notes.push(why);
        }
        work.found = found;
        work.rows = rows;
        Ok(work)
    }
}

fn known(baseline: &StateBaseline) -> Baseline {
    Baseline {
        content: Mark::of(&baseline.content),
        row: baseline.state,
    }
}

impl Work {
    fn of(
        subject: &Subject,
        ending: Ending,
        decision: Decision,
        there: &[&(SeenState, Stamp)],
    ) -> Self {
        let brought = |id: StateId| there.iter().find(|(state, _)| state.id == id);
        let bring = match decision.here {
            Here::Bring(id) => brought(id).map(|one| (*one).clone()),
            Here::Leave | Here::Aside => None,
        };
        Self {
            line: StateLine::of(subject.rom, subject.place.path(ending), decision),
            subject: subject.clone(),
            ending,
            found: None,
            send: None,
            bring,
            rows: Vec::new(),
        }
    }

    /// A file of which nothing is known, so nothing is done with it.
    fn unreadable(subject: &Subject, ending: Ending, why: String) -> Self {
        let decision = Decision {
            send: false,
            here: Here::Leave,
            adopt: None,
            offers: Vec::new(),
            reason: keepsave_core::states::Reason::NotSent,
        };
        let mut work = Self::of(subject, ending, decision, &[]);
        work.line.error = Some(why);
        work
    }
}

#[cfg(test)]
mod tests {
    use keepsave_core::states::Loader;

    use super::*;
    use crate::engine::line::tests::file_of;
    use crate::engine::tests::scene::World;
    use crate::files::Form;
    use crate::library::StatePlace;

    #[tokio::test]
    async fn a_state_that_no_server_takes_is_not_sent_and_that_is_said() {
        let world = World::keepsave().await;
        let scene = world.scene().await;
        let engine = scene.engine(&scene.home, None);
        let subject = Subject {
            rom: scene.rom,
            stem: "Zelda".to_owned(),
            emulator: None,
            place: StatePlace::default(),
            loader: Loader {
                core: "mgba".to_owned(),
                version: None,
            },
            save: None,
            save_form: Form::Raw,
            slot: None,
        };
        let may = May {
            send: true,
            bring: true,
            move_aside: false,
        };
        for (size, is_sent) in [
            (limits::STATE_BYTES, true),
            (limits::STATE_BYTES + 1, false),
        ] {
            let found = Snapshot {
                size,
                ..file_of(b"a state")
            };
            let here = (Some(found), SaveHere::Is(None));
            let work = engine.work(&subject, Ending::Numbered(1), here, &[], may);
            let work = work.unwrap();
            assert_eq!(work.send.is_some(), is_sent);
            assert_eq!(work.bytes(), if is_sent { size } else { 0 });
            let said = work.line.notes.concat();
            assert_eq!(said.contains("larger than 512 MiB"), !is_sent, "{said}");
        }
    }
}
