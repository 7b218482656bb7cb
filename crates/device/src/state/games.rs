//! What is known of a game beside its files: its slot, its core, the uploads that were made here.

use keepsave_core::ids::{RomId, SaveId};
use keepsave_core::time::Time;
use rusqlite::{Connection, OptionalExtension, Row};

use super::slots;
use super::store::unpoisoned;
use super::{State, StateError};

/// What is known of a game.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Game {
    /// The folder of its platform, such as `gba`.
    pub system: Option<String>,
    /// The wire's tag of the emulator, such as `retroarch-mgba`.
    pub emulator: Option<String>,
    /// The slot that it syncs with. None is the null slot, or that none was chosen yet.
    pub active_slot: Option<String>,
    /// Whether a person chose that slot, or nothing could be chosen.
    pub slot_confirmed: bool,
    /// The core that it was last synced with, such as `mgba_libretro`.
    pub last_synced_core: Option<String>,
    /// When it was last looked at, whether or not anything moved.
    pub last_sync_check_at: Option<Time>,
}

/// A game that a sync looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedAt {
    /// The game.
    pub rom: RomId,
    /// The folder of its platform.
    pub system: String,
    /// The wire's tag of the emulator.
    pub emulator: Option<String>,
    /// The core that it is played with.
    pub core: Option<String>,
}

/// The saves of a game that were uploaded from here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnUploads {
    /// In the order they were made.
    pub saves: Vec<SaveId>,
    /// False where uploads were made before anyone wrote them down.
    pub are_all: bool,
}

impl OwnUploads {
    /// Whether a save was uploaded from here; none where nobody knows.
    pub fn made(&self, save: SaveId) -> Option<bool> {
        let made = self.saves.contains(&save);
        (made || self.are_all).then_some(made)
    }
}

impl State {
    /// What is known of a game; none when nothing ever was.
    pub fn game(&self, rom: RomId) -> Result<Option<Game>, StateError> {
        unpoisoned(&self.store).with(|connection| find(connection, rom))
    }

    /// Every game that something is known of: one query, for whoever looks at all.
    pub fn games(&self) -> Result<Vec<(RomId, Game)>, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let query = "SELECT system, emulator, active_slot, slot_confirmed, last_synced_core,
                last_sync_check_at, rom FROM games ORDER BY rom";
            let mut statement = connection.prepare_cached(query)?;
            let rows = statement.query_map([], |row| Ok((RomId(row.get(6)?), read(row)?)))?;
            rows.collect()
        })
    }

    /// Changes what is known of a game, in one step.
    pub fn change_game(&self, rom: RomId, change: impl Fn(&mut Game)) -> Result<Game, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let mut game = find(&transaction, rom)?.unwrap_or_default();
            change(&mut game);
            put(&transaction, rom, &game)?;
            transaction.commit()?;
            Ok(game)
        })
    }

    /// From now on the game syncs with that slot. A slot that the server is not known to have is
    /// one of this device's own until it is uploaded to.
    pub fn confirm_slot(&self, rom: RomId, slot: Option<&str>) -> Result<(), StateError> {
        self.confirm_slots(&[(rom, slot)])
    }

    /// The same for many games, all in one step.
    pub fn confirm_slots(&self, games: &[(RomId, Option<&str>)]) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            for &(rom, slot) in games {
                let mut game = find(&transaction, rom)?.unwrap_or_default();
                game.active_slot = slot.map(str::to_owned);
                game.slot_confirmed = true;
                put(&transaction, rom, &game)?;
                slots::add_own(&transaction, rom, slot)?;
            }
            transaction.commit()
        })
    }

    /// These games were looked at, all in one step.
    pub fn looked_at(&self, games: &[LookedAt], at: Time) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let statement = "INSERT INTO games (rom, system, emulator, last_synced_core,
                slot_confirmed, knows_own_uploads, last_sync_check_at)
                VALUES (?1, ?2, ?3, ?4, 0, 1, ?5)
                ON CONFLICT (rom) DO UPDATE SET system = excluded.system,
                emulator = coalesce(excluded.emulator, games.emulator),
                last_synced_core = coalesce(excluded.last_synced_core, games.last_synced_core),
                last_sync_check_at = excluded.last_sync_check_at";
            for game in games {
                transaction.prepare_cached(statement)?.execute((
                    game.rom.0,
                    &game.system,
                    &game.emulator,
                    &game.core,
                    at.micros(),
                ))?;
            }
            transaction.commit()
        })
    }

    /// A save was uploaded from here.
    pub fn uploaded(&self, rom: RomId, save: SaveId) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| add_upload(connection, rom, save))
    }

    /// The saves that were uploaded from here.
    pub fn own_uploads(&self, rom: RomId) -> Result<OwnUploads, StateError> {
        unpoisoned(&self.store).with(|connection| own_uploads(connection, rom))
    }
}

