//! Who may see a picture besides its owner: `PUT /api/screenshots/{id}`.

use keepsave_core::ids::{ScreenshotId, UserId};

use crate::app::App;
use crate::vault::Fault;
use crate::vault::screenshots::{self, Screenshot};

/// Makes a user's picture public or private; none when the user has no such picture.
pub async fn set_public(
    app: &App,
    user: UserId,
    id: ScreenshotId,
    is_public: bool,
) -> Result<Option<Screenshot>, Fault> {
    app.vault
        .write(move |tx| {
            if screenshots::of_user(tx, user, id)?.is_some() {
                screenshots::set_public(tx, id, is_public)?;
            }
            screenshots::of_user(tx, user, id)
        })
        .await
}
