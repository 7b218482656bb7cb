//! A version, or a slot, is taken out of sight. Nothing is destroyed, and all of it comes back.

use keepsave_core::ids::{RomId, UserId, VersionId};
use keepsave_core::time::Time;

use super::undo::Undo;
use crate::app::App;
use crate::events::Event;
use crate::saves::change::Change;
use crate::vault::history;
use crate::vault::saves::{self, Hidden, Save};
use crate::vault::tree::TreeStep;
use crate::vault::{Fault, Tx, timelines, versions};
use crate::versions::{NotDone, of_user};

/// Deletes a version: the row that shows it or once did, with all that it ever showed, or a branch
/// that no row ever showed.
pub async fn version(app: &App, user: UserId, id: VersionId) -> Result<Undo, NotDone> {
    let now = app.now();
    let done = app.vault.write(move |tx| {
        let (record, _) = of_user(tx, user, id)?;
        let mut undo = Undo::default();
        let row = match record.save_id {
            Some(row) => saves::of_user_even_hidden(tx, user, row)?,
            None => None,
        };
        let steps = if let Some(row) = row {
            undo.undelete.push(row.id);
            delete_row(tx, &row, now)?
        } else {
            undo.unearth.push(id);
            versions::bury(tx, id, now)?;
            Vec::new()
        };
        Ok::<_, NotDone>((undo, steps))
    });
    Ok(finish(app, user, done.await?))
}

/// Deletes every save of a slot, and its branches.
pub async fn slot(
    app: &App,
    user: UserId,
    rom: RomId,
    name: Option<String>,
) -> Result<Undo, NotDone> {
    let now = app.now();
    let done = app.vault.write(move |tx| {
        let mut undo = Undo::default();
        let mut steps = Vec::new();
        let timelines = timelines::of_slot(tx, user, rom, name.as_deref())?;
        let slot = timelines.first().ok_or(NotDone::Unknown)?.slot_id;
        for branch in history::open_branches(tx, slot)? {
            // What a row shows goes with its row.
            if branch.save_id.is_none() {
                undo.unearth.push(branch.id);
                versions::bury(tx, branch.id, now)?;
            }
        }
        for timeline in timelines {
            for row in saves::listed_of_timeline(tx, timeline.id)? {
                undo.undelete.push(row.id);
                steps.extend(delete_row(tx, &row, now)?);
            }
        }
        Ok::<_, NotDone>((undo, steps))
    });
    Ok(finish(app, user, done.await?))
}

fn finish(app: &App, user: UserId, done: (Undo, Vec<TreeStep>)) -> Undo {
    let (undo, steps) = done;
    app.follow(steps);
    let save_ids = undo.undelete.clone();
    app.events.tell(user, Event::Deleted { save_ids });
    undo
}

/// Hides a row, listed or cleaned up, with a tombstone on all that it ever showed.
pub fn delete_row(tx: &Tx<'_>, save: &Save, now: Time) -> Result<Vec<TreeStep>, Fault> {
    let Some(timeline) = timelines::by_id(tx, save.timeline_id)? else {
        return Ok(Vec::new());
    };
    if saves::by_id(tx, save.id)?.is_none() {
        saves::hide(tx, save.id, Hidden::Deleted, now)?;
        versions::bury_of_row(tx, save.id, now)?;
        return Ok(Vec::new());
    }
    let mut change = Change::begin(tx, timeline, None, now)?;
    change.delete(save)?;
    Ok(change.finish())
}

/// Brings a deleted version back, with its row.
pub async fn bring_back(app: &App, user: UserId, id: VersionId) -> Result<(), NotDone> {
    let (record, _) = app.vault.read(|tx| of_user(tx, user, id))?;
    let undo = match record.save_id {
        Some(row) => Undo {
            undelete: vec![row],
            ..Undo::default()
        },
        None => Undo {
            unearth: vec![id],
            ..Undo::default()
        },
    };
    super::undo::undo(app, user, undo).await
}
