//! Which game of the server a game here is, and who said so.

use std::path::{Path, PathBuf};

use keepsave_core::ids::RomId;
use keepsave_core::time::Time;
use rusqlite::{Connection, OptionalExtension, Row};

use super::store::unpoisoned;
use super::{State, StateError, column};

/// Who said which game it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchedBy {
    /// Its title, without tags.
    Title,
    /// The name of its file.
    Name,
    /// What its file holds.
    Hash,
    /// A person: nothing else takes that back.
    Person,
}

impl MatchedBy {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Name => "name",
            Self::Hash => "hash",
            Self::Person => "person",
        }
    }

    fn named(word: &str) -> Option<Self> {
        [Self::Title, Self::Name, Self::Hash, Self::Person]
            .into_iter()
            .find(|by| by.as_str() == word)
    }
}

/// A game here, and the game of the server that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The ROM here.
    pub path: PathBuf,
    /// The platform, as its folder is called here.
    pub platform: String,
    /// The ROM's name without its extension.
    pub stem: String,
    /// The game of the server.
    pub rom: RomId,
    /// Who said so.
    pub by: MatchedBy,
    /// When, by this machine's clock.
    pub at: Time,
}

impl State {
    /// The game that the ROM at `path` is. Where that path was never seen, the one ROM of the same
    /// name and platform counts whose own path is gone: it has moved, as onto another card.
    pub fn matched(
        &self,
        path: &Path,
        platform: &str,
        stem: &str,
    ) -> Result<Option<Match>, StateError> {
        let (here, elsewhere) = unpoisoned(&self.store).with(|connection| {
            let here = at_path(connection, path)?;
            let elsewhere = match here {
                Some(_) => Vec::new(),
                None => named(connection, platform, stem)?,
            };
            Ok((here, elsewhere))
        })?;
        if here.is_some() {
            return Ok(here);
        }
        let mut moved = elsewhere.into_iter().filter(|known| !known.path.exists());
        Ok(moved.next().filter(|_| moved.next().is_none()))
    }

    /// The game that the ROM at exactly that path is.
    pub fn match_at(&self, path: &Path) -> Result<Option<Match>, StateError> {
        unpoisoned(&self.store).with(|connection| at_path(connection, path))
    }

    /// Every match, for whoever looks at all games.
    pub fn matches(&self) -> Result<Vec<Match>, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let query = "SELECT path, platform, stem, rom, decided_by, at FROM matches
                ORDER BY path";
            let mut statement = connection.prepare_cached(query)?;
            statement.query_map([], read)?.collect()
        })
    }

    /// The ROMs here that are that game.
    pub fn matches_of(&self, rom: RomId) -> Result<Vec<Match>, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let query = "SELECT path, platform, stem, rom, decided_by, at FROM matches
                WHERE rom = ?1 ORDER BY path";
            let mut statement = connection.prepare_cached(query)?;
            statement.query_map([rom.0], read)?.collect()
        })
    }

    /// Remembers which games these are, all or none. What a person said stays unless a person says
    /// otherwise.
    pub fn remember_matches(&self, matches: &[Match]) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            for found in matches {
                let statement = "INSERT INTO matches (path, platform, stem, rom, decided_by, at)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                    ON CONFLICT (path) DO UPDATE SET platform = excluded.platform,
                    stem = excluded.stem, rom = excluded.rom, decided_by = excluded.decided_by,
                    at = excluded.at
                    WHERE matches.decided_by <> 'person' OR excluded.decided_by = 'person'";
                transaction.prepare_cached(statement)?.execute((
                    column::path(&found.path),
                    &found.platform,
                    &found.stem,
                    found.rom.0,
                    found.by.as_str(),
                    found.at.micros(),
                ))?;
            }
            transaction.commit()
        })
    }

    /// Forgets which game the ROM at `path` is.
    pub fn forget_match(&self, path: &Path) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let statement = "DELETE FROM matches WHERE path = ?1";
            connection.execute(statement, [column::path(path)])?;
            Ok(())
        })
    }
}

fn at_path(connection: &Connection, path: &Path) -> rusqlite::Result<Option<Match>> {
    let query = "SELECT path, platform, stem, rom, decided_by, at FROM matches WHERE path = ?1";
    let mut statement = connection.prepare_cached(query)?;
    statement.query_row([column::path(path)], read).optional()
}

fn named(connection: &Connection, platform: &str, stem: &str) -> rusqlite::Result<Vec<Match>> {
    let query = "SELECT path, platform, stem, rom, decided_by, at FROM matches
        WHERE platform = ?1 AND stem = ?2";
    let mut statement = connection.prepare_cached(query)?;
    statement.query_map((platform, stem), read)?.collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Match> {
    let by: String = row.get(4)?;
    Ok(Match {
        path: column::path_of(row.get(0)?),
        platform: row.get(1)?,
        stem: row.get(2)?,
        rom: RomId(row.get(3)?),
        // The table takes no other word.
        by: MatchedBy::named(&by).unwrap_or(MatchedBy::Title),
        at: Time::from_micros(row.get(5)?),
    })
}
