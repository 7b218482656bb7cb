//! The table of requests, where no other story tells it: one test per line.

use Action::{Download, NoOp, Upload};

use super::super::{Keep, PostAction, Reason, next_updated_at};
use super::super::{Upload as Posted, Version};
use super::story::{A, B, C, Story, content, status, upload};
use crate::ids::{SaveId, VersionId};
use crate::negotiate::Action;
use crate::time::Time;

#[test]
fn the_head_s_content_is_not_stored_again_by_whoever_sends_it() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    let blank = Posted {
        blank: true,
        ..upload(2)
    };
    assert_eq!(story.post(B, 2), 200);
    assert_eq!(story.post_by_nobody(2), 200);
    assert_eq!(story.keep_local(C, 2), 200);
    assert_eq!(status(&story.ledger.post(Some(&A), &blank)), 200);
    assert_eq!(story.stored(), (2, 0));
    assert!(story.is_current(B, 2) && story.is_current(C, 2));
}

#[test]
fn a_version_that_follows_the_head_names_it_and_a_branch_that_it_came_from() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    story.put(B, 1, 3); // does not have 2, which stays as a branch
    assert_eq!(story.parents_of_newest(), [1]);
    story.get(A, 1);
    story.ack(A, 1);
    story.get(A, 2);
    story.ack(A, 2); // goes back to the branch on purpose
    assert_eq!(story.post(A, 4), 200);
    assert_eq!(story.parents_of_newest(), [3, 2], "the branch is merged");
}

#[test]
fn a_person_s_choice_keeps_both_in_the_graph() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    assert_eq!(story.post(B, 3), 409);
    assert_eq!(story.keep_local(B, 3), 200);
    assert_eq!(story.parents_of_newest(), [1, 2]);
    assert_eq!(story.head(), Some(3));
}

#[test]
fn without_a_device_nothing_is_stale_and_older_content_comes_back_in_its_row() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    assert_eq!(story.post_by_nobody(1), 200);
    assert_eq!(story.head(), Some(1));
    assert_eq!(story.ledger.list()[0].row, SaveId(1));
    assert_eq!(story.post_by_nobody(3), 200);
    assert_eq!(story.ledger.list().len(), 3);
}

#[test]
fn a_revert_to_content_that_no_row_shows_takes_a_new_row() {
    let mut story = Story::default();
    story.post(A, 1);
    story.put(A, 1, 2);
    assert_eq!(story.post(A, 1), 200);
    assert_eq!(story.ledger.list().len(), 2);
    assert_eq!(story.head(), Some(1));
}

#[test]
fn a_blank_upload_does_not_replace_a_save() {
    let mut story = Story::default();
    story.post(A, 1);
    let blank = Posted {
        blank: true,
        ..upload(2)
    };
    for device in [Some(&A), Some(&B), None] {
        assert_eq!(status(&story.ledger.post(device, &blank)), 409);
    }
    assert_eq!(story.stored(), (2, 1), "kept once");
    assert_eq!(story.head(), Some(1));
    let chosen = Posted {
        overwrite: true,
        ..blank
    };
    assert_eq!(status(&story.ledger.post(Some(&A), &chosen)), 200);
    let other_blank = Posted {
        blank: true,
        ..upload(3)
    };
    assert_eq!(status(&story.ledger.post(Some(&A), &other_blank)), 200);
}

#[test]
fn two_uploads_race_from_one_head() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    assert_eq!(story.post(A, 2), 200);
    assert_eq!(story.post(B, 3), 409);
    assert_eq!(story.stored(), (3, 1), "both contents are there");
}

#[test]
fn a_roll_back_by_put_makes_a_version_of_identical_bytes() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.take(B);
    story.get_optimistic(B, 1);
    story.put(B, 1, 1);
    assert_eq!(story.head(), Some(1));
    assert_eq!(story.parents_of_newest(), [1, 2]);
    assert_eq!(story.ask(A, 2), Download);
    assert_eq!(story.ask(B, 1), NoOp);
}

#[test]
fn a_put_without_a_device_follows_the_head() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.ledger.put(None, SaveId(1), content(3), false);
    assert_eq!(story.parents_of_newest(), [2]);
    assert!(!story.is_current(A, 1));
}

