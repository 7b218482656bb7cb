//! The process dies before each step of every flow in turn, and a new one finds what it left: nothing
//! is lost, and what was begun can be ended.

mod flows;
mod life;
mod notes;
pub(super) mod scene;
mod slot_gone;

use keepsave_testkit::romm::Release;

use self::flows::Flow;
use self::life::Life;
use self::scene::{How, Scene, World};
use crate::engine::run::OnConflict;

/// What comes after a death: each at every other step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The same is begun again.
    Again,
    /// The machine syncs, as it does by itself.
    Sync,
}

/// Kills a flow at each of its steps, and says how many those are, and what did not hold.
async fn wherever_it_dies(world: &World, flow: Flow) -> (usize, Vec<String>) {
    let undisturbed = world.scene().await;
    flow.prepare(&undisturbed).await;
    Box::pin(flow.act(&undisturbed, None)).await.unwrap();
    settle(&undisturbed).await.unwrap();
    let wanted = undisturbed.how().await;
    let mut failed = Vec::new();
    for step in 0.. {
        let then = [Then::Again, Then::Sync][step % 2];
        let scene = world.scene().await;
        flow.prepare(&scene).await;
        let before = scene.reachable().await;
        let life = Life::until(step);
        let _died = Box::pin(flow.act(&scene, Some(&life))).await;
        if !life.is_over() {
            return (step, failed);
        }
        if let Err(why) = after_death(&scene, flow, then, (&before, &wanted)).await {
            failed.push(format!("{flow:?}, step {step}, then {then:?}: {why}"));
        }
    }
    unreachable!("there are no more steps than numbers")
}

/// What must hold after a death, and once it was gone on from there.
async fn after_death(
    scene: &Scene<'_>,
    flow: Flow,
    then: Then,
    (before, wanted): (&[String], &How),
) -> Result<(), String> {
    nothing_is_lost(scene, flow, before).await?;
    scene.start(&scene.home).await;
    one_save_is_here(scene, "when the next one has begun").await?;
    nothing_is_lost(scene, flow, before).await?;
    let again = match then {
        // It may have been done already, which is no reason not to be.
        Then::Again => Box::pin(flow.act(scene, None)).await,
        Then::Sync => Ok(()),
    };
    settle(scene).await?;
    nothing_is_lost(scene, flow, before).await?;
    one_save_is_here(scene, "in the end").await?;
    let how = scene.how().await;
    if then == Then::Again && how != *wanted {
        return Err(format!(
            "it ended as {how:#?}, not as {wanted:#?}: {again:?}"
        ));
    }
    Ok(())
}

/// Law 4: at no moment after the next one has begun are the files here of two saves.
async fn one_save_is_here(scene: &Scene<'_>, when: &str) -> Result<(), String> {
    let how = scene.how().await;
    if how.is_one_save() {
        return Ok(());
    }
    Err(format!("the files here are of two saves {when}: {how:#?}"))
}

/// Syncs until nothing changes any more.
async fn settle(scene: &Scene<'_>) -> Result<(), String> {
    let mut before = None;
    for _ in 0..4 {
        scene.sync(&scene.home, None, OnConflict::Fail).await;
        let now = scene.how().await;
        if before.as_ref() == Some(&now) {
            return Ok(());
        }
        before = Some(now);
    }
    Err(format!("it does not come to rest: {before:#?}"))
}

async fn nothing_is_lost(scene: &Scene<'_>, flow: Flow, before: &[String]) -> Result<(), String> {
    let now = scene.reachable().await;
    let mut kept = before.iter().filter(|content| !flow.gives_up(content));
    if let Some(lost) = kept.find(|content| !now.contains(content)) {
        return Err(format!("lost: {lost}"));
    }
    let torn = scene.home.files().into_iter();
    let mut torn = torn.filter(|(name, _)| !name.contains(".keepsave-"));
    match torn.find(|(_, content)| !before.contains(content)) {
        Some((name, content)) => Err(format!("torn: {name}: {content}")),
        None => Ok(()),
    }
}

/// Each flow, wherever it dies, with each kind of server.
macro_rules! wherever_these_die {
    ($($name:ident: $flow:ident,)*) => {
        wherever_these_die! { @keepsave World::keepsave().await; $($name: $flow,)* }
        wherever_these_die! { @romm_4_8_1 World::romm(Release::V4_8_1); $($name: $flow,)* }
        wherever_these_die! { @romm_5_1 World::romm(Release::V5_1); $($name: $flow,)* }
    };
    (@$server:ident $world:expr; $($name:ident: $flow:ident,)*) => {
        mod $server {
            use super::*;

            $(
                #[tokio::test]
                async fn $name() {
                    check(&$world, Flow::$flow).await;
                }
            )*
        }
    };
}

wherever_these_die! {
    a_first_upload: FirstUp,
    an_upload: Up,
    a_first_download: FirstDown,
    a_download: Down,
    a_conflict_kept_local: ResolveLocal,
    a_conflict_kept_server: ResolveServer,
    a_conflict_kept_both: ResolveBoth,
    a_way_back: Restore,
    a_setup: Setup,
    a_new_slot: Create,
    a_switch: Switch,
    a_switch_to_a_new_slot: SwitchToNew,
    a_slot_that_is_deleted: Delete,
    a_slot_that_is_copied: Copy,
    a_slot_that_is_moved: Move,
    saves_that_are_migrated: Migrate,
}

async fn check(world: &World, flow: Flow) {
    let (steps, failed) = wherever_it_dies(world, flow).await;
    println!("{flow:?} dies at {steps} points");
    assert!(steps > 0, "it has no step");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
