//! The stories that break simpler rules, F1 to F13, with their vectors, s1 to s16.

use Action::{Conflict, Download, NoOp, Upload};

use super::super::model::sure;
use super::super::{PostAction, Reason};
use super::story::{A, B, C, Name, Story, content, upload};
use crate::ids::SaveId;
use crate::negotiate::{Action, offer};

#[test]
fn f1_s1_bytes_sent_beside_the_save_are_not_held() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    assert_eq!(story.ask(B, 1), Download);
    story.get_optimistic(B, 2);
    assert_eq!(story.ask(B, 1), Download);
    assert_eq!(story.head(), Some(2));
}

#[test]
fn s1b_the_same_twice_and_then_an_edit_is_a_conflict() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    for _ in 0..2 {
        assert_eq!(story.ask(B, 1), Download);
        story.get_optimistic(B, 2);
    }
    assert_eq!(story.ask(B, 3), Conflict);
    assert_eq!(story.post(B, 3), 409);
    assert_eq!(story.head(), Some(2));
}

#[test]
fn f1b_a_crash_between_the_download_and_the_rename() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    story.get_optimistic(B, 2);
    assert!(story.is_current(B, 2));
    // The client crashed here. It ignores what it is told, but looks at `is_current`.
    story.ask(B, 1);
    assert!(!story.is_current(B, 2));
    story.get_optimistic(B, 2);
    assert!(!story.is_current(B, 2), "counts again only when proven");
    assert_eq!(story.ask(B, 2), NoOp);
    assert!(story.is_current(B, 2));
    assert_eq!(story.post(B, 3), 200);
}

#[test]
fn f2_s2_autocleanup_hid_the_baseline() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    for number in 2..=11 {
        story.post(A, number);
        story.ledger.clean_up(10);
    }
    assert_eq!(story.ledger.list().len(), 10);
    assert_eq!(story.ask(B, 1), Download);
}

#[test]
fn f3_s3_held_the_head_and_took_an_older_row_on_purpose() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.take(B);
    story.get(B, 1);
    story.ack(B, 1);
    assert!(story.is_current(B, 2));
    assert!(story.is_current(B, 1));
    assert_eq!(story.ask(B, 3), Upload);
    assert_eq!(story.post(B, 3), 200);
    assert_eq!(story.head(), Some(3));
}

#[test]
fn f4_s4_the_head_was_deleted_and_its_device_plays_on() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.delete(2);
    assert_eq!(story.ask(A, 3), Upload);
    assert_eq!(story.post(A, 3), 200);
    assert_eq!(story.head(), Some(3));
}

#[test]
fn s4b_the_head_was_deleted_and_its_device_did_not_play() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.delete(2);
    let decision = story.decisions(A, &[Some(2)])[0].clone();
    assert_eq!(decision.action, NoOp);
    assert_eq!(decision.reason, Reason::Deleted);
}

#[test]
fn f5_s6_another_device_rolled_back_to_what_this_one_holds() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.take(B);
    story.post(A, 3);
    story.put(A, 2, 2);
    assert_eq!(story.head(), Some(2));
    assert!(story.is_current(B, 2));
    assert_eq!(story.ask(B, 4), Upload);
    assert_eq!(story.post(B, 4), 200);
}

#[test]
fn f6_s7_a_download_confirmed_after_its_row_moved_on() {
    let mut story = Story::default();
    story.post(A, 1);
    story.get(B, 1);
    story.put(A, 1, 2);
    story.ack(B, 1);
    assert_eq!(story.ask(B, 1), Download);
    story.post(B, 1);
    assert_eq!(story.head(), Some(2));
    // The same confirmation sent twice says no more than once.
    story.ack(B, 1);
    assert!(!story.is_current(B, 1));
}

#[test]
fn f7_s8_an_upload_sent_again_after_somebody_went_on() {
    let mut story = Story::default();
    story.post(B, 1); // the answer is lost
    story.take(A);
    story.post(A, 2);
    let before = story.holding(B);
    let retry = story.ledger.post(Some(&B), &upload(1));
    assert!(matches!(
        retry.action,
        PostAction::LateRetry { row: SaveId(1), .. }
    ));
    assert_eq!(story.head(), Some(2));
    assert_eq!(story.stored(), (2, 0));
    assert_eq!(story.holding(B), before);
    assert!(!story.is_current(B, 2));
}

#[test]
fn f8_s9_a_person_s_choice_sent_twice() {
    let mut story = Story::default();
    story.post(A, 1);
    assert_eq!(story.keep_local(B, 2), 200);
    assert_eq!(story.keep_local(B, 2), 200);
    assert_eq!(story.stored(), (2, 0));
    assert_eq!(story.ledger.list().len(), 2);
}

