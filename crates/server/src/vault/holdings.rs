//! What the server knows of each device on each timeline, and RomM's record of synced rows.

use keepsave_core::content::ContentHash;
use keepsave_core::ids::{DeviceId, SaveId, TimelineId, VersionId};
use keepsave_core::lineage::{Claim, Holding};
use keepsave_core::time::Time;

use super::{Fault, Row, Tx};
use crate::bind;

/// What is known of a device on a timeline; the empty holding when nothing is.
pub fn load(tx: &Tx<'_>, device: &DeviceId, timeline: TimelineId) -> Result<Holding, Fault> {
    let stored = tx.optional(
        "SELECT baseline_id, claim_id, claim_before_id, distrusted_id, untracked FROM holdings \
         WHERE device_id = $1 AND timeline_id = $2",
        bind![device, timeline],
        holding,
    )?;
    match stored {
        None => Ok(Holding::default()),
        Some(mut holding) => {
            holding.proven = tx.all(
                "SELECT version_id FROM proven WHERE device_id = $1 AND timeline_id = $2",
                bind![device, timeline],
                |row| row.get(),
            )?;
            Ok(holding)
        }
    }
}

/// Reads the five columns of a holding; what is proven comes from another table.
pub fn holding(row: &mut Row<'_>) -> Result<Holding, Fault> {
    let baseline = row.get()?;
    let claimed: Option<VersionId> = row.get()?;
    let before = row.get()?;
    Ok(Holding {
        baseline,
        proven: Vec::new(),
        claim: claimed.map(|version| Claim { version, before }),
        distrusted: row.get()?,
        untracked: row.get()?,
    })
}

/// Stores what is known now, given what was known before.
pub fn save(
    tx: &Tx<'_>,
    device: &DeviceId,
    timeline: TimelineId,
    before: &Holding,
    holding: &Holding,
    now: Time,
) -> Result<(), Fault> {
    if before == holding {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO holdings (device_id, timeline_id, baseline_id, claim_id, claim_before_id, \
         distrusted_id, untracked, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (device_id, timeline_id) DO UPDATE SET baseline_id = $3, claim_id = $4, \
         claim_before_id = $5, distrusted_id = $6, untracked = $7, updated_at = $8",
        bind![
            device,
            timeline,
            holding.baseline,
            holding.claim.map(|claim| claim.version),
            holding.claim.and_then(|claim| claim.before),
            holding.distrusted,
            holding.untracked,
            now,
        ],
    )?;
    for gone in before
        .proven
        .iter()
        .filter(|version| !holding.proven.contains(version))
    {
        tx.execute(
            "DELETE FROM proven WHERE device_id = $1 AND timeline_id = $2 AND version_id = $3",
            bind![device, timeline, gone],
        )?;
    }
    for new in holding
        .proven
        .iter()
        .filter(|version| !before.proven.contains(version))
    {
        tx.execute(
            "INSERT INTO proven (device_id, timeline_id, version_id) VALUES ($1, $2, $3)",
            bind![device, timeline, new],
        )?;
    }
    Ok(())
}

/// Remembers a content that a device showed and the server does not know: a conflict that waits for
/// the device. None forgets it.
pub fn report(
    tx: &Tx<'_>,
    device: &DeviceId,
    timeline: TimelineId,
    unknown: Option<ContentHash>,
    now: Time,
) -> Result<(), Fault> {
    if unknown.is_none() {
        tx.execute(
            "UPDATE holdings SET reported_hash = NULL, reported_at = NULL \
             WHERE device_id = $1 AND timeline_id = $2 AND reported_hash IS NOT NULL",
            bind![device, timeline],
        )?;
        return Ok(());
    }
    tx.execute(
        "INSERT INTO holdings (device_id, timeline_id, reported_hash, reported_at, updated_at) \
         VALUES ($1, $2, $3, $4, $4) ON CONFLICT (device_id, timeline_id) \
         DO UPDATE SET reported_hash = $3, reported_at = $4",
        bind![device, timeline, unknown, now],
    )?;
    Ok(())
}

/// RomM's record: this device is in sync with this row as of that moment.
pub fn synced(tx: &Tx<'_>, device: &DeviceId, save: SaveId, at: Time) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO row_syncs (save_id, device_id, last_synced_at) VALUES ($1, $2, $3) \
         ON CONFLICT (save_id, device_id) DO UPDATE SET last_synced_at = $3",
        bind![save, device, at],
    )?;
    Ok(())
}

/// This version went between the device and this row, one way or the other.
pub fn sent(tx: &Tx<'_>, device: &DeviceId, save: SaveId, version: VersionId) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO row_syncs (save_id, device_id, sent_version_id) VALUES ($1, $2, $3) \
         ON CONFLICT (save_id, device_id) DO UPDATE SET sent_version_id = $3",
        bind![save, device, version],
    )?;
    Ok(())
}

/// The version that last went between the device and this row.
pub fn last_sent(tx: &Tx<'_>, device: &DeviceId, save: SaveId) -> Result<Option<VersionId>, Fault> {
    let sent: Option<Option<VersionId>> = tx.optional(
        "SELECT sent_version_id FROM row_syncs WHERE save_id = $1 AND device_id = $2",
        bind![save, device],
        |row| row.get(),
    )?;
    Ok(sent.flatten())
}

/// Where every device is that ever synced a timeline, the one that synced last first.
pub fn positions(tx: &Tx<'_>, timeline: TimelineId) -> Result<Vec<Position>, Fault> {
    tx.all(
        "SELECT d.id, d.name, h.baseline_id, h.untracked, h.reported_hash, h.updated_at \
         FROM holdings h JOIN devices d ON d.id = h.device_id WHERE h.timeline_id = $1 \
         ORDER BY h.updated_at DESC, d.id",
        bind![timeline],
        |row| {
            Ok(Position {
                device: row.get()?,
                name: row.get()?,
                version: row.get()?,
                untracked: row.get()?,
                waiting: row.get()?,
                updated_at: row.get()?,
            })
        },
    )
}

/// Where a device is on a timeline.
#[derive(Clone, Debug)]
pub struct Position {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: Option<String>,
    /// What it last held.
    pub version: Option<VersionId>,
    /// Whether it opted out.
    pub untracked: bool,
    /// What it showed last, when that is not here.
    pub waiting: Option<ContentHash>,
    /// Since when.
    pub updated_at: Time,
}

/// Forgets everything about a device's syncs, as its owner asked for.
pub fn forget(tx: &Tx<'_>, device: &DeviceId) -> Result<(), Fault> {
    for sql in [
        "DELETE FROM row_syncs WHERE device_id = $1",
        "DELETE FROM proven WHERE device_id = $1",
        "DELETE FROM holdings WHERE device_id = $1",
    ] {
        tx.execute(sql, bind![device])?;
    }
    Ok(())
}
