//! What is here, what the server has, and what is to be done about it. Moves nothing.

use std::path::PathBuf;

use keepsave_core::decide::{Entry, Step};
use keepsave_core::ids::{RomId, SaveId, SessionId};
use keepsave_core::layouts::{Part, part_of};
use keepsave_core::negotiate::Action;
use keepsave_core::release::Speaks;
use keepsave_core::slots;
use keepsave_wire::sync::{ClientSaveState, SyncNegotiatePayload};
use serde_json::{Value, json};

use super::judge::{self, Case, Judgement, judge};
use super::line::{Item, Line, ServerSave};
use super::listing::{Games, Listing};
use super::outcome::{Counts, Totals};
use super::pair::pair;
use super::selection::Selection;
use super::stop::{Stop, unless_stopped};
use super::{Engine, EngineError};
use crate::files::Snapshot;
use crate::manifest::{self, EntryProblem};
use crate::server::seen::{Rows, SeenAction, SeenOperation};
use crate::state::{Baseline, Key};

/// What is to be done, line by line.
#[derive(Debug)]
pub struct Plan {
    /// Where the server opened one: the session to complete.
    pub session: Option<SessionId>,
    /// The files that are synced.
    pub items: Vec<Item>,
    /// One for each item, then one for each save that the manifest does not list.
    pub lines: Vec<Line>,
    /// The entries of the manifest that cannot be synced.
    pub unsyncable: Vec<Unsyncable>,
    /// What a person should know beside it.
    pub notes: Vec<String>,
}

/// An entry of the manifest that cannot be synced as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsyncable {
    /// The game.
    pub rom: RomId,
    /// The file.
    pub path: PathBuf,
    /// The slot.
    pub slot: Option<String>,
    /// Which file of the save it is meant to be.
    pub part: Part,
    /// Why, and what to do.
    pub why: String,
}

impl Engine {
    /// Gathers and decides. Where the server opens a session, it is open when this returns a plan,
    /// and ended when it returns an error.
    pub(super) async fn plan(
        &self,
        selection: &mut Selection,
        stop: &Stop,
    ) -> Result<Plan, EngineError> {
        let gathered: Result<_, EngineError> = unless_stopped(stop, self.gather(selection)).await;
        let (items, told) = gathered?;
        let session = told.0;
        let planning = self.plan_told(selection, items, told);
        let plan = unless_stopped(stop, planning).await;
        if plan.is_err() {
            // What went wrong first is what there is to say.
            let _second = self.complete(session, &Counts::default()).await;
        }
        plan
    }

    /// What is here, and what the server says about it.
    async fn gather(
        &self,
        selection: &Selection,
    ) -> Result<(Vec<Item>, (Option<SessionId>, Rows<SeenOperation>)), EngineError> {
        let items = self.listed_items(selection).await?;
        let by_listing = match self.server.speaks().await? {
            Speaks::Lists => true,
            // What a RomM would tell is a comparison of clocks, which the matrix replaces.
            Speaks::Negotiates => selection.listing.is_some(),
            Speaks::Lineage => selection.listing.as_ref().is_some_and(|listing| {
                selection.at_a_glance && items.iter().all(|item| listing.shows_held(item))
            }),
        };
        if by_listing {
            return Ok((items, (None, Rows::default())));
        }
        let plan = self.server.negotiate(&self.inventory(&items)).await?.seen;
        Ok((items, (plan.session_id, plan.operations)))
    }