#[test]
fn a_delete_hides_every_version_that_the_row_showed() {
    let mut story = Story::default();
    story.post(A, 1);
    story.put(A, 1, 2);
    story.take(B);
    story.delete(1);
    assert_eq!(story.head(), None);
    assert!(story.ledger.versions().all(|version| version.deleted));
    assert_eq!(story.ask(A, 1), NoOp);
    assert_eq!(story.ask(B, 2), NoOp);
    assert!(!story.ledger.downloaded(&B, SaveId(1)));
    assert!(story.ledger.fetch(Some(&B), SaveId(1), true).is_none());
}

#[test]
fn who_is_merely_behind_a_deleted_version_downloads() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    story.delete(1);
    assert_eq!(story.ask(B, 1), Download);
}

#[test]
fn a_delete_taken_back_is_the_head_again() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.delete(2);
    story.put(B, 1, 1);
    assert_eq!(story.head(), Some(1));
    story.ledger.undelete(SaveId(2));
    assert_eq!(story.head(), Some(2));
    assert_eq!(story.ask(A, 2), NoOp);
}

#[test]
fn a_delete_taken_back_after_others_moved_on_stands_where_it_stood() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.delete(2);
    story.take(B);
    story.post(B, 3);
    story.ledger.undelete(SaveId(2));
    assert_eq!(story.head(), Some(3));
    assert_eq!(story.ask(A, 2), Download);
}

#[test]
fn an_untracked_device_is_told_nothing_until_it_confirms_a_download() {
    let mut story = Story::default();
    story.post(A, 1);
    story.ledger.track(&B, false);
    for shown in [&[Some(1)][..], &[Some(9)], &[None], &[]] {
        let decision = &story.decisions(B, shown)[0];
        assert_eq!(
            (decision.action, decision.reason),
            (NoOp, Reason::Untracked)
        );
    }
    story.take(B);
    assert_eq!(story.ask(B, 9), Upload);
    story.ledger.track(&B, false);
    story.ledger.track(&B, true);
    assert_eq!(story.ask(B, 9), Upload);
}

#[test]
fn a_slot_that_was_not_named_is_offered_unless_its_file_was_removed() {
    let mut story = Story::default();
    story.post(A, 1);
    let told = |story: &mut Story| story.decisions(B, &[])[0].clone();
    assert_eq!(told(&mut story).reason, Reason::NotOnClient);
    story.take(B);
    assert_eq!(told(&mut story).action, NoOp);
    story.post(A, 2);
    assert_eq!(told(&mut story).action, Download);
    assert_eq!(told(&mut story).reason, Reason::ServerUpdatedNotOnClient);
    assert_eq!(story.decisions(A, &[])[0].reason, Reason::RemovedOnClient);
    assert!(Story::default().decisions(A, &[]).is_empty());
}

#[test]
fn a_restored_branch_is_adopted_and_reaches_every_device() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    story.post(B, 3); // refused
    let branch = story.ledger.versions().find(|version| version.refused);
    story.ledger.restore(branch.expect("a branch").id);
    assert_eq!(story.head(), Some(3));
    assert_eq!(story.parents_of_newest(), [2, 3]);
    assert_eq!(story.ask(A, 2), Download);
    assert_eq!(story.ask(B, 3), NoOp);
    assert!(story.ledger.restore(VersionId(99)).is_none());
}

#[test]
fn the_archive_takes_what_it_is_sent_except_from_who_holds_an_older_version() {
    let mut story = Story::default();
    let post = |story: &mut Story, device, number| {
        status(&story.ledger.post_to_archive(device, &upload(number)))
    };
    assert_eq!(post(&mut story, Some(&A), 1), 200);
    assert_eq!(post(&mut story, Some(&B), 2), 200, "never synced this row");
    assert_eq!(post(&mut story, Some(&A), 3), 409);
    assert_eq!(post(&mut story, None, 4), 200);
    assert_eq!(story.ledger.list().len(), 1, "one row");
    assert_eq!(story.stored(), (4, 1), "every content is kept");
    let before = story.ledger.list()[0].updated_at;
    assert_eq!(post(&mut story, None, 4), 200);
    assert!(story.ledger.list()[0].updated_at > before);
    assert_eq!(story.stored(), (4, 1));
}

