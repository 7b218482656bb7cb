//! A few words to tell a story with: devices are letters, contents are numbers, rows are numbered
//! as they appear.

use super::super::model::Ledger;
use super::super::{Holding, Keep, PostAction, PostDecision, Upload};
use crate::content::{BlobHash, Content, ContentHash};
use crate::ids::{SaveId, VersionId};
use crate::negotiate::{Action, SyncDecision};

/// A device's name.
pub type Name = &'static str;

pub const A: Name = "A";
pub const B: Name = "B";
pub const C: Name = "C";

/// The content that is called `number`.
pub fn content(number: u8) -> Content {
    Content {
        hash: Some(ContentHash([number; 16])),
        blob: BlobHash([number; 32]),
    }
}

/// An ordinary upload of that content.
pub fn upload(number: u8) -> Upload {
    Upload {
        content: content(number),
        blank: false,
        overwrite: false,
    }
}

/// What a client sees of a POST.
pub fn status(decision: &PostDecision) -> u16 {
    match decision.action {
        PostAction::HeadHolds { .. }
        | PostAction::NewRow { .. }
        | PostAction::OnRow { .. }
        | PostAction::LateRetry { .. } => 200,
        PostAction::Refuse(Keep::AsBranch { .. } | Keep::Already { .. }) => 409,
    }
}

/// One timeline and what happens to it.
#[derive(Default)]
pub struct Story {
    pub ledger: Ledger<Name>,
}

impl Story {
    /// The device uploads a content as a new version.
    pub fn post(&mut self, device: Name, number: u8) -> u16 {
        status(&self.ledger.post(Some(&device), &upload(number)))
    }

    /// The person at the device chose its content over the server's.
    pub fn keep_local(&mut self, device: Name, number: u8) -> u16 {
        let upload = Upload {
            overwrite: true,
            ..upload(number)
        };
        status(&self.ledger.post(Some(&device), &upload))
    }

    /// An upload that names no device.
    pub fn post_by_nobody(&mut self, number: u8) -> u16 {
        status(&self.ledger.post(None, &upload(number)))
    }

    /// The device writes a row in place.
    pub fn put(&mut self, device: Name, row: i64, number: u8) {
        let put = self
            .ledger
            .put(Some(&device), SaveId(row), content(number), false);
        put.expect("a visible row");
    }

    /// The device is sent a row's bytes, counted as held at once.
    pub fn get_optimistic(&mut self, device: Name, row: i64) {
        let sent = self.ledger.fetch(Some(&device), SaveId(row), true);
        sent.expect("a visible row");
    }

    /// The device is sent a row's bytes and will confirm them.
    pub fn get(&mut self, device: Name, row: i64) {
        let sent = self.ledger.fetch(Some(&device), SaveId(row), false);
        sent.expect("a visible row");
    }

    /// The device confirms what it was sent from a row.
    pub fn ack(&mut self, device: Name, row: i64) {
        assert!(self.ledger.downloaded(&device, SaveId(row)));
    }

    /// The device downloads and confirms the head, as a client that does everything right.
    pub fn take(&mut self, device: Name) {
        let row = self.ledger.list()[0].row.0;
        self.get(device, row);
        self.ack(device, row);
    }

    /// What the device is told when its file has this content.
    pub fn ask(&mut self, device: Name, number: u8) -> Action {
        self.decisions(device, &[Some(number)])[0].action
    }

    /// What the device is told about each of the files that it keeps in this slot.
    pub fn decisions(&mut self, device: Name, numbers: &[Option<u8>]) -> Vec<SyncDecision> {
        let hashes: Vec<_> = numbers
            .iter()
            .map(|number| number.and_then(|number| content(number).hash))
            .collect();
        self.ledger.negotiate(&device, &hashes)
    }

    /// The number of the head's content.
    pub fn head(&self) -> Option<u8> {
        let newest = self.ledger.list().into_iter().next()?;
        Some(newest.version.content.blob.0[0])
    }

    /// Whether a listing shows the row as current on the device.
    pub fn is_current(&self, device: Name, row: i64) -> bool {
        let rows = self.ledger.list();
        let shown = rows.iter().find(|shown| shown.row == SaveId(row));
        self.ledger
            .is_current(&device, shown.expect("a visible row"))
    }

    /// A person deletes a row.
    pub fn delete(&mut self, row: i64) {
        self.ledger.delete(&[SaveId(row)]);
    }

    /// How many versions are stored, and how many of them are refused uploads.
    pub fn stored(&self) -> (usize, usize) {
        let refused = self.ledger.versions().filter(|version| version.refused);
        (self.ledger.versions().count(), refused.count())
    }

    /// The numbers of the versions that the newest version grew from.
    pub fn parents_of_newest(&self) -> Vec<i64> {
        let newest = self.ledger.versions().last().expect("a version");
        let parents = self.ledger.parents_of(newest.id);
        parents.iter().map(|&VersionId(id)| id).collect()
    }

    pub fn holding(&self, device: Name) -> Holding {
        self.ledger.holding(&device)
    }
}