    /// Decides, given what the server told about the items.
    async fn plan_told(
        &self,
        selection: &mut Selection,
        mut items: Vec<Item>,
        (session, told): (Option<SessionId>, Rows<SeenOperation>),
    ) -> Result<Plan, EngineError> {
        let speaks = self.server.speaks().await?;
        let mut notes = notes_on(&items);
        notes.extend(told.unreadable.iter().map(ToString::to_string));
        let paired = pair(&items, &told.rows);
        let of_item: Vec<Option<&SeenOperation>> = items
            .iter()
            .zip(&paired.of_item)
            .map(|(item, index)| {
                let operation = &told.rows[(*index)?];
                speaks_of(operation, item, speaks).then_some(operation)
            })
            .collect();
        let listing = if let Some(listing) = selection.listing.take() {
            listing
        } else {
            let games = games_to_list(&items, &of_item, speaks, selection.beside.is_some());
            Listing::fetch(self, games).await?
        };
        notes.extend(listing.unreadable.iter().cloned());
        let mut lines = Vec::with_capacity(items.len());
        for (index, (item, &told)) in items.iter().zip(&of_item).enumerate() {
            let save = match told {
                Some(told) => save_told(told, item.baseline.as_ref(), speaks),
                None => listing.counterpart(item),
            };
            let case = Case {
                speaks,
                item: Some(item),
                save: save.as_ref(),
                told,
            };
            lines.push(line_of(&case, Some(index), &item.entry));
        }
        // Where it is not known what was in sync here, nothing unknown is replaced unasked.
        selection.wishes.ask_on_first_difference |= self.state.has_one_aside();
        selection.wishes.apply(&mut lines, &selection.up_only);
        if selection.beside.is_some() {
            let rest = paired.rest.iter().map(|&index| told.rows[index].clone());
            let offered: Vec<_> = rest.chain(listing.beside(&items)).collect();
            // A file that cannot be synced as it is gets no second one beside it.
            let unsyncable = &selection.unsyncable;
            let is_free = |told: &&SeenOperation| !unsyncable.iter().any(|one| one.means(told));
            for told in offered.iter().filter(is_free) {
                let line = self.line_beside(speaks, told, &mut items).await?;
                lines.push(line);
            }
        }
        Ok(Plan {
            session,
            items,
            lines,
            unsyncable: selection.unsyncable.clone(),
            notes,
        })
    }

    /// The line of a save that the manifest does not list. Where an earlier run fetched it, the
    /// file that it put there counts.
    async fn line_beside(
        &self,
        speaks: Speaks,
        told: &SeenOperation,
        items: &mut Vec<Item>,
    ) -> Result<Line, EngineError> {
        let fetched = self.fetched_item(told).await?;
        let save = save_told(
            told,
            fetched.as_ref().and_then(|item| item.baseline.as_ref()),
            speaks,
        );
        let case = Case {
            speaks,
            item: fetched.as_ref(),
            save: save.as_ref(),
            told: Some(told),
        };
        let index = fetched.as_ref().map(|_| items.len());
        let line = line_of(&case, index, told);
        items.extend(fetched);
        Ok(line)
    }

    fn inventory(&self, items: &[Item]) -> SyncNegotiatePayload {
        let save = |item: &Item| {
            let file = item.file()?;
            Some(ClientSaveState {
                rom_id: item.entry.rom,
                file_name: item.entry.file_name.clone(),
                slot: item.entry.slot.clone(),
                emulator: item.entry.emulator.clone(),
                content_hash: file.content.hash.map(|hash| hash.to_string()),
                updated_at: file.mtime,
                file_size_bytes: i64::try_from(file.size).unwrap_or(i64::MAX),
            })
        };
        SyncNegotiatePayload {
            device_id: Some(self.device.0.clone()),
            saves: items.iter().filter_map(save).collect(),
        }
    }
}

/// Whether an operation is about the same part of a save as the item. A RomM pairs a slot with its
/// newest row, whichever of a save's files that is.
fn speaks_of(operation: &SeenOperation, item: &Item, speaks: Speaks) -> bool {
    match speaks {
        Speaks::Lineage => true,
        // The archive is asked for by name.
        _ if item.entry.slot.is_none() => false,
        _ if operation.save_id.is_none() => true,
        _ => part_of(&operation.file_name) == part_of(&item.entry.file_name),
    }
}

