//! A game over time: what its page is made of, where devices are, what waits for a person, and what
//! becomes of choices and of taking them back.

use keepsave_core::ids::UserId;
use keepsave_core::whereabouts::Whereabouts;
use keepsave_server::history::conflicts;
use keepsave_server::history::undo::undo;
use keepsave_server::history::{self, Line, TimelineView, choose, delete};
use keepsave_server::vault::sql::steps;
use serde_json::json;

use crate::game;
use crate::story::{ADMIN, Story};

#[tokio::test]
async fn a_timeline_shows_its_lines_and_every_device_on_them() {
    let story = Story::parted().await;
    assert_eq!(
        story.lines(),
        [(3, Line::Branch), (2, Line::Head), (1, Line::Main)]
    );
    let branch = story.view(3);
    assert_eq!(branch.grew_from, [1]);
    assert_eq!(branch.by.as_deref(), Some("Phone"));
    assert!(story.view(2).beside && !branch.beside);
    assert!(story.view(1).parted && !story.view(2).parted);
    assert_eq!(story.whereabouts(&story.deck), Whereabouts::InSync);
    assert_eq!(story.whereabouts(&story.phone), Whereabouts::NeedsYou);
    let fleet = history::fleet(&story.slots());
    assert_eq!(fleet.len(), 2);
    assert!(
        fleet
            .iter()
            .any(|one| one.seat.whereabouts == Whereabouts::NeedsYou)
    );
}

#[tokio::test]
async fn a_device_is_as_far_behind_as_the_versions_that_it_has_not_seen() {
    let story = Story::begin().await;
    story.post(&story.deck, "g.srm", b"1", 200).await;
    story.show(&story.phone, b"1").await;
    for content in [b"2", b"3", b"4"] {
        story.post(&story.deck, "g.srm", content, 200).await;
    }
    assert_eq!(story.whereabouts(&story.phone), Whereabouts::Behind(3));
    story.server.clock.advance_millis(8 * 24 * 60 * 60 * 1000);
    assert!(matches!(
        story.whereabouts(&story.phone),
        Whereabouts::Silent(_)
    ));
    story.show(&story.phone, b"4").await;
    assert_eq!(story.whereabouts(&story.phone), Whereabouts::InSync);
    let path = format!("/api/saves/{}/untrack", story.view(4).row.unwrap().save);
    let body = json!({ "device_id": story.phone });
    story.server.admin().post(&path, body).await.expect(200);
    assert_eq!(story.whereabouts(&story.phone), Whereabouts::SyncOff);
}

#[tokio::test]
async fn what_was_only_sent_is_not_in_sync_until_the_device_shows_it() {
    let story = Story::begin().await;
    story.post(&story.deck, "g.srm", b"1", 200).await;
    let row = story.view(1).row.unwrap().save;
    let path = format!("/api/saves/{row}/content?device_id={}", story.phone);
    assert_eq!(story.server.admin().get(&path).await.text(), "1");
    assert_eq!(story.whereabouts(&story.phone), Whereabouts::Sent);
    story.show(&story.phone, b"1").await;
    assert_eq!(story.whereabouts(&story.phone), Whereabouts::InSync);
}

#[tokio::test]
async fn a_blank_save_is_held_back() {
    let story = Story::begin().await;
    story.post(&story.deck, "g.srm", b"1", 200).await;
    story.show(&story.phone, b"1").await;
    story.post(&story.deck, "g.srm", b"2", 200).await;
    story.post(&story.phone, "g.srm", &[0; 8], 409).await;
    assert_eq!(story.whereabouts(&story.phone), Whereabouts::HeldBack);
    assert_eq!(story.conflicts(), 1);
}

#[tokio::test]
async fn a_conflict_shows_both_sides_and_what_changed_since_they_parted() {
    let story = Story::parted().await;
    assert_eq!(story.conflicts(), 1);
    let conflict = story.conflict().await;
    assert_eq!(conflict.parting.unwrap().0, 1);
    let [head, branch] = &conflict.sides[..] else {
        panic!("{:?}", conflict.sides);
    };
    assert!(head.is_head() && !branch.is_head());
    assert_eq!(head.changed.unwrap().bytes, 4);
    assert_eq!(branch.changed.unwrap().of, 4);
    assert_eq!(branch.changed.unwrap().bytes, 4);
    assert_eq!(
        (&head.gets_it[..], &branch.gets_it[..]),
        (&["Phone".into()][..], &["Deck".into()][..])
    );
    let listed = conflicts::list(&story.server.app, ADMIN).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].unsettled.game, "Game");
    assert_eq!(listed[0].head_by.as_deref(), Some("Deck"));
    assert_eq!(listed[0].branches_by, [Some("Phone".to_owned())]);
    // Another person's conflicts do not exist.
    assert_eq!(conflicts::count(&story.server.app, UserId(2)).unwrap(), 0);
    let foreign = conflicts::one(&story.server.app, UserId(2), story.slot()).await;
    assert!(foreign.unwrap().is_none());
}

