//! The facts that retention is decided on, and giving a version's bytes up.

use keepsave_core::ids::{RomId, TimelineId, UserId, VersionId};
use keepsave_core::retention::Version;
use keepsave_core::time::Time;
use serde::Serialize;

use super::{Fault, Row, Tx};
use crate::bind;

/// A timeline, said for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each is its name")]
pub struct Place {
    pub timeline_id: TimelineId,
    pub user_id: UserId,
    pub username: String,
    pub rom_id: RomId,
    pub game: String,
    pub slot: Option<String>,
    pub part: String,
}

/// Every timeline.
pub fn places(tx: &Tx<'_>) -> Result<Vec<Place>, Fault> {
    tx.all(
        "SELECT t.id, s.user_id, u.username, s.rom_id, r.name, s.slot, t.part FROM timelines t \
         JOIN slots s ON s.id = t.slot_id JOIN users u ON u.id = s.user_id \
         JOIN roms r ON r.id = s.rom_id ORDER BY u.username, r.name, s.id, t.part",
        bind![],
        |row| {
            Ok(Place {
                timeline_id: row.get()?,
                user_id: row.get()?,
                username: row.get()?,
                rom_id: row.get()?,
                game: row.get()?,
                slot: row.get()?,
                part: row.get()?,
            })
        },
    )
}

/// The versions of a timeline whose bytes are there.
pub fn versions(tx: &Tx<'_>, timeline: TimelineId) -> Result<Vec<Version>, Fault> {
    tx.all(
        "SELECT v.id, v.ordinal, v.created_at, v.size, v.id = COALESCE(h.version_id, 0), \
         v.is_leaf = 1 AND v.deleted_at IS NULL AND v.settled_at IS NULL \
         AND v.id <> COALESCE(h.version_id, 0), v.pinned, \
         EXISTS (SELECT 1 FROM holdings d WHERE d.timeline_id = t.id AND d.claim_id = v.id), \
         EXISTS (SELECT 1 FROM holdings d WHERE d.timeline_id = t.id \
         AND (d.baseline_id = v.id OR d.claim_before_id = v.id)), \
         EXISTS (SELECT 1 FROM saves s WHERE s.timeline_id = t.id AND s.version_id = v.id \
         AND s.hidden IS NULL) FROM versions v JOIN timelines t ON t.id = v.timeline_id \
         LEFT JOIN saves h ON h.id = t.head_save_id \
         WHERE v.timeline_id = $1 AND v.purged_at IS NULL ORDER BY v.ordinal",
        bind![timeline],
        version,
    )
}

fn version(row: &mut Row<'_>) -> Result<Version, Fault> {
    Ok(Version {
        id: row.get()?,
        ordinal: row.get()?,
        created_at: row.get()?,
        size: row.get()?,
        head: row.get()?,
        branch: row.get()?,
        pinned: row.get()?,
        awaited: row.get()?,
        held: row.get()?,
        shown: row.get()?,
    })
}

/// Gives a version's bytes up; its place in the lineage stays. The rows that show it are to be
/// hidden.
pub fn purge(tx: &Tx<'_>, version: VersionId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE versions SET purged_at = $2 WHERE id = $1",
        bind![version, now],
    )?;
    Ok(())
}
