//! What waits for a person: slots in which devices grew apart.

use std::collections::HashMap;

use keepsave_core::ids::{RomId, SlotId, UserId, VersionId};
use keepsave_core::time::Time;

use super::changed::{Changed, changed};
use super::gather::{self, Window};
use super::played::{Played, Sessions};
use super::{Line, SeatView, SlotView, TimelineView, VersionView};
use crate::app::App;
use crate::vault::Fault;
use crate::vault::history::{self, Of, Unsettled};
use crate::vault::versions::{self, Record};

/// A conflict in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The slot and its game.
    pub unsettled: Unsettled,
    /// Who made the current save.
    pub head_by: Option<String>,
    /// Who made the branches.
    pub branches_by: Vec<Option<String>>,
    /// The devices whose save has not come yet.
    pub waiting: Vec<Option<String>>,
}

/// How many slots wait for a person.
pub fn count(app: &App, user: UserId) -> Result<u64, Fault> {
    app.vault.read(|tx| history::count_unsettled(tx, user))
}

/// Every slot that waits for a person, the newest first.
pub fn list(app: &App, user: UserId) -> Result<Vec<Listed>, Fault> {
    app.vault.read(|tx| {
        let all = history::unsettled(tx, user)?;
        let slots: Vec<_> = all.iter().map(|unsettled| unsettled.slot).collect();
        let mut listed: Vec<_> = all
            .into_iter()
            .map(|unsettled| Listed {
                unsettled,
                head_by: None,
                branches_by: Vec::new(),
                waiting: Vec::new(),
            })
            .collect();
        let at: HashMap<_, _> = slots
            .iter()
            .enumerate()
            .map(|(at, slot)| (*slot, at))
            .collect();
        for party in history::parties(tx, &slots)? {
            let Some(listed) = at.get(&party.slot).and_then(|at| listed.get_mut(*at)) else {
                continue;
            };
            match party.brings {
                history::Brings::Head => listed.head_by = party.device,
                history::Brings::Branch => listed.branches_by.push(party.device),
                history::Brings::OnlyItsHash => listed.waiting.push(party.device),
            }
        }
        Ok(listed)
    })
}

/// A slot in which devices grew apart, with what a person needs to choose.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The slot.
    pub slot: SlotView,
    /// Its game.
    pub rom: RomId,
    /// The newest version that all sides grew from.
    pub parting: Option<(i64, Time)>,
    /// The current save, then every branch, the newest first.
    pub sides: Vec<Side>,
    /// The devices of which only a hash is known: their save has yet to come.
    pub waiting: Vec<SeatView>,
}

/// One of the saves to choose from.
#[derive(Clone, Debug)]
pub struct Side {
    /// The version.
    pub view: VersionView,
    /// It and the other files of its save.
    pub members: Vec<VersionId>,
    /// What was played on its device since the lines parted.
    pub played: Played,
    /// What changed since then.
    pub changed: Option<Changed>,
    /// The other devices that hold it.
    pub also_on: Vec<String>,
    /// The devices that get it when it is chosen.
    pub gets_it: Vec<String>,
}

impl Side {
    /// Whether it is the current save.
    pub fn is_head(&self) -> bool {
        self.view.line == Line::Head
    }
}

/// A person's slot with all that stands against each other in it; none when there is no such slot.
/// One that was settled has a single side.
pub async fn one(app: &App, user: UserId, slot: SlotId) -> Result<Option<Conflict>, Fault> {
    let Some((rom, _)) = app.vault.read(|tx| history::slot(tx, user, slot))? else {
        return Ok(None);
    };
    let of = Of {
        user,
        rom,
        slot: Some(slot),
    };
    // No version but those that stand against each other.
    let Some(slot) = gather::slots(app, of, Window::Newest(0))?
        .into_iter()
        .next()
    else {
        return Ok(None);
    };
    let sessions = app.vault.read(|tx| Sessions::of_game(tx, user, rom))?;
    let mut parted = Parted::default();
    for timeline in &slot.timelines {
        parted.gather(timeline);
    }
    let parting = match parted.parting() {
        Some(id) => app.vault.read(|tx| versions::by_id(tx, id))?,
        None => None,
    };
    let sides = parted.sides(&slot, parting.as_ref(), &sessions);
    let sides = with_changes(app, sides, parting.as_ref()).await?;
    let waiting = slot.timelines.iter().flat_map(|view| &view.seats);
    let waiting = waiting.filter(|seat| seat.waiting_since.is_some());
    let mut waiting: Vec<_> = waiting.cloned().collect();
    waiting.dedup_by(|one, other| one.device == other.device);
    Ok(Some(Conflict {
        waiting,
        parting: parting.map(|record| (record.ordinal, record.created_at)),
        slot,
        rom,
        sides,
    }))
}

