//! A person makes a version the current save on every device: an older one, a deleted one, or a
//! branch, which is thereby adopted. Devices receive it through the ordinary routes.

use keepsave_core::ids::{SaveId, UserId, VersionId};
use keepsave_core::lineage::{History, PostAction, decide_restore};
use keepsave_core::names::{AssetKind, FileName};
use keepsave_core::time::Time;

use super::{NotDone, of_user, with_bytes};
use crate::app::App;
use crate::saves::change::{Change, Made};
use crate::saves::view::{self, SaveView};
use crate::vault::Tx;
use crate::vault::timelines::{self, Timeline};
use crate::vault::tree::{self, TreeStep};
use crate::vault::versions::{self, MadeBy, Record};

/// Restores a version, and with it every file of its slot as it was when its set came: all of them
/// or none.
pub async fn restore(app: &App, user: UserId, id: VersionId) -> Result<Vec<SaveView>, NotDone> {
    let now = app.now();
    let done = app.vault.write(move |tx| {
        let (members, _) = members(tx, user, id)?;
        restore_all(tx, user, members, now)
    });
    Ok(finish(app, user, done.await?))
}

/// A version with every file of its slot as it was when its set came, and its timeline.
pub(crate) fn members(
    tx: &Tx<'_>,
    user: UserId,
    id: VersionId,
) -> Result<(Vec<Record>, Timeline), NotDone> {
    let (record, timeline) = of_user(tx, user, id)?;
    let set = record.set_id.clone().filter(|_| !record.refused);
    let mut members = vec![record];
    if let Some(set) = &set {
        let together = versions::together(tx, timeline.slot_id, set)?;
        members.extend(
            together
                .into_iter()
                .filter(|member| member.timeline_id != timeline.id),
        );
    }
    for member in &mut members {
        // From now on they are versions of one set, whatever they were before.
        member.set_id.clone_from(&set);
    }
    Ok((members, timeline))
}

/// Restores the newest version of every file of a set: all of them or none.
pub async fn restore_set(
    app: &App,
    user: UserId,
    set_id: String,
) -> Result<Vec<SaveView>, NotDone> {
    let now = app.now();
    let done = app.vault.write(move |tx| {
        let members = versions::of_set(tx, user, &set_id)?;
        if members.is_empty() {
            return Err(NotDone::Unknown);
        }
        restore_all(tx, user, members, now)
    });
    Ok(finish(app, user, done.await?))
}

/// The rows that show what was restored, and what the asset tree must show.
pub(crate) type Restored = (Vec<SaveView>, Vec<TreeStep>);

fn finish(app: &App, user: UserId, done: Restored) -> Vec<SaveView> {
    let (views, steps) = done;
    app.follow(steps);
    for view in &views {
        app.events.tell(user, view.changed(None));
    }
    views
}

/// Restores versions of different timelines.
pub(crate) fn restore_all(
    tx: &Tx<'_>,
    user: UserId,
    members: Vec<Record>,
    now: Time,
) -> Result<Restored, NotDone> {
    let mut steps = Vec::new();
    let mut rows = Vec::new();
    for record in members {
        let record = with_bytes(record)?;
        let timeline = timelines::of_user(tx, user, record.timeline_id)?.ok_or(NotDone::Unknown)?;
        rows.push(restore_one(tx, timeline, &record, now, &mut steps)?);
    }
    let views = rows
        .into_iter()
        .map(|row| view::one(tx, row, None))
        .collect::<Result<_, _>>()?;
    Ok((views, steps))
}

fn restore_one(
    tx: &Tx<'_>,
    timeline: Timeline,
    record: &Record,
    now: Time,
    steps: &mut Vec<TreeStep>,
) -> Result<SaveId, NotDone> {
    let (user, rom) = (timeline.user_id, timeline.rom_id);
    let mut change = Change::begin(tx, timeline, None, now)?;
    let history = change.lineage();
    let decision = decide_restore(&history, &history.version(record.id)?)?;
    let row = match decision.action {
        PostAction::HeadHolds { row, .. } | PostAction::LateRetry { row, .. } => row,
        PostAction::OnRow { row, parents } => {
            change.on_row(row, &made_again(record), &parents)?;
            row
        }
        PostAction::NewRow { parents } => {
            let folder = tree::folder(tx, AssetKind::Save, user, rom, record.emulator.as_deref())?;
            change.new_row(&made_again(record), &folder, &parents)?.0
        }
        // Nothing that a person chooses is refused.
        PostAction::Refuse(_) => return Err(NotDone::Unknown),
    };
    if record.refused {
        versions::settle(tx, record.id, now)?;
    }
    steps.extend(change.finish());
    Ok(row)
}

fn made_again(record: &Record) -> Made {
    Made {
        file_name: FileName::stored(&record.file_name),
        emulator: record.emulator.clone(),
        content: record.content,
        size: record.size,
        blank: record.blank,
        made_by: MadeBy::Restore,
        set_id: record.set_id.clone(),
    }
}

/// The content of a version as it was when it was stored.
pub fn content(app: &App, user: UserId, id: VersionId) -> Result<Record, NotDone> {
    app.vault.read(|tx| with_bytes(of_user(tx, user, id)?.0))
}
