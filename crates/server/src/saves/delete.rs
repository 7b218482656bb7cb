//! Saves are deleted: `POST /api/saves/delete`. All or none, and hidden rather than destroyed.

use keepsave_core::ids::{SaveId, UserId};

use super::change::Change;
use crate::app::App;
use crate::events::Event;
use crate::vault::{Fault, saves, timelines};

/// Why nothing was deleted.
#[derive(Debug)]
pub enum NotDeleted {
    /// The user has no such save.
    Unknown(SaveId),
    /// The store failed.
    Fault(Fault),
}

impl From<Fault> for NotDeleted {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Hides every row, with a tombstone on all that each ever showed, or none when one is unknown.
pub async fn delete(app: &App, user: UserId, ids: Vec<SaveId>) -> Result<(), NotDeleted> {
    let now = app.now();
    let event = Event::Deleted {
        save_ids: ids.clone(),
    };
    let steps = app
        .vault
        .write(move |tx| {
            let mut steps = Vec::new();
            for id in ids {
                let save = saves::of_user(tx, user, id)?.ok_or(NotDeleted::Unknown(id))?;
                if let Some(timeline) = timelines::by_id(tx, save.timeline_id)? {
                    let mut change = Change::begin(tx, timeline, None, now)?;
                    change.delete(&save)?;
                    steps.extend(change.finish());
                }
            }
            Ok::<_, NotDeleted>(steps)
        })
        .await?;
    app.follow(steps);
    app.events.tell(user, event);
    Ok(())
}
