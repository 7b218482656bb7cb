//! A person deals with a branch without making it current: keeps both, or lets it rest.

use keepsave_core::ids::{UserId, VersionId};
use keepsave_core::slots::Slot;

use super::copy::copy_content;
use super::{NotDone, of_user, with_bytes};
use crate::app::App;
use crate::saves::view::{self, SaveView};
use crate::vault::timelines::Timeline;
use crate::vault::versions;

/// Gives the branch a slot of its own, named after the slot and the device, so that every client
/// can reach it. The branch rests from then on.
pub async fn keep_both(app: &App, user: UserId, id: VersionId) -> Result<SaveView, NotDone> {
    let now = app.now();
    let (view, steps) = app
        .vault
        .write(move |tx| {
            let (record, timeline) = of_user(tx, user, id)?;
            let record = with_bytes(record)?;
            let slot = slot_beside(&timeline, record.device_name.as_deref());
            let (row, steps) = copy_content(tx, &timeline, &record, &slot, now)?;
            versions::settle(tx, id, now)?;
            Ok::<_, NotDone>((view::one(tx, row, None)?, steps))
        })
        .await?;
    app.follow(steps);
    app.events.tell(user, view.changed(None));
    Ok(view)
}

/// The slot that keeps what a device brought beside the current save.
pub fn slot_beside(timeline: &Timeline, device: Option<&str>) -> String {
    let device = device.unwrap_or("another device");
    let slot = timeline.slot.clone().unwrap_or_default();
    Slot::new(&slot).map_or_else(
        |_| format!("({device})"),
        |slot| slot.for_device(device).as_str().to_owned(),
    )
}

/// The branch needs no one any more. It stays a version that can be restored.
pub async fn dismiss(app: &App, user: UserId, id: VersionId) -> Result<(), NotDone> {
    let now = app.now();
    app.vault
        .write(move |tx| {
            of_user(tx, user, id)?;
            Ok(versions::settle(tx, id, now)?)
        })
        .await
}
