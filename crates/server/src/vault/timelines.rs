//! Slots and their timelines, and the questions that core asks of one timeline.

use std::cell::OnceCell;

use keepsave_core::content::{BlobHash, Content, ContentHash};
use keepsave_core::ids::{RomId, SaveId, SlotId, TimelineId, UserId, VersionId};
use keepsave_core::lineage::{History, Sought, Version, next_updated_at};
use keepsave_core::time::Time;

use super::sql::Value;
use super::{Fault, Row, Tx};
use crate::bind;

/// Where versions grow from one another: (user, game, slot, part).
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Its id.
    pub id: TimelineId,
    /// Its slot.
    pub slot_id: SlotId,
    /// Whose it is.
    pub user_id: UserId,
    /// The game.
    pub rom_id: RomId,
    /// The slot; none is the archive.
    pub slot: Option<String>,
    /// Empty, a companion's extension, or in the archive the file name.
    pub part: String,
}

/// The columns of a [`Timeline`].
pub(super) const TIMELINE: &str = "SELECT t.id, t.slot_id, s.user_id, s.rom_id, s.slot, t.part \
     FROM timelines t JOIN slots s ON s.id = t.slot_id";

/// Reads the columns of [`TIMELINE`].
pub(super) fn timeline(row: &mut Row<'_>) -> Result<Timeline, Fault> {
    Ok(Timeline {
        id: row.get()?,
        slot_id: row.get()?,
        user_id: row.get()?,
        rom_id: row.get()?,
        slot: row.get()?,
        part: row.get()?,
    })
}

/// The timeline of that id.
pub fn by_id(tx: &Tx<'_>, id: TimelineId) -> Result<Option<Timeline>, Fault> {
    tx.optional(&format!("{TIMELINE} WHERE t.id = $1"), bind![id], timeline)
}

/// The timeline at a place, when anything was ever stored there.
pub fn find(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    slot: Option<&str>,
    part: &str,
) -> Result<Option<Timeline>, Fault> {
    tx.optional(
        &format!(
            "{TIMELINE} WHERE s.user_id = $1 AND s.rom_id = $2 AND COALESCE(s.slot, '') = $3 \
             AND (s.slot IS NULL) = $4 AND t.part = $5"
        ),
        bind![user, rom, slot.unwrap_or_default(), slot.is_none(), part],
        timeline,
    )
}

/// The timeline at a place, made when there was none.
pub fn open(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    slot: Option<&str>,
    part: &str,
) -> Result<Timeline, Fault> {
    if let Some(found) = find(tx, user, rom, slot, part)? {
        return Ok(found);
    }
    let slot_id = tx.optional(
        "SELECT id FROM slots WHERE user_id = $1 AND rom_id = $2 AND COALESCE(slot, '') = $3 \
         AND (slot IS NULL) = $4",
        bind![user, rom, slot.unwrap_or_default(), slot.is_none()],
        |row| row.get(),
    )?;
    let slot_id: SlotId = match slot_id {
        Some(id) => id,
        None => tx.one(
            "INSERT INTO slots (user_id, rom_id, slot) VALUES ($1, $2, $3) RETURNING id",
            bind![user, rom, slot],
            |row| row.get(),
        )?,
    };
    let id = tx.one(
        "INSERT INTO timelines (slot_id, part) VALUES ($1, $2) RETURNING id",
        bind![slot_id, part],
        |row| row.get(),
    )?;
    Ok(Timeline {
        id,
        slot_id,
        user_id: user,
        rom_id: rom,
        slot: slot.map(str::to_owned),
        part: part.to_owned(),
    })
}

/// A timeline in a listing.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The timeline.
    pub timeline: Timeline,
    /// The version that its newest row shows.
    pub head: Option<VersionId>,
    /// How many versions it has, refused ones too.
    pub versions: i64,
    /// When it last changed.
    pub updated_at: Option<Time>,
}

/// Every timeline of a person's game, of one slot or of all.
pub fn overview(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    slot: Option<&str>,
) -> Result<Vec<Overview>, Fault> {
    tx.all(
        "SELECT t.id, t.slot_id, s.user_id, s.rom_id, s.slot, t.part, h.version_id, \
         t.last_ordinal, h.updated_at FROM timelines t JOIN slots s ON s.id = t.slot_id \
         LEFT JOIN saves h ON h.id = t.head_save_id \
         WHERE s.user_id = $1 AND s.rom_id = $2 AND ($3 IS NULL OR s.slot = $3) \
         ORDER BY s.id, t.part, t.id",
        bind![user, rom, slot],
        |row| {
            Ok(Overview {
                timeline: timeline(row)?,
                head: row.get()?,
                versions: row.get()?,
                updated_at: row.get()?,
            })
        },
    )
}

