//! What became of a plan, line by line and counted.

use std::path::PathBuf;

use keepsave_core::decide::Step;
use keepsave_core::ids::SaveId;
use serde_json::{Value, json};

use super::error::LineError;
use super::line::Line;
use super::plan::{Plan, Unsyncable};
use crate::journal::Kept;

/// What became of one line.
#[derive(Debug)]
pub struct Outcome {
    /// The line, as it was decided in the end.
    pub line: Line,
    /// What became of it.
    pub result: Done,
    /// What a person should know beside it.
    pub notes: Vec<String>,
}

/// What became of a line.
#[derive(Debug)]
pub enum Done {
    /// The file is a version on the server.
    Uploaded {
        /// The save that shows it.
        save: SaveId,
    },
    /// The server's content stands on this device.
    Downloaded {
        /// Where.
        path: PathBuf,
        /// What it took the place of.
        kept: Option<Box<Kept>>,
    },
    /// It left its place with the save that it was of.
    PutAway {
        /// Where it was.
        path: PathBuf,
        /// Where it is kept.
        kept: Box<Kept>,
    },
    /// Nothing was to be done.
    Nothing,
    /// A person must choose, and nobody chose for them.
    Conflict {
        /// Whether it was asked to be passed over.
        passed_over: bool,
    },
    /// It was not tried.
    LeftOut {
        /// Why.
        why: String,
    },
    /// It comes down once what it would replace is not in use any more.
    InUse {
        /// By whom.
        why: String,
    },
    /// It was tried and did not work. Nothing was lost.
    Failed {
        /// Why, what is safe, and what to do.
        error: String,
    },
}

impl Outcome {
    /// Nothing has become of the line yet.
    pub(super) fn of(line: &Line) -> Self {
        Self {
            line: line.clone(),
            result: Done::Nothing,
            notes: Vec::new(),
        }
    }

    /// What became of it, in a sentence: why it failed, or why it was done and what undoes it.
    pub fn said(&self) -> String {
        match &self.result {
            Done::Failed { error } => error.clone(),
            Done::LeftOut { why } | Done::InUse { why } => why.clone(),
            Done::Downloaded {
                kept: Some(kept), ..
            }
            | Done::PutAway { kept, .. } => format!(
                "{}; what was here is in the journal: `keepsave journal restore {}` brings it back",
                self.line.reason, kept.id
            ),
            _ => self.line.reason.clone(),
        }
    }

    /// The operation as it was planned, and what became of it.
    pub fn json(&self, plan: &Plan) -> Value {
        let mut json = plan.operation(&self.line);
        json["result"] = json!(self.result.word());
        match &self.result {
            Done::Uploaded { save } => json["save_id"] = json!(save),
            Done::Downloaded { path, kept } => {
                json["path"] = json!(path.to_string_lossy());
                json["journal_id"] = json!(kept.as_ref().map(|kept| &kept.id));
            }
            Done::PutAway { path, kept } => {
                json["path"] = json!(path.to_string_lossy());
                json["journal_id"] = json!(kept.id);
            }
            Done::LeftOut { why: error } | Done::InUse { why: error } | Done::Failed { error } => {
                json["error"] = json!(error);
            }
            Done::Nothing | Done::Conflict { .. } => {}
        }
        if !self.notes.is_empty() {
            json["notes"] = json!(self.notes);
        }
        json
    }
}

impl Unsyncable {
    /// As a result beside those of the lines.
    pub fn json(&self) -> Value {
        json!({
            "rom_id": self.rom,
            "path": self.path.to_string_lossy(),
            "result": Done::LEFT_OUT,
            "error": self.why,
        })
    }
}

impl Done {
    const LEFT_OUT: &'static str = "left_out";

    /// It was tried and did not work, or it was stopped before it was.
    pub(super) fn failed(error: &LineError) -> Self {
        match error {
            LineError::Stopped => Self::LeftOut {
                why: error.to_string(),
            },
            LineError::InUse { .. } => Self::InUse {
                why: error.to_string(),
            },
            error => Self::Failed {
                error: error.to_string(),
            },
        }
    }

    /// The word for it in JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Uploaded { .. } => "uploaded",
            Self::Downloaded { .. } => "downloaded",
            Self::PutAway { .. } => "put_away",
            Self::Nothing => "nothing",
            Self::Conflict { .. } => "conflict",
            Self::LeftOut { .. } => Self::LEFT_OUT,
            Self::InUse { .. } => "in_use",
            Self::Failed { .. } => "failed",
        }
    }

    /// Whether nothing is left for anyone to do.
    pub const fn is_settled(&self) -> bool {
        matches!(
            self,
            Self::Uploaded { .. } | Self::Downloaded { .. } | Self::PutAway { .. } | Self::Nothing
        )
    }
}

/// How many lines ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Files that went up.
    pub uploaded: u64,
    /// Saves that came down.
    pub downloaded: u64,
    /// Lines with nothing to do.
    pub no_op: u64,
    /// Conflicts that were passed over on request.
    pub conflicts_skipped: u64,
    /// What went up and what came down.
    pub completed: u64,
    /// What failed, and conflicts that nobody chose in.
    pub failed: u64,
    /// What was not tried: unreadable files, and what a server told that is not known here.
    pub left_out: u64,
}

impl Counts {
    /// Counts outcomes.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            match &outcome.result {
                Done::Uploaded { .. } => counts.uploaded += 1,
                Done::Downloaded { .. } | Done::PutAway { .. } => counts.downloaded += 1,
                Done::Nothing => counts.no_op += 1,
                Done::Conflict { passed_over: true } => counts.conflicts_skipped += 1,
                Done::Conflict { passed_over: false } | Done::Failed { .. } => counts.failed += 1,
                Done::LeftOut { .. } | Done::InUse { .. } => counts.left_out += 1,
            }
        }
        counts.completed = counts.uploaded + counts.downloaded;
        counts
    }
}

/// How many lines of a plan say what: its totals on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Files to send.
    pub upload: u64,
    /// Saves to fetch.
    pub download: u64,
    /// Conflicts.
    pub conflict: u64,
    /// Nothing to do.
    pub no_op: u64,
}

impl Totals {
    /// Counts lines.
    pub fn of(lines: &[Line]) -> Self {
        let mut totals = Self::default();
        for line in lines {
            match line.step() {
                Some(Step::Upload) => totals.upload += 1,
                Some(Step::Download { .. }) => totals.download += 1,
                Some(Step::Conflict) => totals.conflict += 1,
                Some(Step::Skip { .. }) => totals.no_op += 1,
                None => {}
            }
        }
        totals
    }
}
