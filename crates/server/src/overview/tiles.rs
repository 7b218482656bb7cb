//! Where the devices of many games are, in one word for each game.

use std::collections::HashMap;

use keepsave_core::ids::{RomId, TimelineId, UserId};
use keepsave_core::lineage::{Lines, Node};
use keepsave_core::time::Time;
use keepsave_core::whereabouts::{Facts, Holds, Open, Whereabouts, whereabouts};

use crate::vault::shelf::{self, OpenBranch, Place};
use crate::vault::{Fault, Tx};

/// Of every game that a device ever synced the whereabouts that a person would want to know first.
pub fn of(
    tx: &Tx<'_>,
    user: UserId,
    roms: &[RomId],
    now: Time,
) -> Result<HashMap<RomId, Whereabouts>, Fault> {
    let places = shelf::places(tx, user, roms)?;
    let mut timelines: Vec<TimelineId> = places.iter().map(|place| place.timeline).collect();
    timelines.dedup();
    let branches = shelf::open_branches(tx, &timelines)?;
    let mut found: HashMap<RomId, Whereabouts> = HashMap::new();
    for of_timeline in places.chunk_by(|one, next| one.timeline == next.timeline) {
        let lines = lines(tx, of_timeline)?;
        for place in of_timeline {
            let facts = Facts {
                takes_part: place.takes_part,
                open: open(place, &branches),
                holds: holds(place, lines.as_ref()),
                last_seen: place.last_seen,
            };
            let here = whereabouts(&facts, now);
            let so_far = found.entry(place.rom).or_insert(here);
            *so_far = so_far.or(here);
        }
    }
    Ok(found)
}

fn is_head(place: &Place) -> bool {
    match (&place.head, &place.held) {
        (Some((_, head)), Some((_, _, held))) => head.same(held),
        _ => false,
    }
}

/// The lines of a timeline from the oldest version on that a device of it holds; none where all hold
/// the head.
fn lines(tx: &Tx<'_>, places: &[Place]) -> Result<Option<Lines>, Fault> {
    let behind = places.iter().filter(|place| !is_head(place));
    let oldest = behind
        .filter_map(|place| place.held.as_ref().map(|held| held.1))
        .min();
    let (Some(oldest), Some(first)) = (oldest, places.first()) else {
        return Ok(None);
    };
    let nodes: Vec<Node> = shelf::since(tx, first.timeline, oldest)?;
    let head = first.head.as_ref().map(|head| head.0);
    Ok(Some(Lines::of(nodes, head)))
}

fn open(place: &Place, branches: &[OpenBranch]) -> Option<Open> {
    let is_its_own = |branch: &&OpenBranch| {
        branch.timeline == place.timeline && branch.device.as_ref() == Some(&place.device)
    };
    match branches.iter().find(is_its_own) {
        Some(branch) if branch.blank => Some(Open::Blank),
        Some(_) => Some(Open::Parted),
        None => place.waits.then_some(Open::Parted),
    }
}

fn holds(place: &Place, lines: Option<&Lines>) -> Holds {
    let Some((held, _, _)) = &place.held else {
        return Holds::Nothing;
    };
    if is_head(place) {
        return if place.claimed {
            Holds::SentHead
        } else {
            Holds::Head
        };
    }
    match lines {
        Some(lines) if place.head.is_some() && lines.is_main(*held) => {
            Holds::Older(lines.behind(*held))
        }
        _ => Holds::Aside,
    }
}
