//! The stories that break simpler rules, F1 to F13, with their vectors, s1 to s16, told over the real
//! routes. The same stories hold core's rules to their claims; here they hold the server to them.

use crate::negotiate_story::{A, B, C, Story, action, reason};

#[tokio::test]
async fn f1_s1_bytes_sent_beside_the_save_are_not_held() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    assert_eq!(story.ask(B, 1).await, "download");
    story.get_optimistic(B, 2).await;
    assert_eq!(story.ask(B, 1).await, "download");
    assert_eq!(story.head().await, Some(2));
}

#[tokio::test]
async fn s1b_the_same_twice_and_then_an_edit_is_a_conflict() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    for _ in 0..2 {
        assert_eq!(story.ask(B, 1).await, "download");
        story.get_optimistic(B, 2).await;
    }
    assert_eq!(story.ask(B, 3).await, "conflict");
    assert_eq!(story.post(B, 3).await, 409);
    assert_eq!(story.head().await, Some(2));
}

#[tokio::test]
async fn f1b_a_crash_between_the_download_and_the_rename() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    story.get_optimistic(B, 2).await;
    assert!(story.is_current(B, 2).await);
    // The client crashed here. It ignores what it is told, but looks at `is_current`.
    story.ask(B, 1).await;
    assert!(!story.is_current(B, 2).await);
    story.get_optimistic(B, 2).await;
    assert!(
        !story.is_current(B, 2).await,
        "counts again only when proven"
    );
    assert_eq!(story.ask(B, 2).await, "no_op");
    assert!(story.is_current(B, 2).await);
    assert_eq!(story.post(B, 3).await, 200);
}

#[tokio::test]
async fn f2_s2_autocleanup_hid_the_baseline() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    for number in 2..=11 {
        story.post_and_clean_up(A, number, 10).await;
    }
    assert_eq!(story.list(A).await.len(), 10);
    assert_eq!(story.ask(B, 1).await, "download");
}

#[tokio::test]
async fn f3_s3_held_the_head_and_took_an_older_row_on_purpose() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.take(B).await;
    story.get(B, 1).await;
    story.ack(B, 1).await;
    assert!(story.is_current(B, 2).await);
    assert!(story.is_current(B, 1).await);
    assert_eq!(story.ask(B, 3).await, "upload");
    assert_eq!(story.post(B, 3).await, 200);
    assert_eq!(story.head().await, Some(3));
}

#[tokio::test]
async fn f4_s4_the_head_was_deleted_and_its_device_plays_on() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.delete(2).await;
    assert_eq!(story.ask(A, 3).await, "upload");
    assert_eq!(story.post(A, 3).await, 200);
    assert_eq!(story.head().await, Some(3));
}

#[tokio::test]
async fn s4b_the_head_was_deleted_and_its_device_did_not_play() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.delete(2).await;
    let operations = story.show(A, &[("Game.srm", Some(2))]).await;
    assert_eq!(action(&operations[0]), "no_op");
    assert_eq!(reason(&operations[0]), "Save was deleted on the server");
}

#[tokio::test]
async fn f5_s6_another_device_rolled_back_to_what_this_one_holds() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.take(B).await;
    story.post(A, 3).await;
    story.put(A, 2, 2).await;
    assert_eq!(story.head().await, Some(2));
    assert!(story.is_current(B, 2).await);
    assert_eq!(story.ask(B, 4).await, "upload");
    assert_eq!(story.post(B, 4).await, 200);
}

#[tokio::test]
async fn f6_s7_a_download_confirmed_after_its_row_moved_on() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.get(B, 1).await;
    story.put(A, 1, 2).await;
    story.ack(B, 1).await;
    assert_eq!(story.ask(B, 1).await, "download");
    story.post(B, 1).await;
    assert_eq!(story.head().await, Some(2));
    // The same confirmation sent twice says no more than once.
    story.ack(B, 1).await;
    assert!(!story.is_current(B, 1).await);
}

#[tokio::test]
async fn f6_a_confirmation_without_a_download_proves_one_s_own_upload() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.put(B, 1, 2).await;
    story.ack(A, 1).await;
    assert!(!story.is_current(A, 1).await);
    assert_eq!(story.ask(A, 1).await, "download");
}

#[tokio::test]
async fn f7_s8_an_upload_sent_again_after_somebody_went_on() {
    let mut story = Story::begin().await;
    story.post(B, 1).await; // the answer is lost
    story.take(A).await;
    story.post(A, 2).await;
    assert_eq!(story.post(B, 1).await, 200);
    assert_eq!(story.head().await, Some(2));
    assert_eq!(story.stored(), (2, 0));
    assert_eq!(story.list(B).await.len(), 2);
    assert!(!story.is_current(B, 2).await);
}

#[tokio::test]
async fn f7_an_upload_sent_again_cleans_nothing_up() {
    let mut story = Story::begin().await;
    story.post(B, 1).await; // the answer is lost
    story.take(A).await;
    story.post(A, 2).await;
    assert_eq!(story.post_and_clean_up(B, 1, 1).await, 200);
    assert_eq!(story.list(B).await.len(), 2);
}

#[tokio::test]
async fn f8_s9_a_person_s_choice_sent_twice() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    assert_eq!(story.keep_local(B, 2).await, 200);
    assert_eq!(story.keep_local(B, 2).await, 200);
    assert_eq!(story.stored(), (2, 0));
    assert_eq!(story.list(B).await.len(), 2);
}

