//! Each app dies at each of its steps: what the server has stays, and the app comes to rest on the
//! head.

use super::scene::{App, Scene};
use crate::world::foreign::Kind;

/// What is about to happen when the app dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// It has played 2 and is about to upload it.
    Up,
    /// Another device uploaded 2.
    Down,
}

async fn set(scene: &Scene, kind: Kind, moment: Moment) -> App<'_> {
    let app = scene.app(0, kind).played(1).await;
    match moment {
        Moment::Up => app.play(2),
        Moment::Down => {
            let other = scene.app(1, Kind::Grout);
            other.sync().await;
            other.played(2).await;
        }
    }
    app
}

#[tokio::test]
async fn wherever_an_app_dies_it_comes_to_rest_on_the_head() {
    let mut points = 0;
    for (kind, moment) in all() {
        for step in 0.. {
            let scene = Scene::new().await;
            let app = set(&scene, kind, moment).await;
            if !app.dies_at(step).await {
                points += step;
                break;
            }
            app.sync().await;
            app.sync().await;
            let when = format!("{kind:?} {moment:?} dies at step {step}");
            assert!(scene.is_head(2) && scene.keeps(1), "{when}");
            let beside = (kind, moment) == (Kind::Cli, Moment::Down);
            assert!(app.has(if beside { 1 } else { 2 }), "{when}");
        }
    }
    println!("apps die at {points} points");
    assert!(points > 100, "only {points} points");
}

fn all() -> impl Iterator<Item = (Kind, Moment)> {
    let moments = |kind| [Moment::Up, Moment::Down].map(|moment| (kind, moment));
    Kind::ALL.into_iter().flat_map(moments)
}
