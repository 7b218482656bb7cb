//! What pages ask of histories: each question is answered for a whole game, or for all that a
//! person has, in one query.

use std::collections::HashMap;

use keepsave_core::content::Content;
use keepsave_core::ids::{
    DeviceId, RomId, SaveId, ScreenshotId, SlotId, TimelineId, UserId, VersionId,
};
use keepsave_core::lineage::Node;
use keepsave_core::time::Time;

use super::sql::ToValue;
use super::timelines::{TIMELINE, Timeline, content, timeline};
use super::versions::{RECORD, Record, record};
use super::{Fault, Row, Tx};
use crate::bind;

/// The slots of one person's game, or one of them.
#[derive(Clone, Copy, Debug)]
pub struct Of {
    /// Whose.
    pub user: UserId,
    /// The game.
    pub rom: RomId,
    /// Only this slot.
    pub slot: Option<SlotId>,
}

/// As a condition on `slots s`, with [`Of`]'s three values first.
const OF: &str = "s.user_id = $1 AND s.rom_id = $2 AND ($3 IS NULL OR s.id = $3)";

/// A version that is open: no other grew from it, and nobody has deleted or settled it. Those that
/// are not the head are branches.
const OPEN: &str = "v.is_leaf = 1 AND v.deleted_at IS NULL AND v.settled_at IS NULL";

/// Every version, as far as the shape of the history goes, timeline by timeline.
#[derive(Clone, Debug)]
pub struct Past {
    /// Its timeline.
    pub timeline: TimelineId,
    /// Itself and what it grew from.
    pub node: Node,
    /// What it contains.
    pub content: Content,
    /// When the server took it.
    pub created_at: Time,
}

/// Reads the shape of the history.
pub fn past(tx: &Tx<'_>, of: Of) -> Result<Vec<Past>, Fault> {
    let mut all: Vec<Past> = Vec::new();
    tx.each(
        &format!(
            "SELECT v.timeline_id, v.id, v.ordinal, v.content_hash, v.blob, v.created_at, \
             p.parent_id FROM slots s JOIN timelines t ON t.slot_id = s.id \
             JOIN versions v ON v.timeline_id = t.id \
             LEFT JOIN version_parents p ON p.version_id = v.id \
             WHERE {OF} ORDER BY v.timeline_id, v.ordinal"
        ),
        bind![of.user, of.rom, of.slot],
        |row| {
            let (timeline, id) = (row.get()?, row.get()?);
            let ordinal = row.get()?;
            let (content, created_at) = (content(row)?, row.get()?);
            let parent: Option<VersionId> = row.get()?;
            match all.last_mut() {
                Some(last) if last.node.id == id => last.node.parents.extend(parent),
                _ => all.push(Past {
                    timeline,
                    node: Node {
                        id,
                        ordinal,
                        parents: Vec::from_iter(parent),
                    },
                    content,
                    created_at,
                }),
            }
            Ok(())
        },
    )?;
    Ok(all)
}

/// A timeline with what a page says of it before its versions.
#[derive(Clone, Debug)]
pub struct Course {
    /// The timeline.
    pub timeline: Timeline,
    /// The version that its newest row shows.
    pub head: Option<VersionId>,
    /// The number of its newest version: so many it ever had.
    pub last_ordinal: i64,
}

/// The timelines, slot by slot in the order in which they came to be, the save's own before its
/// companions'.
pub fn courses(tx: &Tx<'_>, of: Of) -> Result<Vec<Course>, Fault> {
    tx.all(
        &format!(
            "{}, h.version_id, t.last_ordinal FROM timelines t JOIN slots s ON s.id = t.slot_id \
             LEFT JOIN saves h ON h.id = t.head_save_id WHERE {OF} ORDER BY s.id, t.part, t.id",
            TIMELINE.split(" FROM ").next().unwrap_or(TIMELINE)
        ),
        bind![of.user, of.rom, of.slot],
        |row| {
            Ok(Course {
                timeline: timeline(row)?,
                head: row.get()?,
                last_ordinal: row.get()?,
            })
        },
    )
}

