//! Every combination of what a decision looks at: each graph of three versions or fewer, each way in
//! which they can be shown, hidden, deleted, purged or refused, each pattern of equal contents, each head,
//! and each holding that a device can have there.
//!
//! The expectations are written against sets of ancestors, not against the walks of the rules.

mod negotiate;
mod post;
mod put;
mod transitions;

use super::super::model::{Ledger, Row, Stored};
use super::super::{Claim, Holding, Version};
use super::story::content;
use crate::content::Content;
use crate::ids::{SaveId, VersionId};
use crate::time::Time;

/// What became of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Shown,
    Hidden,
    Deleted,
    Purged,
    Refused,
}

/// One graph with its rows: versions 1 to n, contents named by small numbers.
#[derive(Clone, Debug)]
struct Scene {
    ledger: Ledger<u8>,
    versions: Vec<Version>,
    head: Option<usize>,
    /// For each version, itself and what it grew from.
    lineage: Vec<Vec<bool>>,
}

const FATES: [Fate; 5] = [
    Fate::Shown,
    Fate::Hidden,
    Fate::Deleted,
    Fate::Purged,
    Fate::Refused,
];
/// A content that no scene has.
const FRESH: u8 = 9;

impl Scene {
    /// Every scene of up to `most` versions.
    fn all(most: usize) -> Vec<Self> {
        let mut scenes = vec![];
        for len in 0..=most {
            let mut partial = vec![vec![]];
            for index in 0..len {
                partial = partial
                    .iter()
                    .flat_map(|versions| Self::with_one_more(versions, index))
                    .collect();
            }
            scenes.extend(
                partial
                    .iter()
                    .flat_map(|versions| Self::with_each_head(versions)),
            );
        }
        scenes
    }

    fn with_one_more(versions: &[(Stored, Fate)], index: usize) -> Vec<Vec<(Stored, Fate)>> {
        let names = versions.iter().map(|(stored, _)| stored.content.blob.0[0]);
        let new_name = names.max().map_or(1, |name| name + 1);
        let mut longer = vec![];
        for fate in FATES {
            for name in 1..=new_name {
                for parents in subsets(index) {
                    let from_refused = |&parent: &usize| versions[parent].1 == Fate::Refused;
                    if parents.iter().any(from_refused) {
                        continue;
                    }
                    let stored = Stored {
                        content: content(name),
                        blank: false,
                        parents: parents.iter().map(|&parent| id(parent)).collect(),
                        row: (fate != Fate::Refused).then(|| SaveId(id(index).0)),
                        deleted: fate == Fate::Deleted,
                        purged: fate == Fate::Purged,
                    };
                    let mut versions = versions.to_vec();
                    versions.push((stored, fate));
                    longer.push(versions);
                }
            }
        }
        longer
    }

    fn with_each_head(versions: &[(Stored, Fate)]) -> Vec<Self> {
        let shown: Vec<usize> = (0..versions.len())
            .filter(|&index| versions[index].1 == Fate::Shown)
            .collect();
        if shown.is_empty() {
            return vec![Self::of(versions, None)];
        }
        let heads = shown.into_iter().map(Some);
        let scenes = heads.map(|head| Self::of(versions, head));
        scenes.filter(Self::can_come_about).collect()
    }

    /// Whatever grew from the head is deleted or was refused, or it would be the head.
    fn can_come_about(&self) -> bool {
        self.head().is_none_or(|head| {
            let lives = |one: &&Version| !one.deleted && !one.refused && one.id != head.id;
            let mut living = self.versions.iter().filter(lives);
            !living.any(|one| self.is_or_grew(one, head))
        })
    }

    fn of(versions: &[(Stored, Fate)], head: Option<usize>) -> Self {
        let mut ledger = Ledger {
            versions: versions.iter().map(|(stored, _)| stored.clone()).collect(),
            last_updated_at: Some(Time::EPOCH.plus_millis(10)),
            ..Ledger::default()
        };
        for (index, (_, fate)) in versions.iter().enumerate() {
            let age = if head == Some(index) { 10 } else { id(index).0 };
            ledger.rows.push(Row {
                shows: id(index),
                hidden: *fate != Fate::Shown,
                updated_at: Time::EPOCH.plus_millis(age),
            });
        }
        let mut lineage: Vec<Vec<bool>> = vec![];
        for (index, (stored, _)) in versions.iter().enumerate() {
            let of_parents = |earlier: usize| {
                let grew = |parent: &VersionId| lineage[place(*parent)][earlier];
                stored.parents.iter().any(grew)
            };
            let own = (0..versions.len())
                .map(|earlier| earlier == index || earlier < index && of_parents(earlier))
                .collect();
            lineage.push(own);
        }
        Self {
            versions: ledger.versions().collect(),
            ledger,
            head,
            lineage,
        }
    }