#[test]
fn contents_without_a_hash_are_compared_by_their_bytes() {
    let mut story = Story::default();
    let unhashed = |number| {
        let mut upload = upload(number);
        upload.content.hash = None;
        upload
    };
    story.ledger.post(Some(&A), &unhashed(1));
    let again = story.ledger.post(Some(&B), &unhashed(1));
    assert!(matches!(again.action, PostAction::HeadHolds { .. }));
    story.ledger.post(Some(&B), &unhashed(2));
    let revert = story.ledger.post(Some(&B), &unhashed(1));
    assert!(matches!(
        revert.action,
        PostAction::OnRow { row: SaveId(1), .. }
    ));
    assert!(story.is_current(A, 1), "A last held the head's bytes");
    let stale = story.ledger.post(Some(&C), &unhashed(3));
    assert!(matches!(
        stale.action,
        PostAction::Refuse(Keep::AsBranch { .. })
    ));
}

#[test]
fn moments_strictly_grow_within_a_slot_whatever_the_clock_does() {
    let last = Time::from_micros(5_000_000);
    for now in [last.plus_seconds(-3600), last, last.plus_millis(1)] {
        assert_eq!(next_updated_at(now, Some(last)), last.plus_millis(1));
    }
    let later = last.plus_seconds(7);
    assert_eq!(next_updated_at(later, Some(last)), later);
    assert_eq!(next_updated_at(last, None), last);
}

#[test]
fn sentences_that_clients_match_are_romm_s_letter_by_letter() {
    let of_romm = [
        "Save exists on client but not on server",
        "Save is untracked on this device",
        "Content is identical",
        "Client save is newer than last sync",
        "Server save is newer than last sync",
        "Server save is newer (no sync history)",
        "Both sides changed since last sync",
        "Save exists on server but not on client",
        "Server save updated since last sync, not present on client",
        "Slot has a newer save since your last sync",
        "Save has been updated since your last sync",
    ];
    for sentence in of_romm {
        let with = Reason::ALL.iter().filter(|one| one.as_str() == sentence);
        assert_eq!(with.count(), 1, "{sentence}");
    }
    let distinct: std::collections::BTreeSet<_> =
        Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(distinct.len(), Reason::ALL.len());
}

#[test]
fn a_decision_shows_its_action_its_reason_and_its_facts() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    let asked = &story.decisions(B, &[Some(3)])[0];
    assert_eq!(
        serde_json::to_value(asked).unwrap(),
        serde_json::json!({
            "action": "conflict",
            "reason": "Both sides changed since last sync",
            "facts": {"head": 2, "baseline": 1, "has_head": false, "content": "unknown"},
        })
    );
    let posted = story.ledger.post(Some(&B), &upload(3));
    assert_eq!(
        serde_json::to_value(posted).unwrap(),
        serde_json::json!({
            "action": {"do": "refuse", "keep": "as_branch", "parents": [1]},
            "reason": "Slot has a newer save since your last sync",
            "facts": {"head": 2, "baseline": 1, "has_head": false, "content": "unknown"},
        })
    );
}

#[test]
fn the_frontier_stays_small_while_devices_take_turns() {
    let mut story = Story::default();
    for round in 0..20 {
        for (device, step) in [(A, 0), (A, 1), (A, 2), (B, 3)] {
            if !story.ledger.list().is_empty() && !story.ledger.has_head(&device) {
                story.take(device);
            }
            assert_eq!(story.post(device, round * 4 + step + 1), 200);
        }
    }
    let one = |version: Version| vec![version.id];
    let newest = story.ledger.versions().last().map(one);
    assert_eq!(Some(story.holding(B).proven), newest);
    assert_eq!(story.holding(A).proven.len(), 1);
}

#[test]
fn who_never_synced_is_told_so() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    let behind = story.decisions(B, &[Some(1)]);
    assert_eq!(behind[0].reason, Reason::ServerNewer);
    let both = story.decisions(B, &[Some(9)]);
    assert_eq!(both[0].reason, Reason::BothChanged);
    // What is shown and known would be a baseline from then on.
    let unknown = story.decisions(C, &[Some(9)]);
    assert_eq!(unknown[0].reason, Reason::UnknownNoHistory);
    let never = story.decisions(C, &[Some(1)]);
    assert_eq!(
        (never[0].action, never[0].reason),
        (Download, Reason::ServerNewerNoHistory)
    );
}

#[test]
fn what_autocleanup_hid_goes_with_the_last_row_that_is_deleted() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    story.ledger.clean_up(1);
    story.delete(2);
    assert_eq!(story.ask(B, 1), NoOp, "a person deleted what grew from it");
    assert_eq!(story.post(A, 3), 200, "nobody came between 2 and 3");
}
