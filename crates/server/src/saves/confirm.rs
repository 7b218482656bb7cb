//! A device has what it downloaded: `POST /api/saves/{id}/downloaded`.

use keepsave_core::ids::{SaveId, UserId};

use super::change::Change;
use super::download::sent_or_shown;
use super::view::{self, SaveView};
use crate::app::App;
use crate::vault::versions::Maker;
use crate::vault::{Fault, saves, timelines};

/// Proves the version that the device was last sent from the row; none when the user has no such
/// save. It proves no other: the row may have moved on since.
pub async fn confirm(
    app: &App,
    user: UserId,
    id: SaveId,
    device: Maker,
) -> Result<Option<SaveView>, Fault> {
    let now = app.now();
    app.vault
        .write(move |tx| {
            let Some(save) = saves::of_user(tx, user, id)? else {
                return Ok(None);
            };
            let Some(timeline) = timelines::by_id(tx, save.timeline_id)? else {
                return Ok(None);
            };
            let version = sent_or_shown(tx, &device.id, &save)?;
            Change::begin(tx, timeline, Some(&device), now)?.confirm(save.id, version)?;
            view::one(tx, id, Some(&device.id)).map(Some)
        })
        .await
}
