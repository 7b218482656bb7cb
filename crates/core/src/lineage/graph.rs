//! Who grew from whom, and what a device therefore has.

use std::collections::BTreeSet;

use super::{Decision, Facts, History, Holding, Reason, Relation, Version};
use crate::ids::VersionId;

/// Looks for `earlier` among everything that `later` grew from. A parent's ordinal is lower than
/// its child's, so nothing below `earlier` is ever visited.
pub(super) fn walk<H: History + ?Sized>(
    history: &H,
    later: &Version,
    earlier: &Version,
) -> Result<bool, H::Error> {
    if later.ordinal <= earlier.ordinal {
        return Ok(false);
    }
    let mut seen = BTreeSet::new();
    let mut open = history.parents(later.id)?;
    while let Some(id) = open.pop() {
        if id == earlier.id {
            return Ok(true);
        }
        if seen.insert(id) && history.version(id)?.ordinal > earlier.ordinal {
            open.extend(history.parents(id)?);
        }
    }
    Ok(false)
}

/// Whether the device has `version`: it proved it, it was sent its bytes for an optimistic
/// download, or one of these grew from it.
pub fn has<H: History>(
    history: &H,
    holding: &Holding,
    version: &Version,
) -> Result<bool, H::Error> {
    if holding.held().any(|id| id == version.id) {
        return Ok(true);
    }
    for id in holding.held() {
        let held = history.version(id)?;
        if history.grew_from(&held, version)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the device has the head: as a version, or because what it last held is the same content.
/// False where there is no head.
pub fn has_head<H: History>(history: &H, holding: &Holding) -> Result<bool, H::Error> {
    Ok(Standing::of(history, Some(holding))?.has_head)
}

/// Whether a row is current on a device: the head's row when the device has the head (so this never
/// disagrees with a 409), any other when the device last held what it shows.
pub fn is_current<H: History>(
    history: &H,
    holding: &Holding,
    shown: &Version,
) -> Result<bool, H::Error> {
    let standing = Standing::of(history, Some(holding))?;
    let is_head = standing
        .head
        .as_ref()
        .is_some_and(|head| head.id == shown.id);
    Ok(if is_head {
        standing.has_head
    } else {
        standing.baseline_has(shown)
    })
}

/// Whether `version` was deleted for good: the head did not grow from it. Who holds a deleted version
/// that the head grew from is merely behind. Where no row is left a person deleted the last one, and
/// with it what autocleanup had hidden before.
pub(crate) fn is_gone<H: History>(
    history: &H,
    head: Option<&Version>,
    version: &Version,
) -> Result<bool, H::Error> {
    match head {
        Some(head) => Ok(version.deleted && !history.grew_from(head, version)?),
        None => Ok(true),
    }
}

/// Whether a row that is shown again, after its deletion is taken back, becomes the newest: when what
/// it shows grew from the head. Otherwise it stands where it stood.
pub fn returns_as_head<H: History>(history: &H, shown: &Version) -> Result<bool, H::Error> {
    match history.head()? {
        Some(head) => history.grew_from(shown, &head),
        None => Ok(true),
    }
}

/// Where one device stands in a timeline: what every decision begins with.
pub(crate) struct Standing {
    pub head: Option<Version>,
    pub baseline: Option<Version>,
    pub has_head: bool,
}

impl Standing {
    /// Asks for the head, the baseline, and whether the device has the head. A request that names no
    /// device has neither.
    pub fn of<H: History>(history: &H, device: Option<&Holding>) -> Result<Self, H::Error> {
        Self::towards(history, history.head()?, device)
    }

    /// The same, for a head that is known already. A device in sync costs no further question.
    pub fn towards<H: History>(
        history: &H,
        head: Option<Version>,
        device: Option<&Holding>,
    ) -> Result<Self, H::Error> {
        let baseline = match (device.and_then(|holding| holding.baseline), &head) {
            (Some(id), Some(head)) if id == head.id => Some(head.clone()),
            (Some(id), _) => Some(history.version(id)?),
            (None, _) => None,
        };
        let mut standing = Self {
            head,
            baseline,
            has_head: false,
        };
        if let (Some(head), Some(holding)) = (&standing.head, device) {
            standing.has_head = standing.baseline_has(head) || has(history, holding, head)?;
        }
        Ok(standing)
    }

    /// Whether the baseline's content is that of `version`.
    pub fn baseline_has(&self, version: &Version) -> bool {
        self.baseline
            .as_ref()
            .is_some_and(|baseline| baseline.content.same(&version.content))
    }
    /// The baseline's id.
    pub fn baseline_id(&self) -> Option<VersionId> {
        self.baseline.as_ref().map(|baseline| baseline.id)
    }

    /// A decision that was made on these facts.
    pub fn decide<A>(&self, action: A, reason: Reason, content: Option<Relation>) -> Decision<A> {
        let facts = Facts {
            head: self.head.as_ref().map(|head| head.id),
            baseline: self.baseline_id(),
            has_head: self.has_head,
            content,
        };
        Decision {
            action,
            reason,
            facts,
        }
    }
}
