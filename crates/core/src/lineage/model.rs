//! One timeline in memory, moved by the very decisions that a server stores: the oracle for stories,
//! simulations and differential tests, and the shortest description of how a store applies them.
//!
//! Knows no bytes, no names and no other timeline.

mod history;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::hash::Hash;

use super::{
    Holding, Keep, PostAction, PostDecision, PutAction, PutDecision, Upload, Version, claim,
    decide_archive_post, decide_post, decide_put, decide_restore, has_head, is_current,
    next_updated_at, prove, returns_as_head,
};
use crate::content::{Content, ContentHash};
use crate::ids::{DeviceId, SaveId, VersionId};
use crate::negotiate::{SyncDecision, negotiate, offer};
use crate::time::Time;

/// One timeline: its versions, the rows that show them, and what each device holds. `D` names a
/// device.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ledger<D = DeviceId> {
    /// What the server's clock says. It may stand still or step back.
    pub now: Time,
    pub(super) versions: Vec<Stored>,
    pub(super) rows: Vec<Row>,
    pub(super) devices: BTreeMap<D, Device>,
    pub(super) last_updated_at: Option<Time>,
}

/// A version as it is stored. Its id is its place, counted from 1; so is its ordinal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stored {
    pub content: Content,
    pub blank: bool,
    pub parents: Vec<VersionId>,
    /// The row that shows it or once did; none for a refused upload.
    pub row: Option<SaveId>,
    pub deleted: bool,
    pub purged: bool,
}

/// A wire row. Its id is its place, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub shows: VersionId,
    pub hidden: bool,
    pub updated_at: Time,
}

/// What is remembered of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Device {
    pub holding: Holding,
    /// For each row, the version that last went over the wire between the device and that row.
    pub exchanged: BTreeMap<SaveId, VersionId>,
}

/// A row as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The row.
    pub row: SaveId,
    /// What it shows.
    pub version: Version,
    /// When it last changed.
    pub updated_at: Time,
}

impl<D> Default for Ledger<D> {
    fn default() -> Self {
        Self {
            now: Time::EPOCH,
            versions: Vec::new(),
            rows: Vec::new(),
            devices: BTreeMap::new(),
            last_updated_at: None,
        }
    }
}

impl<D: Ord + Clone> Ledger<D> {
    /// A POST into the slot. The row in the answer is the decision's.
    pub fn post(&mut self, device: Option<&D>, upload: &Upload) -> PostDecision {
        let holding = device.map(|device| self.holding(device));
        let decision = sure(decide_post(self, holding.as_ref(), upload));
        self.apply(device, upload.content, upload.blank, &decision.action);
        decision
    }

    /// A POST without a slot: the timeline is then that of one archive row.
    pub fn post_to_archive(&mut self, device: Option<&D>, upload: &Upload) -> PostDecision {
        let holding = device.map(|device| self.holding(device));
        let decision = sure(decide_archive_post(self, holding.as_ref(), upload));
        self.apply(device, upload.content, upload.blank, &decision.action);
        if let PostAction::HeadHolds { row, .. } = decision.action {
            self.touch(row);
        }
        decision
    }

    /// A person makes `version` the head again; none when there is no such version.
    pub fn restore(&mut self, version: VersionId) -> Option<PostDecision> {
        let version = self.get(version)?;
        let decision = sure(decide_restore(self, &version));
        self.apply(None, version.content, version.blank, &decision.action);
        Some(decision)
    }

    /// A PUT to a row; none when no such row is visible.
    pub fn put(
        &mut self,
        device: Option<&D>,
        row: SaveId,
        content: Content,
        blank: bool,
    ) -> Option<PutDecision> {
        self.visible(row)?;
        let holding = device.map(|device| self.holding(device));
        let decision = sure(decide_put(self, holding.as_ref(), row, &content));
        let version = match &decision.action {
            PutAction::Touch { version } => *version,
            PutAction::NewVersion { parents } => {
                self.store(content, blank, parents.clone(), Some(row))
            }
        };
        self.show(row, version);
        self.exchange(device, row, version);
        Some(decision)
    }

