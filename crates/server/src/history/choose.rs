//! A person says which save to play on. What is not chosen stays in the history, and every choice
//! can be taken back.

use std::collections::HashMap;

use keepsave_core::ids::{RomId, SlotId, TimelineId, UserId, VersionId};
use keepsave_core::time::Time;

use super::delete::delete_row;
use super::undo::Undo;
use crate::app::App;
use crate::saves::view::{self, SaveView};
use crate::vault::history;
use crate::vault::timelines::Timeline;
use crate::vault::tree::TreeStep;
use crate::vault::versions::{self, Record};
use crate::vault::{Fault, Tx, saves, timelines};
use crate::versions::copy::copy_content;
use crate::versions::settle::slot_beside;
use crate::versions::{NotDone, of_user, restore, with_bytes};

/// What was done.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The rows that show what is current now.
    pub views: Vec<SaveView>,
    /// What takes it back.
    pub undo: Undo,
}

/// Makes a version current, with the files that it came with.
pub async fn make_current(app: &App, user: UserId, id: VersionId) -> Result<Chosen, NotDone> {
    let now = app.now();
    let done = app.vault.write(move |tx| {
        let (members, timeline) = restore::members(tx, user, id)?;
        let before = Heads::of_slot_of(tx, &timeline)?;
        let (views, steps) = restore::restore_all(tx, user, members, now)?;
        let undo = before.undo(tx)?;
        Ok::<_, NotDone>((Chosen { views, undo }, steps))
    });
    Ok(finish(app, user, done.await?))
}

/// Keeps one of the saves that stand against each other in a slot: it is current from now on, and
/// nothing there waits for a person any more.
pub async fn keep(app: &App, user: UserId, slot: SlotId, id: VersionId) -> Result<Chosen, NotDone> {
    let now = app.now();
    let done = app.vault.write(move |tx| {
        history::slot(tx, user, slot)?.ok_or(NotDone::Unknown)?;
        let (record, timeline) = of_user(tx, user, id)?;
        if timeline.slot_id != slot {
            return Err(NotDone::Unknown);
        }
        let open = history::open_branches(tx, slot)?;
        let before = Heads::of_slot_of(tx, &timeline)?;
        let (views, steps) = if before.has(id) {
            (Vec::new(), Vec::new())
        } else {
            let members = side_of(record, &open);
            restore::restore_all(tx, user, members, now)?
        };
        let mut undo = before.undo(tx)?;
        settle(tx, &open, now, &mut undo)?;
        Ok::<_, NotDone>((Chosen { views, undo }, steps))
    });
    Ok(finish(app, user, done.await?))
}

/// The files of a branch that came together.
fn side_of(record: Record, open: &[Record]) -> Vec<Record> {
    let others = open.iter().filter(|other| {
        record.set_id.is_some() && other.set_id == record.set_id && other.id != record.id
    });
    let others: Vec<_> = others.cloned().collect();
    std::iter::once(record).chain(others).collect()
}

/// The current save stays, and every branch gets a slot of its own, named after the slot and the
/// device, so that every client can reach it.
pub async fn keep_all(app: &App, user: UserId, slot: SlotId) -> Result<Chosen, NotDone> {
    let now = app.now();
    let done = app.vault.write(move |tx| {
        history::slot(tx, user, slot)?.ok_or(NotDone::Unknown)?;
        let open = history::open_branches(tx, slot)?;
        let mut undo = Undo::default();
        let mut views = Vec::new();
        let mut steps = Vec::new();
        // The oldest first: of two of one device the newer one is current in their slot.
        for branch in open.iter().rev() {
            let (view, more) = own_slot(tx, user, branch, now, &mut undo)?;
            views.push(view);
            steps.extend(more);
        }
        settle(tx, &open, now, &mut undo)?;
        Ok::<_, NotDone>((Chosen { views, undo }, steps))
    });
    Ok(finish(app, user, done.await?))
}

/// One branch gets a slot of its own, and waits for nobody any more.
pub async fn keep_beside(app: &App, user: UserId, id: VersionId) -> Result<Chosen, NotDone> {
    let now = app.now();
    let done = app.vault.write(move |tx| {
        let (branch, _) = of_user(tx, user, id)?;
        let mut undo = Undo::default();
        let (view, steps) = own_slot(tx, user, &branch, now, &mut undo)?;
        settle(tx, &[branch], now, &mut undo)?;
        let views = vec![view];
        Ok::<_, NotDone>((Chosen { views, undo }, steps))
    });
    Ok(finish(app, user, done.await?))
}

