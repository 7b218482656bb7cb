//! What became of save states, or would.

use std::path::PathBuf;

use keepsave_core::ids::{RomId, StateId};
use keepsave_core::states::{Decision, Here};
use serde_json::{Value, json};

use crate::journal::Kept;

/// The states of the games of a sync.
#[derive(Debug, Default)]
pub struct States {
    /// One for each state that is here or on the server for the core that plays its game.
    pub lines: Vec<StateLine>,
    /// Games whose states wait for something.
    pub waiting: Vec<Waiting>,
    /// Why nothing could be done with any.
    pub trouble: Option<String>,
    /// What a person should know beside it.
    pub notes: Vec<String>,
}

/// A game whose states wait for something.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The game.
    pub rom: RomId,
    /// What for.
    pub why: String,
}

/// One state, what was decided about it, and what became of that.
#[derive(Debug)]
pub struct StateLine {
    /// The game.
    pub rom: RomId,
    /// The file, which may not be there.
    pub path: PathBuf,
    /// What was decided.
    pub decision: Decision,
    /// The server's state that what was here became.
    pub sent: Option<StateId>,
    /// Whether what was decided for the file here was done.
    pub moved: bool,
    /// What was here before.
    pub kept: Option<Box<Kept>>,
    /// Why something was not done.
    pub error: Option<String>,
    /// What a person should know beside it.
    pub notes: Vec<String>,
}

impl States {
    pub(super) fn waiting(waiting: Vec<Waiting>) -> Self {
        Self {
            waiting,
            ..Self::default()
        }
    }

    /// Whether someone has to see to something.
    pub fn needs_someone(&self) -> bool {
        self.trouble.is_some() || self.lines.iter().any(|line| line.error.is_some())
    }

    /// The states of a game.
    pub fn of(&self, rom: RomId) -> impl Iterator<Item = &StateLine> {
        self.lines.iter().filter(move |line| line.rom == rom)
    }
}

impl StateLine {
    pub(super) fn of(rom: RomId, path: PathBuf, decision: Decision) -> Self {
        Self {
            rom,
            path,
            decision,
            sent: None,
            moved: false,
            kept: None,
            error: None,
            notes: Vec::new(),
        }
    }

    /// The word for it: what is to be done, or once something was, what that was.
    pub fn word(&self) -> &'static str {
        let was_done = self.moved || self.sent.is_some();
        match self.decision.here {
            _ if self.error.is_some() => "failed",
            Here::Bring(_) if was_done => "downloaded",
            Here::Bring(_) => "download",
            Here::Aside if was_done => "moved_aside",
            Here::Aside => "move_aside",
            Here::Leave if self.sent.is_some() => "uploaded",
            Here::Leave if self.decision.send => "upload",
            Here::Leave if !self.decision.offers.is_empty() => "offered",
            Here::Leave => "same",
        }
    }

    /// Whether a person would want to know of it.
    pub fn is_news(&self) -> bool {
        self.word() != "same" || !self.notes.is_empty()
    }

    /// The file's name.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Why, and what brings back what was here.
    pub fn said(&self) -> String {
        if let Some(error) = &self.error {
            return error.clone();
        }
        let reason = self.decision.reason;
        match &self.kept {
            Some(kept) => format!(
                "{reason}; what was here is in the journal: `keepsave journal restore {}` brings \
                 it back",
                kept.id
            ),
            None if self.decision.offers.is_empty() => reason.to_string(),
            None => format!("{reason}: see `keepsave states offered`"),
        }
    }

    /// For scripts.
    pub fn json(&self) -> Value {
        let mut json = json!({
            "file": self.name(),
            "path": self.path.to_string_lossy(),
            "action": self.word(),
            "reason": self.decision.reason,
            "offers": self.decision.offers,
            "state_id": self.sent,
            "journal_id": self.kept.as_ref().map(|kept| &kept.id),
        });
        if let Here::Bring(state) = self.decision.here {
            json["state_id"] = json!(state);
        }
        if let Some(error) = &self.error {
            json["error"] = json!(error);
        }
        if !self.notes.is_empty() {
            json["notes"] = json!(self.notes);
        }
        json
    }
}
