//! What others share, and taking a copy of it.

use keepsave_core::content::Content;
use keepsave_core::ids::{SaveId, StateId, UserId};
use keepsave_core::limits;
use keepsave_core::names::FileName;

use crate::app::App;
use crate::saves::view::SaveView;
use crate::states::upload::{NewState, upload};
use crate::vault::blobs::Stored;
use crate::vault::community::{self, Shared};
use crate::vault::states::State;
use crate::vault::{Fault, saves, states, users};
use crate::versions::{NotDone, copy};

/// A page of what others share, the newest first, and how much there is.
pub fn page(app: &App, user: UserId, page: u64) -> Result<(Vec<Shared>, u64), Fault> {
    let limit = limits::COMMUNITY_SAVES;
    let offset = page.saturating_sub(1).saturating_mul(limit.unsigned_abs());
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    app.vault.read(|tx| {
        let total = community::count(tx, user)?;
        Ok((community::page(tx, user, limit, offset)?, total))
    })
}

/// Puts a copy of what someone's public save shows into a slot of the person's, as its newest.
pub async fn copy_save(
    app: &App,
    user: UserId,
    id: SaveId,
    slot: String,
) -> Result<SaveView, NotDone> {
    let shown = app.vault.read(|tx| {
        let save = saves::by_id(tx, id)?.filter(|save| save.is_public && save.user_id != user);
        let save = save.ok_or(NotDone::Unknown)?;
        users::by_id(tx, save.user_id)?.ok_or(NotDone::Unknown)?;
        Ok::<_, NotDone>(save.version_id)
    })?;
    copy::copy_for(app, user, shown, slot).await
}

/// Stores a copy of someone's public state among the person's own.
pub async fn copy_state(app: &App, user: UserId, id: StateId) -> Result<State, NotDone> {
    let shared = app.vault.read(|tx| {
        let state = states::by_id(tx, id)?.filter(|state| state.is_public && state.user_id != user);
        let state = state.ok_or(NotDone::Unknown)?;
        users::by_id(tx, state.user_id)?.ok_or(NotDone::Unknown)?;
        let taken = states::named(tx, user, state.rom_id, &state.file_name)?;
        Ok::<_, NotDone>((state, taken.is_some()))
    })?;
    let (state, is_taken) = shared;
    if is_taken {
        // A state that has that name is not replaced by another's.
        return Err(NotDone::SlotTaken(state.file_name));
    }
    let new = NewState {
        user,
        rom: state.rom_id,
        file_name: FileName::stored(state.file_name),
        emulator: state.emulator,
        stored: Stored {
            content: Content {
                hash: None,
                blob: state.blob,
            },
            size: state.size,
            blank: false,
        },
        picture: None,
    };
    Ok(upload(app, new).await?)
}
