//! Uploads in place: what a PUT does. RomM accepts every one, so it is accepted here too, because
//! older clients resolve conflicts with it and all of them roll back with it. Nothing it replaces is
//! lost: what it replaces stays a version.

use serde::Serialize;

use super::graph::Standing;
use super::post::{distinct, relate};
use super::{Decision, History, Holding, Reason};
use crate::content::Content;
use crate::ids::{SaveId, VersionId};

/// What a PUT does, and why.
pub type PutDecision = Decision<PutAction>;

/// What a PUT does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum PutAction {
    /// The row shows the head, which has this content: `updated_at` now, and the device proves the
    /// head.
    Touch {
        /// The head.
        version: VersionId,
    },
    /// A new version on the row becomes the head, identical bytes or not; the device proves it.
    NewVersion {
        /// What it grew from.
        parents: Vec<VersionId>,
    },
}

/// Decides a PUT of `content` to the visible row `row`.
///
/// A version that a device makes grew from what the device held; and from the head only when the
/// device has it. A head that it did not have stays as a branch.
pub fn decide_put<H: History>(
    history: &H,
    device: Option<&Holding>,
    row: SaveId,
    content: &Content,
) -> Result<PutDecision, H::Error> {
    let at = Standing::of(history, device)?;
    let (relation, _) = relate(history, &at, content)?;
    let head = at.head.as_ref();
    let touched = head.filter(|head| head.shown_by == Some(row) && head.content.same(content));
    let (action, reason) = if let Some(head) = touched {
        (
            PutAction::Touch { version: head.id },
            Reason::HeadHasContent,
        )
    } else {
        let follows_head = device.is_none() || at.has_head;
        let head = head.filter(|_| follows_head).map(|head| head.id);
        let parents = distinct([at.baseline_id(), head]);
        (PutAction::NewVersion { parents }, Reason::Rewritten)
    };
    Ok(at.decide(action, reason, Some(relation)))
}
