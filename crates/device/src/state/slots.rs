//! The slots of a game: those that the server has, and those that so far only this device has.

use keepsave_core::ids::{DeviceId, RomId};
use keepsave_core::time::Time;
use rusqlite::{Connection, Row};

use super::store::unpoisoned;
use super::{Baseline, Key, State, StateError, baselines, column};

/// Who has a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotSource {
    /// The server had it when it was last asked.
    Server,
    /// Only this device: nothing was uploaded to it.
    Local,
}

impl SlotSource {
    /// The word for it, on the wire of other programs too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Local => "local",
        }
    }

    /// The source of that word.
    pub fn named(word: &str) -> Option<Self> {
        [Self::Server, Self::Local]
            .into_iter()
            .find(|source| source.as_str() == word)
    }
}

/// A slot of a game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotEntry {
    /// Its name; none for the null slot.
    pub name: Option<String>,
    /// Who has it.
    pub source: SlotSource,
    /// How many saves the server had in it.
    pub saves: Option<i64>,
    /// When the newest of them was changed.
    pub latest_updated_at: Option<Time>,
}

impl State {
    /// The slots of a game, by name.
    pub fn slots(&self, rom: RomId) -> Result<Vec<SlotEntry>, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let query = "SELECT slot, source, saves, latest_updated_at FROM slots
                WHERE rom = ?1 ORDER BY slot";
            let mut statement = connection.prepare_cached(query)?;
            let rows = statement.query_map([rom.0], read)?;
            rows.collect()
        })
    }

    /// A slot begins here: it is there before anything is uploaded to it.
    pub fn create_slot(&self, rom: RomId, slot: Option<&str>) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| add_own(connection, rom, slot))
    }

    /// These are the slots that the server has, however many that were known before. Slots of this
    /// device alone stay; so does the active one, with nothing in it.
    pub fn server_slots(&self, rom: RomId, slots: &[SlotEntry]) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let gone = "DELETE FROM slots WHERE rom = ?1 AND source = 'server' AND slot NOT IN
                (SELECT coalesce('=' || active_slot, '') FROM games WHERE rom = ?1)";
            transaction.prepare_cached(gone)?.execute([rom.0])?;
            let emptied = "UPDATE slots SET saves = 0, latest_updated_at = NULL
                WHERE rom = ?1 AND source = 'server'";
            transaction.prepare_cached(emptied)?.execute([rom.0])?;
            for slot in slots {
                put(&transaction, rom, slot)?;
            }
            transaction.commit()
        })
    }

    /// The slot is called otherwise from now on: what this device has in common with it stays, and
    /// a game that syncs with it goes on doing so; with `confirm` also one whose slot is in doubt.
    pub fn rename_slot(
        &self,
        device: &DeviceId,
        rom: RomId,
        (from, to): (&str, &str),
        confirm: bool,
    ) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let names = (column::slot(Some(from)), column::slot(Some(to)));
            transaction
                .prepare_cached(
                    "UPDATE OR REPLACE slots SET slot = ?3 WHERE rom = ?1 AND slot = ?2",
                )?
                .execute((rom.0, &names.0, &names.1))?;
            transaction
                .prepare_cached(
                    "UPDATE OR REPLACE baselines SET slot = ?4
                     WHERE device = ?1 AND rom = ?2 AND slot = ?3",
                )?
                .execute((&device.0, rom.0, &names.0, &names.1))?;
            follow(&transaction, rom, from, to)?;
            let confirmed =
                "UPDATE games SET slot_confirmed = 1 WHERE rom = ?1 AND active_slot = ?2";
            if confirm {
                transaction
                    .prepare_cached(confirmed)?
                    .execute((rom.0, to))?;
            }
            transaction.commit()
        })
    }

    /// All that a slot has is in another one now: what this device has in common with it, under
    /// its new ids, it has in common with that one. A game that syncs with the first goes on with
    /// the second. What is known of the first stays until it is removed.
    pub fn follow_slot(
        &self,
        (rom, from): (RomId, &str),
        to: &str,
        files: &[(Key, Baseline)],
    ) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            for (key, baseline) in files {
                baselines::insert(&transaction, key, baseline)?;
            }
            add_own(&transaction, rom, Some(to))?;
            follow(&transaction, rom, from, to)?;
            transaction.commit()
        })
    }

    /// The slot is no more: what this device had in common with it is forgotten too.
    pub fn remove_slot(
        &self,
        device: &DeviceId,
        rom: RomId,
        slot: Option<&str>,
    ) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let slot = column::slot(slot);
            transaction
                .prepare_cached("DELETE FROM slots WHERE rom = ?1 AND slot = ?2")?
                .execute((rom.0, &slot))?;
            transaction
                .prepare_cached(
                    "DELETE FROM baselines WHERE device = ?1 AND rom = ?2 AND slot = ?3",
                )?
                .execute((&device.0, rom.0, &slot))?;
            transaction.commit()
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<SlotEntry> {
    let name: String = row.get(0)?;
    let source: String = row.get(1)?;
    Ok(SlotEntry {
        name: column::slot_of(&name),
        // The table takes no other word.
        source: SlotSource::named(&source).unwrap_or(SlotSource::Local),
        saves: row.get(2)?,
        latest_updated_at: row.get::<_, Option<_>>(3)?.map(Time::from_micros),
    })
}

pub(super) fn put(connection: &Connection, rom: RomId, slot: &SlotEntry) -> rusqlite::Result<()> {
    let statement = "INSERT OR REPLACE INTO slots (rom, slot, source, saves, latest_updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(statement)?.execute((
        rom.0,
        column::slot(slot.name.as_deref()),
        slot.source.as_str(),
        slot.saves,
        slot.latest_updated_at.map(Time::micros),
    ))?;
    Ok(())
}

fn follow(connection: &Connection, rom: RomId, from: &str, to: &str) -> rusqlite::Result<()> {
    let statement = "UPDATE games SET active_slot = ?3 WHERE rom = ?1 AND active_slot = ?2";
    connection
        .prepare_cached(statement)?
        .execute((rom.0, from, to))?;
    Ok(())
}

pub(super) fn add_own(
    connection: &Connection,
    rom: RomId,
    slot: Option<&str>,
) -> rusqlite::Result<()> {
    let statement = "INSERT OR IGNORE INTO slots (rom, slot, source, saves)
        VALUES (?1, ?2, 'local', 0)";
    connection
        .prepare_cached(statement)?
        .execute((rom.0, column::slot(slot)))?;
    Ok(())
}
