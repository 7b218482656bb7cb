//! Puts saves in the places of files because a person chose them: another slot's, or an earlier one.
//!
//! What is replaced is in the journal before, and the files of one save take their places together
//! or not at all.

use std::sync::Arc;

use keepsave_core::decide::{Reason, Replaces, Step};
use keepsave_core::layouts::part_of;

use super::in_use::Seen;
use super::line::{Item, Line, ServerSave, Todo};
use super::outcome::Outcome;
use super::plan::Plan;
use super::run::{Orders, Run, Watch};
use super::selection::Selection;
use super::stop::Stop;
use super::sync::root_of;
use super::{Engine, EngineError};
use crate::games::Present;
use crate::manifest::Entry;
use crate::server::seen::SeenSave;

/// A file, and the save that is to take its place. Where there is none the file leaves its place:
/// beside another save it would be half of this one.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub entry: Entry,
    pub save: Option<SeenSave>,
}

/// Each of the files with the save of its part, if there is one.
pub(super) fn each_with<'a>(
    entries: Vec<Entry>,
    saves: impl Iterator<Item = &'a SeenSave>,
) -> Vec<Taken> {
    let saves: Vec<&SeenSave> = saves.collect();
    let with = |entry: Entry| {
        let part = part_of(&entry.file_name);
        let mut saves = saves.iter();
        let save = saves.find(|save| part_of(&save.file_name) == part);
        Taken {
            entry,
            save: save.map(|save| (*save).clone()),
        }
    };
    entries.into_iter().map(with).collect()
}

impl Engine {
    /// Does it. The game is held by whoever asks. What became of each is in the order asked.
    pub(super) async fn take(
        &self,
        present: &Present,
        taken: &[Taken],
        watch: Arc<dyn Watch>,
        stop: Stop,
    ) -> Result<Vec<Outcome>, EngineError> {
        let place = &present.game.save;
        let forms = taken.iter();
        let forms = forms.map(|one| (one.entry.path.clone(), place.form));
        let speaks = self.server.speaks().await?;
        let selection = Selection {
            entries: taken.iter().map(|one| one.entry.clone()).collect(),
            forms: Some(forms.collect()),
            up_only: present.up_only(),
            roots: root_of(place).into_iter().collect(),
            ..Selection::default()
        };
        let items = self.listed_items(&selection).await?;
        let is_there = |item: &&Item| item.file().is_some() || item.is_unreadable();
        let lines = taken.iter().zip(&items).enumerate();
        let lines = lines.filter_map(|(index, (one, item))| {
            let save = one.save.as_ref();
            let item = Some(item).filter(|item| save.is_some() || is_there(item))?;
            Some(Line {
                item: Some(index),
                rom: item.entry.rom,
                slot: item.entry.slot.clone(),
                file_name: match save {
                    Some(save) => save.file_name.clone(),
                    None => item.entry.file_name.clone(),
                },
                emulator: save.and_then(|save| save.emulator.clone()),
                save: save.map(|save| ServerSave::of(save, speaks, &self.device)),
                todo: match save {
                    Some(_) => Todo::Step(Step::Download {
                        replaces: Replaces::Synced,
                    }),
                    None if item.is_unreadable() => Todo::Unreadable,
                    None => Todo::Leave,
                },
                reason: Reason::Chosen.to_string(),
                overruled: None,
            })
        });
        let plan = Plan {
            lines: lines.collect(),
            items,
            ..Plan::empty()
        };
        let run = Run {
            engine: self,
            orders: &Orders::default(),
            speaks,
            plan: &plan,
            beside: None,
            roots: &selection.roots,
            forms: selection.forms.as_ref(),
            in_sets: true,
            up_only: &selection.up_only,
            watch,
            stop,
            sent: std::sync::Mutex::default(),
            seen: Seen::default(),
        };
        Ok(Box::pin(run.chosen()).await)
    }
}