/// Of every timeline the newest versions, the head and the branches; newest first.
pub fn newest(tx: &Tx<'_>, of: Of, limit: i64) -> Result<Vec<Record>, Fault> {
    tx.all(
        &format!(
            "{RECORD} JOIN timelines t ON t.id = v.timeline_id JOIN slots s ON s.id = t.slot_id \
             LEFT JOIN saves h ON h.id = t.head_save_id WHERE {OF} \
             AND (v.ordinal > t.last_ordinal - $4 OR v.id = h.version_id OR ({OPEN})) \
             ORDER BY v.timeline_id, v.ordinal DESC"
        ),
        bind![of.user, of.rom, of.slot, limit],
        record,
    )
}

/// What shows a version, or did until it was hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownBy {
    /// The row.
    pub save: SaveId,
    /// Whether it is listed.
    pub is_listed: bool,
    /// Whether a person deleted it.
    pub is_deleted: bool,
    /// Whether others may see it.
    pub is_public: bool,
    /// How many versions it ever showed.
    pub versions: i64,
}

/// The rows of every version that ever had one.
pub fn rows(tx: &Tx<'_>, of: Of) -> Result<HashMap<SaveId, ShownBy>, Fault> {
    let found = tx.all(
        &format!(
            "SELECT w.id, w.hidden IS NULL, COALESCE(w.hidden, '') = 'deleted', w.is_public, \
             COUNT(*) FROM slots s JOIN timelines t ON t.slot_id = s.id \
             JOIN versions v ON v.timeline_id = t.id JOIN saves w ON w.id = v.save_id \
             WHERE {OF} GROUP BY w.id, w.hidden, w.is_public"
        ),
        bind![of.user, of.rom, of.slot],
        |row| {
            Ok(ShownBy {
                save: row.get()?,
                is_listed: row.get()?,
                is_deleted: row.get()?,
                is_public: row.get()?,
                versions: row.get()?,
            })
        },
    )?;
    Ok(found.into_iter().map(|row| (row.save, row)).collect())
}

/// The pictures of versions: a row's picture is of what the row shows now, whichever versions have
/// that content.
pub fn pictures(tx: &Tx<'_>, of: Of) -> Result<HashMap<VersionId, ScreenshotId>, Fault> {
    let found = tx.all(
        &format!(
            "SELECT v.id, c.id FROM saves w JOIN slots s ON s.user_id = w.user_id \
             AND s.rom_id = w.rom_id JOIN screenshots c ON c.id = w.screenshot_id \
             AND c.hidden_at IS NULL JOIN versions v ON v.save_id = w.id AND v.blob = w.blob \
             JOIN timelines t ON t.id = v.timeline_id AND t.slot_id = s.id \
             WHERE w.user_id = $1 AND w.rom_id = $2 AND w.hidden IS NULL AND {OF}"
        ),
        bind![of.user, of.rom, of.slot],
        |row| Ok((row.get()?, row.get()?)),
    )?;
    Ok(found.into_iter().collect())
}

/// A device and a timeline that it synced.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The timeline.
    pub timeline: TimelineId,
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: Option<String>,
    /// What it says it runs on.
    pub platform: Option<String>,
    /// The app.
    pub client: Option<String>,
    /// When it was last heard of.
    pub last_seen: Option<Time>,
    /// Whether its person lets it sync at all.
    pub sync_enabled: bool,
    /// Whether it opted out of the timeline.
    pub untracked: bool,
    /// What it last held.
    pub baseline: Option<VersionId>,
    /// Whether that is only what it was sent.
    pub claimed: bool,
    /// Since when it shows a content that is not here.
    pub waiting_since: Option<Time>,
}

const SEAT: &str = "SELECT k.timeline_id, d.id, d.name, d.platform, d.client, d.last_seen, \
     d.sync_enabled, k.untracked, k.baseline_id, k.claim_id IS NOT NULL, \
     CASE WHEN k.reported_hash IS NULL THEN NULL ELSE k.reported_at END \
     FROM slots s JOIN timelines t ON t.slot_id = s.id JOIN holdings k ON k.timeline_id = t.id \
     JOIN devices d ON d.id = k.device_id";

fn seat(row: &mut Row<'_>) -> Result<Seat, Fault> {
    Ok(Seat {
        timeline: row.get()?,
        device: row.get()?,
        name: row.get()?,
        platform: row.get()?,
        client: row.get()?,
        last_seen: row.get()?,
        sync_enabled: row.get()?,
        untracked: row.get()?,
        baseline: row.get()?,
        claimed: row.get()?,
        waiting_since: row.get()?,
    })
}

