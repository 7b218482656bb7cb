//! Where one device stands on every timeline of its user: all that most of a sync is decided by, in
//! two queries, however many versions are stored.

use std::collections::HashMap;

use keepsave_core::content::ContentHash;
use keepsave_core::ids::{DeviceId, RomId, SaveId, TimelineId, UserId, VersionId};
use keepsave_core::lineage::{Holding, Version};
use keepsave_core::time::Time;

use super::holdings;
use super::timelines::content;
use super::{Fault, Row, Tx};
use crate::bind;

/// One timeline, and one device on it.
#[derive(Clone, Debug)]
pub struct Position {
    /// The timeline.
    pub timeline: TimelineId,
    /// Its game.
    pub rom: RomId,
    /// Its slot; none is the archive.
    pub slot: Option<String>,
    /// Empty, a companion's extension, or in the archive the file name.
    pub part: String,
    /// What is known of the device here.
    pub holding: Holding,
    /// What the device showed last, when it was content that nobody knows.
    pub reported: Option<ContentHash>,
    /// The newest row that remains.
    pub head: Option<HeadRow>,
}

/// A timeline's newest row.
#[derive(Clone, Debug)]
pub struct HeadRow {
    /// The row.
    pub save: SaveId,
    /// Its name in the listing.
    pub file_name: String,
    /// The emulator that was named.
    pub emulator: Option<String>,
    /// When it changed.
    pub updated_at: Time,
    /// What it shows.
    pub version: Version,
}

/// Every timeline of the user's slots, oldest first; those of the archive too where they matter.
pub fn of_device(
    tx: &Tx<'_>,
    user: UserId,
    device: &DeviceId,
    with_archive: bool,
) -> Result<Vec<Position>, Fault> {
    let mut positions = tx.all(
        "SELECT t.id, s.rom_id, s.slot, t.part, k.baseline_id, k.claim_id, k.claim_before_id, \
         k.distrusted_id, COALESCE(k.untracked, 0), k.reported_hash, h.id, h.file_name, \
         h.emulator, h.updated_at, v.id, v.ordinal, v.content_hash, v.blob, v.blank, \
         v.deleted_at IS NOT NULL, v.purged_at IS NOT NULL, v.refused FROM slots s \
         JOIN timelines t ON t.slot_id = s.id \
         LEFT JOIN holdings k ON k.device_id = $2 AND k.timeline_id = t.id \
         LEFT JOIN saves h ON h.id = t.head_save_id \
         LEFT JOIN versions v ON v.id = h.version_id \
         WHERE s.user_id = $1 AND (s.slot IS NOT NULL OR $3 <> 0) ORDER BY t.id",
        bind![user, device, with_archive],
        position,
    )?;
    let mut proven = proven(tx, device)?;
    for position in &mut positions {
        position.holding.proven = proven.remove(&position.timeline).unwrap_or_default();
    }
    Ok(positions)
}

fn position(row: &mut Row<'_>) -> Result<Position, Fault> {
    Ok(Position {
        timeline: row.get()?,
        rom: row.get()?,
        slot: row.get()?,
        part: row.get()?,
        holding: holdings::holding(row)?,
        reported: row.get()?,
        head: match row.get()? {
            Some(save) => Some(head_row(row, save)?),
            None => None,
        },
    })
}

fn head_row(row: &mut Row<'_>, save: SaveId) -> Result<HeadRow, Fault> {
    Ok(HeadRow {
        save,
        file_name: row.get()?,
        emulator: row.get()?,
        updated_at: row.get()?,
        version: Version {
            id: row.get()?,
            ordinal: row.get()?,
            content: content(row)?,
            blank: row.get()?,
            deleted: row.get()?,
            purged: row.get()?,
            refused: row.get()?,
            shown_by: Some(save),
        },
    })
}

fn proven(tx: &Tx<'_>, device: &DeviceId) -> Result<HashMap<TimelineId, Vec<VersionId>>, Fault> {
    let mut proven: HashMap<_, Vec<_>> = HashMap::new();
    tx.each(
        "SELECT timeline_id, version_id FROM proven WHERE device_id = $1",
        bind![device],
        |row| {
            proven.entry(row.get()?).or_default().push(row.get()?);
            Ok(())
        },
    )?;
    Ok(proven)
}
