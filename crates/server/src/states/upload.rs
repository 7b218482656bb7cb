//! A state comes up: `POST /api/states`.

use keepsave_core::ids::{RomId, UserId};
use keepsave_core::names::{AssetKind, FileName};
use keepsave_core::time::Time;

use super::{accompany, place, withdraw};
use crate::app::App;
use crate::screenshots::Picture;
use crate::vault::blobs::Stored;
use crate::vault::states::{self, State};
use crate::vault::tree::{self, TreeStep};
use crate::vault::{Fault, Tx};

/// A file that was received and is about to take its place.
#[derive(Clone, Debug)]
pub struct NewState {
    /// Whose it is.
    pub user: UserId,
    /// The game.
    pub rom: RomId,
    /// The file's name, sanitised.
    pub file_name: FileName,
    /// The emulator that was named.
    pub emulator: Option<String>,
    /// The bytes.
    pub stored: Stored,
    /// A picture of the moment.
    pub picture: Option<Picture>,
}

/// Stores the state, in place of one of the same name. The game is known to exist.
pub async fn upload(app: &App, new: NewState) -> Result<State, Fault> {
    let now = app.now();
    let (state, steps) = app.vault.write(move |tx| store(tx, &new, now)).await?;
    app.follow(steps);
    Ok(state)
}

fn store(tx: &Tx<'_>, new: &NewState, now: Time) -> Result<(State, Vec<TreeStep>), Fault> {
    let emulator = new.emulator.as_deref();
    let folder = tree::folder(tx, AssetKind::State, new.user, new.rom, emulator)?;
    let mut steps = Vec::new();
    let before = states::named(tx, new.user, new.rom, new.file_name.as_str())?;
    let id = if let Some(before) = before {
        states::replace(tx, &before, &new.stored, now)?;
        // RomM keeps one state of each name: another emulator's moves.
        if before.emulator.as_deref() != emulator {
            states::relocate(tx, before.id, &folder, emulator)?;
            steps.push(withdraw(&before));
        }
        before.id
    } else {
        let row = states::NewState {
            user_id: new.user,
            rom_id: new.rom,
            file_name: new.file_name.as_str(),
            file_path: &folder,
            emulator,
            stored: &new.stored,
        };
        states::add(tx, &row, now)?
    };
    let state = states::one(tx, id)?;
    steps.push(place(&state));
    steps.extend(accompany(tx, &state, new.picture.as_ref(), now)?);
    Ok((states::one(tx, id)?, steps))
}
