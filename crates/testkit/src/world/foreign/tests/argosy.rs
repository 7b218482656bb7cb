//! What Argosy asks and does, and what its stale hash does to an edit.

use super::scene::{Scene, asked, content, sent, told};
use crate::world::client::Choice;
use crate::world::foreign::Kind;

#[tokio::test]
async fn its_requests_are_those_that_were_read() {
    let scene = Scene::new().await;
    scene.app(1, Kind::Grout).played(1).await;
    let app = scene.app(0, Kind::Argosy);
    app.requests();
    app.sync().await;
    app.play(2);
    app.sync().await;
    assert_eq!(
        app.requests(),
        [
            "POST /api/devices",
            "POST /api/sync/negotiate",
            "GET /api/saves/1",
            "GET /api/saves/1/content?device_id=ID&optimistic=false",
            "POST /api/saves/1/downloaded",
            "POST /api/sync/sessions/2/complete",
            "POST /api/saves?rom_id=1&emulator=mgba&device_id=ID&overwrite=false\
             &slot=autosave&autocleanup=true&autocleanup_limit=10",
            "POST /api/sync/negotiate",
            "POST /api/sync/sessions/3/complete",
        ]
    );
}

#[tokio::test]
async fn f12_what_was_refused_is_kept_before_the_stale_hash_has_it_replaced() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Argosy).played(1).await;
    let other = scene.app(1, Kind::Grout);
    other.sync().await;
    let _other = other.played(3).await;
    app.play(2);
    let deeds = app.sync().await;
    assert_eq!(sent(&deeds), [Some(409)]);
    assert_eq!(
        told(&deeds),
        ["download"],
        "it showed what it had exchanged"
    );
    assert!(app.has(3));
    assert!(scene.keeps(2), "the refused bytes are a branch");
    assert_eq!(app.keeps_beside(".cache"), [content(2)]);
}

#[tokio::test]
async fn f9_an_edit_behind_a_stale_hash_is_a_conflict() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Argosy).played(1).await;
    app.play(2);
    app.sends_and_dies(2).await;
    let other = scene.app(1, Kind::Grout);
    other.sync().await;
    assert!(other.has(2));
    let _other = other.played(3).await;
    app.play(4);
    let deeds = app.sync().await;
    assert_eq!(sent(&deeds), [Some(409)]);
    assert_eq!(told(&deeds), ["conflict"], "it shows 1, and had 2");
    assert!(asked(&deeds) && app.has(4));
    app.sync_and(Choice::Local).await;
    assert!(scene.is_head(4) && scene.keeps(3));
}

#[tokio::test]
async fn what_is_never_sent_has_no_hash_and_is_asked_about() {
    let scene = Scene::new().await;
    scene.app(1, Kind::Grout).played(1).await;
    let app = scene.app(0, Kind::Argosy);
    app.write(0, "srm", b"small");
    let deeds = app.sync().await;
    assert_eq!(sent(&deeds), []);
    assert_eq!(told(&deeds), ["conflict"]);
    assert!(asked(&deeds));
}
