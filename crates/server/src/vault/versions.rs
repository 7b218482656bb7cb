//! Versions: immutable, each with the versions it grew from.

use keepsave_core::content::Content;
use keepsave_core::ids::{DeviceId, RomId, SaveId, SlotId, TimelineId, UserId, VersionId};
use keepsave_core::time::Time;

use super::timelines::{Timeline, content};
use super::{Fault, Row, Tx};
use crate::bind;

/// How a version came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeBy {
    /// A POST.
    Upload,
    /// A PUT.
    Replace,
    /// A person made an earlier version the head again, or adopted a branch.
    Restore,
    /// A slot was copied or moved.
    Copy,
}

impl MadeBy {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Replace => "replace",
            Self::Restore => "restore",
            Self::Copy => "copy",
        }
    }
}

/// A device at the moment when it made a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    /// Its id.
    pub id: DeviceId,
    /// Its name then; it outlives the device.
    pub name: Option<String>,
}

/// A version that is about to be stored.
#[derive(Clone, Debug)]
pub struct NewVersion<'a> {
    /// What it contains.
    pub content: Content,
    /// How many bytes.
    pub size: u64,
    /// Whether there is no progress in it.
    pub blank: bool,
    /// The file's name as it was sent.
    pub file_name: &'a str,
    /// The emulator that was named.
    pub emulator: Option<&'a str>,
    /// Which device made it.
    pub maker: Option<&'a Maker>,
    /// How it came to be.
    pub made_by: MadeBy,
    /// The files that form one save together share this.
    pub set_id: Option<&'a str>,
    /// The row that shows it, when there is one already.
    pub save: Option<SaveId>,
    /// Whether it is an upload that was refused: kept as a branch that no row shows.
    pub refused: bool,
    /// What it grew from.
    pub parents: &'a [VersionId],
}

/// Stores a version in a timeline.
pub fn add(
    tx: &Tx<'_>,
    timeline: &Timeline,
    new: &NewVersion<'_>,
    now: Time,
) -> Result<VersionId, Fault> {
    let ordinal = timeline.next_ordinal(tx)?;
    let size = i64::try_from(new.size).unwrap_or(i64::MAX);
    let id = tx.one(
        "INSERT INTO versions (timeline_id, ordinal, save_id, content_hash, blob, size, blank, \
         file_name, emulator, device_id, device_name, made_by, set_id, refused, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id",
        bind![
            timeline.id,
            ordinal,
            new.save,
            new.content.hash,
            new.content.blob,
            size,
            new.blank,
            new.file_name,
            new.emulator,
            new.maker.map(|maker| &maker.id),
            new.maker.and_then(|maker| maker.name.as_deref()),
            new.made_by.as_str(),
            new.set_id,
            new.refused,
            now,
        ],
        |row| row.get(),
    )?;
    link(tx, id, new.parents)?;
    Ok(id)
}

/// Copies a version into another timeline, with the parents' copies as its parents.
pub fn copy(
    tx: &Tx<'_>,
    id: VersionId,
    to: TimelineId,
    parents: &[VersionId],
) -> Result<VersionId, Fault> {
    let copy = tx.one(
        "INSERT INTO versions (timeline_id, ordinal, content_hash, blob, size, blank, file_name, \
         emulator, device_id, device_name, made_by, set_id, name, pinned, refused, settled_at, \
         deleted_at, purged_at, created_at) SELECT $2, ordinal, content_hash, blob, size, blank, \
         file_name, emulator, device_id, device_name, made_by, set_id, name, pinned, refused, \
         settled_at, deleted_at, purged_at, created_at FROM versions WHERE id = $1 RETURNING id",
        bind![id, to],
        |row| row.get(),
    )?;
    link(tx, copy, parents)?;
    Ok(copy)
}

fn link(tx: &Tx<'_>, id: VersionId, parents: &[VersionId]) -> Result<(), Fault> {
    for parent in parents {
        tx.execute(
            "INSERT INTO version_parents (version_id, parent_id) VALUES ($1, $2)",
            bind![id, parent],
        )?;
        tx.execute(
            "UPDATE versions SET is_leaf = 0 WHERE id = $1",
            bind![parent],
        )?;
    }
    Ok(())
}

