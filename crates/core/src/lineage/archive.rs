//! The archive: RomM's slotless uploads. Each name is a row of its own, written in place; its
//! contents are a timeline of that row alone, so each replaced content stays a version.

use super::graph::Standing;
use super::post::{head_holds, keep, relate};
use super::{History, Holding, PostAction, PostDecision, Reason, Upload};

/// Decides a POST without a slot. The history is that of the archive row of that name, and has no
/// head when there is none.
///
/// RomM's rule: only a device that holds an older version of the row is refused, one that never
/// synced it is not.
pub fn decide_archive_post<H: History>(
    history: &H,
    device: Option<&Holding>,
    upload: &Upload,
) -> Result<PostDecision, H::Error> {
    let at = Standing::of(history, device)?;
    let (relation, known) = relate(history, &at, &upload.content)?;
    let shown = at
        .head
        .as_ref()
        .and_then(|head| Some((head, head.shown_by?)));
    let is_stale = at.baseline.is_some() && !at.has_head && !upload.overwrite;
    let (action, reason) = match shown {
        None => {
            let parents = at.baseline_id().into_iter().collect();
            (PostAction::NewRow { parents }, Reason::FirstInSlot)
        }
        Some((head, row)) => match head_holds(head, &upload.content) {
            Some(holds) => (holds, Reason::HeadHasContent),
            None if is_stale => {
                let keep = keep(&known, at.baseline_id());
                (PostAction::Refuse(keep), Reason::StaleArchive)
            }
            None => {
                let parents = vec![head.id];
                (PostAction::OnRow { row, parents }, Reason::ArchiveUpdated)
            }
        },
    };
    Ok(at.decide(action, reason, Some(relation)))
}
