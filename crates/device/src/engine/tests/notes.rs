//! What is noted of a game beside its saves, and named to a person.

use std::sync::Arc;

use keepsave_core::time::Time;

use super::scene::{Scene, World, errand};
use crate::engine::run::OnConflict;
use crate::engine::sync::Synced;
use crate::engine::{Engine, stop};
use crate::games::Present;

async fn sync(engine: &Engine, present: &Present) -> Synced<crate::engine::run::Report> {
    let errand = errand(OnConflict::Fail);
    let synced = engine.sync(vec![present.clone()], &errand, Arc::new(()), stop::never());
    synced.await.unwrap()
}

fn looked_at(engine: &Engine, scene: &Scene<'_>) -> Option<Time> {
    let game = engine.state.game(scene.rom).unwrap();
    game.unwrap().last_sync_check_at
}

#[tokio::test]
async fn every_run_notes_when_it_looked_at_a_game_whatever_it_found() {
    let world = World::keepsave().await;
    let scene = world.scene().await;
    let engine = scene.engine(&scene.home, None);
    scene.play(&scene.home, "one");
    sync(&engine, &scene.present(&scene.home)).await;
    let first = looked_at(&engine, &scene);
    assert!(first.is_some());
    sync(&engine, &scene.present(&scene.home)).await;
    let second = looked_at(&engine, &scene);
    assert!(second > first, "nothing was moved");
    drop(engine);
    scene.sync_well(&scene.away).await;
    scene.played(&scene.away, "of the other").await;
    let engine = scene.engine(&scene.home, None);
    // Its clock is one that was set back.
    let before = looked_at(&engine, &scene);
    scene.play(&scene.home, "ours");
    let conflict = sync(&engine, &scene.present(&scene.home)).await;
    assert_eq!(conflict.report.counts.failed, 2);
    assert_ne!(looked_at(&engine, &scene), before, "a conflict was found");
}

#[tokio::test]
async fn another_core_than_last_is_named_and_blocks_nothing() {
    let world = World::keepsave().await;
    let scene = world.scene().await;
    scene.played(&scene.home, "one").await;
    let engine = scene.engine(&scene.home, None);
    let mut present = scene.present(&scene.home);
    Arc::make_mut(&mut present.game).core = Some("kronos_libretro".to_owned());
    let how = errand(OnConflict::Fail);
    let status = engine.status(vec![present.clone()], &how).await.unwrap();
    let was = Some("mednafen_saturn_libretro");
    assert_eq!(status.games[0].other_core.as_deref(), was);
    let said = status.statuses()[0].json(&status.report.plan);
    assert_eq!(said["last_synced_core"].as_str(), was);
    scene.play(&scene.home, "two");
    let synced = sync(&engine, &present).await;
    assert_eq!(synced.report.counts.uploaded, 2);
    assert_eq!(synced.games[0].other_core.as_deref(), was);
    // From now on it is the core of this game.
    assert_eq!(sync(&engine, &present).await.games[0].other_core, None);
}
