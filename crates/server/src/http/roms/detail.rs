//! A game in full, for the routes that answer with one.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use keepsave_core::ids::{RomId, UserId};
use keepsave_wire::assets::Shared;
use keepsave_wire::roms::DetailedRomSchema;

use super::schema::rom;
use crate::app::App;
use crate::http::{assets, notes as note_schemas, saves as save_schemas, states as state_schemas};
use crate::library::browse;
use crate::saves::view::{self, SaveView};
use crate::vault::saves::{self, Filter, Save};
use crate::vault::users::{self, User};
use crate::vault::{Fault, Tx, notes, screenshots, states};

/// A game with the saves, states, screenshots and notes that a person may see: their own, and
/// beside them what others made public. The newest first.
pub fn detail(app: &App, id: RomId, user: UserId) -> Result<Option<DetailedRomSchema>, Fault> {
    let Some(game) = browse::one(app, id, user)? else {
        return Ok(None);
    };
    let mut detail = DetailedRomSchema {
        rom: rom(game, app.now()),
        user_saves: Vec::new(),
        user_states: Vec::new(),
        all_user_saves: Vec::new(),
        all_user_states: Vec::new(),
        user_screenshots: Vec::new(),
        all_user_screenshots: Vec::new(),
        user_collections: Vec::new(),
        all_user_notes: Vec::new(),
    };
    app.vault.read(|tx| {
        let mut people = People::default();
        saves(tx, id, user, &mut people, &mut detail)?;
        states(tx, id, user, &mut people, &mut detail)?;
        pictures(tx, id, user, &mut people, &mut detail)?;
        let notes = notes::readable(tx, id, user)?;
        detail.all_user_notes = notes.into_iter().map(note_schemas::schema).collect();
        Ok(Some(detail))
    })
}

fn saves(
    tx: &Tx<'_>,
    rom: RomId,
    user: UserId,
    people: &mut People,
    detail: &mut DetailedRomSchema,
) -> Result<(), Fault> {
    let filter = Filter {
        rom: Some(rom),
        ..Filter::default()
    };
    let mut views = view::list(tx, user, &filter, None)?;
    for save in saves::public_of_rom(tx, rom, user)? {
        views.push(anothers(tx, save)?);
    }
    views.sort_by_key(|view| Reverse((view.save.updated_at, view.save.id)));
    for view in views {
        let owner = view.save.user_id;
        let save = save_schemas::schema(view);
        if owner == user {
            detail.user_saves.push(save.clone());
        }
        detail.all_user_saves.extend(people.share(tx, owner, save)?);
    }
    Ok(())
}

/// Another person's save, with its picture and without their devices.
fn anothers(tx: &Tx<'_>, save: Save) -> Result<SaveView, Fault> {
    let screenshot = match save.screenshot_id {
        Some(shot) => screenshots::by_id(tx, shot)?,
        None => None,
    };
    Ok(SaveView {
        save,
        screenshot,
        devices: Vec::new(),
    })
}

fn states(
    tx: &Tx<'_>,
    rom: RomId,
    user: UserId,
    people: &mut People,
    detail: &mut DetailedRomSchema,
) -> Result<(), Fault> {
    let mut all = states::list(tx, user, Some(rom), None)?;
    all.extend(states::public_of_rom(tx, rom, user)?);
    all.sort_by_key(|state| Reverse((state.updated_at, state.id)));
    for state in all {
        let owner = state.user_id;
        let state = state_schemas::schema(state);
        if owner == user {
            detail.user_states.push(state.clone());
        }
        detail
            .all_user_states
            .extend(people.share(tx, owner, state)?);
    }
    Ok(())
}

fn pictures(
    tx: &Tx<'_>,
    rom: RomId,
    user: UserId,
    people: &mut People,
    detail: &mut DetailedRomSchema,
) -> Result<(), Fault> {
    let own = screenshots::of_rom(tx, user, rom)?;
    detail.user_screenshots = own.into_iter().map(assets::screenshot_schema).collect();
    let mut gallery = screenshots::gallery(tx, user, rom)?;
    gallery.sort_by_key(|shot| Reverse((shot.created_at, shot.id)));
    for shot in gallery {
        let owner = shot.user_id;
        let shot = assets::screenshot_schema(shot);
        detail
            .all_user_screenshots
            .extend(people.share(tx, owner, shot)?);
    }
    Ok(())
}

/// Those who own what is shown.
#[derive(Default)]
struct People(HashMap<UserId, Option<User>>);

impl People {
    /// Puts an asset beside its owner. None when there is no such person any more.
    fn share<T>(
        &mut self,
        tx: &Tx<'_>,
        owner: UserId,
        asset: T,
    ) -> Result<Option<Shared<T>>, Fault> {
        let owner = match self.0.entry(owner) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(users::by_id(tx, owner)?),
        };
        Ok(owner.as_ref().map(|owner| Shared {
            asset,
            username: owner.username.clone(),
            user_avatar_path: String::new(),
            user_updated_at: owner.updated_at,
        }))
    }
}
