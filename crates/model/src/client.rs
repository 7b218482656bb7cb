//! The clients that exist, reduced to what they decide by: what they report, what they heed, and
//! what they remember.

use std::fmt;

use keepsave_core::content::{BlobHash, Content, ContentHash};
use keepsave_core::ids::SaveId;
use keepsave_core::lineage::model::Ledger;
use keepsave_core::lineage::{PostAction, PostDecision, Upload, Version};
use keepsave_core::negotiate::Action;

/// The content of that number: the later the edit that made it, the higher.
pub fn content(number: u8) -> Content {
    Content {
        hash: Some(ContentHash([number; 16])),
        blob: BlobHash([number; 32]),
    }
}

/// The number of that content.
pub fn number(content: &Content) -> u8 {
    content.blob.0[0]
}

/// An ordinary upload of that content.
pub fn upload(number: u8) -> Upload {
    Upload {
        content: content(number),
        blank: false,
        overwrite: false,
    }
}

/// A kind of client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Does what negotiate says.
    Trust,
    /// The same, without ever sending a hash.
    NoHash,
    /// Grout: negotiate, and a ladder of its own after a 409.
    Grout,
    /// romm-tender: shows its inventory, ignores the answer, decides by `is_current`.
    Tender,
    /// Older decky-romm-sync: as tender, but writes the newest row in place.
    Put,
    /// Argosy: uploads from a queue, reports the hash of its last exchange instead of its file's.
    Argosy,
    /// romm-cli: downloads beside the save.
    Cli,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trust => "trusting client",
            Self::NoHash => "client without hashes",
            Self::Grout => "Grout",
            Self::Tender => "romm-tender",
            Self::Put => "older decky-romm-sync",
            Self::Argosy => "Argosy",
            Self::Cli => "romm-cli",
        })
    }
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Trust,
        Self::NoHash,
        Self::Grout,
        Self::Tender,
        Self::Put,
        Self::Argosy,
        Self::Cli,
    ];
}

/// What goes wrong during a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing does.
    Nothing,
    /// The upload arrives, its answer does not.
    LostAnswer,
    /// The download is sent in full and never kept.
    LostDownload,
    /// The download is kept, its confirmation does not arrive.
    LostAck,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing goes wrong",
            Self::LostAnswer => "the answer to its upload is lost",
            Self::LostDownload => "what it downloads is lost",
            Self::LostAck => "its confirmation is lost",
        })
    }
}

/// The request that a device sent last, to be sent again blindly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sent {
    /// A new save of that content.
    Post(u8),
    /// That content onto that row.
    Put(SaveId, u8),
}

/// A device: its file, and what its client remembers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    /// What client it runs.
    pub kind: Kind,
    /// The number of its file's content.
    pub file: Option<u8>,
    /// What the client recorded as synced, in its own way.
    pub recorded: Option<u8>,
    /// Argosy's queue: the file changed since the last exchange.
    pub queued: bool,
    /// What it sent last.
    pub last_sent: Option<Sent>,
}

/// What a sync did and was told, for the properties to judge.
#[derive(Debug, Default)]
pub struct Seen {
    /// A 409 or a conflict that a rule on the server could have spared the person.
    pub refused: bool,
    /// A retry was refused because its row shows something else by now. What a client makes of that,
    /// no rule on the server could have spared the person.
    pub late: bool,
    /// An unsynced edit, reported as it is or without a hash, was told download or `no_op`.
    pub edit_ignored: bool,
    /// Content that the device's file had before it was replaced.
    pub overwritten: Option<u8>,
}

/// One device at the server, in one sync.
pub struct Visit<'a> {
    /// The server.
    pub ledger: &'a mut Ledger<u8>,
    /// The device's name.
    pub device: u8,
    /// The device.
    pub machine: &'a mut Machine,
    /// What goes wrong.
    pub fault: Fault,
    /// What came of it.
    pub seen: Seen,
}

/// The sync is over, perhaps because an answer was lost.
type Over = Option<()>;

