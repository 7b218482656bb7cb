//! Where devices are on timelines.

use std::collections::HashMap;

use keepsave_core::ids::{TimelineId, VersionId};
use keepsave_core::time::Time;
use keepsave_core::whereabouts::{Facts, Holds, Open, whereabouts};

use super::SeatView;
use super::gather::Shape;
use crate::vault::history::{self, Of, Past, Seat};
use crate::vault::timelines::Timeline;
use crate::vault::versions::Record;
use crate::vault::{Fault, Tx};

/// The devices of every timeline.
pub struct Seats(HashMap<TimelineId, Vec<Seat>>);

impl Seats {
    /// Reads them.
    pub fn read(tx: &Tx<'_>, of: Of) -> Result<Self, Fault> {
        let mut seats: HashMap<_, Vec<_>> = HashMap::new();
        for seat in history::seats(tx, of)? {
            seats.entry(seat.timeline).or_default().push(seat);
        }
        Ok(Self(seats))
    }

    /// The devices of one timeline.
    pub fn of_timeline(
        &mut self,
        timeline: &Timeline,
        head: Option<VersionId>,
        past: &[Past],
        shape: &Shape<'_>,
        now: Time,
    ) -> Vec<SeatView> {
        let seats = self.0.remove(&timeline.id).unwrap_or_default();
        let place = Place {
            head: head.and_then(|head| find(past, head)),
            past,
            shape,
        };
        seats
            .into_iter()
            .map(|seat| place.view(seat, now))
            .collect()
    }
}

fn find(past: &[Past], id: VersionId) -> Option<&Past> {
    past.iter().find(|version| version.node.id == id)
}

struct Place<'a> {
    head: Option<&'a Past>,
    past: &'a [Past],
    shape: &'a Shape<'a>,
}

impl Place<'_> {
    fn view(&self, seat: Seat, now: Time) -> SeatView {
        let facts = Facts {
            takes_part: seat.sync_enabled && !seat.untracked,
            open: self.open(&seat),
            holds: self.holds(&seat),
            last_seen: seat.last_seen,
        };
        SeatView {
            whereabouts: whereabouts(&facts, now),
            device: seat.device,
            name: seat.name,
            platform: seat.platform,
            client: seat.client,
            version: seat.baseline,
            untracked: seat.untracked,
            last_seen: seat.last_seen,
            waiting_since: seat.waiting_since,
        }
    }

    fn open(&self, seat: &Seat) -> Option<Open> {
        let is_its_own = |tip: &&Record| tip.device_id.as_ref() == Some(&seat.device);
        let branch = self.shape.tips.iter().find(is_its_own);
        match branch {
            Some(branch) if branch.refused && branch.blank => Some(Open::Blank),
            Some(_) => Some(Open::Parted),
            None => seat.waiting_since.map(|_| Open::Parted),
        }
    }

    fn holds(&self, seat: &Seat) -> Holds {
        let Some(held) = seat.baseline.and_then(|held| find(self.past, held)) else {
            return Holds::Nothing;
        };
        let Some(head) = self.head else {
            return Holds::Aside;
        };
        if held.content.same(&head.content) {
            if seat.claimed {
                Holds::SentHead
            } else {
                Holds::Head
            }
        } else if self.shape.lines.is_main(held.node.id) {
            Holds::Older(self.shape.lines.behind(held.node.id))
        } else {
            Holds::Aside
        }
    }
}
