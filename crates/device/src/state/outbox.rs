//! Play sessions that the server was not told yet, and what a person was told of that.

use keepsave_core::ids::{NoteId, RomId};
use keepsave_core::playtime::Played;
use keepsave_core::time::Time;
use rusqlite::{Connection, OptionalExtension, Row};

use super::store::unpoisoned;
use super::{State, StateError, playtime};
use crate::files::disk::random_digits;

/// A play session that the server was not told yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// Which one: later ones have larger numbers, and none is given twice.
    pub number: i64,
    /// The game.
    pub rom: RomId,
    /// The slot that was played.
    pub slot: Option<String>,
    /// When it began, by this machine's clock.
    pub start: Time,
    /// When it ended.
    pub end: Time,
    /// How long the game was played.
    pub duration_ms: i64,
}

/// Sessions that are being added to a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteReport {
    /// What the note bears once they are in it.
    pub mark: String,
    /// The last session of the game that is among them.
    pub up_to: i64,
}

impl State {
    /// So many play sessions that the server was not told yet, the oldest first.
    pub fn untold(&self, at_most: usize) -> Result<Vec<Untold>, StateError> {
        let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
        unpoisoned(&self.store).with(|connection| {
            let query = "SELECT number, rom, slot, start, end, duration_ms FROM outbox
                ORDER BY number LIMIT ?1";
            let mut statement = connection.prepare_cached(query)?;
            statement.query_map([at_most], read)?.collect()
        })
    }

    /// Those of one game.
    pub fn untold_of(&self, rom: RomId) -> Result<Vec<Untold>, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let query = "SELECT number, rom, slot, start, end, duration_ms FROM outbox
                WHERE rom = ?1 ORDER BY number";
            let mut statement = connection.prepare_cached(query)?;
            statement.query_map([rom.0], read)?.collect()
        })
    }

    /// The server knows of these, or never will.
    pub fn told(&self, numbers: &[i64]) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            for number in numbers {
                transaction
                    .prepare_cached("DELETE FROM outbox WHERE number = ?1")?
                    .execute([number])?;
            }
            transaction.commit()
        })
    }

    /// Sessions of a game up to that one are about to be added to its note: those, or the ones of
    /// an earlier attempt of which it is not known whether it succeeded.
    pub fn note_report(&self, rom: RomId, up_to: i64) -> Result<NoteReport, StateError> {
        let fresh = random_digits();
        unpoisoned(&self.store).with(|connection| {
            let statement = "INSERT OR IGNORE INTO note_reports (rom, mark, up_to)
                VALUES (?1, ?2, ?3)";
            connection.execute(statement, (rom.0, &fresh, up_to))?;
            let query = "SELECT mark, up_to FROM note_reports WHERE rom = ?1";
            connection.query_row(query, [rom.0], |row| {
                Ok(NoteReport {
                    mark: row.get(0)?,
                    up_to: row.get(1)?,
                })
            })
        })
    }

    /// The note has them now, and says how long the game was played on all devices.
    pub fn noted(
        &self,
        rom: RomId,
        report: &NoteReport,
        (note, seconds): (NoteId, i64),
    ) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let mut known = playtime::find(&transaction, rom)?.unwrap_or_default();
            known.note = Some(note);
            known.server_seconds = Some(seconds);
            playtime::put(&transaction, rom, &known)?;
            transaction.execute("DELETE FROM note_reports WHERE rom = ?1", [rom.0])?;
            let statement = "DELETE FROM outbox WHERE rom = ?1 AND number <= ?2";
            transaction.execute(statement, (rom.0, report.up_to))?;
            transaction.commit()
        })
    }

    /// Whether a person is to be told this now: true once, until [`Self::tell_again`].
    pub fn tell_once(&self, what: &str) -> Result<bool, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let known =
                connection.query_row("SELECT 1 FROM notices WHERE what = ?1", [what], |_row| {
                    Ok(())
                });
            if known.optional()?.is_some() {
                return Ok(false);
            }
            let statement = "INSERT OR IGNORE INTO notices (what) VALUES (?1)";
            Ok(connection.execute(statement, [what])? == 1)
        })
    }

    /// It is over: should it come back, a person is to be told again.
    pub fn tell_again(&self, what: &str) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            connection.execute("DELETE FROM notices WHERE what = ?1", [what])?;
            Ok(())
        })
    }
}

/// Lets a session wait to be told.
pub(super) fn add(
    connection: &Connection,
    rom: RomId,
    slot: Option<&str>,
    played: Played,
) -> rusqlite::Result<()> {
    let statement = "INSERT INTO outbox (rom, slot, start, end, duration_ms)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(statement)?.execute((
        rom.0,
        slot,
        played.start.micros(),
        played.end().micros(),
        played.millis,
    ))?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Untold> {
    Ok(Untold {
        number: row.get(0)?,
        rom: RomId(row.get(1)?),
        slot: row.get(2)?,
        start: Time::from_micros(row.get(3)?),
        end: Time::from_micros(row.get(4)?),
        duration_ms: row.get(5)?,
    })
}
