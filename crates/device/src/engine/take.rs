//! Puts saves in the places of files because a person chose them: another slot's, or an earlier one.
//!
//! What is replaced is in the journal before, and the files of one save all come in before the first
//! takes its place.

use std::collections::BTreeSet;
use std::sync::Arc;

use keepsave_core::decide::{Reason, Replaces, Step};
use keepsave_core::ids::RomId;

use super::in_use::Seen;
use super::line::{Line, ServerSave, Todo};
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

/// A save, and the file whose place it is to take.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub entry: Entry,
    pub save: SeenSave,
}

impl Engine {
    /// Does it. The games are held by whoever asks. What became of each is in the order asked.
    pub(super) async fn take(
        &self,
        present: &Present,
        taken: Vec<Taken>,
        watch: Arc<dyn Watch>,
        stop: Stop,
    ) -> Result<Vec<Outcome>, EngineError> {
        let place = &present.game.save;
        let forms = taken.iter();
        let forms = forms.map(|one| (one.entry.path.clone(), place.form));
        let speaks = self.server.speaks().await?;
        let games: BTreeSet<RomId> = taken.iter().map(|one| one.entry.rom).collect();
        let selection = Selection {
            entries: taken.iter().map(|one| one.entry.clone()).collect(),
            forms: Some(forms.collect()),
            up_only: present.up_only(),
            roots: root_of(place).into_iter().collect(),
            ..Selection::default()
        };
        let items = self.listed_items(&selection).await?;
        let lines = taken.iter().enumerate().map(|(index, one)| Line {
            item: Some(index),
            rom: one.entry.rom,
            slot: one.entry.slot.clone(),
            file_name: one.save.file_name.clone(),
            emulator: one.save.emulator.clone(),
            save: Some(ServerSave::of(&one.save, speaks, &self.device)),
            todo: Todo::Step(Step::Download {
                replaces: Replaces::Synced,
            }),
            reason: Reason::Chosen.to_string(),
            overruled: None,
        });
        let plan = Plan {
            session: None,
            lines: lines.collect(),
            items,
            unsyncable: Vec::new(),
            notes: Vec::new(),
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
        Ok(run.all(&games).await)
    }
}
