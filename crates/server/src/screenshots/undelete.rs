//! A deleted picture comes back.

use keepsave_core::ids::{ScreenshotId, UserId};

use super::bring_back;
use crate::app::App;
use crate::vault::Fault;
use crate::vault::screenshots::{self, Screenshot};

/// Brings a user's picture back; one that is not deleted stays as it is. What it came with stays
/// deleted. None when the user never had such a picture.
pub async fn undelete(
    app: &App,
    user: UserId,
    id: ScreenshotId,
) -> Result<Option<Screenshot>, Fault> {
    let now = app.now();
    let done = app
        .vault
        .write(move |tx| {
            let Some(shot) = screenshots::of_user_even_hidden(tx, user, id)? else {
                return Ok::<_, Fault>(None);
            };
            let steps = match shot.hidden_at {
                Some(_) => vec![bring_back(tx, &shot, now)?],
                None => Vec::new(),
            };
            Ok(Some((screenshots::one(tx, id)?, steps)))
        })
        .await?;
    let Some((shot, steps)) = done else {
        return Ok(None);
    };
    app.follow(steps);
    Ok(Some(shot))
}
