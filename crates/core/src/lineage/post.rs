//! Uploads into a slot: what a POST does to its timeline.

use serde::Serialize;

use super::graph::Standing;
use super::{Decision, History, Holding, Reason, Relation, Sought, Version};
use crate::content::Content;
use crate::ids::{SaveId, VersionId};

/// What a POST brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The content.
    pub content: Content,
    /// Whether it is blank: empty, all `0x00` or all `0xFF`.
    pub blank: bool,
    /// Whether a person chose it over whatever the slot holds.
    pub overwrite: bool,
}

/// What a POST does, and why.
pub type PostDecision = Decision<PostAction>;

/// What a POST does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum PostAction {
    /// The head's row is returned and nothing is stored; the device proves the head.
    HeadHolds {
        /// The head's row.
        row: SaveId,
        /// The head.
        version: VersionId,
    },
    /// A new version on a new row becomes the head; the device proves it.
    NewRow {
        /// What it grew from.
        parents: Vec<VersionId>,
    },
    /// A new version on this row becomes the head, `updated_at` now; the device proves it.
    OnRow {
        /// The row.
        row: SaveId,
        /// What it grew from.
        parents: Vec<VersionId>,
    },
    /// This row is returned and nothing moves, not even the baseline.
    LateRetry {
        /// The row that shows the content.
        row: SaveId,
        /// What that row shows.
        version: VersionId,
    },
    /// 409. Nothing moves; the bytes are kept.
    Refuse(Keep),
}

/// How the bytes of a refused upload are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "keep", rename_all = "snake_case")]
pub enum Keep {
    /// As a branch, named after the device, which no row shows.
    AsBranch {
        /// What it grew from.
        parents: Vec<VersionId>,
    },
    /// They are in the timeline already: refused before, or some version's.
    Already {
        /// The version that has them.
        version: VersionId,
    },
}

/// Decides a POST into a slot. `device` is what is known of the device that was named, if one was.
pub fn decide_post<H: History>(
    history: &H,
    device: Option<&Holding>,
    upload: &Upload,
) -> Result<PostDecision, H::Error> {
    let at = Standing::of(history, device)?;
    let (relation, known) = relate(history, &at, &upload.content)?;
    let (action, reason) = match &at.head {
        None => {
            let parents = at.baseline_id().into_iter().collect();
            (PostAction::NewRow { parents }, Reason::FirstInSlot)
        }
        Some(head) => post_over(history, &at, head, device.is_some(), upload, &known)?,
    };
    Ok(at.decide(action, reason, Some(relation)))
}

/// A POST into a slot that has a head.
fn post_over<H: History>(
    history: &H,
    at: &Standing,
    head: &Version,
    names_device: bool,
    upload: &Upload,
    known: &[Version],
) -> Result<(PostAction, Reason), H::Error> {
    if let Some(holds) = head_holds(head, &upload.content) {
        return Ok((holds, Reason::HeadHasContent));
    }
    if upload.overwrite {
        let parents = distinct([at.baseline_id(), Some(head.id)]);
        return Ok((PostAction::NewRow { parents }, Reason::Overwrites));
    }
    let is_stale = names_device && !at.has_head;
    if is_stale && let Some(retry) = late_retry(history, at, head, &upload.content, known)? {
        return Ok((retry, Reason::LateRetry));
    }
    let is_blank = upload.blank && !head.blank;
    if is_stale || is_blank {
        let grew_from = if names_device {
            at.baseline_id()
        } else {
            Some(head.id)
        };
        let reason = if is_stale {
            Reason::Stale
        } else {
            Reason::Blank
        };
        return Ok((PostAction::Refuse(keep(known, grew_from)), reason));
    }
    let parents = following(history, head, at.baseline.as_ref())?;
    Ok(match shown(known) {
        Some((_, row)) => (PostAction::OnRow { row, parents }, Reason::Reverts),
        None if names_device => (PostAction::NewRow { parents }, Reason::FollowsHead),
        None => (PostAction::NewRow { parents }, Reason::NoDevice),
    })
}