impl Visit<'_> {
    /// Does what the client does.
    pub fn sync(&mut self) {
        match self.machine.kind {
            Kind::Trust | Kind::NoHash | Kind::Cli => self.obey(),
            Kind::Grout => self.grout(),
            Kind::Tender | Kind::Put => self.tender(),
            Kind::Argosy => self.argosy(),
        };
    }

    fn obey(&mut self) -> Over {
        let reported = match self.machine.kind {
            Kind::NoHash => None,
            _ => self.machine.file,
        };
        match self.negotiate(reported)? {
            Action::Upload => self.upload_or_conflict(),
            Action::Download => self.download(),
            Action::Conflict | Action::NoOp => None,
        }
    }

    fn grout(&mut self) -> Over {
        let unchanged = self.machine.file == self.machine.recorded;
        match self.negotiate(self.machine.file)? {
            Action::Upload if unchanged => None,
            Action::Upload => match self.post()? {
                (409, _) if unchanged => self.download(),
                _ => None,
            },
            Action::Download => self.download(),
            Action::Conflict | Action::NoOp => None,
        }
    }

    fn tender(&mut self) -> Over {
        let _ = self.negotiate(self.machine.file);
        let newest = self.ledger.list().into_iter().next();
        let (file, newest) = match (self.machine.file, newest) {
            (None, None) => return None,
            (Some(_), None) => return self.send_as_tender(None),
            (None, Some(_)) => return self.download(),
            (Some(file), Some(newest)) => (file, newest),
        };
        let is_head = newest.version.content == content(file);
        match (
            self.machine.recorded,
            self.ledger.is_current(&self.device, &newest),
        ) {
            (None, true) => self.machine.recorded = Some(file),
            (Some(recorded), true) if recorded != file => {
                return self.send_as_tender(Some(newest.row));
            }
            (Some(recorded), false) if recorded == file => return self.download(),
            (_, false) if is_head => return self.download(),
            (Some(_), true) | (_, false) => {}
        }
        None
    }

    /// Sends the file, and climbs down its ladder when the answer is not the new head.
    fn send_as_tender(&mut self, newest: Option<SaveId>) -> Over {
        let file = self.machine.file?;
        if self.machine.kind == Kind::Put
            && let Some(row) = newest
        {
            self.machine.last_sent = Some(Sent::Put(row, file));
            self.ledger
                .put(Some(&self.device), row, content(file), false)?;
            if self.fault != Fault::LostAnswer {
                self.machine.recorded = Some(file);
                self.ledger.downloaded(&self.device, row);
            }
            return None;
        }
        let (status, row) = self.post()?;
        let head = self.ledger.list().into_iter().next()?;
        if status == 200 && row.is_some_and(|row| Some(row) >= newest && row == head.row) {
            self.machine.recorded = Some(file);
            None
        } else if self.machine.recorded == Some(file) || head.version.content == content(file) {
            self.download()
        } else {
            None
        }
    }

    fn argosy(&mut self) -> Over {
        if self.machine.queued && self.post()?.0 == 200 {
            self.exchanged();
        }
        match self.negotiate(self.machine.file.and(self.machine.recorded))? {
            Action::Upload => {
                if self.post()?.0 == 200 {
                    self.exchanged();
                }
                None
            }
            Action::Download => self.download(),
            Action::Conflict | Action::NoOp => None,
        }
    }

    fn exchanged(&mut self) {
        self.machine.recorded = self.machine.file;
        self.machine.queued = false;
    }

    fn upload_or_conflict(&mut self) -> Over {
        self.post()?;
        None
    }

    /// Shows the inventory; none when the server says nothing about this slot.
    fn negotiate(&mut self, reported: Option<u8>) -> Option<Action> {
        let hash = reported.and_then(|number| content(number).hash);
        let entries = self.machine.file.map(|_| hash);
        let unsynced = reported.is_none_or(|_| reported == self.machine.file && !self.is_known());
        let decisions = self.ledger.negotiate(&self.device, entries.as_slice());
        let action = decisions.first()?.action;
        let ignored = matches!(action, Action::Download | Action::NoOp);
        self.seen.edit_ignored |= self.machine.file.is_some() && unsynced && ignored;
        // Who sends no hash has a conflict at every remote change.
        self.seen.refused |= action == Action::Conflict && reported.is_some() && !self.seen.late;
        Some(action)
    }

    /// Whether the file's content is a version's, other than a refused upload.
    fn is_known(&self) -> bool {
        let file = self.machine.file.map(content);
        self.ledger
            .versions()
            .any(|version| !version.refused && Some(version.content) == file)
    }

    /// Uploads the file: the status and the row, unless the answer is lost.
    fn post(&mut self) -> Option<(u16, Option<SaveId>)> {
        let file = self.machine.file?;
        self.machine.last_sent = Some(Sent::Post(file));
        let decision = self.post_content(file);
        (self.fault != Fault::LostAnswer)
            .then(|| (status(&decision), row_of(&decision, self.ledger)))
    }

    /// The upload itself. A retry whose row shows something else by now cannot be recognised.
    pub fn post_content(&mut self, number: u8) -> PostDecision {
        let with_content = |version: &Version| version.content == content(number);
        let rows = self.ledger.list();
        let shown = rows.iter().any(|row| with_content(&row.version));
        let stored = self
            .ledger
            .versions()
            .any(|version| with_content(&version) && !version.refused);
        let decision = self.ledger.post(Some(&self.device), &upload(number));
        let refused = status(&decision) == 409;
        self.seen.late |= refused && stored && !shown;
        self.seen.refused |= refused && !self.seen.late;
        decision
    }

    /// Fetches the newest row onto the file; romm-cli puts it beside the file.
    fn download(&mut self) -> Over {
        let row = self.ledger.list().into_iter().next()?.row;
        let optimistic = matches!(self.machine.kind, Kind::Tender | Kind::Put | Kind::Cli);
        let sent = self.ledger.fetch(Some(&self.device), row, optimistic)?;
        if self.fault == Fault::LostDownload || self.machine.kind == Kind::Cli {
            return None;
        }
        self.seen.overwritten = self.machine.file;
        self.machine.file = Some(number(&sent));
        if self.machine.kind != Kind::NoHash && self.machine.kind != Kind::Trust {
            self.exchanged();
        }
        if !optimistic && self.fault != Fault::LostAck {
            self.ledger.downloaded(&self.device, row);
        }
        None
    }

    /// The person at the device settles a conflict in favour of its own file.
    pub fn keep_local(&mut self) {
        if let Some(file) = self.machine.file {
            let upload = Upload {
                overwrite: true,
                ..upload(file)
            };
            self.ledger.post(Some(&self.device), &upload);
            self.exchanged();
        }
    }
}

/// What a client sees of a POST.
fn status(decision: &PostDecision) -> u16 {
    match decision.action {
        PostAction::HeadHolds { .. }
        | PostAction::NewRow { .. }
        | PostAction::OnRow { .. }
        | PostAction::LateRetry { .. } => 200,
        PostAction::Refuse(_) => 409,
    }
}

fn row_of(decision: &PostDecision, ledger: &Ledger<u8>) -> Option<SaveId> {
    match decision.action {
        PostAction::HeadHolds { row, .. }
        | PostAction::OnRow { row, .. }
        | PostAction::LateRetry { row, .. } => Some(row),
        PostAction::NewRow { .. } => ledger.list().first().map(|newest| newest.row),
        PostAction::Refuse(_) => None,
    }
}
