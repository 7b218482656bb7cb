//! A plan: what a device is told to do, line by line, and how it is kept with its session.

use keepsave_core::ids::SessionId;
use keepsave_core::limits;
use keepsave_core::lineage::{Facts, Reason};
use keepsave_core::negotiate::{Action, SyncDecision};
use keepsave_wire::sync::{ClientSaveState, SyncNegotiateResponse, SyncOperation};
use serde::{Deserialize, Serialize};

use crate::vault::positions::{HeadRow, Position};

/// One operation, and the facts that it was decided on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// What the device is told.
    #[serde(flatten)]
    pub operation: SyncOperation,
    /// What it was decided on.
    pub facts: Facts,
}

/// The answer to an entry of the inventory, paired with a row or with none.
pub fn answer(save: &ClientSaveState, head: Option<&HeadRow>, decision: &SyncDecision) -> Line {
    // What is paired goes by the server's names, except for an upload: clients look for the file to
    // send by the name that they showed.
    let named = head.filter(|_| decision.action != Action::Upload);
    // RomM tells nothing of a row that is untracked.
    let told = head.filter(|_| decision.reason != Reason::Untracked);
    Line {
        operation: SyncOperation {
            action: decision.action,
            rom_id: save.rom_id,
            save_id: head.map(|head| head.save),
            file_name: match named {
                Some(head) => head.file_name.clone(),
                None => save.file_name.clone(),
            },
            slot: save.slot.clone(),
            emulator: match head {
                Some(head) => head.emulator.clone(),
                None => save.emulator.clone(),
            },
            reason: decision.reason.to_string(),
            server_updated_at: told.map(|head| head.updated_at),
            server_content_hash: told.and_then(|head| head.version.content.hash),
        },
        facts: decision.facts,
    }
}

/// What is offered of a timeline that the inventory does not name.
pub fn offer(position: &Position, head: &HeadRow, decision: &SyncDecision) -> Line {
    Line {
        operation: SyncOperation {
            action: decision.action,
            rom_id: position.rom,
            save_id: Some(head.save),
            file_name: head.file_name.clone(),
            slot: position.slot.clone(),
            emulator: head.emulator.clone(),
            reason: decision.reason.to_string(),
            server_updated_at: Some(head.updated_at),
            server_content_hash: head.version.content.hash,
        },
        facts: decision.facts,
    }
}

/// The lines that say to do something.
pub fn to_do(lines: &[Line]) -> impl Iterator<Item = &Line> {
    let is_to_do = |line: &&Line| line.operation.action != Action::NoOp;
    lines.iter().filter(is_to_do)
}

/// The plan as it is told.
pub fn response(session_id: SessionId, lines: Vec<Line>) -> SyncNegotiateResponse {
    let total = |action| {
        let lines = lines.iter();
        lines.filter(|line| line.operation.action == action).count()
    };
    SyncNegotiateResponse {
        session_id,
        total_upload: total(Action::Upload),
        total_download: total(Action::Download),
        total_conflict: total(Action::Conflict),
        total_no_op: total(Action::NoOp),
        operations: lines.into_iter().map(|line| line.operation).collect(),
    }
}

/// The plan as it is kept: what there is to do, up to a limit.
pub fn stored(lines: &[Line]) -> String {
    let kept: Vec<&Line> = to_do(lines).take(limits::PLAN_OPERATIONS).collect();
    serde_json::to_string(&kept).unwrap_or_else(|_| "[]".to_owned())
}

/// The lines of a plan that was kept.
pub fn read(stored: &str) -> Vec<Line> {
    serde_json::from_str(stored).unwrap_or_default()
}
