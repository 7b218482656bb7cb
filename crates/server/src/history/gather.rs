//! Puts slots together from what the vault answers for all of them at once.

use std::collections::{HashMap, HashSet};

use keepsave_core::ids::{SaveId, ScreenshotId, TimelineId, VersionId};
use keepsave_core::limits;
use keepsave_core::lineage::Lines;
use keepsave_core::retention::{self, Policy};
use keepsave_core::time::Time;

use super::played::Sessions;
use super::seats::Seats;
use super::{Line, SlotView, TimelineView, VersionView};
use crate::app::App;
use crate::maintenance::retention::policy;
use crate::vault::history::{self, Course, Of, Past, ShownBy};
use crate::vault::versions::{self, Record};
use crate::vault::{Fault, Tx};

/// Which versions of a timeline are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Window {
    /// Of every timeline so many of the newest, the head and the branches.
    Newest(i64),
    /// Of one timeline those below a number.
    Older {
        /// The timeline.
        timeline: TimelineId,
        /// The number.
        before: i64,
    },
}

/// The slots that were asked for, in the order in which they came to be.
pub fn slots(app: &App, of: Of, window: Window) -> Result<Vec<SlotView>, Fault> {
    let (policy, now) = (policy(&app.settings), app.now());
    app.vault.read(|tx| {
        let mut gathered = Gathered::read(tx, of, window)?;
        let mut slots: Vec<SlotView> = Vec::new();
        for course in history::courses(tx, of)? {
            let (id, name) = (course.timeline.slot_id, course.timeline.slot.clone());
            let mut view = gathered.timeline(course, now);
            say_until_when(tx, policy, now, &mut view)?;
            match slots.last_mut().filter(|slot| slot.id == id) {
                Some(slot) => slot.timelines.push(view),
                None => slots.push(SlotView {
                    id,
                    name,
                    timelines: vec![view],
                }),
            }
        }
        Ok(slots)
    })
}

struct Gathered {
    window: Window,
    past: HashMap<TimelineId, Vec<Past>>,
    records: HashMap<TimelineId, Vec<Record>>,
    /// The heads and the branches, whichever versions are wanted.
    marked: HashMap<TimelineId, Vec<Record>>,
    rows: HashMap<SaveId, ShownBy>,
    pictures: HashMap<VersionId, ScreenshotId>,
    seats: Seats,
    sessions: Sessions,
}

impl Gathered {
    fn read(tx: &Tx<'_>, of: Of, window: Window) -> Result<Self, Fault> {
        let records = match window {
            Window::Newest(limit) => history::newest(tx, of, limit)?,
            Window::Older { timeline, before } => {
                versions::page(tx, timeline, before, limits::OLDER_VERSIONS)?
            }
        };
        let mut past: HashMap<_, Vec<_>> = HashMap::new();
        for version in history::past(tx, of)? {
            past.entry(version.timeline).or_default().push(version);
        }
        Ok(Self {
            window,
            past,
            records: by_timeline(records),
            marked: by_timeline(history::newest(tx, of, 0)?),
            rows: history::rows(tx, of)?,
            pictures: history::pictures(tx, of)?,
            seats: Seats::read(tx, of)?,
            sessions: Sessions::of_game(tx, of.user, of.rom)?,
        })
    }

    fn timeline(&mut self, course: Course, now: Time) -> TimelineView {
        let Course {
            timeline,
            head,
            last_ordinal,
        } = course;
        let past = self.past.remove(&timeline.id).unwrap_or_default();
        let records = self.records.remove(&timeline.id).unwrap_or_default();
        let nodes = past.iter().map(|version| version.node.clone()).collect();
        let lines = Lines::of(nodes, head);
        let marked = self.marked.remove(&timeline.id).unwrap_or_default();
        let shape = Shape::of(&lines, marked, head);
        let older = match self.window {
            Window::Newest(limit) => last_ordinal - limit,
            Window::Older { .. } => records.last().map_or(0, |last| last.ordinal - 1),
        };
        let seats = self.seats.of_timeline(&timeline, head, &past, &shape, now);
        let by = |record: &Record| {
            let mut seats = seats.iter();
            let seat = seats.find(|seat| Some(&seat.device) == record.device_id.as_ref());
            let name = seat.and_then(|seat| seat.name.clone());
            name.or_else(|| record.device_name.clone())
        };
        let versions = records
            .into_iter()
            .map(|record| VersionView {
                by: by(&record),
                ..self.version(record, &past, &shape)
            })
            .collect();
        TimelineView {
            timeline,
            head,
            count: last_ordinal,
            branches: shape.tips.len(),
            versions,
            older: older.max(0),
            seats,
        }
    }