    /// Every holding that a device can have here. `claims` says whether one with a claim is wanted,
    /// too.
    fn holdings(&self, claims: bool) -> Vec<Holding> {
        let accepted: Vec<usize> = (0..self.versions.len())
            .filter(|&index| !self.versions[index].refused)
            .collect();
        let mut solid = vec![Holding::default()];
        for chosen in subsets(accepted.len()) {
            let proven: Vec<usize> = chosen.iter().map(|&one| accepted[one]).collect();
            for &baseline in &accepted {
                if proven.iter().any(|&one| self.lineage[one][baseline]) {
                    solid.push(Holding {
                        baseline: Some(id(baseline)),
                        proven: proven.iter().map(|&one| id(one)).collect(),
                        ..Holding::default()
                    });
                }
            }
        }
        let mut holdings = solid.clone();
        for before in solid.iter().filter(|_| claims) {
            for version in accepted.iter().map(|&one| id(one)) {
                if before.baseline != Some(version) {
                    holdings.push(Holding {
                        baseline: Some(version),
                        claim: Some(Claim {
                            version,
                            before: before.baseline,
                        }),
                        ..before.clone()
                    });
                }
            }
        }
        holdings
    }

    /// The scene in one line, for the message of a failed case.
    fn sketch(&self) -> String {
        let one = |version: &Version| {
            let parents: Vec<i64> = self
                .ledger
                .parents_of(version.id)
                .iter()
                .map(|id| id.0)
                .collect();
            let shown = version.shown_by.is_some();
            let fate = match (shown, version.deleted, version.refused) {
                (true, ..) => "shown",
                (_, true, _) => "deleted",
                (.., true) => "refused",
                _ if version.purged => "purged",
                _ => "hidden",
            };
            format!(
                "v{} = {} {fate} from {parents:?}",
                version.id,
                name(version)
            )
        };
        let versions: Vec<String> = self.versions.iter().map(one).collect();
        format!(
            "{}; head {:?}",
            versions.join(", "),
            self.head().map(|head| head.id)
        )
    }

    /// Every content that can come in: each one here, and one that is not.
    fn contents(&self) -> Vec<u8> {
        let mut names: Vec<u8> = self.versions.iter().map(name).collect();
        names.sort_unstable();
        names.dedup();
        names.push(FRESH);
        names
    }

    fn head(&self) -> Option<&Version> {
        self.head.map(|head| &self.versions[head])
    }

    /// The version, when there is one.
    fn get(&self, id: Option<VersionId>) -> Option<&Version> {
        id.map(|id| &self.versions[place(id)])
    }

    /// Whether `later` is `earlier` or grew from it.
    fn is_or_grew(&self, later: &Version, earlier: &Version) -> bool {
        self.lineage[place(later.id)][place(earlier.id)]
    }

    /// Whether a device has the version, by lineage.
    fn has(&self, holding: &Holding, version: &Version) -> bool {
        let claimed = holding.claim.map(|claim| claim.version);
        let mut held = holding.proven.iter().copied().chain(claimed);
        held.any(|id| self.is_or_grew(&self.versions[place(id)], version))
    }

    /// Whether a device has the head, by lineage or by content.
    fn has_head(&self, holding: &Holding) -> bool {
        self.head().is_some_and(|head| {
            let baseline = self.get(holding.baseline);
            self.has(holding, head) || baseline.is_some_and(|one| name(one) == name(head))
        })
    }

    /// Whether a version was deleted and the head did not grow from it, or no row is left at all.
    fn is_gone(&self, version: &Version) -> bool {
        self.head()
            .is_none_or(|head| version.deleted && !self.is_or_grew(head, version))
    }

    /// The versions that rules know by this content.
    fn known(&self, name_sought: u8) -> Vec<&Version> {
        let with = |version: &&Version| name(version) == name_sought && !version.refused;
        self.versions.iter().filter(with).collect()
    }

    /// The scene with its head's content marked as blank or not.
    fn with_blank_head(&self, blank: bool) -> Self {
        let mut scene = self.clone();
        if let Some(head) = self.head {
            scene.ledger.versions[head].blank = blank;
            scene.versions[head].blank = blank;
        }
        scene
    }

    /// The ledger with one device in it, 0, that has this holding.
    fn with_device(&self, holding: &Holding) -> Ledger<u8> {
        let mut ledger = self.ledger.clone();
        ledger.devices.entry(0).or_default().holding = holding.clone();
        ledger
    }
}

fn subsets(len: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..1_usize << len).map(move |bits| (0..len).filter(|index| bits >> index & 1 == 1).collect())
}

fn id(index: usize) -> VersionId {
    VersionId(i64::try_from(index).unwrap() + 1)
}

fn place(id: VersionId) -> usize {
    usize::try_from(id.0).unwrap() - 1
}

fn name(version: &Version) -> u8 {
    name_of(&version.content)
}

fn name_of(content: &Content) -> u8 {
    content.blob.0[0]
}