#[test]
fn f8_s10_a_put_sent_twice() {
    let mut story = Story::default();
    story.post(A, 1);
    story.put(A, 1, 2);
    story.take(B);
    story.put(A, 1, 2);
    assert_eq!(story.stored(), (2, 0));
    assert!(story.is_current(B, 1));
}

#[test]
fn f9_s11_went_back_while_another_device_moved_on() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.take(B);
    story.post(A, 3);
    for _ in 0..3 {
        let decision = story.decisions(B, &[Some(1)])[0].clone();
        assert_eq!(decision.action, Conflict);
        assert_eq!(decision.reason, Reason::WentBackWhileOthersMovedOn);
    }
}

#[test]
fn f9_a_hash_of_the_last_exchange_hides_an_edit() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(B, 2); // the answer is lost: B goes on reporting 1
    story.take(A);
    story.post(A, 3);
    assert_eq!(story.ask(B, 1), Conflict);
}

#[test]
fn f10_s5_a_branch_without_a_baseline_is_safe_to_replace() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 9);
    story.put(B, 2, 2); // an old client does not look whether it is stale
    assert_eq!(story.head(), Some(2));
    assert_eq!(story.parents_of_newest(), [1], "9 stays as a branch");
    assert_eq!(story.ask(C, 9), Download);
}

#[test]
fn f11_s12_two_files_of_one_game_are_two_timelines() {
    let (mut save, mut clock) = (Story::default(), Story::default());
    save.post(A, 1);
    clock.post(A, 2);
    save.take(B);
    assert_eq!(save.ask(B, 1), NoOp);
    assert!(!is_offered(&clock, B, true));
    // A device that has held the companion is offered its next version.
    assert_eq!(clock.ask(B, 2), NoOp);
    clock.post(A, 3);
    assert!(is_offered(&clock, B, true));
    // What is no companion is offered to all.
    assert!(is_offered(&save, C, false));
}

#[test]
fn f12_a_refused_upload_is_kept_before_it_is_replaced() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 3);
    assert_eq!(story.post(B, 2), 409); // the person defers
    assert_eq!(story.ask(B, 1), Download, "the hash of its last exchange");
    let parked = story.ledger.versions().find(|version| version.refused);
    assert_eq!(parked.expect("a branch").content, content(2));
    assert_eq!(story.parents_of_newest(), [1], "it grew from what B held");
    assert_eq!(story.post(B, 2), 409);
    assert_eq!(story.stored(), (3, 1), "kept once");
    assert_eq!(story.ask(B, 2), Conflict, "negotiate does not know it");
}

#[test]
fn f13_s13_behind_and_yet_the_content_is_the_head_s() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    story.get(B, 2); // the confirmation is lost
    assert_eq!(story.post(B, 2), 200);
    assert_eq!(story.stored(), (2, 0));
    assert!(story.is_current(B, 2));
}

#[test]
fn s14_a_lost_confirmation_is_made_good_by_the_hash() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    story.get(B, 2); // the confirmation is lost
    story.post(A, 3);
    assert_eq!(story.ask(B, 2), Download);
    story.take(B);
    assert_eq!(story.ask(B, 4), Upload);
    assert_eq!(story.post(B, 4), 200);
}

#[test]
fn s14b_a_lost_confirmation_is_made_good_while_the_head_stands() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.get(B, 2); // the confirmation is lost
    assert_eq!(story.ask(B, 2), NoOp);
    assert_eq!(story.ask(B, 3), Upload);
    assert_eq!(story.post(B, 3), 200);
}

#[test]
fn s15_a_genuine_revert_by_a_device_that_had_the_head() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.take(B);
    assert_eq!(story.ask(B, 1), Upload);
    let revert = story.ledger.post(Some(&B), &upload(1));
    assert!(matches!(
        revert.action,
        PostAction::OnRow { row: SaveId(1), .. }
    ));
    assert_eq!(story.head(), Some(1));
    assert_eq!(story.ledger.list().len(), 2, "in one row");
    assert_eq!(story.parents_of_newest(), [2]);
}

#[test]
fn s16_the_slot_was_emptied() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.delete(1);
    assert_eq!(story.ask(B, 1), NoOp);
    assert_eq!(story.ask(B, 2), Upload);
    assert_eq!(story.post(B, 2), 200);
    assert_eq!(story.head(), Some(2));
}

fn is_offered(story: &Story, device: Name, is_companion: bool) -> bool {
    sure(offer(&story.ledger, &story.holding(device), is_companion))
        .is_some_and(|decision| decision.action == Download)
}