/// The games whose saves have to be listed, because what was told leaves a question.
fn games_to_list(
    items: &[Item],
    told: &[Option<&SeenOperation>],
    speaks: Speaks,
    and_others: bool,
) -> Games {
    if speaks == Speaks::Lists && and_others {
        return Games::All;
    }
    let is_open = |item: &Item, told: Option<&SeenOperation>| match (speaks, &item.entry.slot) {
        (Speaks::Lists, _) => true,
        // Nothing comes down from the archive.
        (_, None) => told.is_none() && item.file().is_some(),
        (_, Some(_)) => told.is_none() && !item.is_unreadable(),
    };
    let open = items.iter().zip(told);
    let open = open.filter(|(item, told)| is_open(item, **told));
    Games::These(open.map(|(item, _)| item.entry.rom).collect())
}

/// The save that an operation speaks of. A RomM does not say there what it knows of the device,
/// but the baseline does.
fn save_told(
    told: &SeenOperation,
    baseline: Option<&Baseline>,
    speaks: Speaks,
) -> Option<ServerSave> {
    let save = ServerSave {
        id: told.save_id?,
        file_name: told.file_name.clone(),
        emulator: told.emulator.clone(),
        hash: told.server_content_hash,
        size: None,
        updated_at: told.server_updated_at,
        entry: baseline.map_or(Entry::Never, |_| Entry::Stale),
        // Who is told to send knows the head, if lineage decides.
        confirmed: match told.action {
            SeenAction::Known(Action::NoOp) => true,
            SeenAction::Known(Action::Upload) => speaks == Speaks::Lineage,
            _ => false,
        },
        untracked: false,
    };
    let entry = judge::entry(save.entry, &save, baseline);
    Some(ServerSave { entry, ..save })
}

/// Where a line stands: which game and slot, and what its save is called.
trait Place {
    fn place(&self) -> (RomId, Option<String>, String, Option<String>);
}

impl Place for manifest::Entry {
    fn place(&self) -> (RomId, Option<String>, String, Option<String>) {
        let name = self.file_name.clone();
        (self.rom, self.slot.clone(), name, self.emulator.clone())
    }
}

impl Place for SeenOperation {
    fn place(&self) -> (RomId, Option<String>, String, Option<String>) {
        let name = self.file_name.clone();
        (self.rom_id, self.slot.clone(), name, self.emulator.clone())
    }
}

fn line_of(case: &Case, item: Option<usize>, place: &impl Place) -> Line {
    let Judgement {
        todo,
        reason,
        overruled,
    } = judge(case);
    let (rom, slot, name, emulator) = place.place();
    let (file_name, emulator) = match case.save {
        Some(save) => (save.file_name.clone(), save.emulator.clone()),
        None => (name, emulator),
    };
    Line {
        item,
        rom,
        slot,
        file_name,
        emulator,
        save: case.save.cloned(),
        todo,
        reason,
        overruled,
    }
}

/// Whether a baseline is what the file and the save have in common.
pub(super) fn is_of(baseline: &Baseline, file: &Snapshot, save: &ServerSave) -> bool {
    baseline.save == Some(save.id) && baseline.blob == Some(file.content.blob)
}

impl Unsyncable {
    pub(super) fn of(problem: &EntryProblem) -> Self {
        Self {
            rom: problem.rom,
            path: problem.path.clone(),
            slot: problem.slot.clone(),
            part: problem.part.clone(),
            why: problem.to_string(),
        }
    }

    /// Whether an operation is about the save that it is meant to be.
    fn means(&self, told: &SeenOperation) -> bool {
        self.rom == told.rom_id && self.slot == told.slot && self.part == part_of(&told.file_name)
    }
}

/// What a person may not expect of the files: links that lead elsewhere, and once that files
/// without a slot only go up.
fn notes_on(items: &[Item]) -> Vec<String> {
    let led_elsewhere = |item: &Item| {
        let outside = item.entry.outside.as_ref()?.display();
        Some(format!("{}: leads to {outside}", item.entry.path.display()))
    };
    let mut notes: Vec<String> = items.iter().filter_map(led_elsewhere).collect();
    notes.extend(slotless(items));
    notes
}