/// The version that a timeline's newest row shows.
pub fn head(tx: &Tx<'_>, id: TimelineId) -> Result<Option<VersionId>, Fault> {
    tx.optional(
        "SELECT h.version_id FROM timelines t JOIN saves h ON h.id = t.head_save_id \
         WHERE t.id = $1",
        bind![id],
        |row| row.get(),
    )
}

/// What is current in a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadOf {
    /// The timeline.
    pub timeline: TimelineId,
    /// Its newest row.
    pub save: SaveId,
    /// The version that the row shows.
    pub version: VersionId,
}

/// What is current in each timeline of a slot.
pub fn heads_of_slot(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    slot: Option<&str>,
) -> Result<Vec<HeadOf>, Fault> {
    tx.all(
        "SELECT t.id, h.id, h.version_id FROM slots s JOIN timelines t ON t.slot_id = s.id \
         JOIN saves h ON h.id = t.head_save_id \
         WHERE s.user_id = $1 AND s.rom_id = $2 AND COALESCE(s.slot, '') = $3 \
         AND (s.slot IS NULL) = $4 ORDER BY t.part, t.id",
        bind![user, rom, slot.unwrap_or_default(), slot.is_none()],
        |row| {
            Ok(HeadOf {
                timeline: row.get()?,
                save: row.get()?,
                version: row.get()?,
            })
        },
    )
}

/// The timeline of that id, when it belongs to the user.
pub fn of_user(tx: &Tx<'_>, user: UserId, id: TimelineId) -> Result<Option<Timeline>, Fault> {
    Ok(by_id(tx, id)?.filter(|timeline| timeline.user_id == user))
}

/// The copy goes on numbering and timing where the original is.
pub fn copy_clock(tx: &Tx<'_>, from: &Timeline, to: &Timeline) -> Result<(), Fault> {
    tx.execute(
        "UPDATE timelines SET last_ordinal = (SELECT last_ordinal FROM timelines WHERE id = $1) \
         WHERE id = $2",
        bind![from.id, to.id],
    )?;
    tx.execute(
        "UPDATE slots SET clock = (SELECT clock FROM slots WHERE id = $1) WHERE id = $2",
        bind![from.slot_id, to.slot_id],
    )?;
    Ok(())
}

/// Gives a slot another name. No slot of the game has that name yet.
pub fn rename_slot(tx: &Tx<'_>, slot_id: SlotId, name: &str) -> Result<(), Fault> {
    tx.execute(
        "UPDATE slots SET slot = $2 WHERE id = $1",
        bind![slot_id, name],
    )?;
    tx.execute(
        "UPDATE saves SET slot = $2 WHERE timeline_id IN \
         (SELECT id FROM timelines WHERE slot_id = $1)",
        bind![slot_id, name],
    )?;
    Ok(())
}

/// Every timeline of a slot, the save's own before its companions'.
pub fn of_slot(
    tx: &Tx<'_>,
    user: UserId,
    rom: RomId,
    slot: Option<&str>,
) -> Result<Vec<Timeline>, Fault> {
    tx.all(
        &format!(
            "{TIMELINE} WHERE s.user_id = $1 AND s.rom_id = $2 AND COALESCE(s.slot, '') = $3 \
             AND (s.slot IS NULL) = $4 ORDER BY t.part, t.id"
        ),
        bind![user, rom, slot.unwrap_or_default(), slot.is_none()],
        timeline,
    )
}

/// Every timeline of a person's game.
pub fn of_rom(tx: &Tx<'_>, user: UserId, rom: RomId) -> Result<Vec<Timeline>, Fault> {
    tx.all(
        &format!("{TIMELINE} WHERE s.user_id = $1 AND s.rom_id = $2 ORDER BY s.id, t.part, t.id"),
        bind![user, rom],
        timeline,
    )
}

impl Timeline {
    /// Moves the slot's clock to now and gives the moment for the row that changes: later than that
    /// of every other row of the slot, so that the newest row always shows the head.
    pub fn tick(&self, tx: &Tx<'_>, now: Time) -> Result<Time, Fault> {
        let last: Time = tx.one(
            "SELECT clock FROM slots WHERE id = $1",
            bind![self.slot_id],
            |row| row.get(),
        )?;
        let next = next_updated_at(now, (last != Time::EPOCH).then_some(last));
        tx.execute(
            "UPDATE slots SET clock = $2 WHERE id = $1",
            bind![self.slot_id, next],
        )?;
        Ok(next)
    }

