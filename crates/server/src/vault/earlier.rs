//! The table of contents that states and screenshots had before.

use keepsave_core::content::BlobHash;
use keepsave_core::ids::{EarlierContentId, ScreenshotId, StateId, UserId};
use keepsave_core::time::Time;

use super::screenshots::Screenshot;
use super::states::State;
use super::{Fault, Row, Tx};
use crate::bind;

/// A content that something had before.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Earlier {
    pub id: EarlierContentId,
    pub file_name: String,
    pub emulator: Option<String>,
    pub size: u64,
    pub blob: BlobHash,
    pub replaced_at: Time,
}

const COLUMNS: &str = "e.id, e.file_name, e.emulator, e.size, e.blob, e.replaced_at";

fn earlier(row: &mut Row<'_>) -> Result<Earlier, Fault> {
    Ok(Earlier {
        id: row.get()?,
        file_name: row.get()?,
        emulator: row.get()?,
        size: row.get()?,
        blob: row.get()?,
        replaced_at: row.get()?,
    })
}

/// Keeps what a state has, for something else is about to take its place.
pub fn keep_of_state(tx: &Tx<'_>, state: &State, now: Time) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO earlier_contents (state_id, file_name, emulator, size, blob, replaced_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        bind![
            state.id,
            state.file_name,
            state.emulator,
            state.size,
            state.blob,
            now
        ],
    )?;
    Ok(())
}

/// Keeps what a screenshot has, for something else is about to take its place.
pub fn keep_of_screenshot(tx: &Tx<'_>, shot: &Screenshot, now: Time) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO earlier_contents (screenshot_id, file_name, size, blob, replaced_at) \
         VALUES ($1, $2, $3, $4, $5)",
        bind![shot.id, shot.file_name, shot.size, shot.blob, now],
    )?;
    Ok(())
}

/// What a state had before, the last first.
pub fn of_state(tx: &Tx<'_>, state: StateId) -> Result<Vec<Earlier>, Fault> {
    all_of(tx, "e.state_id", state.0)
}

/// What a screenshot had before, the last first.
pub fn of_screenshot(tx: &Tx<'_>, shot: ScreenshotId) -> Result<Vec<Earlier>, Fault> {
    all_of(tx, "e.screenshot_id", shot.0)
}

fn all_of(tx: &Tx<'_>, column: &str, id: i64) -> Result<Vec<Earlier>, Fault> {
    tx.all(
        &format!("SELECT {COLUMNS} FROM earlier_contents e WHERE {column} = $1 ORDER BY e.id DESC"),
        bind![id],
        earlier,
    )
}

/// One that a state had, when the state belongs to the user, deleted or not.
pub fn of_users_state(
    tx: &Tx<'_>,
    user: UserId,
    id: EarlierContentId,
) -> Result<Option<Earlier>, Fault> {
    one_of(tx, "states s ON s.id = e.state_id", user, id)
}

/// One that a screenshot had, when the screenshot belongs to the user, deleted or not.
pub fn of_users_screenshot(
    tx: &Tx<'_>,
    user: UserId,
    id: EarlierContentId,
) -> Result<Option<Earlier>, Fault> {
    one_of(tx, "screenshots s ON s.id = e.screenshot_id", user, id)
}

fn one_of(
    tx: &Tx<'_>,
    owner: &str,
    user: UserId,
    id: EarlierContentId,
) -> Result<Option<Earlier>, Fault> {
    tx.optional(
        &format!(
            "SELECT {COLUMNS} FROM earlier_contents e JOIN {owner} WHERE e.id = $1 \
             AND s.user_id = $2"
        ),
        bind![id, user],
        earlier,
    )
}
