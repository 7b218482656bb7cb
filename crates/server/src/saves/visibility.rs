//! Who may read a save besides its owner: `PUT /api/saves/{id}/visibility`.

use keepsave_core::ids::{SaveId, UserId};

use super::view::{self, SaveView};
use crate::app::App;
use crate::vault::{Fault, saves, screenshots};

/// Makes a user's save public or private, and its picture with it, so that others see what they may
/// read; none when the user has no such save.
pub async fn set_public(
    app: &App,
    user: UserId,
    id: SaveId,
    is_public: bool,
) -> Result<Option<SaveView>, Fault> {
    app.vault
        .write(move |tx| {
            let Some(row) = saves::of_user(tx, user, id)? else {
                return Ok(None);
            };
            saves::set_public(tx, id, is_public)?;
            if let Some(shot) = row.screenshot_id {
                screenshots::set_public(tx, shot, is_public)?;
            }
            view::one(tx, id, None).map(Some)
        })
        .await
}
