//! What pages ask of many games at once: each question is one query, however many games there are.

use std::collections::HashMap;

use keepsave_core::content::Content;
use keepsave_core::ids::{DeviceId, RomId, TimelineId, UserId, VersionId};
use keepsave_core::lineage::Node;
use keepsave_core::time::Time;

use super::sql::{ToValue, Value};
use super::timelines::content;
use super::{Fault, Row, Tx};
use crate::bind;

/// One device on one timeline of a game.
#[derive(Clone, Debug)]
pub struct Place {
    /// The game.
    pub rom: RomId,
    /// The timeline.
    pub timeline: TimelineId,
    /// The device.
    pub device: DeviceId,
    /// Whether its person lets it sync at all, and here.
    pub takes_part: bool,
    /// When it was last heard of.
    pub last_seen: Option<Time>,
    /// What it last held, and what number that has.
    pub held: Option<(VersionId, i64, Content)>,
    /// Whether that is only what it was sent.
    pub claimed: bool,
    /// The current save.
    pub head: Option<(VersionId, Content)>,
    /// Whether it shows a content that is not here.
    pub waits: bool,
}

/// A branch that waits for a person, made by a device.
#[derive(Clone, Debug)]
pub struct OpenBranch {
    /// Its timeline.
    pub timeline: TimelineId,
    /// Who made it.
    pub device: Option<DeviceId>,
    /// Whether it is blank and was refused for that.
    pub blank: bool,
}

/// `$1, $2, ..` for so many values.
fn marks(from: usize, count: usize) -> String {
    let marks: Vec<_> = (from..from + count).map(|n| format!("${n}")).collect();
    marks.join(", ")
}

fn with_user<'a, T: ToValue>(user: &'a UserId, values: &'a [T]) -> Vec<Value<'a>> {
    let mut all = vec![user.to_value()];
    all.extend(values.iter().map(ToValue::to_value));
    all
}

/// Every device on every timeline of these games.
pub fn places(tx: &Tx<'_>, user: UserId, roms: &[RomId]) -> Result<Vec<Place>, Fault> {
    if roms.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(
        &format!(
            "SELECT s.rom_id, t.id, d.id, d.sync_enabled, k.untracked, d.last_seen, \
             k.claim_id IS NOT NULL, k.reported_hash IS NOT NULL, h.version_id, h.content_hash, \
             h.blob, b.id, b.ordinal, b.content_hash, b.blob FROM slots s \
             JOIN timelines t ON t.slot_id = s.id JOIN holdings k ON k.timeline_id = t.id \
             JOIN devices d ON d.id = k.device_id LEFT JOIN saves h ON h.id = t.head_save_id \
             LEFT JOIN versions b ON b.id = k.baseline_id \
             WHERE s.user_id = $1 AND s.rom_id IN ({}) ORDER BY s.rom_id, t.id, d.id",
            marks(2, roms.len())
        ),
        &with_user(&user, roms),
        place,
    )
}

fn place(row: &mut Row<'_>) -> Result<Place, Fault> {
    let (rom, timeline, device) = (row.get()?, row.get()?, row.get()?);
    let (enabled, untracked): (bool, bool) = (row.get()?, row.get()?);
    Ok(Place {
        rom,
        timeline,
        device,
        takes_part: enabled && !untracked,
        last_seen: row.get()?,
        claimed: row.get()?,
        waits: row.get()?,
        head: {
            let version: Option<VersionId> = row.get()?;
            let (hash, blob): (Option<_>, Option<_>) = (row.get()?, row.get()?);
            let content = blob.map(|blob| Content { hash, blob });
            version.zip(content)
        },
        held: match row.get()? {
            Some(version) => Some((version, row.get()?, content(row)?)),
            None => None,
        },
    })
}

