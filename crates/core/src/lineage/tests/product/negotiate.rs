//! Negotiate, over every combination.

use std::fmt;

use super::super::super::model::sure;
use super::super::super::{Holding, Reason, Version};
use super::super::story::content;
use super::{FRESH, Scene, name};
use crate::ids::VersionId;
use crate::negotiate::{Action, Negotiated, negotiate, negotiate_archive, offer};

/// A device that shows its files in one scene; none for a file without a hash.
struct Case<'a> {
    scene: &'a Scene,
    holding: &'a Holding,
    shown: &'a [Option<u8>],
}

impl Case<'_> {
    fn negotiate(&self, holding: &Holding) -> Negotiated {
        let hashes: Vec<_> = self
            .shown
            .iter()
            .map(|number| number.and_then(|number| content(number).hash))
            .collect();
        sure(negotiate(&self.scene.ledger, holding, &hashes))
    }

    fn shows(&self, version: &Version) -> bool {
        self.shown.contains(&Some(name(version)))
    }

    fn known(&self) -> impl Iterator<Item = &Version> {
        let versions = self.scene.versions.iter();
        versions.filter(|version| !version.refused && self.shows(version))
    }

    /// The baseline and the distrust once a claim is settled: proven by its own content, taken back
    /// by any other that is known.
    fn settled(&self) -> (Option<VersionId>, Option<VersionId>) {
        match self.holding.claim {
            Some(claim) if self.shows(self.scene.get(Some(claim.version)).unwrap()) => {
                let distrusted = self.holding.distrusted;
                (
                    Some(claim.version),
                    distrusted.filter(|&id| id != claim.version),
                )
            }
            Some(claim) if self.known().next().is_some() => (claim.before, Some(claim.version)),
            _ => (self.holding.baseline, self.holding.distrusted),
        }
    }

    /// What is known of the device when it is answered.
    fn expected_holding(&self) -> Holding {
        let (settled, distrusted) = self.settled();
        let claim_stays = self.known().next().is_none();
        let newer = |version: &&Version| {
            self.scene.get(settled).is_some_and(|baseline| {
                version.id == baseline.id
                    || name(baseline) != name(version) && !self.scene.is_or_grew(baseline, version)
            })
        };
        let head = self.scene.head().filter(|head| self.shows(head));
        let telling = self
            .known()
            .filter(newer)
            .max_by_key(|version| (!self.scene.is_gone(version), version.ordinal));
        let baseline = head.or(telling).map_or(settled, |version| Some(version.id));
        let proven_claim = self
            .holding
            .claim
            .filter(|claim| settled == Some(claim.version));
        let mut proven = self.holding.proven.clone();
        proven.extend(
            proven_claim
                .filter(|_| !claim_stays)
                .map(|claim| claim.version),
        );
        proven.extend(head.or(telling).map(|version| version.id));
        Holding {
            baseline,
            proven,
            claim: self.holding.claim.filter(|_| claim_stays),
            distrusted: distrusted.filter(|&id| baseline != Some(id) || claim_stays),
            untracked: false,
        }
    }

    /// The table, line by line, for the entry at `index`.
    fn expected(&self, index: usize, holding: &Holding) -> Action {
        let (scene, number) = (self.scene, self.shown[index]);
        let head = scene.head();
        let baseline = scene.get(holding.baseline);
        let known = number.map_or_else(Vec::new, |number| scene.known(number));
        let is_baselines = baseline.is_some_and(|one| number == Some(name(one)));
        let older = |version: &&Version| {
            baseline.is_some_and(|one| one.id != version.id && scene.is_or_grew(one, version))
        };
        let gone = |version: &&Version| scene.is_gone(version);
        let went_back = !is_baselines && !known.is_empty() && known.iter().all(older);
        let other_file_ahead =
            !is_baselines && !known.is_empty() && baseline.is_some_and(|one| self.shows(one));
        if head.is_some_and(|head| number == Some(name(head)))
            || is_baselines && baseline.as_ref().is_some_and(gone)
            || !known.is_empty() && known.iter().all(gone)
        {
            Action::NoOp
        } else if head.is_none() {
            Action::Upload
        } else if other_file_ahead {
            Action::Download
        } else if scene.has_head(holding) {
            Action::Upload
        } else if went_back || known.is_empty() {
            Action::Conflict
        } else {
            Action::Download
        }
    }

    fn check(&self) {
        let answer = self.negotiate(self.holding);
        let expected_holding = self.expected_holding();
        for (index, decision) in answer.decisions.iter().enumerate() {
            assert_eq!(
                decision.action,
                self.expected(index, &expected_holding),
                "entry {index}: {decision:?} for {self}"
            );
            let known =
                self.shown[index].is_some_and(|number| !self.scene.known(number).is_empty());
            assert!(
                known || matches!(decision.action, Action::Upload | Action::Conflict),
                "an unsynced edit was told {decision:?}"
            );
            assert_eq!(
                decision.facts.has_head,
                self.scene.has_head(&expected_holding)
            );
            assert_eq!(decision.facts.baseline, expected_holding.baseline);
        }
        self.check_holding(&answer.holding, &expected_holding);
        self.check_repeated(&answer);
    }

    /// Asked again, the same is answered and nothing more is learnt. What one of several files proved
    /// may be good for another, so those may take one answer more.
    fn check_repeated(&self, answer: &Negotiated) {
        let again = self.negotiate(&answer.holding);
        let (once, twice) = match self.shown.len() {
            1 => (answer, &again),
            _ => (&again, &self.negotiate(&again.holding)),
        };
        let actions = |answer: &Negotiated| -> Vec<Action> {
            answer.decisions.iter().map(|one| one.action).collect()
        };
        assert_eq!(actions(twice), actions(once), "asked twice, {self}");
        assert_eq!(twice.holding, once.holding, "asked twice, {self}");
    }

    /// What is known afterwards has the same meaning as what is expected, and a first baseline.
    fn check_holding(&self, after: &Holding, expected: &Holding) {
        let telling = self
            .known()
            .max_by_key(|version| (!self.scene.is_gone(version), version.ordinal))
            .map(|version| version.id);
        let mut expected = expected.clone();
        if expected.baseline.is_none() {
            expected.baseline = telling;
            expected.proven.extend(telling);
            expected.distrusted = expected.distrusted.filter(|&id| Some(id) != telling);
        }
        assert_eq!(after.baseline, expected.baseline);
        assert_eq!(after.claim, expected.claim);
        assert_eq!(after.distrusted, expected.distrusted);
        for version in &self.scene.versions {
            assert_eq!(
                self.scene.has(after, version),
                self.scene.has(&expected, version)
            );
        }
    }
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scene = self.scene.sketch();
        write!(f, "{:?} by {:?} in {scene}", self.shown, self.holding)
    }
}

