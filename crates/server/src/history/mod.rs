//! A person's game over time: its slots as timelines, where every device is on them, what waits for
//! a decision. What pages show; nothing here knows of HTTP or of words.
//!
//! Everything is gathered in as many queries whether a game has one version or thousands.

pub mod archive;
mod changed;
pub mod choose;
pub mod conflicts;
pub mod delete;
mod gather;
pub mod played;
pub mod players;
mod seats;
pub mod undo;

use keepsave_core::ids::{DeviceId, RomId, ScreenshotId, SlotId, TimelineId, UserId, VersionId};
use keepsave_core::limits;
use keepsave_core::time::Time;
use keepsave_core::whereabouts::Whereabouts;

use crate::app::App;
use crate::vault::Fault;
use crate::vault::history::{self, Of, ShownBy};
use crate::vault::timelines::{self, Timeline};
use crate::vault::versions::Record;
use crate::versions::NotDone;

/// A slot.
#[derive(Clone, Debug)]
pub struct SlotView {
    /// Its id.
    pub id: SlotId,
    /// Its name; none is the archive of saves that came without a slot.
    pub name: Option<String>,
    /// The save's own timeline, then its companions'.
    pub timelines: Vec<TimelineView>,
}

/// A timeline, as much of it as was asked for.
#[derive(Clone, Debug)]
pub struct TimelineView {
    /// The timeline.
    pub timeline: Timeline,
    /// The current save.
    pub head: Option<VersionId>,
    /// How many versions it ever had.
    pub count: i64,
    /// How many open branches stand beside the main line.
    pub branches: usize,
    /// The versions, newest first.
    pub versions: Vec<VersionView>,
    /// How many versions are older than these.
    pub older: i64,
    /// The devices, the one that synced last first.
    pub seats: Vec<SeatView>,
}

/// A version with all that its row says.
#[derive(Clone, Debug)]
pub struct VersionView {
    /// The version.
    pub record: Record,
    /// On which line it stands.
    pub line: Line,
    /// Whether an open branch passes beside it.
    pub beside: bool,
    /// Whether an open branch parted from the main line here.
    pub parted: bool,
    /// Where it parted from the main line, when it does not stand on it.
    pub parting: Option<VersionId>,
    /// Who made it: the device's name by now, or as it was then.
    pub by: Option<String>,
    /// The numbers of the versions that it grew from.
    pub grew_from: Vec<i64>,
    /// The number of the version that a person brought back as this one.
    pub brought_back: Option<i64>,
    /// Its picture.
    pub picture: Option<ScreenshotId>,
    /// The row that shows it, or did.
    pub row: Option<ShownBy>,
    /// How long its device was played since what it grew from.
    pub played_ms: Option<i64>,
    /// The day from which on a deleted version may be gone; none when it stays.
    pub kept_until: Option<Time>,
}

/// On which line a version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// It is the current save.
    Head,
    /// The current save grew from it.
    Main,
    /// It is the end of a branch that waits for a person.
    Branch,
    /// A branch that waits for a person grew from it.
    OfBranch,
    /// It stands beside, and nobody waits for anything.
    Aside,
}

/// A device on a timeline.
#[derive(Clone, Debug)]
pub struct SeatView {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: Option<String>,
    /// What it says it runs on.
    pub platform: Option<String>,
    /// The app.
    pub client: Option<String>,
    /// What it last held.
    pub version: Option<VersionId>,
    /// Whether it opted out of this timeline.
    pub untracked: bool,
    /// When it was last heard of.
    pub last_seen: Option<Time>,
    /// Since when it shows a content that is not here.
    pub waiting_since: Option<Time>,
    /// Where it is.
    pub whereabouts: Whereabouts,
}

/// A device of a game, whichever of its slots it syncs.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// The device, on the timeline that says most.
    pub seat: SeatView,
    /// The slot of that timeline.
    pub slot: SlotId,
}