fn slotless(items: &[Item]) -> Option<String> {
    let names: Vec<&str> = items
        .iter()
        .filter(|item| item.entry.slot.is_none())
        .map(|item| item.entry.file_name.as_str())
        .collect();
    match names.as_slice() {
        [] => None,
        [first, rest @ ..] => {
            let others = match rest.len() {
                0 => String::new(),
                others => format!(" and {others} more"),
            };
            Some(format!(
                "{first}{others}: without a slot a save only goes up and nothing comes down. \
                 Name a slot in the manifest to sync both ways: \"slot\": \"{}\"",
                slots::DEFAULT
            ))
        }
    }
}

impl Plan {
    /// Nothing is to be done.
    pub(super) const fn empty() -> Self {
        Self {
            session: None,
            items: Vec::new(),
            lines: Vec::new(),
            unsyncable: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The file of a line as a person knows it: its path here, else its name on the server.
    pub fn name_of(&self, line: &Line) -> String {
        match line.item {
            Some(index) => self.items[index].entry.path.display().to_string(),
            None => line.file_name.clone(),
        }
    }

    /// What turned out to be in sync: what both sides hold from now on.
    pub(super) fn adopted(&self, engine: &Engine) -> Vec<(Key, Baseline)> {
        let adopted = |line: &Line| {
            let (item, save) = (&self.items[line.item?], line.save.as_ref()?);
            let file = item
                .file()
                .filter(|_| line.step() == Some(Step::Skip { adopt: true }))?;
            let entry = &item.entry;
            let key = engine.key(entry.rom, entry.slot.as_deref(), &entry.file_name);
            let is_known = item
                .baseline
                .as_ref()
                .is_some_and(|baseline| is_of(baseline, file, save));
            (!is_known).then(|| (key, engine.baseline_of(file, save)))
        };
        self.lines.iter().filter_map(adopted).collect()
    }

    /// The save that a conflict is about by now, where it is not the one that was looked at.
    pub(super) fn moved_on(&self, looked_at: SaveId) -> Option<SaveId> {
        let asks = |line: &&Line| {
            line.step() == Some(Step::Conflict) && part_of(&line.file_name).is_save()
        };
        let heads = self.lines.iter().filter(asks);
        let mut heads = heads.filter_map(|line| Some(line.save.as_ref()?.id));
        heads.find(|head| *head != looked_at)
    }

    /// How many bytes are known to be sent.
    pub fn bytes_to_send(&self) -> u64 {
        let sent = |line: &&Line| line.step() == Some(Step::Upload);
        let size = |line: &Line| self.items[line.item?].file().map(|file| file.size);
        self.lines.iter().filter(sent).filter_map(size).sum()
    }

    /// How many lines say what.
    pub fn totals(&self) -> Totals {
        Totals::of(&self.lines)
    }

    /// The plan as RomM's negotiate answers, with what this device decided.
    pub fn json(&self) -> Value {
        let totals = self.totals();
        let operations: Vec<Value> = self.lines.iter().map(|line| self.operation(line)).collect();
        json!({
            "session_id": self.session,
            "operations": operations,
            "total_upload": totals.upload,
            "total_download": totals.download,
            "total_conflict": totals.conflict,
            "total_no_op": totals.no_op,
        })
    }

    /// One line as RomM spells an operation, and beside it whose file it is and what the server
    /// had said.
    pub(super) fn operation(&self, line: &Line) -> Value {
        let save = line.save.as_ref();
        let mut operation = json!({
            "action": line.todo.word(),
            "rom_id": line.rom,
            "save_id": save.map(|save| save.id),
            "file_name": line.file_name,
            "slot": line.slot,
            "emulator": line.emulator,
            "reason": line.reason,
            "server_updated_at": save.and_then(|save| save.updated_at),
            "server_content_hash": save.and_then(|save| save.hash),
        });
        if let Some(index) = line.item {
            operation["path"] = json!(self.items[index].entry.path.to_string_lossy());
        }
        if let Some(overruled) = &line.overruled {
            operation["server_said"] = json!(overruled);
        }
        operation
    }
}
