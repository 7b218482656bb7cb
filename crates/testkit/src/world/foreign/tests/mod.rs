//! The apps of others do to a real server what is known of them, story by story.

mod argosy;
mod cli;
mod deaths;
mod grout;
mod scene;
mod tender;

use self::scene::{Scene, sent};
use super::Kind;

#[tokio::test]
async fn each_takes_what_another_played_and_plays_on() {
    for first in Kind::ALL {
        for second in [Kind::Argosy, Kind::Grout, Kind::Tender] {
            let scene = Scene::new().await;
            let one = scene.app(0, first).played(1).await;
            let other = scene.app(1, second);
            other.sync().await;
            assert!(other.has(1), "{first:?}, {second:?}");
            other.play(2);
            let deeds = other.sync().await;
            assert_eq!(sent(&deeds), [Some(200)], "{first:?}, {second:?}");
            assert!(scene.is_head(2), "{first:?}, {second:?}");
            one.sync().await;
            let held = if first == Kind::Cli { 1 } else { 2 };
            assert!(one.has(held), "{first:?}, {second:?}");
        }
    }
}
