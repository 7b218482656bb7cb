//! A save is rewritten in place: `PUT /api/saves/{id}`. RomM takes every one, and so does this; but
//! what it replaces stays a version.

use keepsave_core::ids::{SaveId, UserId};
use keepsave_core::lineage::{PutAction, decide_put};
use keepsave_core::names::{self, FileName};
use keepsave_core::time::Time;

use super::change::{Change, Made};
use super::view::{self, SaveView};
use crate::app::App;
use crate::screenshots::Picture;
use crate::vault::blobs::Stored;
use crate::vault::tree::TreeStep;
use crate::vault::versions::{MadeBy, Maker};
use crate::vault::{Fault, Tx, rom_users, saves, timelines};

/// What a PUT brings: a content, a picture, both or neither.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// Whose save it must be.
    pub user: UserId,
    /// The row.
    pub save: SaveId,
    /// The device that sends it, when one is named.
    pub maker: Option<Maker>,
    /// The new content.
    pub stored: Option<Stored>,
    /// A picture of the moment.
    pub picture: Option<Picture>,
}

/// Rewrites the row; none when the user has no such save.
pub async fn replace(app: &App, new: Replacement) -> Result<Option<SaveView>, Fault> {
    let now = app.now();
    let user = new.user;
    let device = new.maker.as_ref().map(|maker| maker.id.clone());
    let done = app.vault.write(move |tx| rewrite(tx, &new, now)).await?;
    let Some((view, steps)) = done else {
        return Ok(None);
    };
    let moved_head = !steps.is_empty();
    app.follow(steps);
    if moved_head {
        app.events.tell(user, view.changed(device.as_ref()));
    }
    Ok(Some(view))
}

fn rewrite(
    tx: &Tx<'_>,
    new: &Replacement,
    now: Time,
) -> Result<Option<(SaveView, Vec<TreeStep>)>, Fault> {
    let Some(save) = saves::of_user(tx, new.user, new.save)? else {
        return Ok(None);
    };
    let Some(timeline) = timelines::by_id(tx, save.timeline_id)? else {
        return Ok(None);
    };
    let mut change = Change::begin(tx, timeline, new.maker.as_ref(), now)?;
    if let Some(stored) = &new.stored {
        let decision = decide_put(
            &change.lineage(),
            change.holding(),
            save.id,
            &stored.content,
        )?;
        let version = match decision.action {
            PutAction::Touch { version } => {
                change.touch(save.id)?;
                version
            }
            PutAction::NewVersion { parents } => {
                let made = Made {
                    // RomM keeps the row's name, whatever the upload is called.
                    file_name: FileName::stored(names::untagged(&save.file_name)),
                    emulator: save.emulator.clone(),
                    content: stored.content,
                    size: stored.size,
                    blank: stored.blank,
                    made_by: MadeBy::Replace,
                    set_id: None,
                };
                change.on_row(save.id, &made, &parents)?
            }
        };
        change.prove(save.id, version)?;
    }
    if let Some(picture) = &new.picture {
        change.also(super::illustrate(tx, save.id, picture, now)?);
    }
    rom_users::played(tx, save.user_id, save.rom_id, now)?;
    let view = view::one(tx, save.id, new.maker.as_ref().map(|maker| &maker.id))?;
    Ok(Some((view, change.finish())))
}