/// The branches of these timelines that nobody has settled.
pub fn open_branches(tx: &Tx<'_>, timelines: &[TimelineId]) -> Result<Vec<OpenBranch>, Fault> {
    if timelines.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<_> = timelines.iter().map(ToValue::to_value).collect();
    tx.all(
        &format!(
            "SELECT v.timeline_id, v.device_id, v.refused = 1 AND v.blank = 1 FROM versions v \
             JOIN timelines t ON t.id = v.timeline_id LEFT JOIN saves h ON h.id = t.head_save_id \
             WHERE v.is_leaf = 1 AND v.deleted_at IS NULL AND v.settled_at IS NULL \
             AND v.timeline_id IN ({}) AND v.id <> COALESCE(h.version_id, 0)",
            marks(1, values.len())
        ),
        &values,
        |row| {
            Ok(OpenBranch {
                timeline: row.get()?,
                device: row.get()?,
                blank: row.get()?,
            })
        },
    )
}

/// The versions of a timeline from a number on, with what they grew from.
pub fn since(tx: &Tx<'_>, timeline: TimelineId, ordinal: i64) -> Result<Vec<Node>, Fault> {
    let mut nodes: Vec<Node> = Vec::new();
    tx.each(
        "SELECT v.id, v.ordinal, p.parent_id FROM versions v \
         LEFT JOIN version_parents p ON p.version_id = v.id \
         WHERE v.timeline_id = $1 AND v.ordinal >= $2 ORDER BY v.ordinal",
        bind![timeline, ordinal],
        |row| {
            let (id, ordinal) = (row.get()?, row.get()?);
            let parent: Option<VersionId> = row.get()?;
            match nodes.last_mut() {
                Some(last) if last.id == id => last.parents.extend(parent),
                _ => nodes.push(Node {
                    id,
                    ordinal,
                    parents: Vec::from_iter(parent),
                }),
            }
            Ok(())
        },
    )?;
    Ok(nodes)
}

/// The newest save of a game: what it shows, and who made that.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the tables")]
pub struct Newest {
    pub rom: RomId,
    pub slot: Option<String>,
    pub version: VersionId,
    pub ordinal: i64,
    pub updated_at: Time,
    pub device: Option<String>,
    pub made_by: String,
    pub size: u64,
}

/// The newest saves of these games, the newest of each first.
pub fn newest(tx: &Tx<'_>, user: UserId, roms: &[RomId]) -> Result<Vec<Newest>, Fault> {
    if roms.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(
        &format!(
            "SELECT w.rom_id, w.slot, v.id, v.ordinal, w.updated_at, \
             COALESCE(d.name, v.device_name), v.made_by, v.size FROM timelines t \
             JOIN slots s ON s.id = t.slot_id JOIN saves w ON w.id = t.head_save_id \
             JOIN versions v ON v.id = w.version_id LEFT JOIN devices d ON d.id = v.device_id \
             WHERE s.user_id = $1 AND s.rom_id IN ({}) ORDER BY w.updated_at DESC, w.id DESC",
            marks(2, roms.len())
        ),
        &with_user(&user, roms),
        |row| {
            Ok(Newest {
                rom: row.get()?,
                slot: row.get()?,
                version: row.get()?,
                ordinal: row.get()?,
                updated_at: row.get()?,
                device: row.get()?,
                made_by: row.get()?,
                size: row.get()?,
            })
        },
    )
}

/// The games that a person played last.
pub fn played_last(tx: &Tx<'_>, user: UserId, limit: i64) -> Result<Vec<RomId>, Fault> {
    tx.all(
        "SELECT u.rom_id FROM rom_users u WHERE u.user_id = $1 AND u.last_played IS NOT NULL \
         AND u.hidden = 0 ORDER BY u.last_played DESC, u.rom_id LIMIT $2",
        bind![user, limit],
        |row| row.get(),
    )
}

/// How many games a person has saves of.
pub fn games_with_saves(tx: &Tx<'_>, user: UserId) -> Result<u64, Fault> {
    tx.one(
        "SELECT COUNT(DISTINCT rom_id) FROM saves WHERE user_id = $1 AND hidden IS NULL",
        bind![user],
        |row| row.get(),
    )
}

