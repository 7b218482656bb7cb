//! A device opts out of a timeline, or in again: `POST /api/saves/{id}/untrack|track`.

use keepsave_core::ids::{SaveId, UserId};
use keepsave_core::lineage::Holding;

use super::view::{self, SaveView};
use crate::app::App;
use crate::vault::versions::Maker;
use crate::vault::{Fault, holdings, saves};

/// Opting out is of the device and the timeline, not of a row: the next version is not synced
/// either. None when the user has no such save.
pub async fn set_untracked(
    app: &App,
    user: UserId,
    id: SaveId,
    device: Maker,
    untracked: bool,
) -> Result<Option<SaveView>, Fault> {
    let now = app.now();
    app.vault
        .write(move |tx| {
            let Some(save) = saves::of_user(tx, user, id)? else {
                return Ok(None);
            };
            let before = holdings::load(tx, &device.id, save.timeline_id)?;
            let after = Holding {
                untracked,
                ..before.clone()
            };
            holdings::save(tx, &device.id, save.timeline_id, &before, &after, now)?;
            if untracked {
                holdings::synced(tx, &device.id, save.id, now)?;
            }
            view::one(tx, id, Some(&device.id)).map(Some)
        })
        .await
}
