//! What there is: timelines with every device's place, pages of versions, branches, hidden rows.

use keepsave_core::ids::{RomId, TimelineId, UserId, VersionId};

use super::{NotDone, of_user};
use crate::app::App;
use crate::vault::holdings::{self, Position};
use crate::vault::saves::{self, HiddenRow};
use crate::vault::timelines::{self, Overview, Timeline};
use crate::vault::versions::{self, Record};
use crate::vault::{Fault, Tx};

/// A version and what it grew from.
#[derive(Clone, Debug)]
pub struct Grown {
    /// The version.
    pub record: Record,
    /// What it grew from.
    pub parents: Vec<VersionId>,
}

/// A branch and what it stands beside.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The version.
    pub grown: Grown,
    /// Its timeline.
    pub timeline: Timeline,
    /// The head.
    pub head: Option<VersionId>,
}

/// The timelines of a person's game, of one slot or of all, with the devices that synced them.
pub fn timelines(
    app: &App,
    user: UserId,
    rom: RomId,
    slot: Option<&str>,
) -> Result<Vec<(Overview, Vec<Position>)>, Fault> {
    app.vault.read(|tx| {
        timelines::overview(tx, user, rom, slot)?
            .into_iter()
            .map(|overview| {
                let devices = holdings::positions(tx, overview.timeline.id)?;
                Ok((overview, devices))
            })
            .collect()
    })
}

/// A page of a timeline, newest first.
pub fn page(
    app: &App,
    user: UserId,
    timeline: TimelineId,
    before: i64,
    limit: i64,
) -> Result<Vec<Grown>, NotDone> {
    app.vault.read(|tx| {
        timelines::of_user(tx, user, timeline)?.ok_or(NotDone::Unknown)?;
        let records = versions::page(tx, timeline, before, limit)?;
        Ok(records
            .into_iter()
            .map(|record| grown(tx, record))
            .collect::<Result<_, Fault>>()?)
    })
}

/// One version.
pub fn one(app: &App, user: UserId, id: VersionId) -> Result<Grown, NotDone> {
    app.vault
        .read(|tx| Ok(grown(tx, of_user(tx, user, id)?.0)?))
}

/// A person's branches, newest first; of one game, or of all.
pub fn branches(app: &App, user: UserId, rom: Option<RomId>) -> Result<Vec<Branch>, Fault> {
    app.vault.read(|tx| {
        let mut branches = Vec::new();
        for record in versions::branches(tx, user, rom)? {
            if let Some(timeline) = timelines::by_id(tx, record.timeline_id)? {
                let head = timelines::head(tx, timeline.id)?;
                branches.push(Branch {
                    grown: grown(tx, record)?,
                    timeline,
                    head,
                });
            }
        }
        Ok(branches)
    })
}

/// The versions of a set, one for each file.
pub fn set(app: &App, user: UserId, set_id: &str) -> Result<Vec<Grown>, Fault> {
    app.vault.read(|tx| {
        let records = versions::of_set(tx, user, set_id)?;
        records
            .into_iter()
            .map(|record| grown(tx, record))
            .collect()
    })
}

/// The rows that can be brought back, those hidden last first.
pub fn hidden(app: &App, user: UserId, rom: Option<RomId>) -> Result<Vec<HiddenRow>, Fault> {
    app.vault.read(|tx| saves::hidden(tx, user, rom))
}

/// Gives a version a name, pins it, or takes either away. What is none stays.
pub async fn label(
    app: &App,
    user: UserId,
    id: VersionId,
    name: Option<Option<String>>,
    pinned: Option<bool>,
) -> Result<Grown, NotDone> {
    app.vault
        .write(move |tx| {
            of_user(tx, user, id)?;
            if let Some(name) = name {
                versions::set_name(tx, id, name.as_deref())?;
            }
            if let Some(pinned) = pinned {
                versions::set_pinned(tx, id, pinned)?;
            }
            Ok(grown(tx, of_user(tx, user, id)?.0)?)
        })
        .await
}

fn grown(tx: &Tx<'_>, record: Record) -> Result<Grown, Fault> {
    Ok(Grown {
        parents: versions::parents(tx, record.id)?,
        record,
    })
}