/// A version is current in another slot, too; or it moves there, and is deleted where it was.
pub async fn to_slot(
    app: &App,
    user: UserId,
    id: VersionId,
    slot: String,
    moves: bool,
) -> Result<Chosen, NotDone> {
    let now = app.now();
    let done = app.vault.write(move |tx| {
        let (record, timeline) = of_user(tx, user, id)?;
        let record = with_bytes(record)?;
        let before = Heads::of(tx, user, timeline.rom_id, Some(&slot))?;
        let (row, mut steps) = copy_content(tx, &timeline, &record, &slot, now)?;
        let mut undo = before.undo(tx)?;
        if moves {
            let row = record.save_id.ok_or(NotDone::Unknown)?;
            let row = saves::of_user(tx, user, row)?.ok_or(NotDone::Unknown)?;
            steps.extend(delete_row(tx, &row, now)?);
            undo.undelete.push(row.id);
        }
        let views = vec![view::one(tx, row, None)?];
        Ok::<_, NotDone>((Chosen { views, undo }, steps))
    });
    Ok(finish(app, user, done.await?))
}

/// Copies a branch to the slot that is named after its device.
fn own_slot(
    tx: &Tx<'_>,
    user: UserId,
    branch: &Record,
    now: Time,
    undo: &mut Undo,
) -> Result<(SaveView, Vec<TreeStep>), NotDone> {
    let timeline = timelines::of_user(tx, user, branch.timeline_id)?.ok_or(NotDone::Unknown)?;
    let slot = slot_beside(&timeline, branch.device_name.as_deref());
    let branch = with_bytes(branch.clone())?;
    let before = Heads::of(tx, user, timeline.rom_id, Some(&slot))?;
    let (row, steps) = copy_content(tx, &timeline, &branch, &slot, now)?;
    undo.append(before.undo(tx)?);
    Ok((view::one(tx, row, None)?, steps))
}

/// A conflict that only waits for a device is put away. Should the device show the same save again,
/// it is back.
pub async fn put_away(app: &App, user: UserId, slot: SlotId) -> Result<(), NotDone> {
    app.vault
        .write(move |tx| {
            history::slot(tx, user, slot)?.ok_or(NotDone::Unknown)?;
            Ok(history::forget_reports(tx, slot)?)
        })
        .await
}

fn settle(tx: &Tx<'_>, open: &[Record], now: Time, undo: &mut Undo) -> Result<(), Fault> {
    for branch in open {
        versions::settle(tx, branch.id, now)?;
        undo.reopen.push(branch.id);
    }
    Ok(())
}

/// The current versions of a slot's timelines, before something changes.
struct Heads {
    user: UserId,
    rom: RomId,
    slot: Option<String>,
    current: HashMap<TimelineId, VersionId>,
}

impl Heads {
    fn of(tx: &Tx<'_>, user: UserId, rom: RomId, slot: Option<&str>) -> Result<Self, Fault> {
        let heads = timelines::heads_of_slot(tx, user, rom, slot)?.into_iter();
        Ok(Self {
            user,
            rom,
            slot: slot.map(str::to_owned),
            current: heads.map(|head| (head.timeline, head.version)).collect(),
        })
    }

    fn of_slot_of(tx: &Tx<'_>, timeline: &Timeline) -> Result<Self, Fault> {
        let slot = timeline.slot.as_deref();
        Self::of(tx, timeline.user_id, timeline.rom_id, slot)
    }

    fn has(&self, id: VersionId) -> bool {
        self.current.values().any(|head| *head == id)
    }

    /// What takes back whatever has changed since.
    fn undo(&self, tx: &Tx<'_>) -> Result<Undo, Fault> {
        let mut undo = Undo::default();
        for now in timelines::heads_of_slot(tx, self.user, self.rom, self.slot.as_deref())? {
            match self.current.get(&now.timeline) {
                Some(before) if *before != now.version => undo.restore.push(*before),
                Some(_) => {}
                None => undo.delete.push(now.save),
            }
        }
        Ok(undo)
    }
}

fn finish(app: &App, user: UserId, done: (Chosen, Vec<TreeStep>)) -> Chosen {
    let (chosen, steps) = done;
    app.follow(steps);
    for view in &chosen.views {
        app.events.tell(user, view.changed(None));
    }
    chosen
}