/// Calls `judge` for every inventory of `files` files in every scene of up to `most` versions, by every
/// device there; of those with a claim only if `claims`.
fn each_inventory(most: usize, files: usize, claims: bool, judge: impl Fn(&Case<'_>)) -> usize {
    let mut cases = 0;
    for scene in Scene::all(most) {
        let numbers: Vec<Option<u8>> = scene
            .contents()
            .into_iter()
            .map(Some)
            .chain([None])
            .collect();
        let mut inventories = vec![vec![]];
        for _ in 0..files {
            inventories = inventories
                .iter()
                .flat_map(|shown: &Vec<Option<u8>>| {
                    numbers
                        .iter()
                        .map(|&number| [&shown[..], &[number]].concat())
                })
                .collect();
        }
        for holding in scene.holdings(claims) {
            for shown in &inventories {
                cases += 1;
                judge(&Case {
                    scene: &scene,
                    holding: &holding,
                    shown,
                });
            }
        }
    }
    cases
}

#[test]
fn every_inventory_of_one_file_is_answered_by_the_table() {
    let cases = each_inventory(3, 1, true, |case| case.check());
    assert_eq!(cases, 507_563, "the enumeration changed");
}

#[test]
fn every_inventory_of_two_files_is_answered_by_the_table() {
    let cases = each_inventory(3, 2, false, |case| case.check());
    assert_eq!(cases, 710_545, "the enumeration changed");
    let cases = each_inventory(2, 2, true, |case| case.check());
    assert_eq!(cases, 10_271, "the enumeration changed");
}

#[test]
fn a_distrusted_version_changes_no_answer() {
    each_inventory(2, 1, true, |case| {
        for version in case.scene.versions.iter().filter(|one| !one.refused) {
            // What is distrusted is neither held last nor claimed: either would have ended it.
            if case.holding.baseline != Some(version.id) {
                let distrusting = Holding {
                    distrusted: Some(version.id),
                    ..case.holding.clone()
                };
                let case = Case {
                    holding: &distrusting,
                    ..*case
                };
                case.check();
            }
        }
    });
}

#[test]
fn an_untracked_device_is_left_alone() {
    each_inventory(2, 1, true, |case| {
        let untracked = Holding {
            untracked: true,
            ..case.holding.clone()
        };
        let answer = case.negotiate(&untracked);
        assert_eq!(answer.holding, untracked);
        assert_eq!(answer.decisions[0].action, Action::NoOp);
        assert_eq!(answer.decisions[0].reason, Reason::Untracked);
    });
}

#[test]
fn every_timeline_that_was_not_named_is_offered_to_who_lacks_its_head() {
    for scene in Scene::all(3) {
        for holding in scene.holdings(true) {
            for (is_companion, untracked) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                let holding = Holding {
                    untracked,
                    ..holding.clone()
                };
                let decision = sure(offer(&scene.ledger, &holding, is_companion));
                assert_eq!(decision.is_some(), scene.head().is_some());
                let offered = decision.is_some_and(|one| one.action == Action::Download);
                let wanted = !is_companion || holding.baseline.is_some();
                let expected =
                    scene.head().is_some() && !untracked && wanted && !scene.has_head(&holding);
                assert_eq!(offered, expected);
            }
        }
    }
}

#[test]
fn every_entry_without_a_slot_goes_up_unless_the_archive_has_it() {
    for scene in Scene::all(1) {
        for number in [Some(1), Some(FRESH), None] {
            let hash = number.and_then(|number| content(number).hash);
            let decision = negotiate_archive(scene.head(), hash);
            let holds = scene.head().is_some_and(|head| Some(name(head)) == number);
            let expected = if holds { Action::NoOp } else { Action::Upload };
            assert_eq!(decision.action, expected);
        }
    }
}
