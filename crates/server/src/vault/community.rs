//! What others made public, across all games.

use keepsave_core::ids::{RomId, SaveId, StateId, UserId};
use keepsave_core::time::Time;

use super::{Fault, Tx};
use crate::bind;

/// A save or a state that someone made public.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the tables")]
pub struct Shared {
    pub id: i64,
    pub is_state: bool,
    pub owner: String,
    pub rom: RomId,
    pub game: String,
    pub platform: String,
    pub file_name: String,
    pub slot: Option<String>,
    pub emulator: Option<String>,
    pub size: u64,
    pub updated_at: Time,
}

impl Shared {
    /// Its id as a save's.
    pub fn save(&self) -> SaveId {
        SaveId(self.id)
    }

    /// Its id as a state's.
    pub fn state(&self) -> StateId {
        StateId(self.id)
    }
}

/// What others share. Whoever is gone shares nothing any more.
const SHARED: &str = "SELECT x.id, x.is_state, u.username, r.id, r.name, \
     COALESCE(NULLIF(p.custom_name, ''), p.name), x.file_name, x.slot, x.emulator, x.size, \
     x.updated_at FROM (SELECT id, 0 AS is_state, user_id, rom_id, file_name, slot, emulator, \
     size, updated_at FROM saves WHERE is_public = 1 AND hidden IS NULL \
     UNION ALL SELECT id, 1, user_id, rom_id, file_name, NULL, emulator, size, updated_at \
     FROM states WHERE is_public = 1 AND hidden_at IS NULL) x \
     JOIN users u ON u.id = x.user_id AND u.deleted_at IS NULL \
     JOIN roms r ON r.id = x.rom_id JOIN platforms p ON p.id = r.platform_id \
     WHERE x.user_id <> $1";

/// What others share, the newest first.
pub fn page(tx: &Tx<'_>, except: UserId, limit: i64, offset: i64) -> Result<Vec<Shared>, Fault> {
    tx.all(
        &format!("{SHARED} ORDER BY x.updated_at DESC, x.is_state, x.id LIMIT $2 OFFSET $3"),
        bind![except, limit, offset],
        |row| {
            Ok(Shared {
                id: row.get()?,
                is_state: row.get()?,
                owner: row.get()?,
                rom: row.get()?,
                game: row.get()?,
                platform: row.get()?,
                file_name: row.get()?,
                slot: row.get()?,
                emulator: row.get()?,
                size: row.get()?,
                updated_at: row.get()?,
            })
        },
    )
}

/// How much others share.
pub fn count(tx: &Tx<'_>, except: UserId) -> Result<u64, Fault> {
    tx.one(
        &format!("SELECT COUNT(*) FROM ({SHARED}) y"),
        bind![except],
        |row| row.get(),
    )
}
