//! What no rule on a server can fix, pinned as it is. Nothing is lost in any of these: all versions
//! stay.

use Action::{Conflict, Download, NoOp, Upload};

use super::story::{A, B, Story};
use crate::negotiate::Action;

#[test]
fn a_download_that_was_not_kept_and_an_edit_before_the_next_inventory() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    story.get_optimistic(B, 2); // never written
    assert_eq!(story.ask(B, 3), Upload, "looks like a played game");
    assert_eq!(story.post(B, 3), 200);
    assert_eq!(story.stored(), (3, 0));
}

#[test]
fn going_back_right_after_an_optimistic_download() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    story.get_optimistic(B, 2);
    assert_eq!(story.ask(B, 1), Download, "looks like a download not kept");
}

#[test]
fn an_old_row_was_picked_and_its_confirmation_lost() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.get_optimistic(B, 2);
    story.get(B, 1); // the confirmation is lost
    assert_eq!(story.ask(B, 1), Download);
}

#[test]
fn a_late_retry_without_a_device_moves_the_head_back() {
    let mut story = Story::default();
    story.post_by_nobody(1); // the answer is lost
    story.take(A);
    story.post(A, 2);
    assert_eq!(story.post_by_nobody(1), 200);
    assert_eq!(story.head(), Some(1));
    assert_eq!(story.parents_of_newest(), [2], "2 is one step back");
}

#[test]
fn a_person_s_choice_sent_again_after_others_moved_on() {
    let mut story = Story::default();
    story.post(A, 1);
    story.keep_local(B, 2); // the answer is lost
    story.take(A);
    story.post(A, 3);
    assert_eq!(story.keep_local(B, 2), 200);
    assert_eq!(story.head(), Some(2));
}

#[test]
fn a_client_without_hashes_has_a_conflict_at_every_remote_change() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    assert_eq!(story.decisions(B, &[None])[0].action, Conflict);
    story.take(B);
    assert_eq!(story.decisions(B, &[None])[0].action, Upload);
    assert_eq!(story.post(B, 2), 200);
    assert_eq!(story.stored(), (2, 0));
}

#[test]
fn a_client_that_ignores_the_plan_revives_a_deleted_slot() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.delete(1);
    assert_eq!(story.ask(B, 1), NoOp);
    assert_eq!(story.post(B, 1), 200);
    assert_eq!(story.head(), Some(1));
}

#[test]
fn a_late_retry_whose_row_is_gone_is_refused() {
    let mut story = Story::default();
    story.post(B, 1); // the answer is lost
    story.take(A);
    story.post(A, 2);
    story.ledger.clean_up(1);
    assert_eq!(story.post(B, 1), 409);
}

#[test]
fn an_upload_that_comes_once_more_after_its_device_went_on_is_refused() {
    let mut story = Story::default();
    story.post(B, 1);
    story.post(A, 1);
    story.post(A, 2);
    story.take(B);
    story.post(A, 3);
    assert_eq!(story.post(B, 1), 409, "looks like going back");
    assert_eq!(story.stored(), (3, 0), "nothing moves");
}

#[test]
fn a_deleted_version_with_the_content_of_an_older_one() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.keep_local(A, 1); // row 3
    story.take(B);
    story.delete(3);
    assert_eq!(story.head(), Some(2));
    assert_eq!(story.ask(B, 1), NoOp, "what it held is deleted");
}
