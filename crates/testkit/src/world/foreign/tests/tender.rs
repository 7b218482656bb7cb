//! What romm-tender asks and does, and where its own kernel leads.

use super::scene::{Scene, asked, content, did, sent, told};
use crate::world::foreign::{Kind, What};

#[tokio::test]
async fn its_requests_are_those_that_were_recorded() {
    let scene = Scene::new().await;
    scene.app(1, Kind::Grout).played(1).await;
    let app = scene.app(0, Kind::Tender);
    app.requests();
    app.sync().await;
    app.play(2);
    app.sync().await;
    let rows = "GET /api/saves?rom_id=1&device_id=ID";
    let others = "GET /api/saves?rom_id=2&device_id=ID";
    assert_eq!(
        app.requests(),
        [
            "POST /api/devices",
            "PUT /api/devices/ID",
            "POST /api/sync/negotiate",
            rows,
            "GET /api/saves/1/content?device_id=ID&optimistic=true",
            others,
            "POST /api/sync/sessions/2/complete",
            "PUT /api/devices/ID",
            "POST /api/sync/negotiate",
            rows,
            "POST /api/saves?rom_id=1&emulator=retroarch-mgba&device_id=ID\
             &slot=autosave&autocleanup=true&autocleanup_limit=10",
            others,
            "POST /api/sync/sessions/3/complete",
        ]
    );
}

#[tokio::test]
async fn f1b_it_downloads_again_after_a_crash_between_the_download_and_the_rename() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Tender).played(1).await;
    let other = scene.app(1, Kind::Grout);
    other.sync().await;
    let _other = other.played(2).await;
    app.client.deeds();
    for step in 0.. {
        assert!(app.dies_at(step).await);
        let deeds = app.client.deeds();
        let received = |what: &What| matches!(what, What::Received { .. });
        if deeds.iter().any(|deed| received(&deed.what)) {
            break;
        }
    }
    assert!(app.has(1));
    app.sync().await;
    assert!(app.has(2));
    assert_eq!(told(&app.sync().await), ["no_op"]);
    let _app = app.played(3).await;
    assert!(scene.is_head(3));
}

#[tokio::test]
async fn f11_the_files_of_a_save_are_rows_of_one_slot_and_go_their_own_ways() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Tender);
    for (ending, number) in [("bkr", 1), ("bcr", 2), ("smpc", 3)] {
        app.write(1, ending, &content(number));
    }
    app.sync().await;
    let other = scene.app(1, Kind::Tender);
    other.sync().await;
    let files = |app: &super::scene::App<'_>| {
        ["bkr", "bcr", "smpc"].map(|ending| app.file(1, ending).unwrap())
    };
    assert_eq!(files(&other), [content(1), content(2), content(3)]);
    other.write(1, "smpc", &content(4));
    assert_eq!(sent(&other.sync().await), [Some(200)]);
    app.sync().await;
    assert_eq!(files(&app), [content(1), content(2), content(4)]);
}

#[tokio::test]
async fn an_edit_after_the_lost_answer_to_a_first_upload_waits_for_the_next_change() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Tender);
    app.play(1);
    app.sends_and_dies(1).await;
    app.play(2);
    let deeds = app.sync().await;
    assert!(did(&deeds, &What::Adopted(content(2))), "{deeds:?}");
    assert_eq!(sent(&deeds), []);
    assert!(!scene.keeps(2));
    let other = scene.app(1, Kind::Grout);
    other.sync().await;
    let _other = other.played(3).await;
    app.sync().await;
    assert!(app.has(3));
    assert_eq!(app.keeps_beside(".romm-backup"), [content(2)]);
}

#[tokio::test]
async fn it_revives_what_was_deleted() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Tender).played(1).await;
    scene.empty().await;
    let deeds = app.sync().await;
    assert_eq!(told(&deeds), ["no_op"]);
    assert_eq!(sent(&deeds), [Some(200)]);
    assert!(scene.is_head(1));
}

#[tokio::test]
async fn a_file_that_shrank_below_its_half_is_asked_about() {
    for (length, is_asked) in [(4095, true), (4096, false)] {
        let scene = Scene::new().await;
        let app = scene.app(0, Kind::Tender);
        app.write(0, "srm", &[1; 8192]);
        app.sync().await;
        app.write(0, "srm", &vec![2; length]);
        let deeds = app.sync().await;
        assert_eq!(asked(&deeds), is_asked, "{length}");
        assert_eq!(sent(&deeds).len(), usize::from(!is_asked), "{length}");
    }
}

#[tokio::test]
async fn an_upload_that_is_answered_with_an_older_row_leads_down_its_ladder() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Tender).played(1).await.played(2).await;
    app.play(1);
    let deeds = app.sync().await;
    assert_eq!(sent(&deeds), [Some(200)]);
    let received = |what: &What| matches!(what, What::Received { row: 1, .. });
    assert!(deeds.iter().any(|deed| received(&deed.what)), "{deeds:?}");
    assert!(scene.is_head(1) && scene.keeps(2));
}

#[tokio::test]
async fn its_version_switch_makes_an_old_row_the_newest() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Tender).played(1).await.played(2).await;
    app.client
        .go_back(app.machine, app.game(), 1)
        .await
        .unwrap();
    assert!(app.has(1) && scene.is_head(1) && scene.keeps(2));
    assert_eq!(told(&app.sync().await), ["no_op"]);
}

#[tokio::test]
async fn what_it_moves_aside_is_the_newest_ten_of_a_file() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Tender).played(1).await;
    let mut other = scene.app(1, Kind::Grout);
    other.sync().await;
    for number in 2..=13 {
        other = other.played(number).await;
        app.sync().await;
    }
    let kept: Vec<_> = (3..=12).map(content).collect();
    let mut beside = app.keeps_beside(".romm-backup");
    beside.sort_by_key(|bytes| kept.iter().position(|kept| kept == bytes));
    assert_eq!(beside, kept);
}
