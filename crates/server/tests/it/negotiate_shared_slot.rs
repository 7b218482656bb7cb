//! One inventory that names a slot several times: a game with a save from each of two emulators.

use crate::negotiate_story::{A, B, Story, action, reason};

#[tokio::test]
async fn a_claim_is_taken_back_only_when_no_file_shows_it() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    story.get_optimistic(B, 2).await;
    assert_eq!(
        story.ask_all(B, &[Some(1), Some(2)]).await,
        ["download", "no_op"]
    );
    assert!(story.is_current(B, 2).await);
}

#[tokio::test]
async fn a_file_left_behind_does_not_undo_the_other() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(B, 2).await;
    let files = [("Game.srm", Some(2)), ("Game.sav", Some(1))];
    let operations = story.show(B, &files).await;
    assert_eq!(reason(&operations[0]), "Content is identical");
    assert_eq!(action(&operations[1]), "download");
    assert_eq!(
        reason(&operations[1]),
        "Another file of this slot on the client is ahead of this one"
    );
}

#[tokio::test]
async fn a_file_left_behind_while_the_server_moved_on_is_no_conflict() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(B, 2).await;
    story.take(A).await;
    story.post(A, 3).await;
    for _ in 0..2 {
        assert_eq!(
            story.ask_all(B, &[Some(1), Some(2)]).await,
            ["download", "download"]
        );
    }
}

#[tokio::test]
async fn both_files_are_new_to_a_server_that_knows_them() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.post(A, 3).await;
    for _ in 0..2 {
        assert_eq!(
            story.ask_all(B, &[Some(1), Some(2)]).await,
            ["download", "download"]
        );
    }
}

#[tokio::test]
async fn a_played_file_beside_one_in_sync_goes_up() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    assert_eq!(
        story.ask_all(B, &[Some(1), Some(2)]).await,
        ["no_op", "upload"]
    );
    assert_eq!(
        story.ask_all(B, &[Some(1), None, Some(2)]).await,
        ["no_op", "upload", "upload"]
    );
}

#[tokio::test]
async fn each_entry_is_answered_in_its_place() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    assert_eq!(
        story.ask_all(B, &[None, Some(1), Some(9), Some(2)]).await,
        ["upload", "download", "upload", "no_op"]
    );
}
