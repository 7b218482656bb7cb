//! What Grout asks and does, and what it holds back.

use super::scene::{Scene, asked, content, did, sent, told};
use crate::world::client::Choice;
use crate::world::foreign::{Kind, What};

#[tokio::test]
async fn its_requests_are_those_that_were_read() {
    let scene = Scene::new().await;
    scene.app(1, Kind::Argosy).played(1).await;
    let app = scene.app(0, Kind::Grout);
    app.requests();
    app.sync().await;
    app.play(2);
    app.sync().await;
    let elsewhere = "GET /api/saves?rom_id=2&device_id=ID";
    assert_eq!(
        app.requests(),
        [
            "POST /api/devices",
            "PUT /api/devices/ID",
            "POST /api/sync/negotiate",
            "GET /api/saves/1/content?device_id=ID&optimistic=false",
            "POST /api/saves/1/downloaded",
            "POST /api/sync/sessions/2/complete",
            elsewhere,
            "POST /api/sync/negotiate",
            "POST /api/saves?rom_id=1&device_id=ID&slot=autosave&emulator=mgba\
             &autocleanup=true&autocleanup_limit=10",
            "POST /api/sync/sessions/3/complete",
            elsewhere,
        ]
    );
}

#[tokio::test]
async fn a_conflict_asks_a_person_and_what_is_replaced_stays_beside() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Grout).played(1).await;
    let other = scene.app(1, Kind::Argosy);
    other.sync().await;
    let _other = other.played(2).await;
    app.play(3);
    let deeds = app.sync_and(Choice::Server).await;
    assert_eq!(told(&deeds), ["conflict"]);
    assert!(asked(&deeds));
    assert_eq!(sent(&deeds), []);
    assert!(app.has(2));
    assert_eq!(app.keeps_beside(".backup"), [content(3)]);
}

#[tokio::test]
async fn a_restored_row_becomes_the_head_only_with_the_next_play() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Grout).played(1).await.played(2).await;
    app.client
        .go_back(app.machine, app.game(), 1)
        .await
        .unwrap();
    for _ in 0..2 {
        let deeds = app.sync().await;
        assert_eq!(told(&deeds), ["upload"]);
        assert!(did(&deeds, &What::HeldBack(content(1))), "{deeds:?}");
        assert!(app.has(1) && scene.is_head(2));
    }
    let _app = app.played(3).await;
    assert!(scene.is_head(3));
}

#[tokio::test]
async fn f11_it_is_not_offered_the_companion_of_a_save() {
    let scene = Scene::new().await;
    let tender = scene.app(0, Kind::Tender);
    for (ending, number) in [("bkr", 1), ("bcr", 2), ("smpc", 3)] {
        tender.write(1, ending, &content(number));
    }
    assert_eq!(sent(&tender.sync().await), [Some(200); 3]);
    let app = scene.app(1, Kind::Grout);
    app.write(1, "bkr", &content(1));
    assert_eq!(told(&app.sync().await), ["no_op"]);
    assert_eq!(app.file(1, "bkr"), Some(content(1)));
}

#[tokio::test]
async fn where_it_has_no_save_it_may_pick_a_companion() {
    let scene = Scene::new().await;
    let tender = scene.app(0, Kind::Tender);
    for (ending, number) in [("bkr", 1), ("smpc", 3)] {
        tender.write(1, ending, &content(number));
    }
    tender.sync().await;
    // Lost on its way: so it looks for itself.
    let app = scene.app(1, Kind::Grout);
    let mut picked = Vec::new();
    for deed in app.sync().await {
        if let What::Received { file_name, .. } = deed.what {
            picked.push(file_name.rsplit('.').next().unwrap().to_owned());
        }
    }
    assert_eq!(picked, ["bkr"], "the plan offers the save itself");
    std::fs::remove_file(app.machine.save(&app.machine.games[1], "bkr")).unwrap();
    let deeds = app.sync().await;
    let smpc = |deed: &super::super::Deed| match &deed.what {
        What::Received { file_name, .. } => file_name.rsplit('.').next() == Some("smpc"),
        _ => false,
    };
    assert!(deeds.iter().any(smpc), "{deeds:?}");
    assert_eq!(app.file(1, "bkr"), Some(content(3)));
}

#[tokio::test]
async fn f2_autocleanup_does_not_strand_a_device() {
    let scene = Scene::new().await;
    let mut other = scene.app(1, Kind::Grout).played(1).await;
    let app = scene.app(0, Kind::Argosy);
    app.sync().await;
    for number in 2..=12 {
        other = other.played(number).await;
    }
    assert_eq!(told(&app.sync().await), ["download"]);
    assert!(app.has(12));
}
