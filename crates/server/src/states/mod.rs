//! Save states: one use case, one file. Nothing here knows of HTTP.
//!
//! A state has no slot, no device and no lineage: it is a file that a person keeps by name. Each
//! content that is replaced stays all the same.

pub mod delete;
pub mod replace;
pub mod undelete;
pub mod upload;
pub mod visibility;

use keepsave_core::time::Time;

use crate::screenshots::{self, Companion, Picture};
use crate::vault::states::{self, State};
use crate::vault::tree::TreeStep;
use crate::vault::{Fault, Tx, rom_users};

/// What goes with a state's upload: its picture, and when the game was played.
fn accompany(
    tx: &Tx<'_>,
    state: &State,
    picture: Option<&Picture>,
    now: Time,
) -> Result<Vec<TreeStep>, Fault> {
    rom_users::played(tx, state.user_id, state.rom_id, now)?;
    let Some(picture) = picture else {
        return Ok(Vec::new());
    };
    let companion = Companion {
        user: state.user_id,
        rom: state.rom_id,
        is_public: state.is_public,
        picture: state.screenshot.as_ref().map(|shot| shot.id),
    };
    let (shot, steps) = screenshots::store_for(tx, &companion, picture, now)?;
    states::set_screenshot(tx, state.id, shot)?;
    Ok(steps)
}

fn place(state: &State) -> TreeStep {
    TreeStep::Place {
        path: state.tree_path(),
        blob: state.blob,
    }
}

fn withdraw(state: &State) -> TreeStep {
    TreeStep::Withdraw {
        path: state.tree_path(),
    }
}
