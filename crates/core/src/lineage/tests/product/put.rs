//! PUT, over every combination.

use super::super::super::model::sure;
use super::super::super::{PutAction, Reason, decide_put};
use super::super::story::content;
use super::{Scene, name};

#[test]
fn every_put_is_answered_by_the_table() {
    let mut cases = 0;
    for scene in Scene::all(3) {
        let Some(head) = scene.head() else { continue };
        let holdings = scene.holdings(true);
        for row in scene.versions.iter().filter_map(|version| version.shown_by) {
            for number in scene.contents() {
                for device in holdings.iter().map(Some).chain([None]) {
                    cases += 1;
                    let decision = sure(decide_put(&scene.ledger, device, row, &content(number)));
                    let is_touch = head.shown_by == Some(row) && name(head) == number;
                    let baseline = device.and_then(|holding| holding.baseline);
                    let follows = device.is_none_or(|holding| scene.has_head(holding));
                    let fits = match &decision.action {
                        PutAction::Touch { version } => is_touch && *version == head.id,
                        PutAction::NewVersion { parents } => {
                            let expected = [baseline, follows.then_some(head.id)];
                            let all_expected =
                                parents.iter().all(|&id| expected.contains(&Some(id)));
                            let mut distinct = parents.clone();
                            distinct.dedup();
                            !is_touch
                                && all_expected
                                && parents.contains(&head.id) == expected.contains(&Some(head.id))
                                && baseline.is_none_or(|baseline| parents.contains(&baseline))
                                && distinct == *parents
                        }
                    };
                    assert!(fits, "{decision:?} in {}", scene.sketch());
                }
            }
        }
    }
    assert_eq!(cases, 293_483, "the enumeration changed");
}

#[test]
fn every_put_is_accepted_and_sent_twice_is_stored_once() {
    for scene in Scene::all(2) {
        for row in scene.versions.iter().filter_map(|version| version.shown_by) {
            for number in scene.contents() {
                for holding in scene.holdings(true) {
                    let mut ledger = scene.with_device(&holding);
                    ledger.put(Some(&0), row, content(number), false).unwrap();
                    let newest = ledger.list().remove(0);
                    assert_eq!((newest.row, name(&newest.version)), (row, number));
                    assert!(ledger.is_current(&0, &newest));
                    let once = ledger.clone();
                    let again = ledger.put(Some(&0), row, content(number), false).unwrap();
                    assert_eq!(again.reason, Reason::HeadHasContent);
                    assert_eq!(ledger.versions, once.versions);
                    assert_eq!(ledger.devices, once.devices);
                }
            }
        }
    }
}
