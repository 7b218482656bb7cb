//! The server's process dies before each step of every flow in turn, with the power on and with the
//! power cut, and is started again on what is left: what was acknowledged is there, nothing is half
//! there, and what was begun can be done again.
//!
//! A step is what is done to the disk, and each commit of the database, whose own files are its own
//! affair between two commits.

mod flows;
mod life;

use std::path::Path;
use std::sync::Arc;

use keepsave_disk::RealDisk;
use keepsave_testkit::durability::Durability;
use keepsave_testkit::mortal::MortalDisk;
use keepsave_testkit::world::Dice;

use self::flows::Flow;
use self::life::{Life, Seen, data, room};

/// What happens to the power at a death.
#[derive(Clone, Copy, Debug)]
enum Power {
    Stays,
    /// Everything that was not durable is forgotten.
    Goes,
    /// Each thing that was not durable is kept or not, as this seed says.
    GoesBut(u64),
}

const POWERS: [Power; 5] = [
    Power::Stays,
    Power::Goes,
    Power::GoesBut(1),
    Power::GoesBut(2),
    Power::GoesBut(3),
];

impl Power {
    fn leave(self, durability: &Durability, to: &Path) {
        match self {
            Self::Stays => durability.left_by_death(to),
            Self::Goes => durability.left_by_power_cut(to, &mut |_| 0),
            Self::GoesBut(seed) => {
                let dice = Dice::of(seed);
                durability.left_by_power_cut(to, &mut |ways| dice.below(ways));
            }
        }
    }
}

/// What is seen of the store in a room; none while there is none.
fn seen(room: &Path) -> Option<Seen> {
    let is_store = data(room).join("keepsave.db").exists();
    is_store.then(|| Life::begin(Arc::new(RealDisk), room).unwrap().seen())
}

/// Another room with the same in it.
fn copy_of(template: &Path) -> tempfile::TempDir {
    let copy = room();
    Durability::of(template).left_by_death(copy.path());
    copy
}

/// Kills a flow at each of its steps: the steps, and what did not hold.
async fn wherever_it_dies(flow: Flow) -> (Vec<String>, Vec<String>) {
    let template = room();
    flow.prepare(template.path()).await;
    let before = seen(copy_of(template.path()).path());
    let undisturbed = copy_of(template.path());
    let sound = Arc::new(MortalDisk::sound(undisturbed.path()));
    flow.act(sound.clone(), undisturbed.path()).await.unwrap();
    let after = seen(undisturbed.path());
    let steps = sound.steps();
    let mut failed = Vec::new();
    for step in 0..=steps.len() {
        let scene = copy_of(template.path());
        let disk = Arc::new(MortalDisk::dying_at(scene.path(), step));
        let acted = flow.act(disk.clone(), scene.path()).await;
        // Past the last step everything was done, and nobody had time to make more of it durable.
        assert_eq!(disk.died(), step < steps.len(), "{flow:?}, step {step}");
        for power in POWERS {
            let left = room();
            disk.left(|durability| power.leave(durability, left.path()));
            let found = (acted.is_ok(), before.as_ref(), after.as_ref());
            if let Err(why) = after_death(flow, left.path(), found).await {
                let name = steps.get(step).map_or("the end", String::as_str);
                failed.push(format!(
                    "{flow:?}, step {step} ({name}), power {power:?}: {why}"
                ));
            }
        }
    }
    (steps, failed)
}

/// What must hold of what is left in a room.
async fn after_death(
    flow: Flow,
    room: &Path,
    (is_acknowledged, before, after): (bool, Option<&Seen>, Option<&Seen>),
) -> Result<(), String> {
    flow.check(room, is_acknowledged)?;
    let life = Life::begin(Arc::new(RealDisk), room).map_err(|fault| fault.to_string())?;
    if !flow.is_about_damage() {
        life.is_whole()?;
    }
    let now = life.seen();
    if is_acknowledged && after != Some(&now) {
        return Err(format!("acknowledged, and not there: {now:#?}"));
    }
    if !flow.has_halves() && before.is_some() && ![before, after].contains(&Some(&now)) {
        return Err(format!("half there: {now:#?}"));
    }
    drop(life);
    match flow.act(Arc::new(RealDisk), room).await {
        Err(error) if !flow.was_done(&error) => return Err(format!("not again: {error}")),
        _ => {}
    }
    let life = Life::begin(Arc::new(RealDisk), room).map_err(|fault| fault.to_string())?;
    life.is_whole()?;
    let again = life.seen();
    if after != Some(&again) {
        return Err(format!("done again, it is {again:#?}, not {after:#?}"));
    }
    Ok(())
}

async fn check(flow: Flow) {
    let (steps, failed) = wherever_it_dies(flow).await;
    println!(
        "{flow:?}: {} points, {} ways each",
        steps.len(),
        POWERS.len()
    );
    assert!(steps.len() > 3, "{steps:?}");
    assert!(failed.is_empty(), "{}\n{}", failed.len(), failed.join("\n"));
}

#[tokio::test]
async fn a_first_start_may_die_anywhere() {
    check(Flow::FirstStart).await;
}

#[tokio::test]
async fn an_upload_may_die_anywhere() {
    check(Flow::Upload).await;
}

#[tokio::test]
async fn a_large_upload_may_die_anywhere() {
    check(Flow::LargeUpload).await;
}

#[tokio::test]
async fn an_upload_of_an_old_content_may_die_anywhere() {
    check(Flow::UploadOfAnOldContent).await;
}

#[tokio::test]
async fn an_upload_that_is_refused_may_die_anywhere() {
    check(Flow::RefusedUpload).await;
}

#[tokio::test]
async fn a_put_may_die_anywhere() {
    check(Flow::Put).await;
}

#[tokio::test]
async fn a_delete_may_die_anywhere() {
    check(Flow::Delete).await;
}

#[tokio::test]
async fn an_undelete_may_die_anywhere() {
    check(Flow::Undelete).await;
}

#[tokio::test]
async fn a_restore_of_a_version_may_die_anywhere() {
    check(Flow::RestoreOfAVersion).await;
}

#[tokio::test]
async fn a_state_may_die_anywhere() {
    check(Flow::State).await;
}

#[tokio::test]
async fn retention_and_its_sweep_may_die_anywhere() {
    check(Flow::Retention).await;
}

#[tokio::test]
async fn a_scan_of_the_library_may_die_anywhere() {
    check(Flow::Scan).await;
}

#[tokio::test]
async fn a_repair_of_a_blob_may_die_anywhere() {
    check(Flow::RepairOfABlob).await;
}

#[tokio::test]
async fn a_backup_may_die_anywhere() {
    check(Flow::Backup).await;
}

#[tokio::test]
async fn a_restore_of_a_backup_may_die_anywhere() {
    check(Flow::RestoreOfABackup).await;
}
