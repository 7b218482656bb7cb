//! POST, over every combination.

use super::super::super::model::sure;
use super::super::super::{
    History, Holding, Keep, PostAction, PostDecision, Upload, Version, decide_archive_post,
    decide_post, is_current,
};
use super::super::story::{content, upload};
use super::{FRESH, Scene, name};
use crate::ids::VersionId;

/// One POST in one scene.
struct Case<'a> {
    scene: &'a Scene,
    device: Option<&'a Holding>,
    upload: Upload,
    number: u8,
}

impl Case<'_> {
    fn decide(&self) -> PostDecision {
        sure(decide_post(&self.scene.ledger, self.device, &self.upload))
    }

    fn baseline(&self) -> Option<&Version> {
        self.device
            .and_then(|holding| self.scene.get(holding.baseline))
    }

    /// Whether nothing is lost when this follows the head: the device has it, or is none.
    fn is_up_to_date(&self) -> bool {
        self.device
            .is_none_or(|holding| self.scene.has_head(holding))
    }

    fn is_late_retry(&self, head: &Version) -> bool {
        let grown_past =
            |one: &Version| name(one) == self.number && self.scene.is_or_grew(head, one);
        let shown = |one: &&Version| one.shown_by.is_some();
        !self.is_up_to_date()
            && self.baseline().is_some_and(grown_past)
            && self.scene.known(self.number).iter().any(shown)
    }

    /// The table, line by line.
    fn check(&self) {
        let decision = self.decide();
        let action = &decision.action;
        let Some(head) = self.scene.head() else {
            assert!(matches!(action, PostAction::NewRow { .. }), "{decision:?}");
            return self.check_parents(action);
        };
        let is_blank = self.upload.blank && !head.blank;
        let fits = match action {
            PostAction::HeadHolds { row, version } => {
                *version == head.id && Some(*row) == head.shown_by && self.number == name(head)
            }
            _ if self.number == name(head) => false,
            PostAction::NewRow { .. } if self.upload.overwrite => true,
            _ if self.upload.overwrite => false,
            PostAction::LateRetry { row, version } => {
                let shown = &self.scene.versions[super::place(*version)];
                self.is_late_retry(head)
                    && shown.shown_by == Some(*row)
                    && name(shown) == self.number
            }
            _ if self.is_late_retry(head) => false,
            PostAction::Refuse(keep) => (is_blank || !self.is_up_to_date()) && self.is_kept(keep),
            _ if is_blank || !self.is_up_to_date() => false,
            PostAction::OnRow { row, .. } => {
                let known = self.scene.known(self.number);
                known.iter().any(|version| version.shown_by == Some(*row))
            }
            PostAction::NewRow { .. } => {
                let known = self.scene.known(self.number);
                known.iter().all(|version| version.shown_by.is_none())
            }
        };
        assert!(
            fits,
            "{decision:?} for {:?} in {}",
            self.upload,
            self.scene.sketch()
        );
        self.check_parents(action);
    }

    /// A refused content is stored unless some version that is not deleted has its bytes.
    fn is_kept(&self, keep: &Keep) -> bool {
        let has_it =
            |version: &Version| name(version) == self.number && !version.deleted && !version.purged;
        match keep {
            Keep::Already { version } => has_it(&self.scene.versions[super::place(*version)]),
            Keep::AsBranch { .. } => !self.scene.versions.iter().any(has_it),
        }
    }

    /// A new version grew from the head and from what the device held, and from nothing refused.
    fn check_parents(&self, action: &PostAction) {
        let (PostAction::NewRow { parents } | PostAction::OnRow { parents, .. }) = action else {
            return;
        };
        let grew_from = |earlier: &Version| {
            parents.iter().any(|&parent| {
                let parent = self.scene.get(Some(parent)).unwrap();
                self.scene.is_or_grew(parent, earlier)
            })
        };
        assert!(self.scene.head().is_none_or(grew_from));
        assert!(self.baseline().is_none_or(grew_from));
        let refused = |&parent: &VersionId| self.scene.get(Some(parent)).unwrap().refused;
        assert!(!parents.iter().any(refused));
        let distinct: std::collections::BTreeSet<_> = parents.iter().collect();
        assert_eq!(distinct.len(), parents.len());
    }

    /// Sent twice, it is stored once, and the second answer is the first's.
    fn check_repeated(&self) {
        let device = self.device.map(|_| &0);
        let mut ledger = match self.device {
            Some(holding) => self.scene.with_device(holding),
            None => self.scene.ledger.clone(),
        };
        let first = ledger.post(device, &self.upload);
        let once = ledger.clone();
        let second = ledger.post(device, &self.upload);
        assert_eq!(ledger.versions, once.versions, "stored twice: {first:?}");
        assert_eq!(ledger.devices, once.devices);
        assert_eq!(ledger.list(), once.list());
        match first.action {
            PostAction::Refuse(_) => {
                assert!(matches!(
                    second.action,
                    PostAction::Refuse(Keep::Already { .. })
                ));
            }
            PostAction::LateRetry { .. } => assert_eq!(second, first),
            PostAction::HeadHolds { .. } | PostAction::NewRow { .. } | PostAction::OnRow { .. } => {
                assert!(matches!(second.action, PostAction::HeadHolds { .. }));
                assert_eq!(name(&once.list()[0].version), self.number);
            }
        }
    }
}

