//! Save states: with which save each that is here was made, and what it last had in common with the
//! server.

use std::path::Path;

use keepsave_core::content::BlobHash;
use keepsave_core::ids::{RomId, StateId};
use keepsave_core::states::{Ending, Mark};
use rusqlite::OptionalExtension;

use super::store::unpoisoned;
use super::{State, StateError, column};

/// A save state as it was first seen with a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The game.
    pub rom: RomId,
    /// What the state holds.
    pub content: BlobHash,
    /// The save that was here then.
    pub save: Option<Mark>,
}

/// What a save state and the server last had in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateBaseline {
    /// What it held.
    pub content: BlobHash,
    /// The server's state that it came from or became.
    pub state: StateId,
}

impl State {
    /// How the save state at `path` was first seen.
    pub fn sighting(&self, path: &Path) -> Result<Option<Sighting>, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let query = "SELECT rom, content, save FROM state_sightings WHERE path = ?1";
            let mut statement = connection.prepare_cached(query)?;
            let found = statement.query_row([column::path(path)], |row| {
                let save: Option<String> = row.get(2)?;
                Ok(Sighting {
                    rom: RomId(row.get(0)?),
                    content: BlobHash(row.get(1)?),
                    save: save.map(|save| Mark::read(&save).unwrap_or(Mark::UNKNOWN)),
                })
            });
            found.optional()
        })
    }

    /// The save state at `path` is seen with this content for the first time.
    pub fn saw(&self, path: &Path, sighting: &Sighting) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let statement = "INSERT OR REPLACE INTO state_sightings (path, rom, content, save)
                VALUES (?1, ?2, ?3, ?4)";
            connection.prepare_cached(statement)?.execute((
                column::path(path),
                sighting.rom.0,
                sighting.content.0,
                sighting.save.map(|save| save.to_string()),
            ))?;
            Ok(())
        })
    }

    /// There is no save state at `path` any more.
    pub fn lost_sight(&self, path: &Path) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let statement = "DELETE FROM state_sightings WHERE path = ?1";
            connection
                .prepare_cached(statement)?
                .execute([column::path(path)])?;
            Ok(())
        })
    }

    /// What a game's save state of a core last had in common with the server.
    pub fn state_baseline(
        &self,
        rom: RomId,
        core: &str,
        ending: Ending,
    ) -> Result<Option<StateBaseline>, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let query = "SELECT content, state FROM state_baselines
                WHERE rom = ?1 AND core = ?2 AND ending = ?3";
            let mut statement = connection.prepare_cached(query)?;
            let found = statement.query_row((rom.0, core, ending.to_string()), |row| {
                Ok(StateBaseline {
                    content: BlobHash(row.get(0)?),
                    state: StateId(row.get(1)?),
                })
            });
            found.optional()
        })
    }

    /// Records what they have in common now.
    pub fn record_state(
        &self,
        rom: RomId,
        core: &str,
        ending: Ending,
        baseline: &StateBaseline,
    ) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let statement = "INSERT OR REPLACE INTO state_baselines
                (rom, core, ending, content, state) VALUES (?1, ?2, ?3, ?4, ?5)";
            connection.prepare_cached(statement)?.execute((
                rom.0,
                core,
                ending.to_string(),
                baseline.content.0,
                baseline.state.0,
            ))?;
            Ok(())
        })
    }
}
