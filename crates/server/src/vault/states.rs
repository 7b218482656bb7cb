//! The table of save states.

use keepsave_core::content::BlobHash;
use keepsave_core::ids::{PlatformId, RomId, ScreenshotId, StateId, UserId};
use keepsave_core::time::Time;

use super::blobs::Stored;
use super::screenshots::{self, Screenshot};
use super::sql::Value;
use super::{Fault, Row, Tx, earlier};
use crate::bind;

/// A save state with its picture.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct State {
    pub id: StateId,
    pub user_id: UserId,
    pub rom_id: RomId,
    pub file_name: String,
    pub file_path: String,
    pub size: u64,
    pub blob: BlobHash,
    pub emulator: Option<String>,
    pub is_public: bool,
    pub created_at: Time,
    pub updated_at: Time,
    pub hidden_at: Option<Time>,
    pub screenshot: Option<Screenshot>,
}

impl State {
    /// Where its file is below the asset directory.
    pub fn tree_path(&self) -> String {
        format!("{}/{}", self.file_path, self.file_name)
    }
}

fn state(row: &mut Row<'_>) -> Result<State, Fault> {
    Ok(State {
        id: row.get()?,
        user_id: row.get()?,
        rom_id: row.get()?,
        file_name: row.get()?,
        file_path: row.get()?,
        size: row.get()?,
        blob: row.get()?,
        emulator: row.get()?,
        is_public: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
        hidden_at: row.get()?,
        screenshot: screenshots::joined(row)?,
    })
}

/// The visible states that a condition on `states s` finds.
fn select(condition: &str) -> String {
    select_any(&format!("s.hidden_at IS NULL AND {condition}"))
}

/// The states that a condition on `states s` finds, deleted or not.
fn select_any(condition: &str) -> String {
    format!(
        "SELECT s.id, s.user_id, s.rom_id, s.file_name, s.file_path, s.size, s.blob, s.emulator, \
         s.is_public, s.created_at, s.updated_at, s.hidden_at, {} FROM states s \
         LEFT JOIN screenshots c ON c.id = s.screenshot_id AND c.hidden_at IS NULL \
         WHERE {condition}",
        screenshots::COLUMNS
    )
}

/// The visible state of that id, whoever it belongs to.
pub fn by_id(tx: &Tx<'_>, id: StateId) -> Result<Option<State>, Fault> {
    tx.optional(&select("s.id = $1"), bind![id], state)
}

/// The visible state of that id, which is known to be there.
pub fn one(tx: &Tx<'_>, id: StateId) -> Result<State, Fault> {
    tx.one(&select("s.id = $1"), bind![id], state)
}

/// The visible state of that id, when it belongs to the user.
pub fn of_user(tx: &Tx<'_>, user: UserId, id: StateId) -> Result<Option<State>, Fault> {
    Ok(by_id(tx, id)?.filter(|state| state.user_id == user))
}

/// A user's state of that name, for whatever emulator.
pub fn named(tx: &Tx<'_>, user: UserId, rom: RomId, name: &str) -> Result<Option<State>, Fault> {
    tx.optional(
        &select("s.user_id = $1 AND s.rom_id = $2 AND s.file_name = $3"),
        bind![user, rom, name],
        state,
    )
}

/// A user's states, oldest first: of a game, of a platform's games, or all.
pub fn list(
    tx: &Tx<'_>,
    user: UserId,
    rom: Option<RomId>,
    platform: Option<PlatformId>,
) -> Result<Vec<State>, Fault> {
    let mut conditions = vec!["s.user_id = $1".to_owned()];
    let mut values = vec![Value::Integer(user.0)];
    if let Some(rom) = rom {
        values.push(Value::Integer(rom.0));
        conditions.push(format!("s.rom_id = ${}", values.len()));
    }
    if let Some(platform) = platform {
        values.push(Value::Integer(platform.0));
        conditions.push(format!(
            "s.rom_id IN (SELECT id FROM roms WHERE platform_id = ${})",
            values.len()
        ));
    }
    let condition = conditions.join(" AND ");
    tx.all(
        &select(&format!("{condition} ORDER BY s.id")),
        &values,
        state,
    )
}