/// Decides what happens when a person makes `version` the head again, whatever it is: an older
/// save, a deleted one, or a branch, which is thereby adopted.
pub fn decide_restore<H: History>(
    history: &H,
    version: &Version,
) -> Result<PostDecision, H::Error> {
    let at = Standing::of(history, None)?;
    let (relation, known) = relate(history, &at, &version.content)?;
    let (action, reason) = match &at.head {
        None => {
            let parents = vec![version.id];
            (PostAction::NewRow { parents }, Reason::Restored)
        }
        Some(head) => match (head_holds(head, &version.content), shown(&known)) {
            (Some(holds), _) => (holds, Reason::HeadHasContent),
            (None, on_row) => {
                let parents = following(history, head, Some(version))?;
                let action = match on_row {
                    Some((_, row)) => PostAction::OnRow { row, parents },
                    None => PostAction::NewRow { parents },
                };
                (action, Reason::Restored)
            }
        },
    };
    Ok(at.decide(action, reason, Some(relation)))
}

/// The answer when the head has the content already, whoever sends it and however.
pub(super) fn head_holds(head: &Version, content: &Content) -> Option<PostAction> {
    let row = head.shown_by?;
    head.content.same(content).then_some(PostAction::HeadHolds {
        row,
        version: head.id,
    })
}

/// A device that lost the answer to its upload sends it again, after another device took that
/// version and went on: nothing of it is unsynced.
fn late_retry<H: History>(
    history: &H,
    at: &Standing,
    head: &Version,
    content: &Content,
    known: &[Version],
) -> Result<Option<PostAction>, H::Error> {
    let Some(baseline) = at.baseline.as_ref().filter(|one| one.content.same(content)) else {
        return Ok(None);
    };
    let Some((version, row)) = baseline
        .shown_by
        .map(|row| (baseline, row))
        .or_else(|| shown(known))
    else {
        return Ok(None);
    };
    Ok(history
        .grew_from(head, baseline)?
        .then_some(PostAction::LateRetry {
            row,
            version: version.id,
        }))
}

/// The newest version that a row shows, and the row.
fn shown(known: &[Version]) -> Option<(&Version, SaveId)> {
    known
        .iter()
        .find_map(|version| Some((version, version.shown_by?)))
}

/// Keeps a refused content once. One that only deleted versions have is kept again: nobody would
/// look for it there. So is one whose bytes retention gave up: only as a branch is it safe from that.
pub(super) fn keep(known: &[Version], grew_from: Option<VersionId>) -> Keep {
    match known.iter().find(|one| !one.deleted && !one.purged) {
        Some(version) => Keep::Already {
            version: version.id,
        },
        None => Keep::AsBranch {
            parents: grew_from.into_iter().collect(),
        },
    }
}

/// The parents of a version that follows the head: the head, and what the content came from unless
/// the head grew from that.
pub(super) fn following<H: History>(
    history: &H,
    head: &Version,
    from: Option<&Version>,
) -> Result<Vec<VersionId>, H::Error> {
    let mut parents = vec![head.id];
    if let Some(from) = from
        && from.id != head.id
        && !history.grew_from(head, from)?
    {
        parents.push(from.id);
    }
    Ok(parents)
}

/// The ids that are there, each once, in order.
pub(super) fn distinct<const N: usize>(ids: [Option<VersionId>; N]) -> Vec<VersionId> {
    let mut distinct = Vec::with_capacity(N);
    for id in ids.into_iter().flatten() {
        if !distinct.contains(&id) {
            distinct.push(id);
        }
    }
    distinct
}

/// How a content that is at hand stands to the timeline, and the versions that have it. The head's
/// needs no question.
pub(super) fn relate<H: History>(
    history: &H,
    at: &Standing,
    content: &Content,
) -> Result<(Relation, Vec<Version>), H::Error> {
    if let Some(head) = at.head.as_ref().filter(|head| head.content.same(content)) {
        return Ok((Relation::Head, vec![head.clone()]));
    }
    let known = history.with_content(Sought::from(content))?;
    let is_baselines = at
        .baseline
        .as_ref()
        .is_some_and(|baseline| baseline.content.same(content));
    let relation = if is_baselines {
        Relation::Baseline
    } else if known.iter().any(|version| !version.refused) {
        Relation::Known
    } else {
        Relation::Unknown
    };
    Ok((relation, known))
}
