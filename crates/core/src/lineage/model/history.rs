//! The ledger as a [`History`]: the questions that a store answers, answered from memory.

use std::convert::Infallible;

use super::{Ledger, Row, Stored, place};
use crate::ids::{SaveId, VersionId};
use crate::lineage::{History, Sought, Version};

impl<D> History for Ledger<D> {
    type Error = Infallible;

    fn head(&self) -> Result<Option<Version>, Infallible> {
        let newest = self
            .rows
            .iter()
            .filter(|row| !row.hidden)
            .max_by_key(|row| row.updated_at);
        Ok(newest.and_then(|row| self.get(row.shows)))
    }

    #[expect(
        clippy::expect_used,
        reason = "the rules ask only for versions that this ledger named; another is a broken rule"
    )]
    fn version(&self, id: VersionId) -> Result<Version, Infallible> {
        Ok(self.get(id).expect("a version of this timeline"))
    }

    fn parents(&self, id: VersionId) -> Result<Vec<VersionId>, Infallible> {
        let stored = place(id.0).and_then(|at| self.versions.get(at));
        Ok(stored.map_or_else(Vec::new, |stored| stored.parents.clone()))
    }

    fn with_content(&self, sought: Sought) -> Result<Vec<Version>, Infallible> {
        let with = |stored: &Stored| sought.matches(&stored.content);
        Ok((1..)
            .map(VersionId)
            .zip(&self.versions)
            .filter(|(_, stored)| with(stored))
            .map(|(id, stored)| self.version_of(id, stored))
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect())
    }
}

impl<D> Ledger<D> {
    pub(super) fn get(&self, id: VersionId) -> Option<Version> {
        let stored = self.versions.get(place(id.0)?)?;
        Some(self.version_of(id, stored))
    }

    pub(super) fn version_of(&self, id: VersionId, stored: &Stored) -> Version {
        Version {
            id,
            ordinal: id.0,
            content: stored.content,
            blank: stored.blank,
            deleted: stored.deleted,
            purged: stored.purged,
            refused: stored.row.is_none(),
            shown_by: stored
                .row
                .filter(|&row| self.visible(row).is_some_and(|row| row.shows == id)),
        }
    }

    /// The row, when it is there and not hidden.
    pub(super) fn visible(&self, row: SaveId) -> Option<&Row> {
        self.rows.get(place(row.0)?).filter(|row| !row.hidden)
    }
}
