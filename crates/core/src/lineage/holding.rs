//! What the server knows of one device on one timeline, and how that knowledge moves.

use super::{History, Sought, Version, is_gone};
use crate::content::ContentHash;
use crate::ids::VersionId;

/// What the server knows of one device on one timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Holding {
    /// The version that the device last held.
    pub baseline: Option<VersionId>,
    /// The newest versions that the device surely held: it has these and all that they grew from.
    pub proven: Vec<VersionId>,
    /// Bytes sent for an optimistic download: counted as held until an inventory says otherwise.
    pub claim: Option<Claim>,
    /// A claim that was taken back: its version counts again only when proven.
    pub distrusted: Option<VersionId>,
    /// Whether the device opted out of this timeline.
    pub untracked: bool,
}

/// A download whose bytes were all sent, and of which nothing more is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// What was sent.
    pub version: VersionId,
    /// The baseline to go back to.
    pub before: Option<VersionId>,
}

impl Holding {
    /// The versions that the device has, along with all that these grew from.
    pub(super) fn held(&self) -> impl Iterator<Item = VersionId> + '_ {
        self.proven
            .iter()
            .copied()
            .chain(self.claim.map(|claim| claim.version))
    }

    /// Without its claim: the baseline is the one before, and the bytes count again only when
    /// proven.
    fn without_claim(&self) -> Self {
        let mut next = self.clone();
        if let Some(claim) = next.claim.take() {
            next.baseline = claim.before;
            next.distrusted = Some(claim.version);
        }
        next
    }
}

/// The device surely holds `version` now: it uploaded it, confirmed its download, or showed it by
/// hash. That becomes its baseline.
pub fn prove<H: History>(
    history: &H,
    holding: &Holding,
    version: VersionId,
) -> Result<Holding, H::Error> {
    let mut next = holding.clone();
    if !holding.proven.contains(&version) {
        next.proven = frontier(history, holding, version)?;
    }
    next.baseline = Some(version);
    next.claim = None;
    if next.distrusted == Some(version) {
        next.distrusted = None;
    }
    Ok(next)
}

/// The proven versions once `version` is one of them, less those that another one covers. Only what
/// happened since the proven baseline is looked through, so that a version that nothing grows from
/// any more costs nothing for ever after.
fn frontier<H: History>(
    history: &H,
    holding: &Holding,
    version: VersionId,
) -> Result<Vec<VersionId>, H::Error> {
    let version = history.version(version)?;
    let baseline = holding.claim.map_or(holding.baseline, |claim| claim.before);
    let since = match baseline {
        Some(id) => history.version(id)?.ordinal,
        None => 0,
    };
    let mut kept = Vec::with_capacity(holding.proven.len() + 1);
    for &id in &holding.proven {
        let proven = history.version(id)?;
        if history.grew_from(&proven, &version)? {
            return Ok(holding.proven.clone());
        }
        if proven.ordinal < since || !history.grew_from(&version, &proven)? {
            kept.push(id);
        }
    }
    kept.push(version.id);
    Ok(kept)
}

/// The last byte of an optimistic download was sent. That counts as held until an inventory shows
/// otherwise, except for a version whose bytes were sent before and evidently not kept.
#[must_use]
pub fn claim(holding: &Holding, version: VersionId) -> Holding {
    let mut next = holding.clone();
    if holding.distrusted == Some(version) || holding.baseline == Some(version) {
        return next;
    }
    let before = holding.claim.map_or(holding.baseline, |claim| claim.before);
    next.baseline = Some(version);
    next.claim = (before != Some(version)).then_some(Claim { version, before });
    next
}

/// What a device showed, by hash, of one timeline: often one file, sometimes several, and no hash for
/// one that it could not or would not hash; and what the timeline knows of it.
pub(crate) struct Inventory<'a> {
    head: Option<&'a Version>,
    shown: &'a [Option<ContentHash>],
    /// For each content shown, the versions with it, newest first; only the head for the head's.
    versions: Vec<Vec<Version>>,
}

