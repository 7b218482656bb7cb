//! What is known of a device, and how it moves: over every combination.

use super::super::super::model::sure;
use super::super::super::{Holding, claim, is_current, prove};
use super::{Scene, name};

#[test]
fn a_proof_adds_the_version_and_all_it_grew_from() {
    for scene in Scene::all(3) {
        for holding in scene.holdings(true) {
            for version in scene.versions.iter().filter(|version| !version.refused) {
                let after = sure(prove(&scene.ledger, &holding, version.id));
                assert_eq!(after.baseline, Some(version.id));
                assert_eq!(after.claim, None);
                let before = Holding {
                    claim: None,
                    ..holding.clone()
                };
                for other in &scene.versions {
                    assert_eq!(
                        scene.has(&after, other),
                        scene.has(&before, other) || scene.is_or_grew(version, other),
                        "{version:?} proven by {holding:?} in {}",
                        scene.sketch()
                    );
                }
                assert_eq!(sure(prove(&scene.ledger, &after, version.id)), after);
            }
        }
    }
}

#[test]
fn a_claim_counts_until_it_is_settled_and_keeps_the_way_back() {
    for scene in Scene::all(3) {
        for holding in scene.holdings(true) {
            let solid = holding.claim.map_or(holding.baseline, |claim| claim.before);
            for version in scene.versions.iter().filter(|version| !version.refused) {
                let after = claim(&holding, version.id);
                assert!(scene.has(&after, version));
                assert_eq!(after.baseline, Some(version.id));
                assert_eq!(after.proven, holding.proven);
                assert_eq!(
                    after.claim.map_or(after.baseline, |claim| claim.before),
                    solid
                );
                assert_eq!(claim(&after, version.id), after);

                let distrusting = Holding {
                    distrusted: Some(version.id),
                    ..holding.clone()
                };
                assert_eq!(claim(&distrusting, version.id), distrusting);
            }
        }
    }
}

#[test]
fn a_row_is_current_where_its_content_was_held_last_or_the_head_is_had() {
    for scene in Scene::all(3) {
        for holding in scene.holdings(true) {
            for shown in scene
                .versions
                .iter()
                .filter(|version| version.shown_by.is_some())
            {
                let is_head = scene.head().is_some_and(|head| head.id == shown.id);
                let holds = |one: &_| name(one) == name(shown);
                let expected = if is_head {
                    scene.has_head(&holding)
                } else {
                    scene.get(holding.baseline).is_some_and(holds)
                };
                assert_eq!(sure(is_current(&scene.ledger, &holding, shown)), expected);
            }
        }
    }
}
