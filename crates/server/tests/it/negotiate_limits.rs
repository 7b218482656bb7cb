//! What no rule on a server can fix, pinned as it is: docs/deviations.md tells people. Nothing is
//! lost in any of these: all versions stay.

use crate::negotiate_story::{A, B, Story};

#[tokio::test]
async fn a_download_that_was_not_kept_and_an_edit_before_the_next_inventory() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    story.get_optimistic(B, 2).await; // never written
    assert_eq!(story.ask(B, 3).await, "upload", "looks like a played game");
    assert_eq!(story.post(B, 3).await, 200);
    assert_eq!(story.stored(), (3, 0));
}

#[tokio::test]
async fn going_back_right_after_an_optimistic_download() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    story.get_optimistic(B, 2).await;
    assert_eq!(
        story.ask(B, 1).await,
        "download",
        "looks like a download not kept"
    );
}

#[tokio::test]
async fn an_old_row_was_picked_and_its_confirmation_lost() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.get_optimistic(B, 2).await;
    story.get(B, 1).await; // the confirmation is lost
    assert_eq!(story.ask(B, 1).await, "download");
}

#[tokio::test]
async fn a_late_retry_without_a_device_moves_the_head_back() {
    let mut story = Story::begin().await;
    story.post_by_nobody(1).await; // the answer is lost
    story.take(A).await;
    story.post(A, 2).await;
    assert_eq!(story.post_by_nobody(1).await, 200);
    assert_eq!(story.head().await, Some(1));
    assert_eq!(story.parents_of_newest(), [2], "2 is one step back");
}

#[tokio::test]
async fn a_person_s_choice_sent_again_after_others_moved_on() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.keep_local(B, 2).await; // the answer is lost
    story.take(A).await;
    story.post(A, 3).await;
    assert_eq!(story.keep_local(B, 2).await, 200);
    assert_eq!(story.head().await, Some(2));
}

#[tokio::test]
async fn a_client_without_hashes_has_a_conflict_at_every_remote_change() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    assert_eq!(story.ask_all(B, &[None]).await[0], "conflict");
    story.take(B).await;
    assert_eq!(story.ask_all(B, &[None]).await[0], "upload");
    assert_eq!(story.post(B, 2).await, 200);
    assert_eq!(story.stored(), (2, 0));
}

#[tokio::test]
async fn a_client_that_ignores_the_plan_revives_a_deleted_slot() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.delete(1).await;
    assert_eq!(story.ask(B, 1).await, "no_op");
    assert_eq!(story.post(B, 1).await, 200);
    assert_eq!(story.head().await, Some(1));
}

#[tokio::test]
async fn a_late_retry_whose_row_is_gone_is_refused() {
    let mut story = Story::begin().await;
    story.post(B, 1).await; // the answer is lost
    story.take(A).await;
    story.post_and_clean_up(A, 2, 1).await;
    assert_eq!(story.post(B, 1).await, 409);
}

#[tokio::test]
async fn a_deleted_version_with_the_content_of_an_older_one() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.keep_local(A, 1).await; // row 3
    story.take(B).await;
    story.delete(3).await;
    assert_eq!(story.head().await, Some(2));
    assert_eq!(story.ask(B, 1).await, "no_op", "what it held is deleted");
}