impl<'a> Inventory<'a> {
    /// Looks up what was shown. The head's content needs no question.
    pub fn gather<H: History>(
        history: &H,
        head: Option<&'a Version>,
        shown: &'a [Option<ContentHash>],
    ) -> Result<Self, H::Error> {
        let mut versions = Vec::with_capacity(shown.len());
        for hash in shown {
            let head = head.filter(|head| hash.is_some() && head.content.hash == *hash);
            versions.push(match (hash, head) {
                (None, _) => Vec::new(),
                (Some(_), Some(head)) => vec![head.clone()],
                (Some(hash), None) => accepted(history.with_content(Sought::Hash(*hash))?),
            });
        }
        Ok(Self {
            head,
            shown,
            versions,
        })
    }

    /// Each content shown, with the versions that have it.
    pub fn entries(&self) -> impl Iterator<Item = (Option<ContentHash>, &[Version])> {
        let versions = self.versions.iter().map(Vec::as_slice);
        self.shown.iter().copied().zip(versions)
    }

    /// Whether any content shown is that of `version`.
    pub fn shows(&self, version: &Version) -> bool {
        version.content.hash.is_some() && self.shown.contains(&version.content.hash)
    }

    /// The holding once the device showed this.
    ///
    /// Known content settles a claim: its own proves it, any other takes it back. Content that is not
    /// merely older than the baseline becomes the baseline. Older content does not: the device went
    /// back, and forgetting what it had would hide that. Unknown content says nothing: it is what a
    /// played game looks like.
    pub fn settle<H: History>(&self, history: &H, holding: &Holding) -> Result<Holding, H::Error> {
        let holding = self.settle_claim(history, holding)?;
        if let Some(head) = self.head.filter(|head| self.shows(head)) {
            return prove(history, &holding, head.id);
        }
        let Some(baseline) = holding.baseline else {
            return Ok(holding);
        };
        let baseline = history.version(baseline)?;
        let mut telling = Vec::from_iter(Some(&baseline).filter(|_| self.shows(&baseline)));
        for version in self.known() {
            if !version.content.same(&baseline.content) && !history.grew_from(&baseline, version)? {
                telling.push(version);
            }
        }
        match self.most_telling(history, telling)? {
            Some(version) if version.id != baseline.id => prove(history, &holding, version.id),
            _ => Ok(holding),
        }
    }

    /// The holding of a device that had no baseline, once it was answered.
    pub fn first_baseline<H: History>(
        &self,
        history: &H,
        holding: Holding,
    ) -> Result<Holding, H::Error> {
        if holding.baseline.is_some() {
            return Ok(holding);
        }
        match self.most_telling(history, self.known().collect())? {
            Some(version) => prove(history, &holding, version.id),
            None => Ok(holding),
        }
    }

    fn settle_claim<H: History>(
        &self,
        history: &H,
        holding: &Holding,
    ) -> Result<Holding, H::Error> {
        let Some(claim) = holding.claim.filter(|_| self.known().next().is_some()) else {
            return Ok(holding.clone());
        };
        if self.shows(&history.version(claim.version)?) {
            prove(history, holding, claim.version)
        } else {
            Ok(holding.without_claim())
        }
    }

    /// The newest version that is not gone; the newest of all when every one is.
    fn most_telling<'v, H: History>(
        &self,
        history: &H,
        versions: Vec<&'v Version>,
    ) -> Result<Option<&'v Version>, H::Error> {
        let mut best: Option<(bool, &Version)> = None;
        for version in versions {
            let stands = !is_gone(history, self.head, version)?;
            if best.is_none_or(|(best_stands, best)| {
                (stands, version.ordinal) > (best_stands, best.ordinal)
            }) {
                best = Some((stands, version));
            }
        }
        Ok(best.map(|(_, version)| version))
    }

    fn known(&self) -> impl Iterator<Item = &Version> {
        self.versions.iter().flatten()
    }
}

/// Without the refused ones, which no rule but the keeping of refused uploads knows.
pub(super) fn accepted(mut versions: Vec<Version>) -> Vec<Version> {
    versions.retain(|version| !version.refused);
    versions
}