impl SlotView {
    /// Whether something in it waits for a person.
    pub fn is_unsettled(&self) -> bool {
        let waits = |seat: &SeatView| seat.waiting_since.is_some();
        let unsettled = |view: &TimelineView| view.branches > 0 || view.seats.iter().any(waits);
        self.timelines.iter().any(unsettled)
    }

    /// The current save, with the picture of its own file.
    pub fn head(&self) -> Option<&VersionView> {
        self.timelines.iter().find_map(TimelineView::head)
    }

    /// Whether any version is listed or could be brought back.
    pub fn has_head(&self) -> bool {
        self.timelines.iter().any(|view| view.head.is_some())
    }
}

impl TimelineView {
    /// The current save.
    pub fn head(&self) -> Option<&VersionView> {
        self.versions.iter().find(|view| view.line == Line::Head)
    }
}

/// Every slot of a person's game with its newest versions.
pub fn game(app: &App, user: UserId, rom: RomId) -> Result<Vec<SlotView>, Fault> {
    let of = Of {
        user,
        rom,
        slot: None,
    };
    gather::slots(app, of, gather::Window::Newest(limits::NEWEST_VERSIONS))
}

/// The same with no version but the current saves and the branches.
pub fn heads(app: &App, user: UserId, rom: RomId) -> Result<Vec<SlotView>, Fault> {
    let of = Of {
        user,
        rom,
        slot: None,
    };
    gather::slots(app, of, gather::Window::Newest(0))
}

/// How many saves of a slot are listed: so many are deleted with it.
pub fn listed(app: &App, user: UserId, rom: RomId, slot: SlotId) -> Result<usize, Fault> {
    let of = Of {
        user,
        rom,
        slot: Some(slot),
    };
    let rows = app.vault.read(|tx| history::rows(tx, of))?;
    Ok(rows.values().filter(|row| row.is_listed).count())
}

/// The slot of a timeline of the person's, with the versions of that timeline below a number.
pub fn older(
    app: &App,
    user: UserId,
    rom: RomId,
    timeline: TimelineId,
    before: i64,
) -> Result<Option<SlotView>, Fault> {
    let found = app
        .vault
        .read(|tx| timelines::of_user(tx, user, timeline))?
        .filter(|found| found.rom_id == rom);
    let Some(found) = found else {
        return Ok(None);
    };
    let of = Of {
        user,
        rom,
        slot: Some(found.slot_id),
    };
    let window = gather::Window::Older { timeline, before };
    Ok(gather::slots(app, of, window)?.into_iter().next())
}

/// One version of a person's game, with the timeline that it stands in.
pub fn version(
    app: &App,
    user: UserId,
    rom: RomId,
    id: VersionId,
) -> Result<(SlotView, VersionView), NotDone> {
    let (record, _) = app
        .vault
        .read(|tx| crate::versions::of_user(tx, user, id))?;
    let slot = older(app, user, rom, record.timeline_id, record.ordinal + 1)?;
    let slot = slot.ok_or(NotDone::Unknown)?;
    let views = slot.timelines.iter().flat_map(|view| &view.versions);
    let view = views.into_iter().find(|view| view.record.id == id).cloned();
    let view = view.ok_or(NotDone::Unknown)?;
    Ok((slot, view))
}

/// The devices of a game, what needs a person first.
pub fn fleet(slots: &[SlotView]) -> Vec<Fleet> {
    let mut fleet: Vec<Fleet> = Vec::new();
    for slot in slots {
        for seat in slot.timelines.iter().flat_map(|view| &view.seats) {
            let known = fleet.iter_mut().find(|one| one.seat.device == seat.device);
            match known {
                Some(known) => {
                    if known.seat.whereabouts.or(seat.whereabouts) != known.seat.whereabouts {
                        known.seat = seat.clone();
                        known.slot = slot.id;
                    }
                }
                None => fleet.push(Fleet {
                    seat: seat.clone(),
                    slot: slot.id,
                }),
            }
        }
    }
    fleet
}