/// Where every device is, the one that synced last first.
pub fn seats(tx: &Tx<'_>, of: Of) -> Result<Vec<Seat>, Fault> {
    tx.all(
        &format!("{SEAT} WHERE {OF} ORDER BY k.timeline_id, k.updated_at DESC, d.id"),
        bind![of.user, of.rom, of.slot],
        seat,
    )
}

/// A slot in which something waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// The slot.
    pub slot: SlotId,
    /// Its name; none is the archive.
    pub name: Option<String>,
    /// The game.
    pub rom: RomId,
    /// The game's name.
    pub game: String,
    /// The newest thing that waits.
    pub since: Time,
}

/// As a query of slots with what waits in each: branches, and contents that devices only showed.
/// Walks the open versions of everyone, because most of them are heads and can be left behind
/// without asking whose they are.
const UNSETTLED: &str = "SELECT t.slot_id AS slot_id, v.created_at AS since \
     FROM versions v CROSS JOIN timelines t LEFT JOIN saves h ON h.id = t.head_save_id \
     WHERE v.is_leaf = 1 AND v.deleted_at IS NULL AND v.settled_at IS NULL \
     AND t.id = v.timeline_id AND v.id <> COALESCE(h.version_id, 0) \
     AND (SELECT s.user_id FROM slots s WHERE s.id = t.slot_id) = $1 \
     UNION ALL SELECT t.slot_id, COALESCE(k.reported_at, k.updated_at) \
     FROM devices d JOIN holdings k ON k.device_id = d.id \
     JOIN timelines t ON t.id = k.timeline_id WHERE d.user_id = $1 \
     AND k.reported_hash IS NOT NULL";

/// Every slot of a person in which something waits for them, the newest first.
pub fn unsettled(tx: &Tx<'_>, user: UserId) -> Result<Vec<Unsettled>, Fault> {
    tx.all(
        &format!(
            "SELECT s.id, s.slot, r.id, r.name, MAX(o.since) FROM ({UNSETTLED}) o \
             JOIN slots s ON s.id = o.slot_id JOIN roms r ON r.id = s.rom_id \
             GROUP BY s.id, s.slot, r.id, r.name ORDER BY MAX(o.since) DESC, s.id DESC"
        ),
        bind![user],
        |row| {
            Ok(Unsettled {
                slot: row.get()?,
                name: row.get()?,
                rom: row.get()?,
                game: row.get()?,
                since: row.get()?,
            })
        },
    )
}

/// How many slots of a person wait for them.
pub fn count_unsettled(tx: &Tx<'_>, user: UserId) -> Result<u64, Fault> {
    tx.one(
        &format!("SELECT COUNT(DISTINCT o.slot_id) FROM ({UNSETTLED}) o"),
        bind![user],
        |row| row.get(),
    )
}

/// Who stands against whom in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The slot.
    pub slot: SlotId,
    /// The device's name.
    pub device: Option<String>,
    /// What it brings.
    pub brings: Brings,
}

/// What a device brings to a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brings {
    /// The current save.
    Head,
    /// A branch.
    Branch,
    /// Nothing yet: only the hash of its save is known.
    OnlyItsHash,
}

/// Who stands against whom in these slots, the current saves first.
pub fn parties(tx: &Tx<'_>, slots: &[SlotId]) -> Result<Vec<Party>, Fault> {
    if slots.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = slots.iter().map(|slot| slot.to_value()).collect();
    let places: Vec<_> = (1..=ids.len()).map(|number| format!("${number}")).collect();
    let places = places.join(", ");
    tx.all(
        &format!(
            "SELECT o.slot_id, o.name, o.brings FROM (\
             SELECT t.slot_id AS slot_id, COALESCE(d.name, v.device_name) AS name, \
             CASE WHEN v.id = COALESCE(h.version_id, 0) THEN 0 ELSE 1 END AS brings, v.id AS id \
             FROM timelines t JOIN versions v ON v.timeline_id = t.id \
             LEFT JOIN saves h ON h.id = t.head_save_id LEFT JOIN devices d ON d.id = v.device_id \
             WHERE t.slot_id IN ({places}) AND (v.id = h.version_id OR ({OPEN})) \
             UNION ALL SELECT t.slot_id, d.name, 2, 0 FROM timelines t \
             JOIN holdings k ON k.timeline_id = t.id JOIN devices d ON d.id = k.device_id \
             WHERE t.slot_id IN ({places}) AND k.reported_hash IS NOT NULL) o \
             ORDER BY o.brings, o.id DESC, o.name"
        ),
        &ids,
        |row| {
            Ok(Party {
                slot: row.get()?,
                device: row.get()?,
                brings: match row.get::<i64>()? {
                    0 => Brings::Head,
                    1 => Brings::Branch,
                    _ => Brings::OnlyItsHash,
                },
            })
        },
    )
}

