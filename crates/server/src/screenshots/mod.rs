//! Screenshots: one use case, one file, and the pictures that come with saves and states.
//! Nothing here knows of HTTP.

pub mod delete;
pub mod undelete;
pub mod upload;
pub mod visibility;

use keepsave_core::ids::{RomId, SaveId, ScreenshotId, UserId};
use keepsave_core::names::{self, AssetKind, FileName};
use keepsave_core::time::Time;

use crate::vault::blobs::Stored;
use crate::vault::screenshots::{self, NewScreenshot, Screenshot};
use crate::vault::tree::{self, TreeStep};
use crate::vault::{Fault, Tx, saves};

/// A picture that was received and named.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its name, sanitised.
    pub file_name: FileName,
    /// The bytes.
    pub stored: Stored,
}

/// A save or a state that a picture came with.
#[derive(Clone, Copy, Debug)]
pub struct Companion {
    /// Whose it is.
    pub user: UserId,
    /// The game.
    pub rom: RomId,
    /// Whether others may read it: then they may see its picture, too.
    pub is_public: bool,
    /// The picture that it has.
    pub picture: Option<ScreenshotId>,
}

/// Keeps the picture that came with a save or a state, in place of the one that it had.
///
/// The two are linked by id. RomM links them by name, and loses the link of every save in a slot.
pub fn store_for(
    tx: &Tx<'_>,
    companion: &Companion,
    picture: &Picture,
    now: Time,
) -> Result<(ScreenshotId, Vec<TreeStep>), Fault> {
    let Companion { user, rom, .. } = *companion;
    let before = match companion.picture {
        Some(id) => screenshots::of_user(tx, user, id)?,
        None => None,
    };
    if let Some(before) = before {
        return replace(tx, &before, picture, now);
    }
    let (id, steps) = add(tx, user, rom, picture, false, now)?;
    screenshots::set_public(tx, id, companion.is_public)?;
    Ok((id, steps))
}

/// Takes a picture out of sight, by itself or with what it came with.
pub fn hide(tx: &Tx<'_>, shot: &Screenshot, now: Time) -> Result<TreeStep, Fault> {
    screenshots::hide(tx, shot.id, now)?;
    Ok(TreeStep::Withdraw {
        path: shot.tree_path(),
    })
}

/// Brings a hidden picture back. When another took its name meanwhile it gets a tag.
pub fn bring_back(tx: &Tx<'_>, shot: &Screenshot, now: Time) -> Result<TreeStep, Fault> {
    let name = FileName::stored(&shot.file_name);
    let name = free_name(tx, shot.user_id, shot.rom_id, &name, now)?;
    screenshots::unhide(tx, shot.id, name.as_str())?;
    Ok(TreeStep::Place {
        path: format!("{}/{name}", shot.file_path),
        blob: shot.blob,
    })
}

/// Gives the copy of a save a copy of its picture: what replaces one leaves the other as it is.
pub fn copy(
    tx: &Tx<'_>,
    original: ScreenshotId,
    copied_save: SaveId,
    now: Time,
) -> Result<Option<TreeStep>, Fault> {
    let shot = screenshots::even_hidden(tx, original)?;
    let name = FileName::stored(&shot.file_name);
    let name = free_name(tx, shot.user_id, shot.rom_id, &name, now)?;
    let copy = screenshots::copy(tx, original, name.as_str())?;
    saves::set_screenshot(tx, copied_save, copy)?;
    Ok(shot.hidden_at.is_none().then(|| TreeStep::Place {
        path: format!("{}/{name}", shot.file_path),
        blob: shot.blob,
    }))
}

fn add(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    picture: &Picture,
    is_gallery: bool,
    now: Time,
) -> Result<(ScreenshotId, Vec<TreeStep>), Fault> {
    let folder = tree::folder(tx, AssetKind::Screenshot, user, rom, None)?;
    let file_name = free_name(tx, user, rom, &picture.file_name, now)?;
    let new = NewScreenshot {
        user_id: user,
        rom_id: rom,
        file_name: file_name.as_str(),
        file_path: &folder,
        stored: &picture.stored,
        is_gallery,
    };
    let id = screenshots::add(tx, &new, now)?;
    let place = TreeStep::Place {
        path: format!("{folder}/{file_name}"),
        blob: picture.stored.content.blob,
    };
    Ok((id, vec![place]))
}

fn replace(
    tx: &Tx<'_>,
    before: &Screenshot,
    picture: &Picture,
    now: Time,
) -> Result<(ScreenshotId, Vec<TreeStep>), Fault> {
    let mut steps = Vec::new();
    let file_name = if picture.file_name.as_str() == before.file_name {
        picture.file_name.clone()
    } else {
        steps.push(TreeStep::Withdraw {
            path: before.tree_path(),
        });
        free_name(tx, before.user_id, before.rom_id, &picture.file_name, now)?
    };
    screenshots::replace(tx, before, file_name.as_str(), &picture.stored, now)?;
    steps.push(TreeStep::Place {
        path: format!("{}/{file_name}", before.file_path),
        blob: picture.stored.content.blob,
    });
    Ok((before.id, steps))
}

/// No two pictures of a game share a name, so that each has its file in the asset tree.
fn free_name(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    name: &FileName,
    now: Time,
) -> Result<FileName, Fault> {
    let mut candidate = name.clone();
    let mut number = 0;
    while screenshots::name_is_taken(tx, user, rom, candidate.as_str())? {
        number += 1;
        candidate = names::distinct(name, now, number);
    }
    Ok(candidate)
}