#[tokio::test]
async fn f8_s10_a_put_sent_twice() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.put(A, 1, 2).await;
    story.take(B).await;
    story.put(A, 1, 2).await;
    assert_eq!(story.stored(), (2, 0));
    assert!(story.is_current(B, 1).await);
}

#[tokio::test]
async fn f9_s11_went_back_while_another_device_moved_on() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.take(B).await;
    story.post(A, 3).await;
    for _ in 0..3 {
        let operations = story.show(B, &[("Game.srm", Some(1))]).await;
        assert_eq!(action(&operations[0]), "conflict");
        assert_eq!(
            reason(&operations[0]),
            "Client went back to an older save while other devices moved on"
        );
    }
}

#[tokio::test]
async fn f9_a_hash_of_the_last_exchange_hides_an_edit() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(B, 2).await; // the answer is lost: B goes on reporting 1
    story.take(A).await;
    story.post(A, 3).await;
    assert_eq!(story.ask(B, 1).await, "conflict");
}

#[tokio::test]
async fn f10_s5_a_branch_without_a_baseline_is_safe_to_replace() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 9).await;
    story.put(B, 2, 2).await; // an old client does not look whether it is stale
    assert_eq!(story.head().await, Some(2));
    assert_eq!(story.parents_of_newest(), [1], "9 stays as a branch");
    assert_eq!(story.ask(C, 9).await, "download");
}

#[tokio::test]
async fn f11_s12_two_files_of_one_game_are_two_timelines() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    assert_eq!(story.post_file(A, "Game.rtc", 2, "").await, 200);
    story.get(B, 1).await;
    story.ack(B, 1).await;
    // The clock is no newer version of the save, and not offered to who never held one.
    let operations = story.show(B, &[("Game.srm", Some(1))]).await;
    assert_eq!(operations.len(), 1, "{operations:?}");
    assert_eq!(action(&operations[0]), "no_op");
    // A device that has held the companion is offered its next version.
    let both = [("Game.srm", Some(1)), ("Game.rtc", Some(2))];
    let operations = story.show(B, &both).await;
    assert_eq!(
        operations.iter().map(action).collect::<Vec<_>>(),
        ["no_op", "no_op"]
    );
    assert_eq!(story.post_file(A, "Game.rtc", 3, "").await, 200);
    let operations = story.show(B, &[("Game.srm", Some(1))]).await;
    assert_eq!(action(&operations[1]), "download");
    assert_eq!(operations[1]["save_id"], story.row(3));
    // What is no companion is offered to all.
    let operations = story.show(C, &[]).await;
    assert_eq!(operations.len(), 1);
    assert_eq!(operations[0]["save_id"], story.row(1));
}

#[tokio::test]
async fn f12_a_refused_upload_is_kept_before_it_is_replaced() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 3).await;
    assert_eq!(story.post(B, 2).await, 409); // the person defers
    assert_eq!(story.parents_of_newest(), [1], "it grew from what B held");
    let told = story.ask(B, 1).await;
    assert_eq!(told, "download", "the hash of its last exchange");
    assert_eq!(story.post(B, 2).await, 409);
    assert_eq!(story.stored(), (3, 1), "kept once");
    assert_eq!(
        story.ask(B, 2).await,
        "conflict",
        "negotiate does not know it"
    );
}

#[tokio::test]
async fn f13_s13_behind_and_yet_the_content_is_the_head_s() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    story.get(B, 2).await; // the confirmation is lost
    assert_eq!(story.post(B, 2).await, 200);
    assert_eq!(story.stored(), (2, 0));
    assert!(story.is_current(B, 2).await);
}

#[tokio::test]
async fn s14_a_lost_confirmation_is_made_good_by_the_hash() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    story.get(B, 2).await; // the confirmation is lost
    story.post(A, 3).await;
    assert_eq!(story.ask(B, 2).await, "download");
    story.take(B).await;
    assert_eq!(story.ask(B, 4).await, "upload");
    assert_eq!(story.post(B, 4).await, 200);
}

#[tokio::test]
async fn s14b_a_lost_confirmation_is_made_good_while_the_head_stands() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.get(B, 2).await; // the confirmation is lost
    assert_eq!(story.ask(B, 2).await, "no_op");
    assert_eq!(story.ask(B, 3).await, "upload");
    assert_eq!(story.post(B, 3).await, 200);
}

#[tokio::test]
async fn s15_a_genuine_revert_by_a_device_that_had_the_head() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.take(B).await;
    assert_eq!(story.ask(B, 1).await, "upload");
    assert_eq!(story.post(B, 1).await, 200);
    assert_eq!(story.head().await, Some(1));
    let rows = story.list(B).await;
    assert_eq!(rows.len(), 2, "in one row");
    assert_eq!(rows[0]["id"], story.row(1));
    assert_eq!(story.parents_of_newest(), [2]);
}

#[tokio::test]
async fn s16_the_slot_was_emptied() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.delete(1).await;
    assert_eq!(story.ask(B, 1).await, "no_op");
    assert_eq!(story.ask(B, 2).await, "upload");
    assert_eq!(story.post(B, 2).await, 200);
    assert_eq!(story.head().await, Some(2));
}