#[tokio::test]
async fn a_save_that_is_only_known_by_its_hash_waits_for_its_device() {
    let story = Story::begin().await;
    story.post(&story.deck, "g.srm", b"one.", 200).await;
    story.show(&story.phone, b"unheard of").await;
    assert_eq!(story.whereabouts(&story.phone), Whereabouts::NeedsYou);
    assert_eq!(story.conflicts(), 1);
    let conflict = story.conflict().await;
    assert_eq!(conflict.sides.len(), 1);
    assert_eq!(conflict.waiting[0].name.as_deref(), Some("Phone"));
    let listed = conflicts::list(&story.server.app, ADMIN).unwrap();
    assert_eq!(listed[0].waiting, [Some("Phone".to_owned())]);

    let app = &story.server.app;
    choose::put_away(app, ADMIN, story.slot()).await.unwrap();
    assert_eq!(story.conflicts(), 0);
    story.show(&story.phone, b"unheard of").await;
    assert_eq!(story.conflicts(), 1, "it is shown again");
    story.post(&story.phone, "g.srm", b"unheard of", 409).await;
    assert_eq!(story.conflict().await.sides.len(), 2);
}

#[tokio::test]
async fn the_branch_is_kept_and_that_is_taken_back() {
    let story = Story::parted().await;
    let (app, branch) = (&story.server.app, story.version(3));
    let chosen = choose::keep(app, ADMIN, story.slot(), branch)
        .await
        .unwrap();
    assert_eq!(story.head().await, "mine");
    assert_eq!(story.conflicts(), 0);
    assert_eq!(story.view(4).brought_back, Some(3));
    assert_eq!(
        story.whereabouts(&story.phone),
        Whereabouts::Behind(3),
        "it shows nothing new yet"
    );
    story.show(&story.phone, b"mine").await;
    assert_eq!(story.whereabouts(&story.phone), Whereabouts::InSync);
    story.take_back(chosen.undo).await;
    assert_eq!(story.head().await, "two!");
}

#[tokio::test]
async fn the_head_is_kept_and_that_is_taken_back() {
    let story = Story::parted().await;
    let (app, head) = (&story.server.app, story.version(2));
    let chosen = choose::keep(app, ADMIN, story.slot(), head).await.unwrap();
    assert_eq!(story.conflicts(), 0);
    assert_eq!(story.lines()[0], (3, Line::Aside));
    assert_eq!(story.head().await, "two!");
    story.take_back(chosen.undo).await;
    assert_eq!(story.lines()[0], (3, Line::Branch));
    assert_eq!(story.conflicts(), 1);
    // As before, the phone is not told to fetch over what it has.
    story.show(&story.phone, b"mine").await;
    assert_eq!(story.whereabouts(&story.phone), Whereabouts::NeedsYou);
}

#[tokio::test]
async fn both_are_kept_and_that_is_taken_back() {
    let story = Story::parted().await;
    let app = &story.server.app;
    let chosen = choose::keep_all(app, ADMIN, story.slot()).await.unwrap();
    let slots = story.slots();
    assert_eq!(slots[1].name.as_deref(), Some("autosave (Phone)"));
    assert!(slots[1].has_head());
    assert_eq!(
        (story.conflicts(), story.head().await),
        (0, "two!".to_owned())
    );
    story.take_back(chosen.undo).await;
    assert_eq!(story.conflicts(), 1);
    assert!(!story.slots()[1].has_head());
}

#[tokio::test]
async fn of_three_branches_one_is_kept_and_none_waits_any_more() {
    let story = Story::parted().await;
    for name in ["Tablet", "Miyoo"] {
        let device = game::device(&story.server, name).await;
        story.show(&device, b"one.").await;
        story.post(&device, "g.srm", name.as_bytes(), 409).await;
    }
    let conflict = story.conflict().await;
    let by = conflict
        .sides
        .iter()
        .map(|side| side.view.by.as_deref().unwrap());
    assert_eq!(by.collect::<Vec<_>>(), ["Deck", "Miyoo", "Tablet", "Phone"]);
    assert_eq!(story.timeline().branches, 3);
    let app = &story.server.app;
    let tablet = conflict.sides[2].view.record.id;
    choose::keep(app, ADMIN, story.slot(), tablet)
        .await
        .unwrap();
    assert_eq!(
        (story.conflicts(), story.head().await),
        (0, "Tablet".to_owned())
    );
}

#[tokio::test]
async fn the_files_of_a_branch_are_one_side_and_are_kept_together() {
    let story = Story::begin().await;
    for (file, bytes) in [("g.srm", b"save"), ("g.rtc", b"hour")] {
        story
            .post_of(&story.deck, file, bytes, "&set_id=a", 200)
            .await;
    }
    for (file, bytes) in [("g.srm", b"mine"), ("g.rtc", b"noon")] {
        story
            .post_of(&story.phone, file, bytes, "&set_id=b", 409)
            .await;
    }
    let conflict = story.conflict().await;
    assert_eq!(conflict.sides.len(), 2);
    assert_eq!(conflict.sides[1].members.len(), 2);
    let (app, branch) = (&story.server.app, conflict.sides[1].view.record.id);
    let chosen = choose::keep(app, ADMIN, story.slot(), branch)
        .await
        .unwrap();
    assert_eq!(chosen.views.len(), 2);
    assert_eq!(
        (story.conflicts(), story.head().await),
        (0, "mine".to_owned())
    );
    story.take_back(chosen.undo).await;
    assert_eq!(story.head().await, "save");
}