/// This row shows the version from now on.
pub fn set_row(tx: &Tx<'_>, version: VersionId, save: SaveId) -> Result<(), Fault> {
    tx.execute(
        "UPDATE versions SET save_id = $2 WHERE id = $1",
        bind![version, save],
    )?;
    Ok(())
}

/// A version with all that is kept of it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Record {
    pub id: VersionId,
    pub timeline_id: TimelineId,
    pub ordinal: i64,
    pub save_id: Option<SaveId>,
    pub content: Content,
    pub size: u64,
    pub blank: bool,
    pub file_name: String,
    pub emulator: Option<String>,
    pub device_id: Option<DeviceId>,
    pub device_name: Option<String>,
    pub made_by: String,
    pub set_id: Option<String>,
    pub name: Option<String>,
    pub pinned: bool,
    pub refused: bool,
    pub settled_at: Option<Time>,
    pub deleted_at: Option<Time>,
    pub purged_at: Option<Time>,
    pub created_at: Time,
}

/// The columns of a [`Record`], of `versions v`.
pub const RECORD: &str = "SELECT v.id, v.timeline_id, v.ordinal, v.save_id, v.content_hash, \
     v.blob, v.size, v.blank, v.file_name, v.emulator, v.device_id, v.device_name, v.made_by, \
     v.set_id, v.name, v.pinned, v.refused, v.settled_at, v.deleted_at, v.purged_at, \
     v.created_at FROM versions v";

/// Reads the columns of [`RECORD`].
pub fn record(row: &mut Row<'_>) -> Result<Record, Fault> {
    Ok(Record {
        id: row.get()?,
        timeline_id: row.get()?,
        ordinal: row.get()?,
        save_id: row.get()?,
        content: content(row)?,
        size: row.get()?,
        blank: row.get()?,
        file_name: row.get()?,
        emulator: row.get()?,
        device_id: row.get()?,
        device_name: row.get()?,
        made_by: row.get()?,
        set_id: row.get()?,
        name: row.get()?,
        pinned: row.get()?,
        refused: row.get()?,
        settled_at: row.get()?,
        deleted_at: row.get()?,
        purged_at: row.get()?,
        created_at: row.get()?,
    })
}

/// The version of that id.
pub fn by_id(tx: &Tx<'_>, id: VersionId) -> Result<Option<Record>, Fault> {
    tx.optional(&format!("{RECORD} WHERE v.id = $1"), bind![id], record)
}

/// A page of a timeline, newest first: those numbered below `before`.
pub fn page(
    tx: &Tx<'_>,
    timeline: TimelineId,
    before: i64,
    limit: i64,
) -> Result<Vec<Record>, Fault> {
    tx.all(
        &format!(
            "{RECORD} WHERE v.timeline_id = $1 AND v.ordinal < $2 ORDER BY v.ordinal DESC LIMIT $3"
        ),
        bind![timeline, before, limit],
        record,
    )
}

/// The versions that one grew from.
pub fn parents(tx: &Tx<'_>, id: VersionId) -> Result<Vec<VersionId>, Fault> {
    tx.all(
        "SELECT parent_id FROM version_parents WHERE version_id = $1 ORDER BY parent_id",
        bind![id],
        |row| row.get(),
    )
}

/// A person's branches: what no other version grew from, is not the head, and was neither deleted
/// nor settled. Of one game, or of all.
pub fn branches(tx: &Tx<'_>, user: UserId, rom: Option<RomId>) -> Result<Vec<Record>, Fault> {
    tx.all(
        &format!(
            "{RECORD} JOIN timelines t ON t.id = v.timeline_id JOIN slots s ON s.id = t.slot_id \
             LEFT JOIN saves h ON h.id = t.head_save_id \
             WHERE v.is_leaf = 1 AND v.deleted_at IS NULL AND v.settled_at IS NULL \
             AND v.id <> COALESCE(h.version_id, 0) AND s.user_id = $1 \
             AND ($2 IS NULL OR s.rom_id = $2) ORDER BY v.created_at DESC, v.id DESC"
        ),
        bind![user, rom],
        record,
    )
}

