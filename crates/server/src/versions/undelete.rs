//! A row comes back into the listings, with its picture and its place in history: it is the head again when what
//! it shows grew from what is the head without it.

use keepsave_core::ids::{SaveId, UserId};
use keepsave_core::lineage::{History, returns_as_head};
use keepsave_core::names::{self, FileName};
use keepsave_core::time::Time;

use super::NotDone;
use crate::app::App;
use crate::saves::change::{Change, tree_path};
use crate::saves::view::{self, SaveView};
use crate::screenshots;
use crate::vault::saves::{self, Save};
use crate::vault::screenshots::hidden_with_save;
use crate::vault::timelines::{self, Timeline};
use crate::vault::tree::TreeStep;
use crate::vault::{Fault, Tx, versions};

/// Brings a hidden row back; one that is visible stays as it is.
pub async fn undelete(app: &App, user: UserId, id: SaveId) -> Result<SaveView, NotDone> {
    let now = app.now();
    let (view, steps) = app
        .vault
        .write(move |tx| bring_row_back(tx, user, id, now))
        .await?;
    app.follow(steps);
    app.events.tell(user, view.changed(None));
    Ok(view)
}

/// The same within a larger work.
pub(crate) fn bring_row_back(
    tx: &Tx<'_>,
    user: UserId,
    id: SaveId,
    now: Time,
) -> Result<(SaveView, Vec<TreeStep>), NotDone> {
    let save = saves::of_user_even_hidden(tx, user, id)?.ok_or(NotDone::Unknown)?;
    let shown = versions::by_id(tx, save.version_id)?.ok_or(NotDone::Unknown)?;
    super::with_bytes(shown)?;
    let timeline = timelines::of_user(tx, user, save.timeline_id)?.ok_or(NotDone::Unknown)?;
    let mut steps = Vec::new();
    if saves::by_id(tx, id)?.is_none() {
        if let Some(shot) = hidden_with_save(tx, id)? {
            steps.push(screenshots::bring_back(tx, &shot, now)?);
        }
        bring_back(tx, timeline, &save, now)?;
    }
    let view = view::one(tx, id, None)?;
    steps.push(TreeStep::Place {
        path: tree_path(&view.save),
        blob: view.save.content.blob,
    });
    Ok((view, steps))
}

fn bring_back(tx: &Tx<'_>, timeline: Timeline, save: &Save, now: Time) -> Result<(), Fault> {
    let change = Change::begin(tx, timeline, None, now)?;
    let history = change.lineage();
    let is_head = returns_as_head(&history, &history.version(save.version_id)?)?;
    let mut name = FileName::stored(&save.file_name);
    let untagged = FileName::stored(names::untagged(&save.file_name));
    let mut number = 1;
    while saves::name_is_taken(
        tx,
        save.user_id,
        save.rom_id,
        &save.file_path,
        name.as_str(),
    )? {
        name = names::distinct(&untagged, now, number);
        number += 1;
    }
    saves::unhide(tx, save.id, name.as_str())?;
    versions::unearth_of_row(tx, save.id)?;
    if is_head {
        change.touch(save.id)
    } else {
        change.timeline.refresh_head(tx)
    }
}
