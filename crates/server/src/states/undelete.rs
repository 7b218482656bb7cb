//! A deleted state comes back, with its picture.

use keepsave_core::ids::{StateId, UserId};
use keepsave_core::names::{self, FileName};

use super::place;
use crate::app::App;
use crate::screenshots;
use crate::vault::Fault;
use crate::vault::screenshots::hidden_with_state;
use crate::vault::states::{self, State};

/// Brings a user's state back; one that is not deleted stays as it is. When another state took its
/// name meanwhile it gets a tag. None when the user never had such a state.
pub async fn undelete(app: &App, user: UserId, id: StateId) -> Result<Option<State>, Fault> {
    let now = app.now();
    let done = app
        .vault
        .write(move |tx| {
            let Some(state) = states::of_user_even_hidden(tx, user, id)? else {
                return Ok::<_, Fault>(None);
            };
            let mut steps = Vec::new();
            if state.hidden_at.is_some() {
                if let Some(shot) = hidden_with_state(tx, id)? {
                    steps.push(screenshots::bring_back(tx, &shot, now)?);
                }
                let given = FileName::stored(&state.file_name);
                let mut name = given.clone();
                let mut number = 0;
                while states::named(tx, user, state.rom_id, name.as_str())?.is_some() {
                    number += 1;
                    name = names::distinct(&given, now, number);
                }
                states::unhide(tx, id, name.as_str())?;
            }
            let state = states::one(tx, id)?;
            steps.push(place(&state));
            Ok(Some((state, steps)))
        })
        .await?;
    let Some((state, steps)) = done else {
        return Ok(None);
    };
    app.follow(steps);
    Ok(Some(state))
}