#[tokio::test]
async fn an_older_version_is_current_again_and_that_is_taken_back() {
    let story = Story::begin().await;
    for content in [b"1", b"2", b"3"] {
        story.post(&story.deck, "g.srm", content, 200).await;
    }
    let (app, first) = (&story.server.app, story.version(1));
    let chosen = choose::make_current(app, ADMIN, first).await.unwrap();
    assert_eq!(story.head().await, "1");
    assert_eq!(story.view(4).brought_back, Some(1));
    story.take_back(chosen.undo).await;
    assert_eq!(story.head().await, "3");
    let nothing = choose::make_current(app, ADMIN, story.timeline().head.unwrap());
    assert!(nothing.await.unwrap().undo.is_empty());
}

#[tokio::test]
async fn what_is_deleted_stays_to_be_seen_and_comes_back() {
    let story = Story::parted().await;
    let app = &story.server.app;
    let taken_back = delete::version(app, ADMIN, story.version(2)).await.unwrap();
    assert_eq!(story.head().await, "one.");
    assert!(story.view(2).record.deleted_at.is_some());
    assert!(story.view(2).row.unwrap().is_deleted);
    story.take_back(taken_back).await;
    assert_eq!(story.head().await, "two!");
    // A branch has no row, and is deleted all the same.
    let taken_back = delete::version(app, ADMIN, story.version(3)).await.unwrap();
    assert_eq!((story.conflicts(), story.view(3).line), (0, Line::Aside));
    story.take_back(taken_back).await;
    assert_eq!((story.conflicts(), story.view(3).line), (1, Line::Branch));
    // And so is a slot as a whole.
    let slot = Some("autosave".to_owned());
    let taken_back = delete::slot(app, ADMIN, story.rom, slot).await.unwrap();
    assert!(!story.slots()[0].has_head());
    assert_eq!(story.conflicts(), 0);
    story.take_back(taken_back).await;
    assert_eq!(
        (story.head().await, story.conflicts()),
        ("two!".to_owned(), 1)
    );
}

#[tokio::test]
async fn nothing_of_another_person_is_touched() {
    let story = Story::parted().await;
    let (app, bob) = (&story.server.app, UserId(2));
    let (slot, branch) = (story.slot(), story.version(3));
    assert!(choose::keep(app, bob, slot, branch).await.is_err());
    assert!(choose::keep_all(app, bob, slot).await.is_err());
    assert!(choose::put_away(app, bob, slot).await.is_err());
    assert!(choose::make_current(app, bob, branch).await.is_err());
    assert!(delete::version(app, bob, branch).await.is_err());
    for text in [
        "restore:1",
        "reopen:1",
        "unearth:1",
        "undelete:1",
        "delete:1",
    ] {
        assert!(
            undo(app, bob, text.parse().unwrap()).await.is_err(),
            "{text}"
        );
    }
    assert!(history::game(app, bob, story.rom).unwrap().is_empty());
    assert!(history::version(app, bob, story.rom, branch).is_err());
    assert_eq!(
        (story.conflicts(), story.head().await),
        (1, "two!".to_owned())
    );
}

#[tokio::test]
async fn pages_of_older_versions_go_back_to_the_first() {
    let story = Story::begin().await;
    for number in 0_u8..70 {
        story.post(&story.deck, "g.srm", &[b'x', number], 200).await;
    }
    let newest = story.timeline();
    assert_eq!(
        (newest.versions.len(), newest.older, newest.count),
        (10, 60, 70)
    );
    let (app, id) = (&story.server.app, newest.timeline.id);
    let older = |before| {
        let slot = history::older(app, ADMIN, story.rom, id, before).unwrap();
        slot.unwrap().timelines.remove(0)
    };
    let second = older(newest.older + 1);
    let ordinals = |view: &TimelineView| {
        let ordinals = view.versions.iter().map(|view| view.record.ordinal);
        (ordinals.clone().max(), ordinals.min())
    };
    assert_eq!(ordinals(&second), (Some(60), Some(11)));
    let third = older(second.older + 1);
    assert_eq!((ordinals(&third), third.older), ((Some(10), Some(1)), 0));
    assert!(
        history::older(app, UserId(2), story.rom, id, 99)
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_game_with_hundreds_of_versions_costs_little_more_than_their_shape() {
    let story = Story::begin().await;
    for number in 0_u32..20 {
        story
            .post(&story.deck, "g.srm", &number.to_le_bytes(), 200)
            .await;
    }
    let cost = || {
        let before = steps();
        history::game(&story.server.app, ADMIN, story.rom).unwrap();
        steps() - before
    };
    let few = cost();
    for number in 20_u32..120 {
        story
            .post(&story.deck, "g.srm", &number.to_le_bytes(), 200)
            .await;
    }
    let each = (cost() - few) / 100;
    assert!(each < 150, "a version costs {each} steps");
}