/// Calls `judge` with every POST in every scene of up to `most` versions.
fn each_post(most: usize, judge: impl Fn(&Case<'_>)) -> usize {
    let mut cases = 0;
    for scene in Scene::all(most) {
        let holdings = scene.holdings(true);
        let devices: Vec<_> = holdings.iter().map(Some).chain([None]).collect();
        for head_blank in [false, true] {
            let scene = scene.with_blank_head(head_blank);
            for number in scene.contents() {
                for (overwrite, blank) in
                    [(false, false), (false, true), (true, false), (true, true)]
                {
                    for &device in &devices {
                        let upload = Upload {
                            content: content(number),
                            blank,
                            overwrite,
                        };
                        cases += 1;
                        judge(&Case {
                            scene: &scene,
                            device,
                            upload,
                            number,
                        });
                    }
                }
            }
        }
    }
    cases
}

#[test]
fn every_post_is_answered_by_the_table() {
    let cases = each_post(3, |case| case.check());
    assert_eq!(cases, 3_132_424, "the enumeration changed");
}

#[test]
fn every_post_sent_twice_is_stored_once() {
    let cases = each_post(2, |case| case.check_repeated());
    assert_eq!(cases, 18_304, "the enumeration changed");
}

#[test]
fn is_current_on_the_head_s_row_says_what_a_post_of_new_content_would_do() {
    for scene in Scene::all(3) {
        for holding in scene.holdings(true) {
            let fresh = Case {
                scene: &scene,
                device: Some(&holding),
                upload: upload(FRESH),
                number: FRESH,
            };
            let accepted = matches!(fresh.decide().action, PostAction::NewRow { .. });
            let current = scene
                .head()
                .is_none_or(|head| sure(is_current(&scene.ledger, &holding, head)));
            assert_eq!(accepted, current, "{holding:?} in {}", scene.sketch());
        }
    }
}

#[test]
fn every_version_can_be_restored() {
    for scene in Scene::all(3) {
        for version in &scene.versions {
            let mut ledger = scene.ledger.clone();
            ledger.restore(version.id).unwrap();
            let newest = ledger.list().remove(0);
            assert_eq!(newest.version.content, version.content);
            let restored = ledger.versions().last().unwrap();
            if restored.id == newest.version.id && !scene.versions.contains(&restored) {
                let grew_from = |earlier: &Version| {
                    earlier.id == restored.id || sure(ledger.grew_from(&restored, earlier))
                };
                assert!(grew_from(version));
                assert!(scene.head().is_none_or(grew_from));
            }
            let once = ledger.versions.len();
            ledger.restore(version.id);
            assert_eq!(ledger.versions.len(), once, "restored twice");
        }
    }
}

/// RomM's rule for slotless uploads: the one who held an older version is refused, all others write.
#[test]
fn every_post_to_the_archive_is_answered_by_its_rule() {
    each_post(3, |case| {
        let decision = sure(decide_archive_post(
            &case.scene.ledger,
            case.device,
            &case.upload,
        ));
        let head = case.scene.head();
        let holds = head.is_some_and(|head| name(head) == case.number);
        let stale = case.baseline().is_some() && !case.is_up_to_date() && !case.upload.overwrite;
        let fits = match &decision.action {
            PostAction::NewRow { .. } => head.is_none(),
            PostAction::HeadHolds { version, .. } => {
                holds && head.is_some_and(|head| head.id == *version)
            }
            PostAction::Refuse(keep) => head.is_some() && !holds && stale && case.is_kept(keep),
            PostAction::OnRow { row, parents } => {
                let head = head.unwrap();
                !holds && !stale && head.shown_by == Some(*row) && parents[..] == [head.id]
            }
            PostAction::LateRetry { .. } => false,
        };
        assert!(fits, "{decision:?}");
    });
}
