//! A picture for a game's gallery: `POST /api/screenshots`.

use keepsave_core::ids::{RomId, UserId};

use super::{Picture, add, replace};
use crate::app::App;
use crate::vault::Fault;
use crate::vault::screenshots::{self, Screenshot};

/// Puts the picture into the gallery, in place of one of the same name. The game is known to
/// exist.
pub async fn upload(
    app: &App,
    user: UserId,
    rom: RomId,
    picture: Picture,
) -> Result<Screenshot, Fault> {
    let now = app.now();
    let (shot, steps) = app
        .vault
        .write(move |tx| {
            let name = picture.file_name.as_str();
            let (id, steps) = match screenshots::in_gallery(tx, user, rom, name)? {
                Some(before) => replace(tx, &before, &picture, now)?,
                None => add(tx, user, rom, &picture, true, now)?,
            };
            Ok::<_, Fault>((screenshots::one(tx, id)?, steps))
        })
        .await?;
    app.follow(steps);
    Ok(shot)
}
