//! A state is rewritten under its name: `PUT /api/states/{id}`.

use keepsave_core::ids::{StateId, UserId};

use super::{accompany, place};
use crate::app::App;
use crate::screenshots::Picture;
use crate::vault::Fault;
use crate::vault::blobs::Stored;
use crate::vault::states::{self, State};

/// What a PUT brings: a content, a picture, both or neither.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// Whose state it must be.
    pub user: UserId,
    /// The state.
    pub state: StateId,
    /// The new content.
    pub stored: Option<Stored>,
    /// A picture of the moment.
    pub picture: Option<Picture>,
}

/// Rewrites the state; none when the user has no such state.
pub async fn replace(app: &App, new: Replacement) -> Result<Option<State>, Fault> {
    let now = app.now();
    let done = app
        .vault
        .write(move |tx| {
            let Some(before) = states::of_user(tx, new.user, new.state)? else {
                return Ok::<_, Fault>(None);
            };
            if let Some(stored) = &new.stored {
                states::replace(tx, &before, stored, now)?;
            }
            let mut steps = accompany(tx, &before, new.picture.as_ref(), now)?;
            let after = states::one(tx, before.id)?;
            if after.blob != before.blob {
                steps.push(place(&after));
            }
            Ok(Some((after, steps)))
        })
        .await?;
    let Some((state, steps)) = done else {
        return Ok(None);
    };
    app.follow(steps);
    Ok(Some(state))
}
