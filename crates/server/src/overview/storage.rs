//! How much room a person's saves take. It reads every version, so a figure counts for a while.

use std::collections::HashMap;
use std::sync::Mutex;

use keepsave_core::ids::UserId;
use keepsave_core::limits::STORAGE_COUNTS_SECONDS;
use keepsave_core::time::Time;

use crate::app::App;
use crate::vault::{Fault, shelf};

/// How much room a person's saves take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storage {
    /// All versions whose bytes are kept.
    pub all: u64,
    /// Of these what is not current any more.
    pub old: u64,
}

/// What was counted, for whom and when.
#[derive(Debug, Default)]
pub struct Counted(Mutex<HashMap<UserId, (Time, Storage)>>);

/// How much room the person's saves take, as of a moment ago.
pub fn of(app: &App, user: UserId) -> Result<Storage, Fault> {
    let now = app.now();
    let known = app
        .counted
        .0
        .lock()
        .map_or(None, |known| known.get(&user).copied());
    if let Some((at, storage)) = known
        && at <= now
        && now <= at.plus_seconds(STORAGE_COUNTS_SECONDS)
    {
        return Ok(storage);
    }
    let (all, current) = app.vault.read(|tx| shelf::storage(tx, user))?;
    let storage = Storage {
        all,
        old: all.saturating_sub(current),
    };
    if let Ok(mut known) = app.counted.0.lock() {
        known.insert(user, (now, storage));
    }
    Ok(storage)
}
