//! The content of one version becomes the newest of another slot.

use keepsave_core::ids::{SaveId, UserId, VersionId};
use keepsave_core::layouts;
use keepsave_core::lineage::{PostAction, Upload, decide_post};
use keepsave_core::names::{AssetKind, FileName};
use keepsave_core::time::Time;

use super::{NotDone, of_user, with_bytes};
use crate::app::App;
use crate::saves::change::{Change, Made};
use crate::saves::view::{self, SaveView};
use crate::vault::timelines::{self, Timeline};
use crate::vault::tree::{self, TreeStep};
use crate::vault::versions::{self, MadeBy, Record};
use crate::vault::{Fault, Tx};

/// Puts the content of a version into a slot, as its newest.
pub async fn copy(
    app: &App,
    user: UserId,
    id: VersionId,
    slot: String,
) -> Result<SaveView, NotDone> {
    let now = app.now();
    let (view, steps) = app
        .vault
        .write(move |tx| {
            let (record, timeline) = of_user(tx, user, id)?;
            let (row, steps) = copy_content(tx, &timeline, &with_bytes(record)?, &slot, now)?;
            Ok::<_, NotDone>((view::one(tx, row, None)?, steps))
        })
        .await?;
    app.follow(steps);
    app.events.tell(user, view.changed(None));
    Ok(view)
}

/// Puts the content of a version that another person shows to everyone into a slot of one's own, as
/// its newest. Whether it is shown has been seen to.
pub async fn copy_for(
    app: &App,
    user: UserId,
    id: VersionId,
    slot: String,
) -> Result<SaveView, NotDone> {
    let now = app.now();
    let (view, steps) = app
        .vault
        .write(move |tx| {
            let record = versions::by_id(tx, id)?.ok_or(NotDone::Unknown)?;
            let shown = timelines::by_id(tx, record.timeline_id)?.ok_or(NotDone::Unknown)?;
            let own = Timeline {
                user_id: user,
                ..shown
            };
            // Its set is of another person's slot.
            let record = Record {
                set_id: None,
                ..with_bytes(record)?
            };
            let (row, steps) = copy_content(tx, &own, &record, &slot, now)?;
            Ok::<_, NotDone>((view::one(tx, row, None)?, steps))
        })
        .await?;
    app.follow(steps);
    app.events.tell(user, view.changed(None));
    Ok(view)
}

/// A person chose it, so it is never refused.
pub(crate) fn copy_content(
    tx: &Tx<'_>,
    from: &Timeline,
    record: &Record,
    slot: &str,
    now: Time,
) -> Result<(SaveId, Vec<TreeStep>), Fault> {
    let part = match &from.slot {
        Some(_) => from.part.clone(),
        None => layouts::part_of(&record.file_name).as_str().to_owned(),
    };
    let timeline = timelines::open(tx, from.user_id, from.rom_id, Some(slot), &part)?;
    let mut change = Change::begin(tx, timeline, None, now)?;
    let upload = Upload {
        content: record.content,
        blank: record.blank,
        overwrite: true,
    };
    let made = Made {
        file_name: FileName::stored(&record.file_name),
        emulator: record.emulator.clone(),
        content: record.content,
        size: record.size,
        blank: record.blank,
        made_by: MadeBy::Copy,
        set_id: record.set_id.clone(),
    };
    let row = match decide_post(&change.lineage(), None, &upload)?.action {
        PostAction::HeadHolds { row, .. } | PostAction::LateRetry { row, .. } => row,
        PostAction::OnRow { row, parents } => {
            change.on_row(row, &made, &parents)?;
            row
        }
        PostAction::NewRow { parents } => {
            let emulator = record.emulator.as_deref();
            let folder = tree::folder(tx, AssetKind::Save, from.user_id, from.rom_id, emulator)?;
            change.new_row(&made, &folder, &parents)?.0
        }
        // `overwrite` is set: core refuses nothing.
        PostAction::Refuse(_) => return Err(Fault::Stopped),
    };
    Ok((row, change.finish()))
}
