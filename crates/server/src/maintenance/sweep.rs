//! Removes the contents that no row needs: what an interrupted upload left, what retention gave up.

use serde::Serialize;

use super::hold;
use crate::app::App;
use crate::vault::{Fault, contents};

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// How many contents.
    pub contents: u64,
    /// How many bytes they had.
    pub bytes: u64,
}

/// Removes what no row needs. Only for the process that serves, which knows what came in lately.
/// Nothing is removed while someone reads all contents; the next sweep will.
pub fn sweep(app: &App) -> Result<Swept, Fault> {
    let mut swept = Swept::default();
    let Some(_hold) = hold::may_remove(&app.settings.data)? else {
        return Ok(swept);
    };
    let blobs = app.vault.blobs();
    for first in 0..=u8::MAX {
        for (blob, size) in blobs.beginning_with(first)? {
            let needed = app.vault.read(|tx| contents::is_needed(tx, &blob))?;
            if !needed && blobs.remove(&blob)? {
                swept.contents += 1;
                swept.bytes += size;
            }
        }
    }
    Ok(swept)
}