/// The newest version of each timeline that belongs to a set.
pub fn of_set(tx: &Tx<'_>, user: UserId, set_id: &str) -> Result<Vec<Record>, Fault> {
    tx.all(
        &format!(
            "{RECORD} JOIN timelines t ON t.id = v.timeline_id JOIN slots s ON s.id = t.slot_id \
             WHERE v.set_id = $2 AND s.user_id = $1 AND v.refused = 0 AND v.ordinal = \
             (SELECT MAX(o.ordinal) FROM versions o WHERE o.timeline_id = v.timeline_id \
             AND o.set_id = $2 AND o.refused = 0) ORDER BY t.part"
        ),
        bind![user, set_id],
        record,
    )
}

/// The files of a slot as they were together when a set came: the set's own versions, and of every
/// other file the one that was newest by then. What came into being later is not among them.
pub fn together(tx: &Tx<'_>, slot_id: SlotId, set_id: &str) -> Result<Vec<Record>, Fault> {
    tx.all(
        &format!(
            "{RECORD} JOIN timelines t ON t.id = v.timeline_id WHERE t.slot_id = $1 \
             AND v.refused = 0 AND v.ordinal = COALESCE(\
             (SELECT MAX(o.ordinal) FROM versions o WHERE o.timeline_id = v.timeline_id \
             AND o.set_id = $2 AND o.refused = 0), \
             (SELECT MAX(o.ordinal) FROM versions o WHERE o.timeline_id = v.timeline_id \
             AND o.refused = 0 AND o.id <= (SELECT MAX(m.id) FROM versions m \
             JOIN timelines n ON n.id = m.timeline_id \
             WHERE n.slot_id = $1 AND m.set_id = $2 AND m.refused = 0))) ORDER BY t.part"
        ),
        bind![slot_id, set_id],
        record,
    )
}

/// Gives a version a name, or takes it away.
pub fn set_name(tx: &Tx<'_>, id: VersionId, name: Option<&str>) -> Result<(), Fault> {
    tx.execute(
        "UPDATE versions SET name = $2 WHERE id = $1",
        bind![id, name],
    )?;
    Ok(())
}

/// Keeps retention away from a version, or lets it.
pub fn set_pinned(tx: &Tx<'_>, id: VersionId, pinned: bool) -> Result<(), Fault> {
    tx.execute(
        "UPDATE versions SET pinned = $2 WHERE id = $1",
        bind![id, pinned],
    )?;
    Ok(())
}

/// A person has dealt with a branch. From now on negotiate knows its content: the device that has
/// it may fetch the head over it.
pub fn settle(tx: &Tx<'_>, id: VersionId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE versions SET settled_at = $2, refused = 0 WHERE id = $1",
        bind![id, now],
    )?;
    Ok(())
}

/// A branch that a person has dealt with waits for them again. One that no row ever showed is again
/// unknown to negotiate.
pub fn reopen(tx: &Tx<'_>, id: VersionId) -> Result<(), Fault> {
    tx.execute(
        "UPDATE versions SET settled_at = NULL, \
         refused = CASE WHEN save_id IS NULL THEN 1 ELSE 0 END WHERE id = $1",
        bind![id],
    )?;
    Ok(())
}

/// Puts a person's tombstone on a version that no row ever showed.
pub fn bury(tx: &Tx<'_>, id: VersionId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE versions SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL",
        bind![id, now],
    )?;
    Ok(())
}

/// Takes its tombstone away.
pub fn unearth(tx: &Tx<'_>, id: VersionId) -> Result<(), Fault> {
    tx.execute(
        "UPDATE versions SET deleted_at = NULL WHERE id = $1",
        bind![id],
    )?;
    Ok(())
}

/// Puts a person's tombstone on every version that a row ever showed.
pub fn bury_of_row(tx: &Tx<'_>, save: SaveId, now: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE versions SET deleted_at = $2 WHERE save_id = $1 AND deleted_at IS NULL",
        bind![save, now],
    )?;
    Ok(())
}

/// Takes the tombstones of a row's versions away.
pub fn unearth_of_row(tx: &Tx<'_>, save: SaveId) -> Result<(), Fault> {
    tx.execute(
        "UPDATE versions SET deleted_at = NULL WHERE save_id = $1",
        bind![save],
    )?;
    Ok(())
}
