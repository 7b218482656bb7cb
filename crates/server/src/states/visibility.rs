//! Who may read a state besides its owner: `PUT /api/states/{id}/visibility`.

use keepsave_core::ids::{StateId, UserId};

use crate::app::App;
use crate::vault::states::{self, State};
use crate::vault::{Fault, screenshots};

/// Makes a user's state public or private, and its picture with it, so that others see what they
/// may read; none when the user has no such state.
pub async fn set_public(
    app: &App,
    user: UserId,
    id: StateId,
    is_public: bool,
) -> Result<Option<State>, Fault> {
    app.vault
        .write(move |tx| {
            if let Some(state) = states::of_user(tx, user, id)? {
                states::set_public(tx, id, is_public)?;
                if let Some(shot) = state.screenshot {
                    screenshots::set_public(tx, shot.id, is_public)?;
                }
            }
            states::of_user(tx, user, id)
        })
        .await
}