    fn version(&self, record: Record, past: &[Past], shape: &Shape) -> VersionView {
        let row = record.save_id.and_then(|row| self.rows.get(&row)).cloned();
        let grew_from = shape.lines.grew_from(record.id);
        let began = past
            .iter()
            .filter(|version| grew_from.contains(&version.node.ordinal))
            .map(|version| version.created_at)
            .max();
        let played_ms = record.device_id.as_ref().map(|device| {
            let since = began.unwrap_or(Time::EPOCH);
            self.sessions.between(device, since, record.created_at).ms
        });
        VersionView {
            line: shape.line(&record),
            beside: shape.beside(record.ordinal) && !shape.is_of_branch(record.id),
            parted: shape.parted.contains(&record.id),
            parting: shape.lines.parting(record.id),
            by: None,
            brought_back: brought_back(&record, past),
            picture: self.pictures.get(&record.id).copied(),
            played_ms: played_ms.filter(|ms| *ms > 0),
            kept_until: None,
            grew_from,
            row,
            record,
        }
    }
}

/// The newest earlier version with the content of one that a person brought back.
fn brought_back(record: &Record, past: &[Past]) -> Option<i64> {
    if record.made_by != "restore" {
        return None;
    }
    let earlier = past
        .iter()
        .rev()
        .filter(|version| version.node.ordinal < record.ordinal)
        .find(|version| version.content.same(&record.content))?;
    Some(earlier.node.ordinal)
}

fn by_timeline(records: Vec<Record>) -> HashMap<TimelineId, Vec<Record>> {
    let mut sorted: HashMap<_, Vec<_>> = HashMap::new();
    for record in records {
        sorted.entry(record.timeline_id).or_default().push(record);
    }
    sorted
}

/// The lines of a timeline, and where its open branches are.
pub struct Shape<'a> {
    /// The lines.
    pub lines: &'a Lines,
    head: Option<VersionId>,
    /// The ends of the open branches.
    pub tips: Vec<Record>,
    members: HashSet<VersionId>,
    parted: HashSet<VersionId>,
    /// From which number down to which each branch stands beside the main line.
    spans: Vec<(i64, i64)>,
}

impl<'a> Shape<'a> {
    /// `marked` holds the head and every branch.
    fn of(lines: &'a Lines, marked: Vec<Record>, head: Option<VersionId>) -> Self {
        let mut shape = Self {
            lines,
            head,
            tips: Vec::new(),
            members: HashSet::new(),
            parted: HashSet::new(),
            spans: Vec::new(),
        };
        for tip in marked.into_iter().filter(|record| head != Some(record.id)) {
            shape.members.extend(lines.beside(tip.id));
            if let Some(parting) = lines.parting(tip.id) {
                shape.parted.insert(parting);
                let parting = lines.ordinal(parting).unwrap_or_default();
                shape.spans.push((tip.ordinal, parting));
            }
            shape.tips.push(tip);
        }
        shape
    }

    fn line(&self, record: &Record) -> Line {
        if self.head == Some(record.id) {
            Line::Head
        } else if self.tips.iter().any(|tip| tip.id == record.id) {
            Line::Branch
        } else if self.lines.is_main(record.id) {
            Line::Main
        } else if self.is_of_branch(record.id) {
            Line::OfBranch
        } else {
            Line::Aside
        }
    }

    fn is_of_branch(&self, id: VersionId) -> bool {
        self.members.contains(&id)
    }

    fn beside(&self, ordinal: i64) -> bool {
        let mut spans = self.spans.iter();
        spans.any(|(tip, parting)| ordinal < *tip && ordinal > *parting)
    }
}

fn say_until_when(
    tx: &Tx<'_>,
    policy: Policy,
    now: Time,
    view: &mut TimelineView,
) -> Result<(), Fault> {
    let deleted = |view: &VersionView| view.record.deleted_at.is_some();
    if policy == Policy::KeepEverything || !view.versions.iter().any(deleted) {
        return Ok(());
    }
    let all = crate::vault::retention::versions(tx, view.timeline.id)?;
    for view in view.versions.iter_mut().filter(|view| deleted(view)) {
        view.kept_until = retention::kept_until(&all, policy, now, view.record.id);
    }
    Ok(())
}