/// The name of every game.
pub fn names(tx: &Tx<'_>) -> Result<Vec<String>, Fault> {
    tx.all("SELECT DISTINCT name FROM roms", bind![], |row| row.get())
}

/// The names of these games.
pub fn names_of(tx: &Tx<'_>, ids: &[RomId]) -> Result<HashMap<RomId, String>, Fault> {
    let found = by_ids(tx, "SELECT id, name FROM roms", ids, |row| {
        Ok((row.get()?, row.get()?))
    })?;
    Ok(found.into_iter().collect())
}

/// The numbers of these versions.
pub fn ordinals(tx: &Tx<'_>, ids: &[VersionId]) -> Result<HashMap<VersionId, i64>, Fault> {
    let found = by_ids(tx, "SELECT id, ordinal FROM versions", ids, |row| {
        Ok((row.get()?, row.get()?))
    })?;
    Ok(found.into_iter().collect())
}

fn by_ids<T, I: ToValue>(
    tx: &Tx<'_>,
    select: &str,
    ids: &[I],
    read: impl FnMut(&mut Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<_> = ids.iter().map(ToValue::to_value).collect();
    let sql = format!("{select} WHERE id IN ({})", marks(1, ids.len()));
    tx.all(&sql, &values, read)
}

/// How one device stands, over all timelines that it synced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own count")]
pub struct Standing {
    pub timelines: u64,
    pub in_sync: u64,
    pub off: u64,
    pub waiting: u64,
}

/// How every device of a person stands.
pub fn standings(tx: &Tx<'_>, user: UserId) -> Result<Vec<(DeviceId, Standing)>, Fault> {
    tx.all(
        "SELECT d.id, COUNT(*), \
         SUM(CASE WHEN h.content_hash = b.content_hash OR h.blob = b.blob THEN 1 ELSE 0 END), \
         SUM(CASE WHEN k.untracked <> 0 THEN 1 ELSE 0 END), \
         SUM(CASE WHEN k.reported_hash IS NOT NULL THEN 1 ELSE 0 END) FROM devices d \
         JOIN holdings k ON k.device_id = d.id JOIN timelines t ON t.id = k.timeline_id \
         LEFT JOIN saves h ON h.id = t.head_save_id LEFT JOIN versions b ON b.id = k.baseline_id \
         WHERE d.user_id = $1 GROUP BY d.id",
        bind![user],
        |row| {
            let device = row.get()?;
            Ok((
                device,
                Standing {
                    timelines: row.get()?,
                    in_sync: row.get()?,
                    off: row.get()?,
                    waiting: row.get()?,
                },
            ))
        },
    )
}

/// How many branches of each device wait for a person.
pub fn waiting_branches(tx: &Tx<'_>, user: UserId) -> Result<Vec<(DeviceId, u64)>, Fault> {
    tx.all(
        "SELECT v.device_id, COUNT(*) FROM versions v CROSS JOIN timelines t \
         LEFT JOIN saves h ON h.id = t.head_save_id \
         WHERE v.is_leaf = 1 AND v.deleted_at IS NULL AND v.settled_at IS NULL \
         AND t.id = v.timeline_id AND v.id <> COALESCE(h.version_id, 0) \
         AND v.device_id IN (SELECT id FROM devices WHERE user_id = $1) GROUP BY v.device_id",
        bind![user],
        |row| Ok((row.get()?, row.get()?)),
    )
}

/// What a person's saves take: all versions whose bytes are kept, and of those the current ones.
pub fn storage(tx: &Tx<'_>, user: UserId) -> Result<(u64, u64), Fault> {
    tx.one(
        "SELECT (SELECT CAST(COALESCE(SUM(v.size), 0) AS BIGINT) FROM slots s \
         JOIN timelines t ON t.slot_id = s.id JOIN versions v ON v.timeline_id = t.id \
         WHERE s.user_id = $1 AND v.purged_at IS NULL), \
         (SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM saves \
         WHERE user_id = $1 AND hidden IS NULL)",
        bind![user],
        |row| Ok((row.get()?, row.get()?)),
    )
}
