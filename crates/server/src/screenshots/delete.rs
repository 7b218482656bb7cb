//! A picture is deleted: `DELETE /api/screenshots/{id}`. It is hidden rather than destroyed.

use keepsave_core::ids::{ScreenshotId, UserId};

use super::hide;
use crate::app::App;
use crate::vault::Fault;
use crate::vault::screenshots;

/// Hides a user's picture; false when the user has no such picture.
pub async fn delete(app: &App, user: UserId, id: ScreenshotId) -> Result<bool, Fault> {
    let now = app.now();
    let steps = app
        .vault
        .write(move |tx| {
            let Some(shot) = screenshots::of_user(tx, user, id)? else {
                return Ok::<_, Fault>(None);
            };
            Ok(Some(vec![hide(tx, &shot, now)?]))
        })
        .await?;
    let found = steps.is_some();
    app.follow(steps.unwrap_or_default());
    Ok(found)
}