    /// A download that was sent to its last byte; none when no such row is visible.
    pub fn fetch(&mut self, device: Option<&D>, row: SaveId, optimistic: bool) -> Option<Content> {
        let version = self.visible(row)?.shows;
        if let Some(device) = device {
            let known = self.devices.entry(device.clone()).or_default();
            known.exchanged.insert(row, version);
            if optimistic {
                known.holding = claim(&known.holding, version);
            }
        }
        self.get(version).map(|version| version.content)
    }

    /// `/downloaded`: the device confirms what was last sent from the row; false when no such row is
    /// visible.
    pub fn downloaded(&mut self, device: &D, row: SaveId) -> bool {
        let Some(shows) = self.visible(row).map(|row| row.shows) else {
            return false;
        };
        let exchanged = self
            .devices
            .get(device)
            .and_then(|known| known.exchanged.get(&row));
        let version = exchanged.copied().unwrap_or(shows);
        let mut holding = sure(prove(self, &self.holding(device), version));
        holding.untracked = false;
        self.hold(device, holding);
        true
    }

    /// The device opts out of this timeline, or in again.
    pub fn track(&mut self, device: &D, tracked: bool) {
        let mut holding = self.holding(device);
        holding.untracked = !tracked;
        self.hold(device, holding);
    }

    /// A person deletes rows: they and every version they showed are hidden, with a tombstone.
    pub fn delete(&mut self, rows: &[SaveId]) {
        for &row in rows {
            self.set_hidden(row, true);
            for version in &mut self.versions {
                version.deleted |= version.row == Some(row);
            }
        }
    }

    /// A person takes a delete back: the row stands where it stood, or first when it grew from what
    /// is first.
    pub fn undelete(&mut self, row: SaveId) {
        let Some(shown) = place(row.0)
            .and_then(|at| self.rows.get(at))
            .and_then(|hidden| self.get(hidden.shows))
        else {
            return;
        };
        if sure(returns_as_head(self, &shown)) {
            self.touch(row);
        }
        self.set_hidden(row, false);
        for version in &mut self.versions {
            version.deleted &= version.row != Some(row);
        }
    }

    /// Autocleanup: hides all but the newest `keep` rows and leaves no tombstone.
    pub fn clean_up(&mut self, keep: usize) {
        let old: Vec<SaveId> = self
            .list()
            .into_iter()
            .skip(keep)
            .map(|row| row.row)
            .collect();
        for row in old {
            self.set_hidden(row, true);
        }
    }

    /// Answers an inventory that names this timeline with these hashes; without any, what is
    /// decided about a timeline that was not named.
    pub fn negotiate(&mut self, device: &D, shown: &[Option<ContentHash>]) -> Vec<SyncDecision> {
        let holding = self.holding(device);
        if shown.is_empty() {
            return sure(offer(self, &holding, false)).into_iter().collect();
        }
        let negotiated = sure(negotiate(self, &holding, shown));
        self.hold(device, negotiated.holding);
        negotiated.decisions
    }

    /// The visible rows, newest first.
    pub fn list(&self) -> Vec<Shown> {
        self.rows_that_are(false)
    }

    /// The rows that are hidden, newest first.
    pub fn hidden(&self) -> Vec<Shown> {
        self.rows_that_are(true)
    }

