//! How long each game was played here, and the session that is under way.

use std::collections::HashMap;

use keepsave_core::ids::{NoteId, RomId};
use keepsave_core::playtime::{Awake, Moment, Played, Running};
use keepsave_core::time::Time;
use rusqlite::{Connection, OptionalExtension, Row};

use super::store::unpoisoned;
use super::{State, StateError, outbox};

/// How long a game was played here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Playtime {
    /// In all.
    pub total_seconds: i64,
    /// How many sessions that were.
    pub session_count: i64,
    /// How long the last one was.
    pub last_session_duration_sec: Option<i64>,
    /// The session that is under way.
    pub running: Option<Running>,
    /// The note that says it, on a server that knows no play sessions.
    pub note: Option<NoteId>,
    /// What the server's sessions, of all devices, added up to when it was last asked.
    pub server_seconds: Option<i64>,
}

impl Playtime {
    /// Whether anything is known but what the server's sessions add up to.
    pub fn is_of_this_machine(&self) -> bool {
        let elsewhere = Self {
            server_seconds: self.server_seconds,
            ..Self::default()
        };
        self.server_seconds.is_none() || *self != elsewhere
    }
}

impl State {
    /// How long a game was played here.
    pub fn playtime(&self, rom: RomId) -> Result<Playtime, StateError> {
        unpoisoned(&self.store).with(|connection| Ok(find(connection, rom)?.unwrap_or_default()))
    }

    /// How long every game was played here.
    pub fn playtimes(&self) -> Result<Vec<(RomId, Playtime)>, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let query = "SELECT total_seconds, session_count, last_session_duration_sec, note,
                server_seconds, start, start_boot, start_awake, suspended, paused, rom
                FROM playtime ORDER BY rom";
            let mut statement = connection.prepare_cached(query)?;
            let rows = statement.query_map([], |row| Ok((RomId(row.get(10)?), read(row)?)))?;
            rows.collect()
        })
    }

    /// Changes it, in one step.
    pub fn change_playtime(
        &self,
        rom: RomId,
        change: impl Fn(&mut Playtime),
    ) -> Result<Playtime, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let mut playtime = find(&transaction, rom)?.unwrap_or_default();
            change(&mut playtime);
            put(&transaction, rom, &playtime)?;
            transaction.commit()?;
            Ok(playtime)
        })
    }

    /// What the server's sessions add up to, of many games in one step.
    pub fn know_server_seconds(&self, sums: &HashMap<RomId, i64>) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            for (rom, sum) in sums {
                let mut playtime = find(&transaction, *rom)?.unwrap_or_default();
                playtime.server_seconds = Some(*sum);
                put(&transaction, *rom, &playtime)?;
            }
            transaction.commit()
        })
    }

    /// The session that is under way ends. It is counted, and waits to be told to the server, both
    /// or neither. None when there was none.
    pub fn end_session(
        &self,
        rom: RomId,
        slot: Option<&str>,
        end: Moment,
    ) -> Result<Option<Played>, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let mut playtime = find(&transaction, rom)?.unwrap_or_default();
            let Some(running) = playtime.running.take() else {
                return Ok(None);
            };
            let played = running.end(end);
            playtime.total_seconds = playtime.total_seconds.saturating_add(played.seconds());
            playtime.session_count = playtime.session_count.saturating_add(1);
            playtime.last_session_duration_sec = Some(played.seconds());
            put(&transaction, rom, &playtime)?;
            if played.is_tellable() {
                outbox::add(&transaction, rom, slot, played)?;
            }
            transaction.commit()?;
            Ok(Some(played))
        })
    }
}

pub(super) fn find(connection: &Connection, rom: RomId) -> rusqlite::Result<Option<Playtime>> {
    let query = "SELECT total_seconds, session_count, last_session_duration_sec, note,
        server_seconds, start, start_boot, start_awake, suspended, paused
        FROM playtime WHERE rom = ?1";
    let mut statement = connection.prepare_cached(query)?;
    statement.query_row([rom.0], read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Playtime> {
    let time = |column| {
        let micros = row.get::<_, Option<i64>>(column);
        micros.map(|micros| micros.map(Time::from_micros))
    };
    let awake = match (row.get(6)?, row.get(7)?) {
        (Some(boot), Some(micros)) => Some(Awake { boot, micros }),
        _ => None,
    };
    let running = match time(5)? {
        Some(wall) => Some(Running {
            start: Moment { wall, awake },
            suspended: time(8)?,
            paused: row.get::<_, Option<_>>(9)?.unwrap_or(0),
        }),
        None => None,
    };
    Ok(Playtime {
        total_seconds: row.get(0)?,
        session_count: row.get(1)?,
        last_session_duration_sec: row.get(2)?,
        running,
        note: row.get::<_, Option<_>>(3)?.map(NoteId),
        server_seconds: row.get(4)?,
    })
}

pub(super) fn put(
    connection: &Connection,
    rom: RomId,
    playtime: &Playtime,
) -> rusqlite::Result<()> {
    let statement = "INSERT OR REPLACE INTO playtime (rom, total_seconds, session_count,
        last_session_duration_sec, note, server_seconds, start, start_boot, start_awake,
        suspended, paused) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let running = playtime.running;
    let awake = running.and_then(|running| running.start.awake);
    connection.prepare_cached(statement)?.execute((
        rom.0,
        playtime.total_seconds,
        playtime.session_count,
        playtime.last_session_duration_sec,
        playtime.note.map(|note| note.0),
        playtime.server_seconds,
        running.map(|running| running.start.wall.micros()),
        awake.map(|awake| awake.boot),
        awake.map(|awake| awake.micros),
        running
            .and_then(|running| running.suspended)
            .map(Time::micros),
        running.map(|running| running.paused),
    ))?;
    Ok(())
}
