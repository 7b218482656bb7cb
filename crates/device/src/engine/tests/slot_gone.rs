//! A slot that another device moved away.

use std::sync::Arc;

use keepsave_testkit::romm::Release;

use super::scene::{Scene, World, errand};
use crate::engine::carry::Carry;
use crate::engine::run::OnConflict;
use crate::engine::stop;
use crate::engine::sync::Hindrance;

/// What stands in the way of the game away from home.
async fn hindrance(scene: &Scene<'_>) -> Option<Hindrance> {
    let engine = scene.engine(&scene.away, None);
    let present = vec![scene.present(&scene.away)];
    let errand = errand(OnConflict::KeepLocal);
    let synced = engine.sync(present, &errand, Arc::new(()), stop::never());
    let mut games = synced.await.unwrap().games;
    games.remove(0).hindrance
}

#[tokio::test]
async fn a_slot_that_is_gone_is_neither_begun_anew_nor_exchanged_unasked() {
    let worlds = [
        World::keepsave().await,
        World::romm(Release::V4_8_1),
        World::romm(Release::V5_1),
    ];
    for world in &worlds {
        let scene = world.scene().await;
        scene.played(&scene.home, "one").await;
        scene.sync_well(&scene.away).await;
        let engine = scene.engine(&scene.home, None);
        let going = || (Arc::new(()) as Arc<_>, stop::never());
        let present = scene.present(&scene.home);
        let way = ("autosave", "spare");
        let moved = engine.carry_slot(&present, Carry::Move, way, going());
        moved.await.unwrap();
        drop(engine);
        let before = scene.how().await.heads;

        scene.play(&scene.away, "played away");
        let gone = Hindrance::SlotGone {
            slot: "autosave".to_owned(),
            offers: vec!["spare".to_owned()],
        };
        assert_eq!(hindrance(&scene).await, Some(gone));
        assert_eq!(scene.how().await.heads, before, "nothing was sent");

        let engine = scene.engine(&scene.away, None);
        let present = scene.present(&scene.away);
        let errand = errand(OnConflict::Fail);
        let switched = engine.switch_slot(&present, "spare", &errand, false, going());
        switched.await.unwrap();
        drop(engine);
        assert_eq!(hindrance(&scene).await, None);
        // It grew from what was in sync, so it is no conflict, and no other slot came into being.
        let after = scene.how().await.heads;
        assert_eq!(after.len(), before.len());
        scene.sync_well(&scene.home).await;
        let files = scene.home.files();
        assert!(files.values().all(|held| held.starts_with("played away")));
    }
}