/// The ids of a user's states, oldest first.
pub fn identifiers(tx: &Tx<'_>, user: UserId) -> Result<Vec<StateId>, Fault> {
    tx.all(
        "SELECT id FROM states WHERE user_id = $1 AND hidden_at IS NULL ORDER BY id",
        bind![user],
        |row| row.get(),
    )
}

/// What others made public of a game.
pub fn public_of_rom(tx: &Tx<'_>, rom: RomId, except: UserId) -> Result<Vec<State>, Fault> {
    tx.all(
        &select("s.rom_id = $1 AND s.is_public = 1 AND s.user_id <> $2 ORDER BY s.id"),
        bind![rom, except],
        state,
    )
}

/// A state that is about to be added.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct NewState<'a> {
    pub user_id: UserId,
    pub rom_id: RomId,
    pub file_name: &'a str,
    pub file_path: &'a str,
    pub emulator: Option<&'a str>,
    pub stored: &'a Stored,
}

/// Adds a state.
pub fn add(tx: &Tx<'_>, new: &NewState<'_>, now: Time) -> Result<StateId, Fault> {
    tx.one(
        "INSERT INTO states (user_id, rom_id, file_name, file_path, emulator, size, blob, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id",
        bind![
            new.user_id,
            new.rom_id,
            new.file_name,
            new.file_path,
            new.emulator,
            new.stored.size,
            new.stored.content.blob,
            now
        ],
        |row| row.get(),
    )
}

/// Gives a state another content, under the name it has. What it had is kept.
pub fn replace(tx: &Tx<'_>, before: &State, stored: &Stored, now: Time) -> Result<(), Fault> {
    if before.blob != stored.content.blob {
        earlier::keep_of_state(tx, before, now)?;
    }
    tx.execute(
        "UPDATE states SET size = $2, blob = $3, updated_at = $4 WHERE id = $1",
        bind![
            before.id,
            stored.size,
            stored.content.blob,
            now.max(before.updated_at.plus_millis(1))
        ],
    )?;
    Ok(())
}

/// Gives a state to another emulator, and with it another folder.
pub fn relocate(
    tx: &Tx<'_>,
    id: StateId,
    file_path: &str,
    emulator: Option<&str>,
) -> Result<(), Fault> {
    tx.execute(
        "UPDATE states SET file_path = $2, emulator = $3 WHERE id = $1",
        bind![id, file_path, emulator],
    )?;
    Ok(())
}

/// Links a state to its picture.
pub fn set_screenshot(tx: &Tx<'_>, id: StateId, screenshot: ScreenshotId) -> Result<(), Fault> {
    tx.execute(
        "UPDATE states SET screenshot_id = $2 WHERE id = $1",
        bind![id, screenshot],
    )?;
    Ok(())
}

/// Lets everyone read it, or its owner only.
pub fn set_public(tx: &Tx<'_>, id: StateId, is_public: bool) -> Result<(), Fault> {
    tx.execute(
        "UPDATE states SET is_public = $2 WHERE id = $1",
        bind![id, is_public],
    )?;
    Ok(())
}

/// The state of that id, deleted or not, when it belongs to the user.
pub fn of_user_even_hidden(tx: &Tx<'_>, user: UserId, id: StateId) -> Result<Option<State>, Fault> {
    tx.optional(
        &select_any("s.id = $1 AND s.user_id = $2"),
        bind![id, user],
        state,
    )
}

/// A user's deleted states, the last first.
pub fn hidden(tx: &Tx<'_>, user: UserId) -> Result<Vec<State>, Fault> {
    let condition = "s.user_id = $1 AND s.hidden_at IS NOT NULL";
    let sql = select_any(&format!("{condition} ORDER BY s.hidden_at DESC, s.id DESC"));
    tx.all(&sql, bind![user], state)
}

/// Brings it back into sight under a name.
pub fn unhide(tx: &Tx<'_>, id: StateId, file_name: &str) -> Result<(), Fault> {
    tx.execute(
        "UPDATE states SET hidden_at = NULL, file_name = $2 WHERE id = $1",
        bind![id, file_name],
    )?;
    Ok(())
}

/// Takes it out of sight.
pub fn hide(tx: &Tx<'_>, id: StateId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE states SET hidden_at = $2 WHERE id = $1",
        bind![id, now],
    )?;
    Ok(())
}