/// How much a person has of a game.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// How many versions whose bytes can be had.
    pub versions: u64,
    /// How many bytes these have.
    pub bytes: u64,
    /// How many states.
    pub states: u64,
    /// How many screenshots.
    pub screenshots: u64,
}

/// Counts what a person has of a game.
pub fn contents(tx: &Tx<'_>, user: UserId, rom: RomId) -> Result<Contents, Fault> {
    tx.one(
        "SELECT COUNT(v.id), CAST(COALESCE(SUM(v.size), 0) AS BIGINT), \
         (SELECT COUNT(*) FROM states a WHERE a.user_id = $1 AND a.rom_id = $2 \
         AND a.hidden_at IS NULL), \
         (SELECT COUNT(*) FROM screenshots c WHERE c.user_id = $1 AND c.rom_id = $2 \
         AND c.hidden_at IS NULL) \
         FROM slots s JOIN timelines t ON t.slot_id = s.id JOIN versions v ON v.timeline_id = t.id \
         WHERE s.user_id = $1 AND s.rom_id = $2 AND v.purged_at IS NULL AND v.deleted_at IS NULL",
        bind![user, rom],
        |row| {
            Ok(Contents {
                versions: row.get()?,
                bytes: row.get()?,
                states: row.get()?,
                screenshots: row.get()?,
            })
        },
    )
}

/// Every device of a person that made a version of a game, and an emulator that it named then.
pub fn emulators(tx: &Tx<'_>, user: UserId, rom: RomId) -> Result<Vec<(String, String)>, Fault> {
    tx.all(
        "SELECT DISTINCT COALESCE(d.name, v.device_name), v.emulator FROM slots s \
         JOIN timelines t ON t.slot_id = s.id JOIN versions v ON v.timeline_id = t.id \
         JOIN devices d ON d.id = v.device_id WHERE s.user_id = $1 AND s.rom_id = $2 \
         AND v.emulator IS NOT NULL AND COALESCE(d.name, v.device_name) IS NOT NULL ORDER BY 1, 2",
        bind![user, rom],
        |row| Ok((row.get()?, row.get()?)),
    )
}

/// A person's slot: its name and its game.
pub fn slot(
    tx: &Tx<'_>,
    user: UserId,
    id: SlotId,
) -> Result<Option<(RomId, Option<String>)>, Fault> {
    tx.optional(
        "SELECT rom_id, slot FROM slots WHERE id = $1 AND user_id = $2",
        bind![id, user],
        |row| Ok((row.get()?, row.get()?)),
    )
}

/// The branches of a slot that nobody has settled, newest first.
pub fn open_branches(tx: &Tx<'_>, slot: SlotId) -> Result<Vec<Record>, Fault> {
    tx.all(
        &format!(
            "{RECORD} JOIN timelines t ON t.id = v.timeline_id \
             LEFT JOIN saves h ON h.id = t.head_save_id WHERE t.slot_id = $1 AND {OPEN} \
             AND v.id <> COALESCE(h.version_id, 0) ORDER BY v.id DESC"
        ),
        bind![slot],
        record,
    )
}

/// Forgets what devices only showed of a slot.
pub fn forget_reports(tx: &Tx<'_>, slot: SlotId) -> Result<(), Fault> {
    tx.execute(
        "UPDATE holdings SET reported_hash = NULL, reported_at = NULL \
         WHERE timeline_id IN (SELECT id FROM timelines WHERE slot_id = $1)",
        bind![slot],
    )?;
    Ok(())
}
