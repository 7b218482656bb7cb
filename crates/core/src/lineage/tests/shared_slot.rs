//! One inventory that names a slot several times: a game with a save from each of two emulators.

use Action::{Download, NoOp, Upload};

use super::super::Reason;
use super::story::{A, B, Story};
use crate::negotiate::Action;

fn actions(story: &mut Story, files: &[Option<u8>]) -> Vec<Action> {
    let decisions = story.decisions(B, files);
    decisions.iter().map(|decision| decision.action).collect()
}

#[test]
fn a_claim_is_taken_back_only_when_no_file_shows_it() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    story.get_optimistic(B, 2);
    assert_eq!(actions(&mut story, &[Some(1), Some(2)]), [Download, NoOp]);
    assert!(story.is_current(B, 2));
}

#[test]
fn a_file_left_behind_does_not_undo_the_other() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(B, 2);
    let decisions = story.decisions(B, &[Some(2), Some(1)]);
    assert_eq!(decisions[0].reason, Reason::Identical);
    assert_eq!(decisions[1].action, Download);
    assert_eq!(decisions[1].reason, Reason::OtherFileAhead);
}

#[test]
fn a_file_left_behind_while_the_server_moved_on_is_no_conflict() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(B, 2);
    story.take(A);
    story.post(A, 3);
    for _ in 0..2 {
        assert_eq!(
            actions(&mut story, &[Some(1), Some(2)]),
            [Download, Download]
        );
    }
}

#[test]
fn both_files_are_new_to_a_server_that_knows_them() {
    let mut story = Story::default();
    story.post(A, 1);
    story.post(A, 2);
    story.post(A, 3);
    for _ in 0..2 {
        assert_eq!(
            actions(&mut story, &[Some(1), Some(2)]),
            [Download, Download]
        );
    }
}

#[test]
fn a_played_file_beside_one_in_sync_goes_up() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    assert_eq!(actions(&mut story, &[Some(1), Some(2)]), [NoOp, Upload]);
    assert_eq!(
        actions(&mut story, &[Some(1), None, Some(2)]),
        [NoOp, Upload, Upload]
    );
}

#[test]
fn each_entry_is_answered_in_its_place() {
    let mut story = Story::default();
    story.post(A, 1);
    story.take(B);
    story.post(A, 2);
    assert_eq!(
        actions(&mut story, &[None, Some(1), Some(9), Some(2)]),
        [Upload, Download, Upload, NoOp]
    );
}