    fn rows_that_are(&self, hidden: bool) -> Vec<Shown> {
        let mut rows: Vec<Shown> = (1..)
            .map(SaveId)
            .zip(&self.rows)
            .filter(|(_, row)| row.hidden == hidden)
            .filter_map(|(id, row)| {
                Some(Shown {
                    row: id,
                    version: self.get(row.shows)?,
                    updated_at: row.updated_at,
                })
            })
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.updated_at));
        rows
    }

    /// Whether a listed row is current on the device.
    pub fn is_current(&self, device: &D, shown: &Shown) -> bool {
        sure(is_current(self, &self.holding(device), &shown.version))
    }

    /// Whether the device has the head.
    pub fn has_head(&self, device: &D) -> bool {
        sure(has_head(self, &self.holding(device)))
    }

    /// What is known of the device.
    pub fn holding(&self, device: &D) -> Holding {
        self.devices
            .get(device)
            .map(|known| known.holding.clone())
            .unwrap_or_default()
    }

    /// Every version, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = Version> + '_ {
        (1..)
            .map(VersionId)
            .zip(&self.versions)
            .map(|(id, stored)| self.version_of(id, stored))
    }

    /// The versions that one grew from.
    pub fn parents_of(&self, id: VersionId) -> &[VersionId] {
        place(id.0)
            .and_then(|at| self.versions.get(at))
            .map_or(&[], |stored| &stored.parents)
    }

    /// Replaces moments by their order: when a row changed does not matter, which was last does. A
    /// search through histories meets fewer states so.
    pub fn forget_moments(&mut self) {
        let mut moments: Vec<Time> = self.rows.iter().map(|row| row.updated_at).collect();
        moments.sort_unstable();
        for row in &mut self.rows {
            let rank = moments.partition_point(|&moment| moment < row.updated_at);
            row.updated_at = Time::EPOCH.plus_millis(count(rank));
        }
        self.last_updated_at = self.rows.iter().map(|row| row.updated_at).max();
    }

    /// Everything but what is remembered of devices. No version and no row names one, so two ledgers
    /// in which this is the same differ by [`Ledger::known_of`] alone.
    pub fn without_devices(&self) -> impl Hash + '_ {
        (&self.now, &self.versions, &self.rows, &self.last_updated_at)
    }

    /// All that is remembered of the device.
    pub fn known_of<'a>(&'a self, device: &D) -> impl Hash + use<'a, D> {
        self.devices.get(device)
    }

    fn apply(&mut self, device: Option<&D>, content: Content, blank: bool, action: &PostAction) {
        let (row, version) = match action {
            PostAction::HeadHolds { row, version } => (*row, *version),
            PostAction::NewRow { parents } => {
                self.rows.push(Row {
                    shows: VersionId(0),
                    hidden: false,
                    updated_at: self.now,
                });
                let row = SaveId(count(self.rows.len()));
                let version = self.store(content, blank, parents.clone(), Some(row));
                self.show(row, version);
                (row, version)
            }
            PostAction::OnRow { row, parents } => {
                let version = self.store(content, blank, parents.clone(), Some(*row));
                self.show(*row, version);
                (*row, version)
            }
            PostAction::Refuse(Keep::AsBranch { parents }) => {
                self.store(content, blank, parents.clone(), None);
                return;
            }
            PostAction::LateRetry { .. } | PostAction::Refuse(Keep::Already { .. }) => return,
        };
        self.exchange(device, row, version);
    }

    fn store(
        &mut self,
        content: Content,
        blank: bool,
        parents: Vec<VersionId>,
        row: Option<SaveId>,
    ) -> VersionId {
        self.versions.push(Stored {
            content,
            blank,
            parents,
            row,
            deleted: false,
            purged: false,
        });
        VersionId(count(self.versions.len()))
    }

    /// The row shows the version from now on, and is the newest.
    fn show(&mut self, row: SaveId, version: VersionId) {
        if let Some(shown) = place(row.0).and_then(|at| self.rows.get_mut(at)) {
            shown.shows = version;
        }
        self.touch(row);
    }

    fn touch(&mut self, row: SaveId) {
        let updated_at = next_updated_at(self.now, self.last_updated_at);
        if let Some(touched) = place(row.0).and_then(|at| self.rows.get_mut(at)) {
            touched.updated_at = updated_at;
            self.last_updated_at = Some(updated_at);
        }
    }

    /// The device and the row hold the same version now.
    fn exchange(&mut self, device: Option<&D>, row: SaveId, version: VersionId) {
        if let Some(device) = device {
            let holding = sure(prove(self, &self.holding(device), version));
            self.hold(device, holding);
            let known = self.devices.entry(device.clone()).or_default();
            known.exchanged.insert(row, version);
        }
    }

    fn hold(&mut self, device: &D, holding: Holding) {
        self.devices.entry(device.clone()).or_default().holding = holding;
    }

    fn set_hidden(&mut self, row: SaveId, hidden: bool) {
        if let Some(row) = place(row.0).and_then(|at| self.rows.get_mut(at)) {
            row.hidden = hidden;
        }
    }
}

/// A place counted from 0 for an id counted from 1.
fn place(id: i64) -> Option<usize> {
    usize::try_from(id).ok()?.checked_sub(1)
}

fn count(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

/// Memory always answers.
pub(super) fn sure<T>(answer: Result<T, Infallible>) -> T {
    let Ok(answer) = answer;
    answer
}
