//! What romm-cli asks and does, and what becomes of what it downloads beside a save.

use super::scene::{Scene, asked, content, did, sent, told};
use crate::world::client::Choice;
use crate::world::foreign::{Kind, What};

#[tokio::test]
async fn its_requests_are_those_that_were_recorded() {
    let scene = Scene::new().await;
    scene.app(1, Kind::Grout).played(1).await;
    let app = scene.app(0, Kind::Cli).played(2).await;
    app.requests();
    app.sync_and(Choice::Local).await;
    app.play(3);
    app.sync().await;
    let upload = "POST /api/saves?rom_id=1&emulator=mgba&slot=autosave&device_id=ID";
    assert_eq!(
        app.requests(),
        [
            "POST /api/sync/negotiate".to_owned(),
            "POST /api/sync/sessions/3/complete".to_owned(),
            format!("{upload}&overwrite=true"),
            "POST /api/sync/negotiate".to_owned(),
            format!("{upload}&session_id=4"),
            "POST /api/sync/sessions/4/complete".to_owned(),
        ]
    );
}

#[tokio::test]
async fn f1_s1_what_it_puts_beside_the_save_is_not_held() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Cli).played(1).await;
    let other = scene.app(1, Kind::Grout);
    other.sync().await;
    let _other = other.played(2).await;
    for _ in 0..2 {
        let deeds = app.sync().await;
        assert_eq!(told(&deeds), ["download"]);
        assert!(did(&deeds, &What::PutBeside(content(2))), "{deeds:?}");
        assert!(app.has(1) && scene.is_head(2));
    }
    app.play(3);
    let deeds = app.sync().await;
    assert!(asked(&deeds), "s1b: {deeds:?}");
    assert_eq!(sent(&deeds), []);
    assert!(scene.is_head(2));
}

#[tokio::test]
async fn what_it_puts_beside_the_save_and_an_edit_before_the_next_inventory_go_up() {
    let scene = Scene::new().await;
    let app = scene.app(0, Kind::Cli).played(1).await;
    let other = scene.app(1, Kind::Grout);
    other.sync().await;
    let _other = other.played(2).await;
    app.sync().await;
    app.play(3);
    let deeds = app.sync().await;
    assert_eq!(told(&deeds), ["upload"]);
    assert_eq!(sent(&deeds), [Some(200)]);
    assert!(scene.is_head(3) && scene.keeps(2));
}
