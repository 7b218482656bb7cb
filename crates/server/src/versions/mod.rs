//! Versions: what lies beneath RomM's rows, for those who know Keepsave. One use case, one file.

pub mod copy;
pub mod list;
pub mod restore;
pub mod settle;
pub mod slots;
pub mod undelete;

use keepsave_core::ids::{UserId, VersionId};

use crate::vault::timelines::{self, Timeline};
use crate::vault::versions::{self, Record};
use crate::vault::{Fault, Tx};

/// Why nothing was done.
#[derive(Debug)]
pub enum NotDone {
    /// There is no such thing, or it is another person's.
    Unknown,
    /// Retention removed the bytes; only the lineage is left.
    Purged,
    /// A slot of that name has saves already.
    SlotTaken(String),
    /// The store failed.
    Fault(Fault),
}

impl From<Fault> for NotDone {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A person's version and its timeline.
pub(crate) fn of_user(
    tx: &Tx<'_>,
    user: UserId,
    id: VersionId,
) -> Result<(Record, Timeline), NotDone> {
    let record = versions::by_id(tx, id)?.ok_or(NotDone::Unknown)?;
    let timeline = timelines::of_user(tx, user, record.timeline_id)?.ok_or(NotDone::Unknown)?;
    Ok((record, timeline))
}

/// The version, as long as its bytes are there.
pub(crate) fn with_bytes(record: Record) -> Result<Record, NotDone> {
    if record.purged_at.is_some() {
        Err(NotDone::Purged)
    } else {
        Ok(record)
    }
}
