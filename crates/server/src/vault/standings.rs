//! Where devices stand towards rows: RomM's record of syncs beside what each device last held.

use keepsave_core::content::{Content, ContentHash};
use keepsave_core::ids::{DeviceId, SaveId, UserId};
use keepsave_core::time::Time;

use super::saves::{Filter, narrowed};
use super::sql::Value;
use super::{Fault, Row, Tx};
use crate::bind;

/// One device and one row.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The row.
    pub save_id: SaveId,
    /// Whether the row shows the head.
    pub is_head_row: bool,
    /// The device.
    pub device_id: DeviceId,
    /// Its name.
    pub device_name: Option<String>,
    /// When it last synced the row.
    pub last_synced_at: Option<Time>,
    /// Whether it opted out of the timeline.
    pub is_untracked: bool,
    /// What it last held in the timeline.
    pub baseline: Option<Content>,
}

const COLUMNS: &str = "SELECT s.id, t.head_save_id = s.id, d.id, d.name, r.last_synced_at, \
     COALESCE(h.untracked, 0), b.content_hash, b.blob FROM saves s \
     JOIN timelines t ON t.id = s.timeline_id";

const SYNCED: &str = "JOIN row_syncs r ON r.save_id = s.id AND r.last_synced_at IS NOT NULL \
     JOIN devices d ON d.id = r.device_id \
     LEFT JOIN holdings h ON h.device_id = d.id AND h.timeline_id = s.timeline_id \
     LEFT JOIN versions b ON b.id = h.baseline_id";

fn standing(row: &mut Row<'_>) -> Result<Standing, Fault> {
    Ok(Standing {
        save_id: row.get()?,
        is_head_row: row.get::<Option<bool>>()?.unwrap_or_default(),
        device_id: row.get()?,
        device_name: row.get()?,
        last_synced_at: row.get()?,
        is_untracked: row.get()?,
        baseline: {
            let hash: Option<ContentHash> = row.get()?;
            row.get::<Option<_>>()?.map(|blob| Content { hash, blob })
        },
    })
}

/// Every device that synced a row.
pub fn of_row(tx: &Tx<'_>, save: SaveId) -> Result<Vec<Standing>, Fault> {
    tx.all(
        &format!("{COLUMNS} {SYNCED} WHERE s.id = $1"),
        bind![save],
        standing,
    )
}

/// Every device that synced each of a user's rows.
pub fn of_rows(tx: &Tx<'_>, user: UserId, filter: &Filter) -> Result<Vec<Standing>, Fault> {
    let (condition, values) = narrowed(user, filter);
    tx.all(
        &format!("{COLUMNS} {SYNCED} {condition}"),
        &values,
        standing,
    )
}

/// One device and a row, whether it ever synced it or not.
pub fn of_device_on_row(tx: &Tx<'_>, save: SaveId, device: &DeviceId) -> Result<Standing, Fault> {
    tx.one(
        &format!("{} WHERE s.id = $1", device_columns(2)),
        bind![save, device],
        standing,
    )
}

/// One device and each of a user's rows, whether it ever synced them or not.
pub fn of_device(
    tx: &Tx<'_>,
    user: UserId,
    filter: &Filter,
    device: &DeviceId,
) -> Result<Vec<Standing>, Fault> {
    let (condition, mut values) = narrowed(user, filter);
    values.push(Value::Text(&device.0));
    tx.all(
        &format!("{} {condition}", device_columns(values.len())),
        &values,
        standing,
    )
}

fn device_columns(parameter: usize) -> String {
    format!(
        "{COLUMNS} JOIN devices d ON d.id = ${parameter} \
         LEFT JOIN row_syncs r ON r.save_id = s.id AND r.device_id = d.id \
         LEFT JOIN holdings h ON h.device_id = d.id AND h.timeline_id = s.timeline_id \
         LEFT JOIN versions b ON b.id = h.baseline_id"
    )
}