pub(super) fn find(connection: &Connection, rom: RomId) -> rusqlite::Result<Option<Game>> {
    let query = "SELECT system, emulator, active_slot, slot_confirmed, last_synced_core,
        last_sync_check_at FROM games WHERE rom = ?1";
    let mut statement = connection.prepare_cached(query)?;
    statement.query_row([rom.0], read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Game> {
    Ok(Game {
        system: row.get(0)?,
        emulator: row.get(1)?,
        active_slot: row.get(2)?,
        slot_confirmed: row.get(3)?,
        last_synced_core: row.get(4)?,
        last_sync_check_at: row.get::<_, Option<_>>(5)?.map(Time::from_micros),
    })
}

pub(super) fn put(connection: &Connection, rom: RomId, game: &Game) -> rusqlite::Result<()> {
    let statement = "INSERT INTO games (rom, system, emulator, active_slot, slot_confirmed,
        last_synced_core, last_sync_check_at, knows_own_uploads)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)
        ON CONFLICT (rom) DO UPDATE SET system = excluded.system, emulator = excluded.emulator,
        active_slot = excluded.active_slot, slot_confirmed = excluded.slot_confirmed,
        last_synced_core = excluded.last_synced_core,
        last_sync_check_at = excluded.last_sync_check_at";
    connection.prepare_cached(statement)?.execute((
        rom.0,
        &game.system,
        &game.emulator,
        &game.active_slot,
        game.slot_confirmed,
        &game.last_synced_core,
        game.last_sync_check_at.map(Time::micros),
    ))?;
    Ok(())
}

pub(super) fn add_upload(
    connection: &Connection,
    rom: RomId,
    save: SaveId,
) -> rusqlite::Result<()> {
    let statement = "INSERT OR IGNORE INTO own_uploads (rom, save) VALUES (?1, ?2)";
    connection
        .prepare_cached(statement)?
        .execute((rom.0, save.0))?;
    Ok(())
}

/// Uploads of this game were made before anyone wrote them down.
pub(super) fn forget_who_uploaded(connection: &Connection, rom: RomId) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE games SET knows_own_uploads = 0 WHERE rom = ?1")?
        .execute([rom.0])?;
    Ok(())
}

fn own_uploads(connection: &Connection, rom: RomId) -> rusqlite::Result<OwnUploads> {
    let mut statement =
        connection.prepare_cached("SELECT save FROM own_uploads WHERE rom = ?1 ORDER BY number")?;
    let saves = statement.query_map([rom.0], |row| row.get(0).map(SaveId))?;
    let saves = saves.collect::<rusqlite::Result<_>>()?;
    let mut statement =
        connection.prepare_cached("SELECT knows_own_uploads FROM games WHERE rom = ?1")?;
    let are_all = statement.query_row([rom.0], |row| row.get(0)).optional()?;
    Ok(OwnUploads {
        saves,
        are_all: are_all.unwrap_or(true),
    })
}