    /// Finds out anew which row is the newest that remains.
    pub fn refresh_head(&self, tx: &Tx<'_>) -> Result<(), Fault> {
        tx.execute(
            "UPDATE timelines SET head_save_id = (SELECT id FROM saves WHERE timeline_id = $1 \
             AND hidden IS NULL ORDER BY updated_at DESC, id DESC LIMIT 1) WHERE id = $1",
            bind![self.id],
        )?;
        Ok(())
    }

    /// This row was changed last, so it is the newest.
    pub fn set_head(&self, tx: &Tx<'_>, save: SaveId) -> Result<(), Fault> {
        tx.execute(
            "UPDATE timelines SET head_save_id = $2 WHERE id = $1",
            bind![self.id, save],
        )?;
        Ok(())
    }

    /// The next version's number.
    pub fn next_ordinal(&self, tx: &Tx<'_>) -> Result<i64, Fault> {
        tx.one(
            "UPDATE timelines SET last_ordinal = last_ordinal + 1 WHERE id = $1 \
             RETURNING last_ordinal",
            bind![self.id],
            |row| row.get(),
        )
    }
}

/// One timeline as core's rules see it: each question is a point query.
pub struct Lineage<'a> {
    tx: &'a Tx<'a>,
    timeline: TimelineId,
    /// The head, once it was asked for: every decision asks first for that.
    head: OnceCell<Option<Version>>,
}

impl<'a> Lineage<'a> {
    /// The lineage of a timeline.
    pub fn of(tx: &'a Tx<'a>, timeline: TimelineId) -> Self {
        Self {
            tx,
            timeline,
            head: OnceCell::new(),
        }
    }

    /// The lineage of a timeline whose head is known already.
    pub fn with_head(tx: &'a Tx<'a>, timeline: TimelineId, head: Option<Version>) -> Self {
        Self {
            tx,
            timeline,
            head: OnceCell::from(head),
        }
    }
}

const VERSION: &str = "SELECT v.id, v.ordinal, v.content_hash, v.blob, v.blank, \
     v.deleted_at IS NOT NULL, v.purged_at IS NOT NULL, v.refused, \
     (SELECT s.id FROM saves s WHERE s.id = v.save_id AND s.version_id = v.id AND s.hidden IS NULL) \
     FROM versions v";

fn version(row: &mut Row<'_>) -> Result<Version, Fault> {
    Ok(Version {
        id: row.get()?,
        ordinal: row.get()?,
        content: content(row)?,
        blank: row.get()?,
        deleted: row.get()?,
        purged: row.get()?,
        refused: row.get()?,
        shown_by: row.get()?,
    })
}

/// Reads a content's two columns.
pub fn content(row: &mut Row<'_>) -> Result<Content, Fault> {
    Ok(Content {
        hash: row.get::<Option<ContentHash>>()?,
        blob: row.get::<BlobHash>()?,
    })
}

impl History for Lineage<'_> {
    type Error = Fault;

    fn head(&self) -> Result<Option<Version>, Fault> {
        if let Some(head) = self.head.get() {
            return Ok(head.clone());
        }
        let head = self.tx.optional(
            &format!(
                "{VERSION} JOIN saves h ON h.version_id = v.id \
                 JOIN timelines t ON t.head_save_id = h.id WHERE t.id = $1"
            ),
            bind![self.timeline],
            version,
        )?;
        Ok(self.head.get_or_init(|| head).clone())
    }

    fn version(&self, id: VersionId) -> Result<Version, Fault> {
        self.tx
            .one(&format!("{VERSION} WHERE v.id = $1"), bind![id], version)
    }

    fn parents(&self, id: VersionId) -> Result<Vec<VersionId>, Fault> {
        self.tx.all(
            "SELECT parent_id FROM version_parents WHERE version_id = $1",
            bind![id],
            |row| row.get(),
        )
    }

    fn with_content(&self, sought: Sought) -> Result<Vec<Version>, Fault> {
        let (condition, value) = match &sought {
            Sought::Hash(hash) => ("v.content_hash = $2", Value::Blob(&hash.0)),
            Sought::Blob(blob) => (
                "v.content_hash IS NULL AND v.blob = $2",
                Value::Blob(&blob.0),
            ),
        };
        self.tx.all(
            &format!("{VERSION} WHERE v.timeline_id = $1 AND {condition} ORDER BY v.ordinal DESC"),
            &[Value::Integer(self.timeline.0), value],
            version,
        )
    }
}
