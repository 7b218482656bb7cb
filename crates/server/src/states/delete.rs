//! States are deleted: `POST /api/states/delete`. All or none, and hidden rather than destroyed.

use keepsave_core::ids::{StateId, UserId};

use super::withdraw;
use crate::app::App;
use crate::screenshots;
use crate::vault::{Fault, states};

/// Why nothing was deleted.
#[derive(Debug)]
pub enum NotDeleted {
    /// The user has no such state.
    Unknown(StateId),
    /// The store failed.
    Fault(Fault),
}

impl From<Fault> for NotDeleted {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Hides every state with its picture, or none when one is unknown.
pub async fn delete(app: &App, user: UserId, ids: Vec<StateId>) -> Result<(), NotDeleted> {
    let now = app.now();
    let steps = app
        .vault
        .write(move |tx| {
            let mut steps = Vec::new();
            for id in ids {
                let state = states::of_user(tx, user, id)?.ok_or(NotDeleted::Unknown(id))?;
                states::hide(tx, id, now)?;
                steps.push(withdraw(&state));
                if let Some(shot) = state.screenshot {
                    steps.push(screenshots::hide(tx, &shot, now)?);
                }
            }
            Ok::<_, NotDeleted>(steps)
        })
        .await?;
    app.follow(steps);
    Ok(())
}