async fn with_changes(
    app: &App,
    mut sides: Vec<Side>,
    parting: Option<&Record>,
) -> Result<Vec<Side>, Fault> {
    let Some(parting) = parting else {
        return Ok(sides);
    };
    let pairs = sides
        .iter()
        .map(|side| (parting.clone(), side.view.record.clone()));
    let changes = changed(app.vault.blobs(), pairs.collect()).await?;
    for (side, changed) in sides.iter_mut().zip(changes) {
        side.changed = changed;
    }
    Ok(sides)
}

/// What stands against each other in a slot: files that came together are one side.
#[derive(Default)]
struct Parted {
    head: Vec<VersionView>,
    branches: Vec<Vec<VersionView>>,
}

impl Parted {
    fn gather(&mut self, timeline: &TimelineView) {
        for view in &timeline.versions {
            match view.line {
                Line::Head => self.head.push(view.clone()),
                Line::Branch => self.add_branch(view),
                Line::Main | Line::OfBranch | Line::Aside => {}
            }
        }
    }

    fn add_branch(&mut self, view: &VersionView) {
        let set = &view.record.set_id;
        let together = self.branches.iter_mut().find(|members| {
            set.is_some() && members.iter().any(|member| member.record.set_id == *set)
        });
        match together {
            Some(members) => members.push(view.clone()),
            None => self.branches.push(vec![view.clone()]),
        }
    }

    /// Where the newest branch parted from the line of the current save.
    fn parting(&self) -> Option<VersionId> {
        let newest = self.branches.iter().filter_map(|members| members.first());
        newest.max_by_key(|branch| branch.record.id)?.parting
    }

    fn sides(self, slot: &SlotView, parting: Option<&Record>, sessions: &Sessions) -> Vec<Side> {
        let mut branches = self.branches;
        branches.sort_by_key(|members| {
            std::cmp::Reverse(members.first().map(|member| member.record.id))
        });
        std::iter::once(self.head)
            .chain(branches)
            .filter_map(|members| side(members, slot, parting, sessions))
            .collect()
    }
}

fn side(
    members: Vec<VersionView>,
    slot: &SlotView,
    parting: Option<&Record>,
    sessions: &Sessions,
) -> Option<Side> {
    let ids = members.iter().map(|member| member.record.id).collect();
    // The save's own file stands for the others: its timeline comes first.
    let view = members.into_iter().next()?;
    let timelines = slot.timelines.iter();
    let mut timelines = timelines.filter(|one| one.timeline.id == view.record.timeline_id);
    let seats = &timelines.next()?.seats;
    let since = parting.map_or(Time::EPOCH, |parting| parting.created_at);
    let maker = view.record.device_id.as_ref();
    let played = maker.map(|maker| sessions.between(maker, since, view.record.created_at));
    let holds = |seat: &&SeatView| seat.version == Some(view.record.id);
    let name = |seat: &SeatView| seat.name.clone();
    Some(Side {
        members: ids,
        played: played.unwrap_or_default(),
        changed: None,
        also_on: seats
            .iter()
            .filter(|seat| holds(seat) && Some(&seat.device) != maker)
            .filter_map(name)
            .collect(),
        gets_it: seats
            .iter()
            .filter(|seat| !holds(seat) && Some(&seat.device) != maker && !seat.untracked)
            .filter_map(name)
            .collect(),
        view,
    })
}
